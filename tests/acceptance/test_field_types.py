"""A text field that holds what looks like a JSON list is a text all the same."""

from __future__ import annotations

import pytest

from bulk_update.sandbox import Behaviour
from bulk_update.sandbox.behaviour import CustomFields, Dates
from bulk_update.sandbox.people import contact_uuid

LISTLIKE = '["Main Street 1"]'
FIELD = "Billing Address"


@pytest.fixture
def schema(desk) -> list[str]:
    """The flag for a schema of the account, where contact 41 has such a text."""
    assert desk.run("schema", "pull", "-o", "a.toml").code == 0
    desk.account.edit(41, {"custom_fields": {FIELD: LISTLIKE}})
    return ["--schema", "a.toml"]


def test_it_is_unchanged_where_the_sheet_says_the_same(desk, schema) -> None:
    """By a schema from a file: no answer of the account tells the field's type then."""
    sheet = desk.sheet([["uuid", FIELD], [contact_uuid(41), LISTLIKE]])
    ran = desk.run("apply", sheet, *schema, "--yes", "--json")
    assert (ran.code, ran.document["counts"]["unchanged"]) == (0, 1)
    assert desk.patches == []


@pytest.mark.parametrize("saved", [False, True], ids=["at once", "by a saved plan"])
def test_it_is_changed_and_proven_as_a_text(desk, schema, saved) -> None:
    """Before it is sent the contact is read again: it must look as it did when it was planned."""
    sheet = desk.sheet([["uuid", FIELD], [contact_uuid(41), '["Other Street 2"]']])
    what = [sheet, *schema]
    if saved:
        assert desk.run("plan", sheet, *schema, "-o", "x.plan").code == 0
        what = ["x.plan"]
    more = ["--yes", "--json", "--max-age", "0s", "--out", "out"]
    ran = desk.run("apply", *what, *more)
    assert (ran.code, ran.document["counts"]["updated"]) == (0, 1), ran.out
    assert desk.state()[41].custom_fields[FIELD] == '["Other Street 2"]'
    [change] = desk.report("out", "changes.csv")
    assert change["old"] == LISTLIKE


def test_it_is_sent_whole_to_an_account_that_drops_unnamed_fields(desk_with) -> None:
    """There the other fields go along: as the text it is, not as a list."""
    replacing = dict(Behaviour.readings())["custom_fields=replace"]
    with desk_with(replacing) as desk:
        assert desk.run("schema", "pull", "-o", "a.toml").code == 0
        desk.account.edit(
            41, {"custom_fields": {**desk.state()[41].custom_fields, FIELD: LISTLIKE}}
        )
        sheet = desk.sheet([["uuid", "Status"], [contact_uuid(41), "On hold"]])
        ran = desk.run("apply", sheet, "--schema", "a.toml", "--yes", "--json")
        assert ran.code == 0, ran.out
        assert desk.state()[41].custom_fields[FIELD] == LISTLIKE


def test_a_date_shown_as_a_moment_goes_along_and_goes_back_as_a_day(desk_with) -> None:
    """An account that shows dates with a time takes none: neither where the other fields are
    sent along nor where an undo puts one back."""
    with desk_with(Behaviour(dates=Dates.MOMENT, custom_fields=CustomFields.REPLACE)) as desk:
        desk.account.edit(41, {"custom_fields": {"Fecha de renovación": "2026-06-19"}})
        sheet = desk.sheet([["uuid", "Status"], [contact_uuid(41), "On hold"]])
        ran = desk.run("apply", sheet, "--yes", "--json")
        assert ran.code == 0, ran.out
        sheet = desk.sheet([["uuid", "Fecha de renovación"], [contact_uuid(41), "2027-01-31"]])
        ran = desk.run("apply", sheet, "--yes", "--json")
        assert ran.code == 0, ran.out
        back = desk.run("undo", ran.document["run"], "--yes", "--json")
        assert (back.code, back.document["counts"]["updated"]) == (0, 1), back.out
        fields = desk.state()[41].custom_fields
        assert (fields["Fecha de renovación"], fields["Status"]) == ("2026-06-19", "On hold")
