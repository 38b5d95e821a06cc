"""A pull over a schema that people completed: what they know of stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bulk_update.account import AccountSchema, Channel, FieldSchema, Team, User
from bulk_update.account.schema_file import add
from bulk_update.account.schema_keeping import completed
from bulk_update.model import Account, FieldType

PLAN = FieldSchema(name="Plan", type=FieldType.DROPDOWN, options=("Basic", "Pro"))
PULLED = AccountSchema(
    account=Account(base_url="https://api.callbell.eu/v1", default_team="t1"),
    fields={"Plan": PLAN, "Notes : all/x": FieldSchema(name="Notes : all/x")},
    tags=("P/W",),
    teams=(Team(uuid="t1", name="Sales", default=True),),
    users=(User(email="a@b.it", name="A"),),
    channels=(Channel(uuid="c1", title="Main", type="whatsapp", main=True),),
    contacts_read=20,
)


def test_a_pull_over_itself_changes_nothing():
    again = completed(PULLED, PULLED)
    assert again.schema == PULLED
    assert (again.kept, again.changed, again.left) == ((), (), ())


def test_what_people_added_is_kept():
    """And counted: a tag, a user, a channel, a field, and the type of one known by name."""
    by_hand = add(PULLED, kind="tag", name="VIP 😀")
    by_hand = add(by_hand, kind="user", name="new@b.it")
    by_hand = add(by_hand, kind="field", name="Grade", type="dropdown", options=["A", "B"])
    by_hand = add(by_hand, kind="field", name="Notes : all/x", type="number")
    by_hand = replace(by_hand, channels=(*by_hand.channels, Channel(uuid="c2", title="Second")))
    again = completed(by_hand, replace(PULLED, contacts_read=40))
    assert again.schema == replace(by_hand, contacts_read=40)
    assert sorted(str(each.part) for each in again.kept) == [
        "channel",
        "field",
        "field",
        "tag",
        "user",
    ]
    assert again.changed == ()


def test_what_it_rests_on_is_never_less_than_before():
    """A sample over a file of a full pull: what that read is still in it."""
    again = completed(replace(PULLED, contacts_read=900), PULLED)
    assert again.schema.contacts_read == 900


def test_what_the_pull_met_is_added():
    new = add(PULLED, kind="tag", name="New")
    new = add(new, kind="field", name="Age", type="number")
    again = completed(PULLED, new)
    assert again.schema == new
    assert again.kept == ()


def test_what_the_account_shows_whole_is_as_it_shows_it():
    """Options and types of a known field, the teams: an old one would be refused in mid-run."""
    old = add(PULLED, kind="field", name="Plan", options=["Gone"])
    old = add(old, kind="field", name="Age", type="text")
    old = replace(old, teams=(*old.teams, Team(uuid="t9", name="Closed")))
    new = add(PULLED, kind="field", name="Age", type="number")
    again = completed(old, new)
    assert again.schema == new
    assert [str(each) for each in again.changed] == [
        "- option 'Gone' of field 'Plan'",
        "~ field 'Age': text -> number",
        "- team 'Closed'",
    ]


@pytest.mark.parametrize("complete", [True, False])
def test_users_that_no_team_has_are_kept_and_said(complete):
    """Said only when every team was read: until then nobody knows."""
    old = add(PULLED, kind="user", name="Left@b.it")
    again = completed(old, replace(PULLED, users_complete=complete))
    assert again.schema.users == old.users
    assert again.left == (("Left@b.it",) if complete else ())


def test_a_users_name_stays_where_the_pull_has_none():
    new = replace(PULLED, users=(User(email="A@b.it"),))
    assert completed(PULLED, new).schema.users == (User(email="A@b.it", name="A"),)


def test_a_channel_that_was_renamed_is_not_there_twice():
    new = replace(PULLED, channels=(replace(PULLED.channels[0], title="Milano"),))
    assert completed(PULLED, new).schema.channels == new.channels


def test_a_file_by_hand_that_names_only_the_base_url_is_of_that_account():
    by_hand = AccountSchema(account=Account(base_url=PULLED.account.base_url), tags=("Mine",))
    assert by_hand.is_of(PULLED.account)
    assert not by_hand.is_of(Account(base_url="https://elsewhere.example/v1"))
    assert completed(by_hand, PULLED).schema.account == PULLED.account
