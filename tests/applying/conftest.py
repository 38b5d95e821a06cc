"""A run against a real server on a real socket, with a real journal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bulk_update.account.breaker import Breaker
from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle
from bulk_update.applying import Permits, Pool, PoolOptions, Sender, SenderOptions
from bulk_update.applying.crew import Crew
from bulk_update.applying.guards import RetryBudget
from bulk_update.applying.replacement import Replacement, Semantics
from bulk_update.journal import Journal, RowRecord, RunJournal, RunRecord, RunState
from bulk_update.model import (
    Account,
    ChangeState,
    Desired,
    Keys,
    Outcome,
    RowResult,
    RowStatus,
    TagEdit,
    Wish,
)
from bulk_update.planning import plan_change
from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    Behaviour,
    Fault,
    Faults,
    RateLimit,
    SandboxAccount,
    Server,
    serve,
)
from bulk_update.sandbox.faults import FaultPlan
from bulk_update.sandbox.people import contact_uuid

ASKED = tuple[Sequence[Wish], TagEdit | None]


@dataclass
class Arena:
    """A planned run and the account it is for."""

    server: Server
    client: CallbellClient
    run: RunJournal
    fault_plan: FaultPlan
    learnt: list[Semantics] = field(default_factory=list)
    known: str | None = None
    ended: list[ChangeState] = field(default_factory=list)
    options: SenderOptions = field(default_factory=lambda: SenderOptions(linger=0.05))
    pool: Pool | None = None
    may_resend: Callable[[], bool] = field(default_factory=lambda: RetryBudget(100).take)

    def play(self, *faults: Fault) -> None:
        """From now on the account misbehaves like this."""
        FaultPlan.__init__(self.fault_plan, Faults.of(*faults))

    async def plan(self, asked: dict[int, ASKED], *, was: tuple[Wish, ...] = ()) -> None:
        """Plan what is asked of contacts, by their number, on what the account has now."""
        rows, changes = [], []
        for row, (number, (wishes, tags)) in enumerate(asked.items(), start=2):
            uuid = contact_uuid(number)
            contact = await self.client.get_contact(uuid, include_field_types=True)
            assert contact is not None
            desired = Desired(
                row=row, keys=Keys(shown=uuid), wishes=tuple(wishes), tags=tags, was=was
            )
            change = plan_change(desired, contact, rows=(row,), read_at=datetime.now(UTC)).change
            assert change.fields, f"contact {number} is as asked already"
            changes.append((row, ChangeState.PLANNED, change))
            rows.append(
                RowRecord(row=row, key=uuid, uuid=uuid, status=RowStatus.PLANNED, change_seq=row)
            )
        self.run.plan.add(rows, changes)
        self.run.planned(())
        self.run.applying()
        self.server.account.log.clear()

    async def killed_while_sending(self, row: int) -> None:
        """The process that began with ``row`` is gone: whoever takes over finds it unknown."""
        await self.run.sending.begin(row, 1)
        unknown = Outcome(state=ChangeState.UNKNOWN, code="no_proof")
        await self.run.sending.record(row, ChangeState.SENDING, unknown, number=1)

    async def apply(self, *, workers: int = 8) -> list[RowResult]:
        """Send it all; the results of its rows."""
        self.pool = self.make_pool(workers=workers)
        try:
            await self.pool.run()
        finally:
            self.run.ended(RunState.STOPPED, exit_code=0)
        return list(self.run.results.rows())

    def make_pool(self, *, workers: int, drain: float = 2.0) -> Pool:
        sender = Sender(
            self.client,
            self.run.sending,
            Replacement(self.known, self.learnt.append),
            options=self.options,
            permits=Permits(may_resend=self.may_resend, may_begin=lambda: None),
            crew=Crew(rate=None, most=workers),
        )
        return Pool(
            sender,
            self.run.sending,
            Breaker(self.client.answers, give_up_after=0.3),
            PoolOptions(workers=workers, drain=drain, linger=self.options.linger),
            on_end=self.ended.append,
        )

    def contact(self, number: int):
        return self.server.account.contact(number)

    @property
    def patches(self) -> list[dict]:
        """The bodies of the PATCH calls that reached the account, in order."""
        return [json.loads(each.body) for each in self.server.account.log.patches()]


Entering = Callable[..., "AsyncIterator[Arena]"]


@pytest.fixture
def arena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What opens an arena, used as ``async with arena(behaviour=…, faults=…) as it``."""

    @asynccontextmanager
    async def opened(
        behaviour: Behaviour | None = None,
        faults: Faults | None = None,
        *,
        request_timeout: float = 1,
        **more: object,
    ) -> AsyncIterator[Arena]:
        account = SandboxAccount.seeded(contacts=120)
        plans: list[FaultPlan] = []

        def planned(*arguments: Any) -> FaultPlan:
            plans.append(FaultPlan(*arguments))
            return plans[-1]

        monkeypatch.setattr("bulk_update.sandbox.app.FaultPlan", planned)
        async with (
            serve(
                account, behaviour=behaviour, faults=faults, rate_limit=RateLimit.off()
            ) as server,
            CallbellClient(
                server.base_url,
                SANDBOX_TOKEN,
                Throttle(None),
                request_timeout=request_timeout,
                patience=0.2,
            ) as client,
        ):
            with Journal.open(tmp_path / "journal.db") as journal:
                run = journal.create_run(record(), b"")
                yield Arena(server=server, client=client, run=run, fault_plan=plans[-1], **more)  # type: ignore[arg-type]

    return opened


def record() -> RunRecord:
    return RunRecord(
        name="r",
        command="apply",
        account=Account(base_url="http://127.0.0.1", name="sandbox"),
        source_sha256="x",
        source_path="sheet.csv",
        binding="b",
        created_at=datetime.now(UTC) - timedelta(seconds=1),
        who="ada",
        host="desk",
    )
