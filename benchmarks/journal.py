"""What the journal costs: the same sending with it and without it, in turns; and how fast a
journal of a million planned rows opens and goes on.

    python benchmarks/journal.py [--rows 6000] [--pairs 7] [--planned 1000000] [--url URL]

Targets: with the journal at least 85% of the throughput without it, at most 60 us of CPU a row
for it, and under 5 s until a million planned rows are open and the first of them can be sent.
First the journal by itself; then pairs, sent as fast as it goes, and at the rate that an account
allows. Without: the same client, pool, sender and proof; the intents and outcomes go nowhere.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from account_server import documents, serving
from sqlalchemy import insert

from bulk_update.account import parsing
from bulk_update.account.breaker import Breaker
from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle
from bulk_update.applying import Pool, PoolOptions, Sender, SenderOptions
from bulk_update.applying.crew import Crew
from bulk_update.applying.replacement import Replacement
from bulk_update.applying.sender import Permits
from bulk_update.journal import Journal, RowRecord, RunJournal, RunRecord
from bulk_update.journal.plan import PlanPart
from bulk_update.journal.records import StoredChange
from bulk_update.journal.sending import PAGE, SendingPart
from bulk_update.journal.tables import change as change_table
from bulk_update.journal.tables import sheet_row
from bulk_update.model import (
    Account,
    Change,
    ChangeState,
    Desired,
    FieldName,
    Keys,
    Outcome,
    RowStatus,
    Wish,
    custom_field,
)
from bulk_update.planning import plan_change

ACCOUNT = Account(base_url="http://127.0.0.1/v1", name="benchmark")
WORKERS = 128
LIMIT = 300
SECONDS = 5
MERGES = "merge"


@dataclass(frozen=True)
class Cost:
    """One run: seconds on the wall, and of CPU, for so many rows."""

    wall: float
    cpu: float
    rows: int

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.wall

    @property
    def microseconds(self) -> float:
        """CPU a row, in microseconds."""
        return self.cpu / self.rows * 1e6


MayBegin = Callable[[], None]


class NoJournal:
    """Keeps nothing: the yardstick."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = [
            StoredChange(seq=seq, change=each, state=ChangeState.PLANNED)
            for seq, each in enumerate(changes)
        ]

    def planned_changes(
        self, *, only: int | None = None, after: int = -1, limit: int = 1000
    ) -> list[StoredChange]:
        """As the journal's."""
        if only is not None:
            return [self._changes[only]]
        return self._changes[after + 1 : after + 1 + limit]

    def unknown_changes(self) -> list[StoredChange]:
        """Nothing was sent before."""
        return []

    def seq_with_other_fields(self) -> int | None:
        """It is known that the account merges."""
        return None

    async def renew_lease(self) -> None:
        """There is none."""

    async def begin(self, seq: int, number: int, *, change: Change | None = None) -> None:
        """Nothing is kept."""

    async def record(
        self,
        seq: int,
        before: ChangeState,
        outcome: Outcome,
        *,
        number: int = 0,
        change: Change | None = None,
    ) -> None:
        """Nothing is kept."""


def planned(rows: int) -> list[Change]:
    """A change of name and one custom field for each contact."""
    changes = []
    for seq, document in enumerate(documents(rows).values()):
        contact = parsing.contact(document)
        wishes = (
            Wish(field=FieldName("name"), value=f"Name {seq}"),
            Wish(field=custom_field("zipCode"), value=f"{seq:06}x"),
        )
        desired = Desired(row=seq, keys=Keys(shown=contact.uuid), wishes=wishes)
        changes.append(plan_change(desired, contact, rows=(seq,), read_at=datetime.now(UTC)).change)
    return changes


def record(name: str) -> RunRecord:
    """A run of this name."""
    return RunRecord(
        name=name,
        command="apply",
        account=ACCOUNT,
        source_sha256="x",
        source_path="sheet.csv",
        binding="b",
        created_at=datetime.now(UTC),
        who="benchmark",
        host="here",
    )


def row_of(seq: int, uuid: str) -> RowRecord:
    """The sheet row of one change."""
    return RowRecord(row=seq, key=uuid, uuid=uuid, status=RowStatus.PLANNED, change_seq=seq)


@contextmanager
def a_run(
    where: str | Path, name: str, changes: Sequence[Change]
) -> Iterator[tuple[SendingPart, MayBegin]]:
    """The sending part of a planned run, its account held."""
    with Journal.open(where) as journal, journal.hold(ACCOUNT, holder=name) as lease:
        run = journal.create_run(record(name), b"")
        run.plan.add(
            [row_of(seq, each.uuid) for seq, each in enumerate(changes)],
            [(seq, ChangeState.PLANNED, each) for seq, each in enumerate(changes)],
        )
        run.planned(())
        run.applying()
        yield run.sending, lease.require
        run.discard()


async def send(
    url: str,
    journal: SendingPart | NoJournal,
    may_begin: MayBegin,
    rows: int,
    rate: float | None = None,
) -> Cost:
    """Send it all, at this rate or as fast as it goes."""
    ended: list[ChangeState] = []
    kept = cast(SendingPart, journal)
    async with CallbellClient(url, "token", Throttle(rate)) as client:
        crew = Crew(rate=rate, most=WORKERS)
        sender = Sender(
            client,
            kept,
            Replacement(MERGES, lambda _semantics: None),
            options=SenderOptions(max_age=timedelta(hours=1)),
            permits=Permits(may_resend=lambda: True, may_begin=may_begin),
            crew=crew,
        )
        pool = Pool(
            sender,
            kept,
            Breaker(client.answers),
            PoolOptions(workers=WORKERS),
            on_end=ended.append,
        )
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        await pool.run()
        cost = Cost(time.perf_counter() - wall, time.process_time() - cpu, rows)
    if ended != [ChangeState.UPDATED] * rows:
        raise SystemExit(f"not all were updated: {set(ended)}")
    return cost


def with_journal(
    url: str, where: str | Path, name: str, changes: Sequence[Change], rate: float | None = None
) -> Cost:
    """What sending costs with intents and outcomes made durable."""
    with a_run(where, name, changes) as (sending, may_begin):
        return asyncio.run(send(url, sending, may_begin, len(changes), rate))


def without_journal(url: str, changes: Sequence[Change], rate: float | None = None) -> Cost:
    """What the same sending costs when nothing is kept."""
    return asyncio.run(send(url, NoJournal(changes), lambda: None, len(changes), rate))


async def keep_all(sending: SendingPart, changes: Sequence[Change]) -> Cost:
    """An intent and an outcome for each change, by so many workers, and no request."""
    numbers = iter(range(len(changes)))

    async def work() -> None:
        for seq in numbers:
            seen = replace(changes[seq].before, note="seen")
            await sending.begin(seq, 1)
            outcome = Outcome(state=ChangeState.UPDATED, http_status=200, seen=seen)
            await sending.record(seq, ChangeState.SENDING, outcome, number=1)

    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(WORKERS)))
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, len(changes))


def alone(where: str | Path, rows: int, rounds: int) -> None:
    """What the journal takes by itself, with nothing that wants the processor beside it."""
    changes = planned(rows)
    costs: list[Cost] = []
    for number in range(rounds):
        with a_run(where, f"alone-{number}", changes) as (sending, _may_begin):
            costs.append(asyncio.run(keep_all(sending, changes)))
    cpu = statistics.median(each.microseconds for each in costs)
    pace = statistics.median(each.rate for each in costs)
    print(f"{rounds} times {rows:,} intents and outcomes, no requests, {WORKERS} workers, medians")
    print(f"{'the journal alone':<18}{pace:>10,.0f}{cpu:>15.0f}")
    print(f"  target: 60 us or less   {_met(cpu <= 60)}")


def compare(where: str | Path, rows: int, pairs: int, rate: float | None = None) -> None:
    """Runs in turns: what a machine does beside it hits both alike."""
    changes = planned(rows)
    kept: list[Cost] = []
    bare: list[Cost] = []
    with serving(rows) as url:
        without_journal(url, changes[: rows // 4])
        for number in range(pairs):
            bare.append(without_journal(url, changes, rate))
            kept.append(with_journal(url, where, f"{rate}-{number}", changes, rate))
    ratios = [one.rate / other.rate for one, other in zip(kept, bare, strict=True)]
    extra = [one.microseconds - other.microseconds for one, other in zip(kept, bare, strict=True)]
    at_most = "no limit" if rate is None else f"{rate:.0f} requests a second"
    print(f"{pairs} pairs of {rows:,} rows, {at_most}, {WORKERS} workers, medians")
    print(f"{'':<18}{'rows/s':>10}{'us CPU a row':>15}")
    for name, costs in (("without journal", bare), ("with journal", kept)):
        pace = statistics.median(each.rate for each in costs)
        cpu = statistics.median(each.microseconds for each in costs)
        print(f"{name:<18}{pace:>10,.0f}{cpu:>15.0f}")
    ratio, cost = statistics.median(ratios), statistics.median(extra)
    print(f"throughput kept   {ratio:>9.1%}   from {min(ratios):.1%} to {max(ratios):.1%}")
    print(f"  target: 85% or more     {_met(ratio >= 0.85)}")
    print(f"CPU for the journal {cost:>7.0f} us a row")
    if rate is None:
        print(f"  target: 60 us or less   {_met(cost <= 60)}")


def open_many(where: str | Path, rows: int) -> None:
    """A run that was killed with a million rows to go: until the first can be sent."""
    with Journal.open(where) as journal:
        run = journal.create_run(record("many"), b"")
        _fill(run, rows)
        run.planned(())
        run.applying()
    began = time.perf_counter()
    with Journal.open(where) as journal:
        opened = time.perf_counter()
        with journal.hold(ACCOUNT, holder="again"):
            held = time.perf_counter()
            (again,) = journal.unfinished(ACCOUNT)
            again.sending.leave_to_later_runs()
            left = time.perf_counter()
            unknown = again.sending.unknown_changes()
            first = again.sending.seq_with_other_fields()
            page = again.sending.planned_changes()
            ready = time.perf_counter()
    if (len(unknown), first, len(page)) != (1, None, PAGE):
        raise SystemExit("the run is not as it was filled")
    print(f"\n{rows:,} planned rows, killed in mid-send, no contact with other fields")
    steps = {"open": opened - began, "hold": held - opened, "take up": left - held}
    for name, seconds in {**steps, "first page": ready - left}.items():
        print(f"{name:<18}{seconds:>9.2f} s")
    print(f"{'together':<18}{ready - began:>9.2f} s")
    print(f"  target: under 5 s       {_met(ready - began < 5)}")


# ruff: noqa: SLF001
# A million rows go in by the planner's own values, without a planner.
def _fill(run: RunJournal, rows: int) -> None:
    """The same contact over and over, under other uuids; one is in mid-send."""
    (planned_change,) = planned(1)
    name_alone = replace(planned_change, fields=planned_change.fields[:1])
    plan: PlanPart = run.plan
    values = plan._change_values(0, ChangeState.PLANNED, name_alone)
    with plan._database.writing() as connection:
        for start in range(0, rows, 50_000):
            numbers = range(start, min(start + 50_000, rows))
            connection.execute(
                insert(change_table),
                [
                    {**values, "seq": seq, "uuid": f"{seq:032x}", "state": _state(seq)}
                    for seq in numbers
                ],
            )
            connection.execute(
                insert(sheet_row), [plan._row_values(row_of(seq, f"{seq:032x}")) for seq in numbers]
            )


def _state(seq: int) -> ChangeState:
    return ChangeState.SENDING if seq == 0 else ChangeState.PLANNED


def _met(met: bool) -> str:  # noqa: FBT001 - the word for it
    return "met" if met else "MISSED"


def main() -> None:
    """Both measurements, as tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--planned", type=int, default=1_000_000)
    parser.add_argument("--url", help="a database for the journal; a SQLite file without it")
    asked = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="bulk-update-") as folder:
        where = asked.url or Path(folder) / "pairs.db"
        alone(where, asked.rows, asked.pairs)
        print()
        compare(where, asked.rows, asked.pairs)
        print()
        compare(where, min(asked.rows, SECONDS * LIMIT), min(asked.pairs, 3), LIMIT)
        if asked.planned:
            open_many(asked.url or Path(folder) / "many.db", asked.planned)


if __name__ == "__main__":
    main()
