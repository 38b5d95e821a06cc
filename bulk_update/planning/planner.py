"""Rows into the plan: look each contact up, compare, and put the result in the journal.

Look-ups run side by side; what they give goes into the journal in batches, so that memory does
not grow with the sheet. Several rows may ask for one contact, by the same key or by different
ones; that only shows once all are looked up, so those rows are merged at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from bulk_update.account.lookup import Conflict as KeyConflict
from bulk_update.account.lookup import ContactFinder, Found, NotFound
from bulk_update.account.tasks import tasks_together
from bulk_update.errors import AccountUnreachable
from bulk_update.journal.records import RowRecord, StoredChange
from bulk_update.model import (
    Change,
    ChangeState,
    Contact,
    Desired,
    FieldName,
    Finding,
    Keys,
    RowStatus,
    Verdict,
)
from bulk_update.planning.judging import Judged, Judging, said, skipped
from bulk_update.planning.keys import key_finding, phone_findings
from bulk_update.planning.removed_tags import RemovedTags
from bulk_update.planning.since_last import AppliedFields, SinceLast, key_identity
from bulk_update.planning.unreadable import UnreadCount, unreadable_row
from bulk_update.validation.duplicates import duplicate
from bulk_update.validation.merging import Conflict as RowConflict
from bulk_update.validation.merging import Merged, merge
from bulk_update.validation.rejected import rejected_row

if TYPE_CHECKING:
    from bulk_update.journal.plan import PlanPart

BATCH: Final = 500
"""Rows that go into the journal at once."""

BOT_STATUS: Final = FieldName("bot_status")

PlannedChange = tuple[int, ChangeState, Change]
"""The first row of a contact, and what is to happen to the contact."""


class AccountReader(Protocol):
    """What is asked of the account beside its contacts."""

    async def get_bot(self, uuid: str) -> str | None:
        """``bot_start`` or ``bot_end``; None where it can't be told."""


@dataclass(slots=True)
class _Batch:
    """What was looked up and waits to go into the journal."""

    rows: list[RowRecord] = field(default_factory=list)
    found: list[tuple[Desired, Found]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.found)


class Planner:
    """Plans the rows of one run.

    With ``since``, what the sheet says as it was last applied is left alone; ``on_findings`` is
    told, row by row, what of that an undo holds, and what is wrong or odd about a row's keys.
    """

    def __init__(  # noqa: PLR0913 - all but three by name
        self,
        finder: ContactFinder,
        account: AccountReader,
        plan: PlanPart,
        *,
        workers: int,
        on_row: Callable[[], None],
        since: SinceLast | None = None,
        on_findings: Callable[[int, Sequence[Finding]], None] = lambda _row, _findings: None,
    ) -> None:
        self._finder = finder
        self._account = account
        self._unreadable = UnreadCount()
        self._plan = plan
        self._workers = workers
        self._on_row = on_row
        self._since = since
        self._judging = Judging(since)
        self._on_findings = on_findings
        self._batch = _Batch()
        self._removed = RemovedTags()

    async def plan(self, verdicts: Iterable[Verdict]) -> None:
        """Put every row into the plan. Raises what the account's client raises; the plan is
        then not whole, and to be discarded."""
        queue: asyncio.Queue[Desired | None] = asyncio.Queue(maxsize=2 * self._workers)
        async with tasks_together() as tasks:
            for _number in range(self._workers):
                tasks.create_task(self._look_up(queue))
            await self._feed(verdicts, queue)
        self._flush()
        self._merge_contested()
        self._say_removed()
        if self._since is not None:
            self._reject_against_skipped()
            self._plan.forget_desired()

    async def _feed(
        self, verdicts: Iterable[Verdict], queue: asyncio.Queue[Desired | None]
    ) -> None:
        for desired in self._to_look_up(verdicts):
            if desired is not None:
                await queue.put(desired)
            if queue.empty():
                await asyncio.sleep(0)  # a sheet of bad rows alone must not starve the loop
        for _number in range(self._workers):
            await queue.put(None)

    def _to_look_up(self, verdicts: Iterable[Verdict]) -> Iterator[Desired | None]:
        """What is to be looked up; None, now and then, where there was nothing for a while."""
        waiting: list[Desired] = []
        for verdict in verdicts:
            if verdict.findings:
                self._removed.said(verdict.findings)
            if verdict.desired is None:
                self._take(_rejected(verdict))
                yield None
            elif self._since is None:
                yield verdict.desired
            else:
                waiting.append(verdict.desired)
                if len(waiting) == BATCH:
                    yield from self._not_skipped(waiting)
                    waiting = []
        yield from self._not_skipped(waiting)

    def _not_skipped(self, rows: list[Desired]) -> Iterator[Desired | None]:
        """Those of ``rows`` that ask for something else than what was last applied."""
        if self._since is None or not rows:
            return
        identities = {row.row: self._identity(row) for row in rows}
        meant = self._since.memory.contacts(identities.values())
        records = self._since.memory.records(set(meant.values()))
        for row in rows:
            uuid = meant.get(identities[row.row], "")
            known = records.get(uuid, {})
            left = self._since.left(row, known)
            if left.whole or (uuid and row.asks_nothing):
                record = skipped(row, uuid, left)
                self._take(replace(record, identity=identities[row.row], desired=row))
                self._on_findings(row.row, self._judging.held(left, known))
                yield None
            else:
                yield row

    def _identity(self, desired: Desired) -> str:
        return key_identity(desired.keys, self._finder.channel)

    def _take(self, record: RowRecord) -> None:
        self._batch.rows.append(record)
        self._advance()

    async def _look_up(self, queue: asyncio.Queue[Desired | None]) -> None:
        while (desired := await queue.get()) is not None:
            try:
                await self._plan_row(desired)
                self._unreadable.was_read()
            except AccountUnreachable as error:
                self._unreadable.leave_out(error)
                self._batch.rows.append(_unreadable_row(desired, error))
            self._advance()

    async def _plan_row(self, desired: Desired) -> None:
        match await self._finder.find(desired.keys):
            case Found() as found:
                contact = await self._with_bot(desired, found.contact)
                self._on_findings(desired.row, phone_findings(desired.keys, contact))
                self._batch.found.append((desired, replace(found, contact=contact)))
            case NotFound() as missing:
                self._batch.rows.append(_missing_row(desired, missing))
            case KeyConflict() as conflict:
                self._on_findings(desired.row, (key_finding(desired.keys, conflict),))
                self._batch.rows.append(_conflicting_row(desired, conflict))

    async def _with_bot(self, desired: Desired, contact: Contact) -> Contact:
        if not any(wish.field == BOT_STATUS for wish in (*desired.wishes, *desired.was)):
            return contact
        return replace(contact, bot_status=await self._account.get_bot(contact.uuid))

    def _advance(self) -> None:
        self._on_row()
        if len(self._batch) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, _Batch()
        uuids = list({found.contact.uuid for _desired, found in batch.found})
        seqs = self._plan.changes_of(uuids) if uuids else {}
        records = self._since.memory.records(uuids) if self._since and uuids else {}
        changes: list[PlannedChange] = []
        for desired, found in batch.found:
            known = records.get(found.contact.uuid, {})
            record, change = self._planned(desired, found, known, seqs)
            batch.rows.append(record)
            if change is not None:
                changes.append(change)
        self._plan.add(batch.rows, changes)

    def _planned(
        self, desired: Desired, found: Found, known: AppliedFields, seqs: dict[str, int]
    ) -> tuple[RowRecord, PlannedChange | None]:
        """A row in the plan, and the change of its contact where it is the first to ask for one.
        ``known`` is what was last applied to the contact, ``seqs`` the changes so far by uuid."""
        self._removed.add(desired, found.contact)
        judged = self._judging.judge(
            desired, found.contact, rows=(desired.row,), read_at=found.read_at, records=known
        )
        self._on_findings(desired.row, self._judging.held(judged.left, known))
        record, is_first = self._planned_row(desired, judged, seqs)
        return record, (desired.row, judged.state, judged.change) if is_first else None

    def _planned_row(
        self, desired: Desired, judged: Judged, seqs: dict[str, int]
    ) -> tuple[RowRecord, bool]:
        """The row in the plan, and whether it is the first of its contact; it is then added to
        ``seqs``."""
        identity, uuid = self._identity(desired), judged.change.uuid
        if judged.left.whole:
            record = skipped(desired, uuid, judged.left)
            return replace(record, identity=identity, desired=desired), False
        is_first = uuid not in seqs
        seq = seqs.setdefault(uuid, desired.row)
        record = replace(
            said(judged),
            row=desired.row,
            key=desired.keys.shown,
            change_seq=seq,
            identity=identity,
            # With since, the change of the first row lacks what was left alone of it.
            desired=None if is_first and self._since is None else desired,
        )
        return record, is_first

    def _say_removed(self) -> None:
        """Contacts that were not read since the last run may bear what the others don't."""
        for row, finding in self._removed.findings() if self._since is None else ():
            self._on_findings(row, (finding,))

    # -- several rows, one contact -------------------------------------------------------

    def _merge_contested(self) -> None:
        whole = self._since is not None
        for stored, others in self._plan.contested(whole=whole):
            first = [] if whole else [_desired_again(stored)]
            asked = sorted([*first, *others], key=lambda each: each.row)
            merged = merge(asked)
            if isinstance(merged, RowConflict):
                self._reject(stored.seq, asked, merged)
            else:
                self._merge(stored, merged, [each.row for each in asked])

    def _merge(self, stored: StoredChange, merged: Merged, rows: list[int]) -> None:
        before, read_at = stored.change.before, stored.change.read_at
        known = self._since.memory.records([before.uuid]) if self._since else {}
        asked = Desired(
            row=stored.seq,
            keys=merged.keys,
            wishes=merged.wishes,
            tags=merged.tags,
            was=merged.was,
        )
        judged = self._judging.judge(
            asked, before, rows=rows, read_at=read_at, records=known.get(before.uuid, {})
        )
        if judged.left.whole:
            record = skipped(asked, before.uuid, judged.left)
            self._plan.reject_rows(stored.seq, record)
        else:
            # What was said of one row alone no longer holds: one that kept a value, say, now sends.
            self._plan.merge_rows(stored.seq, judged.state, judged.change, said=said(judged))

    def _reject_against_skipped(self) -> None:
        """A row that is skipped may disagree with another one about the same contact, by another
        key: then the sheet says two things, and neither is sent."""
        for seq, asked in self._plan.beside_skipped():
            merged = merge(asked)
            if isinstance(merged, RowConflict):
                self._reject(seq, asked, merged)

    def _reject(self, seq: int, asked: list[Desired], conflict: RowConflict) -> None:
        finding = duplicate(asked, conflict, None)
        record = RowRecord(
            row=seq,
            key="",
            status=RowStatus.DUPLICATE,
            code=finding.code,
            message=finding.message,
            hint=finding.hint,
        )
        self._plan.reject_rows(seq, record)
        for each in asked:
            self._on_findings(each.row, (finding,))


def _rejected(verdict: Verdict) -> RowRecord:
    result = rejected_row(verdict)
    return RowRecord(
        row=result.row,
        key=result.key,
        uuid=result.uuid,
        status=result.status,
        code=result.code,
        message=result.message,
        hint=result.hint,
    )


def _unreadable_row(desired: Desired, error: AccountUnreachable) -> RowRecord:
    keys = desired.keys
    return unreadable_row(row=desired.row, key=keys.shown, uuid=keys.uuid, error=error)


def _missing_row(desired: Desired, missing: NotFound) -> RowRecord:
    return RowRecord(
        row=desired.row,
        key=desired.keys.shown,
        status=RowStatus.NOT_FOUND,
        code=missing.code,
        message=missing.message,
        hint=missing.hint,
    )


def _conflicting_row(desired: Desired, conflict: KeyConflict) -> RowRecord:
    return RowRecord(
        row=desired.row,
        key=desired.keys.shown,
        status=RowStatus.INVALID,
        code=conflict.code,
        message=conflict.message,
        hint=conflict.hint,
    )


def _desired_again(stored: StoredChange) -> Desired:
    """What the first row of a contact asked for, from its change."""
    change = stored.change
    return Desired(
        row=stored.seq,
        keys=Keys(shown=change.uuid),
        wishes=change.wishes,
        tags=change.tags,
        was=change.was,
    )
