"""Every fault of a server, by its name: what the journal keeps, what ``results.csv`` says and what
the account's own log holds agree about each row.

One run meets most of them, each on a contact of its own; what concerns all of an account is in
tests/applying.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bulk_update.account import throttle
from bulk_update.account.client import CallbellClient
from bulk_update.applying import PoolOptions, SenderOptions
from bulk_update.config import resolve
from bulk_update.journal import Journal
from bulk_update.runs import session, work
from bulk_update.runs.apply import apply
from bulk_update.runs.interaction import Quiet
from bulk_update.runs.job import Job
from bulk_update.runs.stopping import StopSignals
from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    Fault,
    FaultKind,
    Faults,
    RateLimit,
    SandboxAccount,
    serve,
)
from bulk_update.sandbox.people import contact_uuid

TIME_OUT = 0.4
LINGER = 0.6
FIRST = 61


@dataclass(frozen=True)
class Case:
    """A fault on the first PATCH of a contact: what the row becomes, and how many PATCHes the
    account got and carried out for it."""

    kind: FaultKind
    became: str
    patches: int
    changes: int
    more: dict[str, Any]


def case(kind: FaultKind, became: str, patches: int, changes: int, **more: Any) -> Case:
    return Case(kind, became, patches, changes, more)


BOTH_WAYS = {
    "reset": (FaultKind.RESET, {}),
    "time-out": (FaultKind.HANG, {"seconds": 3.0}),
    "200 with HTML": (FaultKind.HTML, {}),
    "cut-off JSON": (FaultKind.CUT_JSON, {}),
    "a body that breaks off": (FaultKind.CUT_BODY, {}),
    "an error body under 200": (FaultKind.ERROR_BODY, {}),
    "another contact": (FaultKind.OTHER_CONTACT, {}),
    "500": (FaultKind.STATUS, {"status": 500}),
    "502": (FaultKind.STATUS, {"status": 502}),
    "503": (FaultKind.STATUS, {"status": 503}),
    "408": (FaultKind.STATUS, {"status": 408}),
    "a redirect": (FaultKind.REDIRECT, {}),
    "endless headers": (FaultKind.ENDLESS_HEADERS, {"size": 300_000}),
    "1 GB body": (FaultKind.HUGE_BODY, {}),
    "gzip bomb": (FaultKind.GZIP_BOMB, {"size": 50_000_000}),
}
"""Each is played before the request is carried out, and after it."""

CASES = {
    **{
        f"{name}, {'after' if applied else 'before'} it applied": case(
            kind, "updated", 1 if applied else 2, 1, applied=applied, **more
        )
        for name, (kind, more) in BOTH_WAYS.items()
        for applied in (False, True)
    },
    "reset, applied late": case(FaultKind.LATE, "updated", 1, 1, seconds=0.1),
    "time-out, and then applied": case(FaultKind.SLOW, "updated", 1, 1, seconds=TIME_OUT + 0.2),
    "slow drip": case(FaultKind.DRIP, "updated", 1, 1, seconds=0.01),
    "the other envelope": case(FaultKind.OTHER_ENVELOPE, "updated", 1, 1),
    "200 that did nothing": case(FaultKind.IGNORED, "mismatch", 1, 0),
    "422": case(FaultKind.STATUS, "refused", 1, 0, status=422),
    "404": case(FaultKind.STATUS, "refused", 1, 0, status=404),
    "429 without Retry-After": case(FaultKind.TOO_MANY, "updated", 2, 1),
    "429 with an absurd one": case(FaultKind.TOO_MANY, "updated", 2, 1, retry_after="99999999"),
    "429 with nonsense": case(FaultKind.TOO_MANY, "updated", 2, 1, retry_after="soon"),
    "429 with a date": case(FaultKind.TOO_MANY, "updated", 2, 1, retry_after="date", seconds=0),
    "a person edits in between": case(FaultKind.PERSON_EDITS, "updated", 1, 1),
    "a person follows": case(FaultKind.PERSON_FOLLOWS, "updated", 1, 1),
}
NUMBERS = {name: FIRST + at for at, name in enumerate(CASES)}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program as it is, but that half a minute is half a second."""
    quick = partial(CallbellClient, request_timeout=TIME_OUT)
    monkeypatch.setattr(session, "CallbellClient", quick)
    monkeypatch.setattr(work, "PoolOptions", partial(PoolOptions, linger=LINGER))
    monkeypatch.setattr(work, "SenderOptions", partial(SenderOptions, linger=LINGER))
    monkeypatch.setattr(throttle, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(throttle, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(throttle, "WORTH_SAYING", 0.01)


class Told(Quiet):
    """Nobody to ask; what was said is kept."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


class Elsewhere:
    """A server that must never hear of the token."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.heard.append(request.headers.get("Authorization", "nothing"))
        return web.json_response({"contact": {}})


async def applied_sheet(
    folder: Path, account: SandboxAccount, faults: Faults, told: Told
) -> dict[int, dict[str, str]]:
    """Give every contact of NUMBERS a name; the lines of ``results.csv`` by contact."""
    with (folder / "sheet.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["uuid", "name"], *([contact_uuid(n), f"Asked {n}"] for n in NUMBERS.values())]
        )
    async with serve(account, faults=faults, rate_limit=RateLimit.off()) as server:
        settings = resolve(
            {
                "base_url": server.base_url,
                "yes": True,
                "rate": "max",
                "max_failures": "100%",
                "canary": 0,
                "out": str(folder / "out"),
                "state_dir": str(folder / "state"),
            },
            environ={"BULK_UPDATE_TOKEN": SANDBOX_TOKEN},
            cwd=folder,
        )
        job = Job(command="apply", file=str(folder / "sheet.csv"), settings=settings)
        await apply(job, told, StopSignals())
    with (folder / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return dict(zip(NUMBERS.values(), csv.DictReader(file), strict=True))


async def test_every_fault_is_survived_and_told_truly(tmp_path: Path, impatient: None) -> None:
    elsewhere = Elsewhere()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", elsewhere.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    location = f"http://127.0.0.1:{runner.addresses[0][1]}/contacts"
    rules = [
        Fault(kind=each.kind, contact=NUMBERS[name], times=1, location=location, **each.more)
        for name, each in CASES.items()
    ]
    account = SandboxAccount.seeded(contacts=FIRST + len(CASES) + 40)
    shifting = Fault(kind=FaultKind.STIR, on=("list",))
    told = Told()
    try:
        results = await applied_sheet(tmp_path, account, Faults.of(*rules, shifting), told)
    finally:
        await runner.cleanup()
    assert elsewhere.heard == []
    rest = "The account answers 429 (too many requests): going on in about 1 s."
    assert rest in told.notes
    sent = Counter(each.uuid for each in account.log.patches())
    changed = Counter(each.number for each in account.log.changes if each.request is not None)
    shown = {
        name: (results[number]["status"], sent[contact_uuid(number)], changed[number])
        for name, number in NUMBERS.items()
    }
    assert shown == {
        name: (each.became, each.patches, each.changes) for name, each in CASES.items()
    }
    for number, line in results.items():
        as_asked = account.contact(number).name == f"Asked {number}"
        assert as_asked is (line["status"] == "updated"), (number, line)
    agree_with_the_journal(tmp_path, results, sent)


def agree_with_the_journal(
    folder: Path, results: dict[int, dict[str, str]], sent: Counter[str]
) -> None:
    """Each attempt is one PATCH that reached the account, and the report is the journal's."""
    with Journal.open(folder / "state" / "journal.db") as journal:
        run = journal.last_run()
        assert run is not None
        kept = list(run.results.rows())
    for line, row in zip(results.values(), kept, strict=True):
        assert (line["status"], line["uuid"]) == (row.status, row.uuid)
        assert int(line["attempts"]) == row.attempts == sent[row.uuid]


READING = (
    FaultKind.STATUS,
    FaultKind.RESET,
    FaultKind.HTML,
    FaultKind.CUT_JSON,
    FaultKind.ERROR_BODY,
    FaultKind.HUGE_BODY,
    FaultKind.STALE,
)


async def test_readings_that_fail_in_every_way_change_nothing_of_that(
    tmp_path: Path, impatient: None
) -> None:
    """No PATCH is answered, and what became of it is read through faults. A reading that lags
    behind costs a second PATCH, never a wrong word."""
    kinds = dict(zip(NUMBERS.values(), READING * len(NUMBERS), strict=False))
    carried_out = {number: bool(number // len(READING) % 2) for number in NUMBERS.values()}
    rules = [
        Fault(kind=FaultKind.RESET, contact=n, applied=a, times=1) for n, a in carried_out.items()
    ]
    # The plan is made from the list: the first reading of a contact settles what became of it.
    rules += [Fault(kind=kind, on=("get",), contact=n, times=1) for n, kind in kinds.items()]
    account = SandboxAccount.seeded(contacts=FIRST + len(CASES) + 40)
    results = await applied_sheet(tmp_path, account, Faults.of(*rules), Told())
    assert {line["status"] for line in results.values()} == {"updated"}
    seen = {(each.uuid, each.method, each.fault) for each in account.log.requests}
    assert {(contact_uuid(n), "GET", kind) for n, kind in kinds.items()} <= seen
    sent = Counter(each.uuid for each in account.log.patches())
    assert sent == {
        contact_uuid(n): 1 if carried_out[n] and kind is not FaultKind.STALE else 2
        for n, kind in kinds.items()
    }
    assert all(account.contact(n).name == f"Asked {n}" for n in NUMBERS.values())
    agree_with_the_journal(tmp_path, results, sent)
