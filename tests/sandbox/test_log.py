"""The log tells the truth: every request, and every change that was really made."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bulk_update.sandbox import SandboxAccount
from bulk_update.sandbox.log import difference

WHOLE = st.integers(1, 40).map(SandboxAccount.seeded(contacts=40).contact)


async def test_every_request_is_logged_with_its_answer(talk):
    """In order, reads and refused ones too."""
    api = await talk()
    begun = datetime.now(UTC)
    uuid = api.account.contact(1).uuid
    await api.get("/contacts", page=2)
    await api.patch(1, {"name": "x"})
    await api.patch(1, {"tags": ["Nope"]})
    await api.get("/contacts/bsuid/none")
    seen = [(r.method, r.path, r.uuid, r.status) for r in api.account.log.requests]
    assert seen == [
        ("GET", "/v1/contacts?page=2", "", 200),
        ("PATCH", f"/v1/contacts/{uuid}", uuid, 200),
        ("PATCH", f"/v1/contacts/{uuid}", uuid, 422),
        ("GET", "/v1/contacts/bsuid/none", "", 404),
    ]
    assert all(begun <= r.at <= datetime.now(UTC) for r in api.account.log.requests)
    assert [r.body for r in api.account.log.patches()] == [b'{"name": "x"}', b'{"tags": ["Nope"]}']
    assert api.account.log.statuses() == {200: 2, 422: 1, 404: 1}


async def test_a_change_holds_old_and_new_of_what_differs(talk):
    """By field; a custom field that was not there is not in old."""
    api = await talk()
    body = {
        "name": "New",
        "note": "All there is",
        "tags": ["Lead"],
        "custom_fields": {"Status": "Trial", "Loyalty.Level": "Gold", "zipCode": "01234"},
        "bot_status": "bot_end",
        "unassign_user": True,
    }
    await api.patch(24, body)
    (change,) = api.account.log.changes
    assert change.old == {
        "name": "Every Field",
        "tags": ("VIP", "Cliente", "Newsletter "),
        "assigned_user": "giulia.ferri@example.com",
        "bot": "started",
        "custom_fields.Status": "Active",
    }
    assert change.new == {
        "name": "New",
        "tags": ("Lead",),
        "assigned_user": None,
        "bot": "ended",
        "custom_fields.Status": "Trial",
        "custom_fields.Loyalty.Level": "Gold",
    }
    assert change.request == api.account.log.requests[0].seq
    assert (change.uuid, change.number) == (api.account.contact(24).uuid, 24)


async def test_requests_and_changes_share_a_counter(talk):
    """So what happened first can be told; a person's edit has no request. The end of a request
    counts too: two that were open at the same time can be seen."""
    api = await talk()
    await api.patch(1, {"name": "a"})
    api.account.edit(1, {"name": "b"})
    await api.patch(1, {"name": "c"})
    log = api.account.log
    assert [(record.seq, record.until) for record in log.requests] == [(1, 3), (5, 7)]
    assert [(change.seq, change.request) for change in log.changes] == [(2, 1), (4, None), (6, 5)]
    assert [change.new["name"] for change in log.changes] == ["a", "b", "c"]


async def test_a_listener_can_interfere(talk):
    """Right after a change, before its answer is out."""
    api = await talk()
    changes = []

    def interfere(change):
        changes.append(change)
        if change.request:
            api.account.edit(change.number, {"note": "behind your back"})

    api.account.log.listeners.append(interfere)
    assert (await api.patch(1, {"name": "x"})).contact["note"] != "behind your back"
    assert (await api.read(1))["note"] == "behind your back"
    assert [change.request for change in changes] == [1, None]


@given(WHOLE, WHOLE)
def test_a_difference_is_nothing_but_what_differs(one, other):
    """Both ways round, and empty between a contact and itself."""
    old, new = difference(one, other)
    assert difference(one, one) == ({}, {})
    assert difference(other, one) == (new, old)
    assert all(old.get(key) != new.get(key) or (key in old) != (key in new) for key in {*old, *new})
