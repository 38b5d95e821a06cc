"""Each fault is played as its name says, and the log shows what was really applied."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import orjson
import pytest

from bulk_update.sandbox import Behaviour, Fault, FaultKind, Faults, SandboxAccount
from bulk_update.sandbox.behaviour import Envelope
from bulk_update.sandbox.calls import Operation
from bulk_update.sandbox.faults import FaultPlan, On

BODY = {"name": "Asked"}


async def played(talk, **fault):
    """A client of an account that plays this fault on every PATCH."""
    return await talk(faults=Faults.of(Fault(**fault)), contacts=60)


async def answered(api, number=1):
    """The answer to a PATCH: a reply, or the kind of error."""
    try:
        return await api.patch(number, BODY, conforms=False)
    except (aiohttp.ClientError, TimeoutError) as error:
        return error


def applied(api, number=1):
    return api.account.contact(number).name == "Asked"


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.HANG])
async def test_no_answer(talk, kind, carried_out):
    """A reset, before or after it was applied; the log knows which, and no status."""
    api = await played(talk, kind=kind, applied=carried_out, seconds=0)
    assert isinstance(await answered(api), aiohttp.ClientError)
    assert applied(api) is carried_out
    (record,) = api.account.log.patches()
    assert (record.status, record.fault) == (None, kind.value)
    assert len(api.account.log.changes) == carried_out


async def test_a_client_that_times_out_is_applied_all_the_same(talk):
    """The request is carried out at once, and the answer never comes."""
    api = await played(talk, kind=FaultKind.HANG, seconds=3600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await api.patch(1, BODY)
    assert applied(api)


async def test_late(talk):
    """The connection goes, and later the change is made."""
    api = await played(talk, kind=FaultKind.LATE, seconds=0.05)
    done = asyncio.Event()
    api.account.log.listeners.append(lambda _change: done.set())
    assert isinstance(await answered(api), aiohttp.ClientError)
    assert not applied(api)
    await done.wait()
    assert applied(api)
    (record,) = api.account.log.patches()
    assert (record.status, api.account.log.changes[0].request) == (None, record.seq)


async def test_a_time_out_and_then_applied(talk):
    """The client has given up and gone before the change is made, once."""
    api = await played(talk, kind=FaultKind.SLOW, seconds=0.2)
    done = asyncio.Event()
    api.account.log.listeners.append(lambda _change: done.set())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await api.patch(1, BODY)
    assert not applied(api)
    await done.wait()
    assert applied(api)
    assert len(api.account.log.changes) == 1


async def test_a_client_that_waits_for_a_slow_server_is_answered(talk):
    api = await played(talk, kind=FaultKind.SLOW, seconds=0)
    assert (await answered(api)).contact["name"] == "Asked"


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_status(talk, status, carried_out):
    """An error, before or after it was applied."""
    api = await played(talk, kind=FaultKind.STATUS, status=status, applied=carried_out)
    assert (await answered(api)).status == status
    assert applied(api) is carried_out
    assert api.account.log.patches()[0].status == status


@pytest.mark.parametrize("carried_out", [False, True])
async def test_html_under_200(talk, carried_out):
    """A page instead of JSON."""
    api = await played(talk, kind=FaultKind.HTML, applied=carried_out)
    reply = await answered(api)
    assert (reply.status, reply.headers["Content-Type"][:9]) == (200, "text/html")
    assert applied(api) is carried_out


@pytest.mark.parametrize("carried_out", [False, True])
async def test_half_of_the_json(talk, carried_out):
    """In a whole HTTP answer; what is there says that it was done, applied or not."""
    api = await played(talk, kind=FaultKind.CUT_JSON, applied=carried_out)
    reply = await answered(api)
    assert reply.status == 200
    assert b'"Asked"' in reply.raw
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(reply.raw)
    assert applied(api) is carried_out


@pytest.mark.parametrize("carried_out", [False, True])
async def test_the_body_breaks_off(talk, carried_out):
    """The connection ends before the length that was promised."""
    api = await played(talk, kind=FaultKind.CUT_BODY, applied=carried_out)
    assert isinstance(await answered(api), aiohttp.ClientError)
    assert applied(api) is carried_out


@pytest.mark.parametrize("carried_out", [False, True])
async def test_an_error_under_200(talk, carried_out):
    """Status 200, and an error in the body."""
    api = await played(talk, kind=FaultKind.ERROR_BODY, applied=carried_out)
    reply = await answered(api)
    assert (reply.status, reply.body) == (200, {"error": "Something went wrong"})
    assert applied(api) is carried_out


@pytest.mark.parametrize("carried_out", [False, True])
async def test_another_contact(talk, carried_out):
    """A whole answer, about somebody else."""
    api = await played(talk, kind=FaultKind.OTHER_CONTACT, applied=carried_out)
    for number in (1, 2):
        reply = await answered(api, number)
        assert reply.contact["uuid"] != api.account.contact(number).uuid
        assert applied(api, number) is carried_out


@pytest.mark.parametrize("usual", Envelope)
async def test_the_other_envelope(talk, usual):
    """An array where objects are usual, and an object where arrays are; a refusal stays one."""
    faults = Faults.of(Fault(kind=FaultKind.OTHER_ENVELOPE, on=(On.PATCH, On.GET)))
    api = await talk(faults=faults, behaviour=Behaviour(envelope=usual))
    told = (await api.patch(1, BODY)).body["contact"]
    assert isinstance(told, list) is (usual is Envelope.OBJECT)
    assert applied(api)
    assert isinstance((await api.get(f"/contacts/{api.account.contact(1).uuid}")).body, dict)
    assert (await api.get(f"/contacts/{'0' * 32}")).status == 404


async def test_a_date_to_come_back_at(talk):
    """So far from now, whenever it is asked."""
    api = await played(talk, kind=FaultKind.TOO_MANY, retry_after="date", seconds=40)
    until = parsedate_to_datetime((await answered(api)).headers["Retry-After"])
    assert 35 < (until - datetime.now(UTC)).total_seconds() < 45


@pytest.mark.parametrize(
    "value", ["", "2", "99999999", "-1", "soon", "Wed, 21 Oct 2099 07:28:00 GMT"]
)
async def test_too_many(talk, value):
    """A 429 with any Retry-After, or without; never applied."""
    api = await played(talk, kind=FaultKind.TOO_MANY, retry_after=value)
    reply = await answered(api)
    assert (reply.status, reply.headers.get("Retry-After", "")) == (429, value)
    assert not applied(api)


@pytest.mark.parametrize("status", [401, 403])
async def test_the_token_is_refused_in_the_middle(talk, status):
    """From the third PATCH on."""
    api = await played(talk, kind=FaultKind.TOKEN_REFUSED, status=status, first=3)
    assert [(await answered(api, n)).status for n in (1, 2, 3, 4)] == [200, 200, status, status]
    assert [applied(api, n) for n in (1, 2, 3, 4)] == [True, True, False, False]


async def test_redirect(talk):
    """To anywhere; whether a client goes there with its token is the client's to show."""
    api = await played(
        talk, kind=FaultKind.REDIRECT, status=302, location="http://elsewhere.invalid/"
    )
    reply = await answered(api)
    assert (reply.status, reply.headers["Location"]) == (302, "http://elsewhere.invalid/")
    assert not applied(api)


async def test_drip(talk):
    """The right answer, slowly: a client that waits gets it whole."""
    api = await played(talk, kind=FaultKind.DRIP, seconds=0)
    assert (await answered(api)).contact["name"] == "Asked"
    assert applied(api)


async def test_endless_headers(talk):
    """More than any client should read."""
    api = await played(talk, kind=FaultKind.ENDLESS_HEADERS, size=200_000)
    assert isinstance(await answered(api), aiohttp.ClientError)
    assert applied(api)


async def test_huge_body(talk):
    """As long as asked; a client that stops reading is not waited for."""
    api = await played(talk, kind=FaultKind.HUGE_BODY, size=300_000)
    assert len((await answered(api)).raw) == 300_000


async def test_gzip_bomb(talk):
    """Small on the wire, large when opened."""
    api = await played(talk, kind=FaultKind.GZIP_BOMB, size=5 << 20)
    url = f"{api.server.base_url}/contacts/{api.account.contact(1).uuid}"
    async with (
        aiohttp.ClientSession(headers=api.session.headers, auto_decompress=False) as session,
        session.patch(url, json=BODY) as response,
    ):
        raw = await response.read()
    assert len(raw) < 100_000
    assert len(gzip.decompress(raw)) == 5 << 20


async def test_stale(talk):
    """It was applied, and the answer shows the contact as it was."""
    api = await played(talk, kind=FaultKind.STALE)
    assert (await answered(api)).contact["name"] == "Giulia Bianchi"
    assert applied(api)


async def test_untrue(talk):
    """The answer says done, and nothing was: only a reading shows it."""
    api = await played(talk, kind=FaultKind.UNTRUE)
    assert (await answered(api)).contact["name"] == "Asked"
    assert (await api.read(1))["name"] == "Giulia Bianchi"
    assert api.account.log.changes == []


async def test_ignored(talk):
    """Accepted without effect, and the answer shows it."""
    api = await played(talk, kind=FaultKind.IGNORED)
    assert (await answered(api)).contact["name"] == "Giulia Bianchi"
    assert not applied(api)


@pytest.mark.parametrize("kind", [FaultKind.PERSON_EDITS, FaultKind.PERSON_FOLLOWS])
async def test_a_person_in_between(talk, kind):
    """Just before, or just after: the answer shows the one and not the other."""
    api = await played(talk, kind=kind, edit={"note": "by hand", "tags": ["Inactivo"]})
    contact = (await answered(api)).contact
    seen = kind is FaultKind.PERSON_EDITS
    assert (contact["note"] == "by hand") is seen
    now = await api.read(1)
    assert (now["name"], now["note"], now["tags"]) == ("Asked", "by hand", ["Inactivo"])


async def test_pages_shift_underneath(talk):
    """With each page that is read, another contact comes to the head."""
    api = await talk(faults=Faults.of(Fault(kind=FaultKind.STIR, on=(On.LIST,))), contacts=60)
    first = (await api.get("/contacts")).body["contacts"]
    second = (await api.get("/contacts", page=2)).body["contacts"]
    assert second[0] == first[-1]


@pytest.mark.parametrize(
    "kind",
    [FaultKind.HUGE_BODY, FaultKind.DRIP, FaultKind.CUT_BODY, FaultKind.ENDLESS_HEADERS],
)
async def test_a_client_that_leaves_is_no_error(talk, kind, caplog):
    """The server goes on serving, logs no answer, and complains to nobody."""
    api = await talk(faults=Faults.of(Fault(kind=kind, times=1, seconds=0)), contacts=2)
    url = f"{api.server.base_url}/contacts/{api.account.contact(1).uuid}"
    try:
        async with api.session.patch(url, json=BODY) as response:
            await response.content.read(5)
            response.close()
    except aiohttp.ClientError:
        assert kind is FaultKind.ENDLESS_HEADERS
    assert (await api.patch(2, BODY)).status == 200
    assert applied(api)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


READ_KINDS = [kind for kind in FaultKind if kind is not FaultKind.HANG]


@pytest.mark.parametrize("kind", READ_KINDS)
async def test_every_kind_can_be_played_on_every_call(talk, kind):
    """No kind breaks on a call it was not made for; the account stays as it was."""
    fault = Fault(kind=kind, on=(On.ANY,), seconds=0, size=1000, edit={})
    api = await talk(faults=Faults.of(fault), contacts=5)
    contact, team = api.account.contact(5), api.account.catalogue.teams[0]
    paths = (
        "/auth/me",
        "/contacts",
        f"/contacts/{contact.uuid}",
        f"/contacts/{'0' * 32}",
        f"/contacts/{contact.uuid}/bot",
        f"/contacts/bsuid/{contact.bsuid}",
        f"/contacts/phone/{contact.digits}",
        "/teams",
        f"/teams/{team.uuid}/members",
    )
    people = list(api.account)
    for path in paths:
        try:
            reply = await api.get(path, conforms=False)
        except aiohttp.ClientError:
            assert kind.value in ("reset", "late", "cut_body", "endless_headers")
        else:
            assert reply.status != 500 or kind is FaultKind.STATUS
    if kind is not FaultKind.STIR:
        assert list(api.account) == people
    assert {record.fault for record in api.account.log.requests} == {kind.value}


def chosen(faults, calls, *, clock=lambda: 0.0):
    """The faults a plan chooses for ``(operation, number)`` calls."""
    plan = FaultPlan(faults, clock)
    uuids = {contact.number: contact.uuid for contact in SandboxAccount.seeded(contacts=9)}
    return [
        plan.choose(operation, f"/{number}", number=number, uuid=uuids.get(number, ""))
        for operation, number in calls
    ]


def hits(fault, calls=9, operation=Operation.PATCH):
    """Which of so many calls this rule hits, counted from 1."""
    found = chosen(Faults.of(fault), [(operation, n) for n in range(1, calls + 1)])
    return [at for at, each in enumerate(found, start=1) if each]


def test_when_a_rule_hits():
    """By script: these, from there on, up to there, so often, this contact."""
    kind = FaultKind.RESET
    assert hits(Fault(kind=kind)) == list(range(1, 10))
    assert hits(Fault(kind=kind, nth=(2, 5))) == [2, 5]
    assert hits(Fault(kind=kind, first=3, last=5)) == [3, 4, 5]
    assert hits(Fault(kind=kind, times=2)) == [1, 2]
    assert hits(Fault(kind=kind, contact=4)) == [4]
    assert hits(Fault(kind=kind, rate=0.0)) == []
    assert hits(Fault(kind=kind, rate=1.0, nth=(7,))) == [7]
    uuid = SandboxAccount.seeded(contacts=3).contact(3).uuid
    assert hits(Fault(kind=kind, contact=uuid)) == [3]


def test_on_which_calls():
    """A PATCH unless it says otherwise."""
    fault = Fault(kind=FaultKind.RESET)
    assert [op for op in Operation if hits(fault, 1, op)] == [Operation.PATCH]
    for operation in Operation:
        assert hits(Fault(kind=FaultKind.RESET, on=(On.ANY,)), 1, operation) == [1]
    only = Fault(kind=FaultKind.RESET, on=(On.GET, On.LIST))
    assert [op for op in Operation if hits(only, 1, op)] == [Operation.LIST, Operation.GET]


def test_by_schedule():
    """An outage has a beginning and an end."""
    now = [0.0]
    plan = FaultPlan(Faults.of(Fault(kind=FaultKind.STATUS, after=10, until=40)), lambda: now[0])
    seen = []
    for now[0] in (0.0, 9.9, 10.0, 39.9, 40.0):
        seen.append(plan.choose(Operation.PATCH, "/", number=1, uuid="") is not None)
    assert seen == [False, False, True, True, False]


def test_the_first_rule_that_hits_wins():
    """In the order of the file."""
    rules = Faults.of(Fault(kind=FaultKind.RESET, contact=1), Fault(kind=FaultKind.HTML, times=2))
    found = chosen(rules, [(Operation.PATCH, n) for n in (1, 2, 1, 3, 4)])
    kinds = [each.kind.value if each else None for each in found]
    assert kinds == ["reset", "html", "reset", "html", None]


def test_a_share_does_not_depend_on_the_order_of_arrival():
    """Only on the seed, the path, and how often that path was asked."""
    calls = [(Operation.PATCH, n % 500) for n in range(2000)]
    faults = Faults.of(Fault(kind=FaultKind.RESET, rate=0.2), seed=3)

    def outcome(calls, faults):
        found = zip(calls, chosen(faults, calls), strict=True)
        return Counter((number, fault is not None) for (_, number), fault in found)

    straight = outcome(calls, faults)
    assert outcome(calls[::-1], faults) == straight
    assert outcome(calls, Faults.of(*faults.fault, seed=4)) != straight
    share = sum(count for (_, hit), count in straight.items() if hit) / len(calls)
    assert 0.15 < share < 0.25


def test_every_kind_shares_the_rate():
    """The kinds that leave open whether a PATCH was applied, each in both ways."""
    faults = Faults.every_kind(0.5)
    assert sum(fault.rate for fault in faults.fault) == pytest.approx(0.5)
    pairs = {(fault.kind, fault.applied) for fault in faults.fault}
    assert len(pairs) == len(faults.fault)
    assert {(FaultKind.RESET, True), (FaultKind.RESET, False)} < pairs
