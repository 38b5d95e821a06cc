"""From the API's JSON to contacts, fields, teams and users."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.account import parsing
from bulk_update.account.parsing import Misshapen
from bulk_update.account.schema import FieldSchema, Team, User
from bulk_update.model import FieldType


def test_a_contact_keeps_everything_byte_for_byte(make_contact):
    """Double and trailing spaces, colons and nulls survive."""
    contact = parsing.contact(make_contact(bsuid="IT.123"))
    assert contact.name == "Zoë  Doe "
    assert contact.tags == ("VIP", "trailing ")
    assert contact.note is None
    assert contact.bsuid == "IT.123"
    assert (contact.team_uuid, contact.team_name) == ("team1", "Sales")
    assert contact.channel_uuid == "chan1"
    assert contact.custom_fields == {
        "PI : MF-FOCUS-CUT-MFC": "x",
        "Features": ("Dark Mode",),
    }


@pytest.mark.parametrize(
    "absent", ["name", "phoneNumber", "note", "team", "channel", "assignedUser"]
)
def test_what_may_be_absent_may_be_absent(make_contact, absent):
    """Older servers leave keys out."""
    whole = make_contact()
    del whole[absent]
    assert parsing.contact(whole).uuid == whole["uuid"]


@pytest.mark.parametrize("absent", ["uuid", "tags", "customFields"])
def test_a_contact_without_these_is_not_whole(make_contact, absent):
    """An absent list of tags taken for an empty one would wipe the real one."""
    whole = make_contact()
    del whole[absent]
    with pytest.raises(Misshapen):
        parsing.contact(whole)


@pytest.mark.parametrize(
    "wrong",
    [
        {"uuid": 7},
        {"uuid": ""},
        {"name": ["x"]},
        {"tags": "VIP"},
        {"tags": [1]},
        {"customFields": []},
        {"team": "Sales"},
        {"note": {}},
        {"customFieldsMetadata": {"A": "text"}},
    ],
)
def test_wrong_types_are_told_and_never_guessed(make_contact, wrong):
    """And the text names the place without the value."""
    with pytest.raises(Misshapen):
        parsing.contact(make_contact(**wrong))


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("x", None, "x"),
        ("", None, ""),
        (None, None, None),
        (123, None, "123"),
        (1.5, None, "1.5"),
        (True, None, "true"),
        ('["Dark Mode"]', None, ("Dark Mode",)),
        ("[]", None, ()),
        ("[]", FieldType.CHECKBOX, ()),
        ("", FieldType.CHECKBOX, ()),
        ("Dark Mode", FieldType.CHECKBOX, ("Dark Mode",)),
        (["A", "B"], FieldType.CHECKBOX, ("A", "B")),
        ('["x"]', FieldType.TEXT, '["x"]'),
        ("[call back]", None, "[call back]"),
        ("[1, 2]", None, "[1, 2]"),
        ({"a": 1}, None, '{"a":1}'),
    ],
)
def test_custom_values_are_made_uniform(raw, kind, value):
    """A checkbox is a tuple in either of its spellings; text whose type is known stays text."""
    assert parsing.custom_value(raw, kind) == value


def test_metadata_gives_types_and_whole_options(make_contact):
    """The two spellings of a checkbox, and a field with metadata alone."""
    whole = make_contact(
        customFields={"Features": "[]", "Text": '["raw"]', "Bare": "1"},
        customFieldsMetadata={
            "Features": {"value": ["Dark Mode"], "type": "checkbox", "options": ["Dark Mode", "B"]},
            "Text": {"value": '["raw"]', "type": "text"},
            "Only": {"value": "v", "type": "text"},
            "Strange": {"value": None, "type": "colour"},
        },
    )
    contact = parsing.contact(whole)
    assert contact.custom_fields == {"Features": (), "Text": '["raw"]', "Bare": "1", "Only": "v"}
    fields = {one.name: one for one in parsing.fields(whole)}
    assert fields["Features"] == FieldSchema(
        name="Features", type=FieldType.CHECKBOX, options=("Dark Mode", "B")
    )
    assert not fields["Bare"].known
    assert not fields["Strange"].known


def test_both_envelopes_hold_one_contact(make_contact):
    """An object, or an array of one."""
    one = make_contact()
    assert parsing.enveloped_contact({"contact": one}) == one
    assert parsing.enveloped_contact({"contact": [one]}) == one
    assert parsing.enveloped_contact({"contact": []}) is None
    assert parsing.enveloped_contact({"contact": None}) is None
    with pytest.raises(Misshapen):
        parsing.enveloped_contact({"contact": [one, one]})


def test_teams_users_and_bots():
    """What else the account tells."""
    assert parsing.team({"uuid": "t", "name": "Ops", "default": True, "members": 3}) == Team(
        uuid="t", name="Ops", default=True
    )
    assert parsing.user({"email": "a@b.it", "name": None, "available": True}) == User(
        email="a@b.it"
    )
    for said, status in [
        ("started", "bot_start"),
        ("in_progress", "bot_start"),
        ("ended", "bot_end"),
        ("?", None),
    ]:
        assert parsing.bot_status({"bot": {"status": said}}) == status
    assert parsing.bot_status({"bot": None}) is None


def test_one_uuid_in_two_spellings():
    """Case and hyphens."""
    assert parsing.same_uuid(
        "414A6D69-2BD6-45ED-803F-2E7CE360D4C8", "414a6d692bd645ed803f2e7ce360d4c8"
    )
    assert not parsing.same_uuid("414a6d692bd645ed803f2e7ce360d4c8", "393331234567")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "uuid",
                    "tags",
                    "customFields",
                    "customFieldsMetadata",
                    "type",
                    "value",
                    "options",
                    "name",
                    "team",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(_JSON)
def test_any_json_is_a_contact_or_misshapen(said):
    """Never a traceback of another kind."""
    for read in (
        parsing.contact,
        parsing.fields,
        parsing.team,
        parsing.user,
        parsing.meta,
        parsing.bot_status,
    ):
        try:
            read(said)
        except Misshapen:
            continue
