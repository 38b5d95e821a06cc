"""What whoever rehearses can see and do over HTTP."""

from __future__ import annotations

import pytest

from bulk_update.sandbox.admin import is_loopback


async def test_the_log_over_http(talk):
    """As JSON, from any point on; these requests are not in it."""
    api = await talk()
    await api.patch(1, {"name": "x"})
    body = (await api.admin("GET", "/_sandbox/log")).body
    (request,), (change,) = body["requests"], body["changes"]
    assert (request["method"], request["status"], request["fault"]) == ("PATCH", 200, "")
    assert request["body"] == '{"name": "x"}'
    assert (change["by"], change["old"], change["new"]) == (
        "api",
        {"name": "Giulia Bianchi"},
        {"name": "x"},
    )
    later = (await api.admin("GET", f"/_sandbox/log?since={change['seq']}")).body
    assert later == {"requests": [], "changes": []}


async def test_the_state_over_http(talk):
    """Everybody, or one; with what the API does not show."""
    api = await talk()
    contacts = (await api.admin("GET", "/_sandbox/state")).body["contacts"]
    assert [contact["number"] for contact in contacts] == list(range(1, 61))
    assert contacts[26]["bot"] == "ended"
    (one,) = (await api.admin("GET", "/_sandbox/state?number=27")).body["contacts"]
    assert one == contacts[26]
    path = f"/_sandbox/state?uuid={one['uuid']}"
    assert (await api.admin("GET", path)).body["contacts"] == [one]
    assert {key: one[key] for key in await api.read(27)} == await api.read(27)


async def test_a_person_edits(talk):
    """By the rules for people: anything can be cleared, nothing unknown can be used."""
    api = await talk()
    edit = {"number": 24, "set": {"team_uuid": "", "custom_fields": {"Status": None}}}
    contact = (await api.admin("POST", "/_sandbox/edit", json=edit)).body["contact"]
    assert contact["team"] is None
    assert not contact["customFields"]["Status"]
    (change,) = (await api.admin("GET", "/_sandbox/log")).body["changes"]
    assert (change["by"], change["request"]) == ("person", None)
    wrong = {"number": 24, "set": {"tags": ["Nope"]}}
    assert (await api.admin("POST", "/_sandbox/edit", json=wrong)).status == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [({"number": 999}, 404), ({}, 404), ([], 400), ({"number": "x"}, 400), ({"number": 1}, 400)],
)
async def test_an_edit_that_says_nothing_is_refused(talk, body, status):
    """With an error, never a traceback."""
    assert (await (await talk()).admin("POST", "/_sandbox/edit", json=body)).status == status


async def test_a_message_comes_in(talk):
    """The contact heads the listing; nothing of it changed."""
    api = await talk()
    uuid = api.account.last_in_listing().uuid
    await api.admin("POST", "/_sandbox/stir", json={"uuid": uuid})
    assert (await api.get("/contacts")).body["contacts"][0]["uuid"] == uuid
    assert api.account.log.changes == []


async def test_no_token_is_needed_from_loopback(talk):
    """The API's token is for the API."""
    api = await talk(headers={"X-No": "token"})
    assert (await api.admin("GET", "/_sandbox/log")).status == 200
    assert (await api.get("/teams")).status == 401


async def test_from_elsewhere_nothing_is_seen_or_edited(talk, monkeypatch):
    """403, whatever is asked."""
    api = await talk()
    monkeypatch.setattr("bulk_update.sandbox.admin.is_loopback", lambda _address: False)
    edit = {"number": 1, "set": {"name": "x"}}
    assert (await api.admin("GET", "/_sandbox/log")).status == 403
    assert (await api.admin("GET", "/_sandbox/state")).status == 403
    assert (await api.admin("POST", "/_sandbox/edit", json=edit)).status == 403
    assert api.account.log.changes == []


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("fe80::1", False),
        ("unix", False),
        (None, False),
    ],
)
def test_who_is_loopback(address, inside):
    """Nobody else can see or edit, whatever interface it is served on."""
    assert is_loopback(address) is inside
