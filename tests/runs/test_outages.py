"""An account that goes away while it is only read is waited for, in every part of planning, and by
the same code that waits for it in sending."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bulk_update.account import breaker
from bulk_update.account.breaker import Breaker
from bulk_update.account.client import CallbellClient
from bulk_update.config import resolve
from bulk_update.errors import AccountGone
from bulk_update.runs import session
from bulk_update.runs.apply import apply
from bulk_update.runs.interaction import Quiet
from bulk_update.runs.job import CommandResult, Job
from bulk_update.runs.plan import plan
from bulk_update.runs.stopping import StopSignals
from bulk_update.runs.undo import UndoRequest, undo
from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    Fault,
    FaultKind,
    Faults,
    RateLimit,
    SandboxAccount,
    Server,
    serve,
)
from bulk_update.sandbox.calls import Operation
from bulk_update.sandbox.contact import ContactState
from bulk_update.sandbox.faults import FaultPlan, On
from bulk_update.sandbox.people import contact_uuid

CONTACTS = 600
AWAY = "does not answer"
SENT = range(101, 161)


class Told(Quiet):
    """Nobody to ask; what was said is kept."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)

    @property
    def outages(self) -> int:
        """How often it was said that the account is away."""
        return sum(AWAY in each for each in self.notes)


class Outages(FaultPlan):
    """Lets everything pass until it is told otherwise."""

    def __init__(self) -> None:
        super().__init__(Faults())
        self.begins: tuple[Operation, int] | None = None
        self.calls = 0

    def play(self, operation: Operation, *, after: int, calls: int) -> None:
        """Once ``after`` calls of this kind have passed, so many of whatever kind are lost."""
        self.begins, self.calls = (operation, after), calls

    def choose(
        self, operation: Operation, path: str, *, number: int | None, uuid: str
    ) -> Fault | None:
        if self.begins is not None and self.begins[0] is operation:
            left = self.begins[1]
            self.begins = (operation, left - 1) if left else None
        if self.begins is not None or not self.calls:
            return super().choose(operation, path, number=number, uuid=uuid)
        self.calls -= 1
        return Fault(kind=FaultKind.STATUS, status=503)


@dataclass
class Place:
    """An account that can be told to go away, and a sheet that renames some of its contacts."""

    folder: Path
    server: Server
    outages: Outages
    told: Told = field(default_factory=Told)

    @property
    def flags(self) -> dict[str, Any]:
        state = str(self.folder / "state")
        flags = {"base_url": self.server.base_url, "state_dir": state, "out": str(self.folder)}
        return {**flags, "yes": True, "rate": "max", "canary": "0"}

    def job(self, command: str, numbers: Sequence[int] = SENT) -> Job:
        sheet = self.folder / "sheet.csv"
        with sheet.open("w", newline="", encoding="utf-8") as file:
            rows = ([contact_uuid(number), f"Asked {number}"] for number in numbers)
            csv.writer(file).writerows([["uuid", "name"], *rows])
        return Job(command=command, file=str(sheet), settings=resolve(self.flags))

    async def apply(self, numbers: Sequence[int] = SENT) -> CommandResult:
        return await apply(self.job("apply", numbers), self.told, StopSignals())

    async def undo(self) -> CommandResult:
        return await undo(UndoRequest(run="last"), self.flags, self.told, StopSignals())

    def named(self) -> list[str | None]:
        return [contact.name for contact in map(self.contact, SENT)]

    def contact(self, number: int) -> ContactState:
        return self.server.account.contact(number)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """The program as it is, but that 45 seconds are a moment, and probes follow closely."""
    monkeypatch.setattr(session, "CallbellClient", partial(CallbellClient, patience=0.01))
    monkeypatch.setattr(breaker, "PROBE_EVERY", 0.02)
    monkeypatch.setenv("BULK_UPDATE_TOKEN", SANDBOX_TOKEN)
    outages = Outages()
    monkeypatch.setattr("bulk_update.sandbox.app.FaultPlan", lambda *_settings: outages)
    account = SandboxAccount.seeded(contacts=CONTACTS)
    async with serve(account, rate_limit=RateLimit.off()) as server:
        yield Place(tmp_path, server, outages)


@pytest.mark.parametrize(
    ("operation", "after", "listing"),
    [
        (Operation.MEMBERS, 1, True),
        (Operation.LIST, 1, True),
        (Operation.LIST, 17, True),
        (Operation.GET, 5, False),
    ],
    ids=["reading members", "reading the schema", "reading page by page", "looking up"],
)
async def test_planning_a_sheet_waits_for_the_account(
    place: Place, monkeypatch: pytest.MonkeyPatch, operation: Operation, after: int, listing: bool
) -> None:
    if not listing:
        monkeypatch.setattr("bulk_update.runs.listing_contacts.FEW", len(SENT) + 1)
    place.outages.play(operation, after=after, calls=100)
    result = await plan(place.job("plan"), place.told)
    assert result.report.exit_code == 0
    assert result.report.counts == {"planned": len(SENT)}
    assert place.told.outages == 1
    assert place.outages.calls == 0


async def test_planning_an_undo_waits_for_the_account(place: Place) -> None:
    before = place.named()
    assert (await place.apply()).report.counts == {"updated": len(SENT)}
    place.outages.play(Operation.GET, after=5, calls=100)
    result = await place.undo()
    assert result.report.exit_code == 0
    assert place.told.outages == 1
    assert place.named() == before


async def test_an_account_that_does_not_come_back_ends_planning(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows there are: an account that is gone is no fault of theirs."""
    few = SENT[:5]
    await place.apply(few)
    monkeypatch.setattr("bulk_update.account.client.Breaker", partial(Breaker, give_up_after=0.1))
    job = place.job("plan", few)
    for command in (lambda: plan(job, place.told), place.undo):
        place.outages.play(Operation.GET, after=0, calls=10**6)
        with pytest.raises(AccountGone):
            await command()
        place.outages.calls = 0


async def test_a_contact_that_can_not_be_read_keeps_no_other_from_going_back(place: Place) -> None:
    before = place.named()
    await place.apply()
    FaultPlan.__init__(
        place.outages,
        Faults.of(Fault(kind=FaultKind.STATUS, status=500, on=(On.GET,), contact=SENT[0])),
    )
    result = await place.undo()
    assert result.report.exit_code == 1
    assert result.report.counts == {"failed": 1, "updated": len(SENT) - 1}
    assert [row.code for row in result.report.results() if row.status == "failed"] == ["unreadable"]
    assert place.named() == [f"Asked {SENT[0]}", *before[1:]]
    assert place.told.outages == 0
