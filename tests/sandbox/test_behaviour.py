"""Each open question of the API has a switch, and the switch does what it says."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from bulk_update.sandbox import Behaviour, RateLimit, SandboxAccount
from bulk_update.sandbox.behaviour import (
    Clear,
    Cleared,
    CustomFields,
    Envelope,
    PhoneSpelling,
    RetryAfter,
    TagOrder,
    Unknown,
)


@pytest.mark.parametrize(("envelope", "kind"), [(Envelope.OBJECT, dict), (Envelope.ARRAY, list)])
async def test_envelope(talk, envelope, kind):
    """PATCH and GET by uuid follow the switch; a look-up by phone is always an object."""
    api = await talk(behaviour=Behaviour(envelope=envelope))
    contact = api.account.contact(1)
    assert isinstance((await api.patch(1, {})).body["contact"], kind)
    assert isinstance((await api.get(f"/contacts/{contact.uuid}")).body["contact"], kind)
    assert isinstance((await api.get(f"/contacts/phone/{contact.digits}")).body["contact"], dict)


async def test_custom_fields_merge_or_replace(talk):
    """Merge leaves the unnamed fields, replace drops them; no custom_fields, no change."""
    for reading in CustomFields:
        api = await talk(behaviour=Behaviour(custom_fields=reading))
        before = (await api.read(24))["customFields"]
        assert (await api.patch(24, {"name": "x"})).contact["customFields"] == before
        after = (await api.patch(24, {"custom_fields": {"zipCode": "9"}})).contact["customFields"]
        kept = before if reading is CustomFields.MERGE else {}
        assert after == {**kept, "zipCode": "9"}


async def test_unknown_tags_and_fields_refused_or_dropped(talk):
    """Dropped means: 200, the rest is applied, and nothing is said."""
    body = {"tags": ["VIP", "Nope"], "custom_fields": {"Nope": "1", "zipCode": "9"}}
    refusing = await talk()
    assert (await refusing.patch(1, body)).status == 422
    dropping = await talk(
        behaviour=Behaviour(unknown_tags=Unknown.DROP, unknown_fields=Unknown.DROP)
    )
    contact = (await dropping.patch(1, body)).contact
    assert contact["tags"] == ["VIP"]
    assert contact["customFields"]["zipCode"] == "9"
    assert "Nope" not in contact["customFields"]


async def test_only_one_of_the_two_may_drop(talk):
    """Tags and fields are two questions."""
    api = await talk(behaviour=Behaviour(unknown_tags=Unknown.DROP))
    assert (await api.patch(1, {"tags": ["Nope"]})).status == 200
    assert (await api.patch(1, {"custom_fields": {"Nope": "1"}})).status == 422


CLEARING = {
    "clear_by_empty": ("Città", "", "L'Aquila"),
    "clear_by_null": ("Città", None, "L'Aquila"),
    "clear_checkbox": ("Features", [], '["Dark Mode","Beta, early access"]'),
}


@pytest.mark.parametrize("clear", Clear)
@pytest.mark.parametrize("switch", CLEARING)
async def test_clearing_a_field_takes_is_refused_or_ignored(talk, switch, clear):
    """Each way of clearing by itself."""
    name, empty, was = CLEARING[switch]
    api = await talk(behaviour=Behaviour(**{switch: clear, "cleared_shows": Cleared.ABSENT}))
    reply = await api.patch(24, {"custom_fields": {name: empty}})
    assert reply.status == (422 if clear is Clear.REFUSED else 200)
    now = (await api.read(24))["customFields"].get(name)
    assert now == (None if clear is Clear.TAKES else was)


async def test_an_ignored_clearing_adds_no_field(talk):
    """A field the contact did not bear stays away, also where the object is replaced."""
    for reading in CustomFields:
        api = await talk(behaviour=Behaviour(clear_by_empty=Clear.IGNORED, custom_fields=reading))
        assert (
            "Città"
            not in (await api.patch(25, {"custom_fields": {"Città": ""}})).contact["customFields"]
        )
        kept = (await api.patch(24, {"custom_fields": {"Città": ""}})).contact["customFields"]
        assert kept["Città"] == "L'Aquila"


@pytest.mark.parametrize(
    ("shows", "text", "box"),
    [(Cleared.ABSENT, "-", "-"), (Cleared.NULL, None, None), (Cleared.EMPTY, "", "[]")],
)
async def test_how_a_cleared_field_looks(talk, shows, text, box):
    """Gone, null, or empty."""
    api = await talk(behaviour=Behaviour(cleared_shows=shows))
    reply = await api.patch(24, {"custom_fields": {"Città": "", "Features": []}})
    fields = reply.contact["customFields"]
    assert (fields.get("Città", "-"), fields.get("Features", "-")) == (text, box)


@pytest.mark.parametrize("clear", Clear)
async def test_clearing_a_team(talk, clear):
    """By an empty uuid."""
    api = await talk(behaviour=Behaviour(clear_team=clear))
    assert (await api.patch(24, {"team_uuid": ""})).status == (
        422 if clear is Clear.REFUSED else 200
    )
    assert ((await api.read(24))["team"] is None) is (clear is Clear.TAKES)


async def test_a_phone_in_the_place_of_the_uuid(talk):
    """Taken or 404, in GET and PATCH alike."""
    for taken in (True, False):
        api = await talk(behaviour=Behaviour(phone_as_uuid=taken))
        digits = api.account.contact(1).digits
        status = 200 if taken else 404
        assert (await api.get(f"/contacts/{digits}")).status == status
        assert (await api.patch(digits, {"name": "By phone"})).status == status
        assert (api.account.contact(1).name == "By phone") is taken


@pytest.mark.parametrize(
    ("takes", "digits", "plus"),
    [
        (PhoneSpelling.DIGITS, 200, 404),
        (PhoneSpelling.PLUS, 404, 200),
        (PhoneSpelling.BOTH, 200, 200),
    ],
)
async def test_phone_lookup_spelling(talk, takes, digits, plus):
    """Digits alone, plus and digits, or either; nothing else, ever."""
    api = await talk(behaviour=Behaviour(phone_lookup=takes))
    number = api.account.contact(1).digits
    assert (await api.get(f"/contacts/phone/{number}")).status == digits
    assert (await api.get(f"/contacts/phone/%2B{number}")).status == plus
    assert (await api.get(f"/contacts/phone/+{number}")).status == plus
    for odd in (f"00{number}", f"{number[:3]}%20{number[3:]}", f"++{number}", "", "x"):
        assert (await api.get(f"/contacts/phone/{odd or '%20'}")).status == 404


@pytest.mark.parametrize("kind", RetryAfter)
async def test_retry_after(talk, kind):
    """None, seconds, or an HTTP date that lies ahead."""
    api = await talk(
        behaviour=Behaviour(retry_after=kind),
        rate_limit=RateLimit(per_second=1, count_refused=True),
    )
    replies = [await api.get("/auth/me") for _ in range(3)]
    value = replies[-1].headers.get("Retry-After")
    assert replies[-1].status == 429
    if kind is RetryAfter.DATE:
        answered = parsedate_to_datetime(replies[-1].headers["Date"])
        assert 1 <= (parsedate_to_datetime(value) - answered).total_seconds() <= 2
    else:
        assert value == {RetryAfter.NONE: None, RetryAfter.SECONDS: "1"}[kind]


async def test_cursors(talk):
    """Without them there is no meta.next, and ``after`` means nothing."""
    for cursors in (True, False):
        api = await talk(behaviour=Behaviour(cursors=cursors))
        assert ("next" in (await api.get("/contacts")).body["meta"]) is cursors
        assert (await api.get("/contacts", after="nonsense")).status == (400 if cursors else 200)


async def test_metadata_in_listing(talk):
    """Honoured, or only in the single view."""
    for honoured in (True, False):
        api = await talk(behaviour=Behaviour(metadata_in_listing=honoured))
        first = (await api.get("/contacts", include_field_types="true")).body["contacts"][0]
        assert ("customFieldsMetadata" in first) is honoured
        assert "customFieldsMetadata" in await api.read(24, include_field_types="true")


async def test_refusal_status(talk):
    """422 or 400."""
    for status in (422, 400):
        api = await talk(behaviour=Behaviour(refusal_status=status))
        assert (await api.patch(1, {"tags": ["Nope"]})).status == status


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        (TagOrder.AS_SENT, ["VIP", "Lead", "P/W"]),
        (TagOrder.SORTED, ["Lead", "P/W", "VIP"]),
        (TagOrder.REVERSED, ["P/W", "Lead", "VIP"]),
    ],
)
async def test_tag_order(talk, order, shown):
    """The order that comes back is not promised."""
    api = await talk(behaviour=Behaviour(tag_order=order))
    assert (await api.patch(1, {"tags": ["VIP", "Lead", "P/W"]})).contact["tags"] == shown


async def test_bare_numbers(talk):
    """A JSON number for a number field: taken, and shown as one; or refused."""
    for taken in (True, False):
        api = await talk(behaviour=Behaviour(bare_numbers=taken))
        reply = await api.patch(1, {"custom_fields": {"orderNumber": 7}})
        assert reply.status == (200 if taken else 422)
        assert (await api.read(1))["customFields"]["orderNumber"] == (7 if taken else "1001")


async def test_patch_moves(talk):
    """A PATCH is activity, or it is none."""
    for moves in (True, False):
        api = await talk(behaviour=Behaviour(patch_moves=moves))
        last = api.account.last_in_listing().uuid
        await api.patch(last, {"note": "moved?"})
        first = (await api.get("/contacts")).body["contacts"][0]
        assert (first["uuid"] == last) is moves


async def test_stale_reads(talk):
    """For a while GET, look-ups and listings show what was; the answer to the PATCH is true."""
    now = [100.0]
    account = SandboxAccount.seeded(contacts=20)
    account.clock = lambda: now[0]
    api = await talk(account, behaviour=Behaviour(stale_reads=5.0))
    before = await api.read(1)
    assert (await api.patch(1, {"name": "New"})).contact["name"] == "New"
    now[0] = 104.9
    found = await api.get(f"/contacts/phone/{account.contact(1).digits}")
    assert found.contact == before
    assert await api.read(1) == before
    listed = (await api.get("/contacts")).body["contacts"]
    assert "New" not in [contact["name"] for contact in listed]
    now[0] = 105.0
    assert (await api.read(1))["name"] == "New"


async def test_without_a_bot(talk):
    """A bot_status is refused where no bot is enabled, and there is none to read."""
    account = SandboxAccount.seeded(contacts=3)
    object.__setattr__(account.catalogue, "bot", None)
    api = await talk(account)
    assert (await api.patch(1, {"bot_status": "bot_end"})).status == 422
    assert (await api.get(f"/contacts/{account.contact(1).uuid}/bot")).status == 404
