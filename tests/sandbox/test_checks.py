"""What a PATCH changes, and what the account refuses."""

from __future__ import annotations

from io import BytesIO

import pytest

from bulk_update.sandbox.catalogue import team_uuid

REFUSED = {
    "no object": ["x"],
    "unknown key": {"phoneNumber": "1"},
    "name null": {"name": None},
    "name number": {"name": 5},
    "note too long": {"note": "n" * 1001},
    "note null": {"note": None},
    "tags no list": {"tags": "VIP"},
    "tags of numbers": {"tags": [1]},
    "tags null": {"tags": None},
    "unknown tag": {"tags": ["VIP", "Nope"]},
    "tag in another case": {"tags": ["vip"]},
    "tag without its space": {"tags": ["Newsletter"]},
    "unknown user": {"assigned_user": "nobody@example.com"},
    "unconfirmed user": {"assigned_user": "pending@example.com"},
    "user cleared": {"assigned_user": ""},
    "user null": {"assigned_user": None},
    "both users": {"assigned_user": "jane.doe@example.com", "unassign_user": True},
    "unassign text": {"unassign_user": "true"},
    "unknown team": {"team_uuid": "0" * 32},
    "team by name": {"team_uuid": "Sales"},
    "team null": {"team_uuid": None},
    "bot": {"bot_status": "started"},
    "bot boolean": {"bot_status": True},
    "fields no object": {"custom_fields": []},
    "unknown field": {"custom_fields": {"Nope": "1"}},
    "field in another case": {"custom_fields": {"status": "Active"}},
    "text number": {"custom_fields": {"zipCode": 20100}},
    "text list": {"custom_fields": {"zipCode": ["1"]}},
    "email": {"custom_fields": {"Work Email": "x.example.org"}},
    "email with space": {"custom_fields": {"Work Email": " x@example.org"}},
    "number text": {"custom_fields": {"orderNumber": "12a"}},
    "number comma": {"custom_fields": {"orderNumber": "1,5"}},
    "number exponent": {"custom_fields": {"orderNumber": "1e5"}},
    "number boolean": {"custom_fields": {"orderNumber": True}},
    "date order": {"custom_fields": {"Birthday 🎂": "03/03/2026"}},
    "date basic": {"custom_fields": {"Birthday 🎂": "20260303"}},
    "date of none": {"custom_fields": {"Birthday 🎂": "2026-02-31"}},
    "date with time": {"custom_fields": {"Birthday 🎂": "2026-03-03T00:00:00"}},
    "option": {"custom_fields": {"Status": "Actve"}},
    "option in another case": {"custom_fields": {"Status": "active"}},
    "option list": {"custom_fields": {"Status": ["Active"]}},
    "checkbox text": {"custom_fields": {"Features": "Dark Mode"}},
    "checkbox json": {"custom_fields": {"Features": '["Dark Mode"]'}},
    "checkbox option": {"custom_fields": {"Features": ["Dark Mode", "Fax"]}},
    "one bad among good": {"name": "Good", "custom_fields": {"Status": "Bad"}},
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_changes_nothing(talk, case):
    """A 4xx, and the contact is as it was: whole or not at all."""
    api = await talk()
    before = api.account.contact(24)
    reply = await api.patch(24, REFUSED[case])
    assert reply.status == (400 if case == "no object" else 422)
    assert reply.body["error"]
    assert api.account.contact(24) == before
    assert api.account.log.changes == []


async def test_every_fault_of_a_body_is_named(talk):
    """Not just the first one."""
    body = {"note": 1, "tags": ["A", "B"], "custom_fields": {"Status": "x", "Nope": "y"}}
    said = (await (await talk()).patch(1, body)).body["error"]
    assert said.count(";") == 4
    for part in ("note", "Tag not found: A", "Tag not found: B", "Status", "Nope"):
        assert part in said


ACCEPTED = {
    "name kept byte for byte": ({"name": "  Zoë  Müller "}, "name", "  Zoë  Müller "),
    "decomposed name": ({"name": "Jose\u0301"}, "name", "Jose\u0301"),
    "note": ({"note": "n" * 1000}, "note", "n" * 1000),
    "note cleared": ({"note": ""}, "note", None),
    "tags replaced": ({"tags": ["Lead", "Newsletter "]}, "tags", ["Lead", "Newsletter "]),
    "tags cleared": ({"tags": []}, "tags", []),
    "a tag twice": ({"tags": ["Lead", "Lead"]}, "tags", ["Lead"]),
    "user": ({"assigned_user": "Teamless@example.com"}, "assignedUser", "teamless@example.com"),
    "no user": ({"unassign_user": True}, "assignedUser", None),
    "not unassigned": ({"unassign_user": False}, "assignedUser", "giulia.ferri@example.com"),
}


@pytest.mark.parametrize("case", ACCEPTED)
async def test_what_is_accepted_is_shown(talk, case):
    """The answer shows it, and a reading shows the same contact."""
    body, key, shown = ACCEPTED[case]
    api = await talk()
    reply = await api.patch(24, body)
    assert reply.contact[key] == shown
    assert await api.read(24) == reply.contact


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("zipCode", "00123", "00123"),
        ("Billing Address", " two\nlines ", " two\nlines "),
        ("Work Email", "User.Name+tag@example.org", "User.Name+tag@example.org"),
        ("orderNumber", "-42.50", "-42.50"),
        ("orderNumber", 123, 123),
        ("Birthday 🎂", "2024-02-29", "2024-02-29"),
        ("How did you find us?", "Media (article, ad, tv)", "Media (article, ad, tv)"),
        ("Features", ["Beta, early access"], '["Beta, early access"]'),
        ("Loyalty.Level", "Gold", "Gold"),
    ],
)
async def test_each_field_type_takes_its_values(talk, name, value, shown):
    """As documented; a checkbox comes back as a JSON list in a string."""
    api = await talk()
    reply = await api.patch(2, {"custom_fields": {name: value}})
    assert reply.contact["customFields"][name] == shown
    metadata = (await api.read(2, include_field_types="true"))["customFieldsMetadata"]
    assert metadata[name]["value"] == value


async def test_only_the_keys_that_are_sent_change(talk):
    """An empty PATCH is accepted and changes nothing; it counts as accepted all the same."""
    api = await talk()
    before = await api.read(24)
    assert (await api.patch(24, {})).contact == before
    after = (await api.patch(24, {"name": "Only this"})).contact
    assert after == {**before, "name": "Only this"}
    assert [dict(change.new) for change in api.account.log.changes] == [{}, {"name": "Only this"}]


async def test_a_team_is_given_by_uuid(talk):
    """And the contact shows it whole."""
    uuid = team_uuid("Ventas España")
    team = (await (await talk()).patch(24, {"team_uuid": uuid})).contact["team"]
    assert (team["uuid"], team["name"], team["default"]) == (uuid, "Ventas España", False)


@pytest.mark.parametrize(("sent", "shown"), [("bot_start", "started"), ("bot_end", "ended")])
async def test_the_bot_is_read_beside_the_contact(talk, sent, shown):
    """The contact does not show it."""
    api = await talk()
    assert "started" not in str((await api.patch(28, {"bot_status": sent})).contact)
    uuid = api.account.contact(28).uuid
    assert (await api.get(f"/contacts/{uuid}/bot")).body["bot"]["status"] == shown


async def test_metadata_names_only_what_the_contact_bears(talk):
    """With every option of the field, not just the chosen ones."""
    api = await talk()
    assert "customFieldsMetadata" not in await api.read(24)
    metadata = (await api.read(24, include_field_types="true"))["customFieldsMetadata"]
    assert len(metadata) == 13
    assert "Loyalty.Level" not in metadata
    assert metadata["Features"] == {
        "value": ["Dark Mode", "Beta, early access"],
        "type": "checkbox",
        "options": ["Dark Mode", "Notifications", "Beta, early access"],
    }
    assert metadata["zipCode"] == {"value": "01234", "type": "text"}


@pytest.mark.parametrize(
    ("data", "content_type"),
    [(b"{", "application/json"), (b"", "application/json"), (b'{"name":"x"}', "text/plain")],
)
async def test_a_body_that_is_no_json_is_400(talk, data, content_type):
    """Neither cut off, nor empty, nor under another content type."""
    api = await talk()
    path = f"/contacts/{api.account.contact(1).uuid}"
    headers = {"Content-Type": content_type}
    assert (await api.ask("PATCH", path, data=data, headers=headers)).status == 400
    assert api.account.log.changes == []


async def test_a_body_of_megabytes_is_413_and_logged_so(talk):
    """The log says what was answered, also here."""
    api = await talk()
    path = f"/contacts/{api.account.contact(1).uuid}"
    data = BytesIO(b'{"note":"' + b"n" * 2_000_000 + b'"}')
    reply = await api.ask("PATCH", path, conforms=False, data=data)
    assert reply.status == 413
    assert api.account.log.requests[-1].status == 413
