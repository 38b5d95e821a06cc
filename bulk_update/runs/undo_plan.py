"""The plan of an undo: every contact that a run changed is read again, and what can be put back
is planned like any other change.

Codes it gives rows: ``not_changed`` (the run did nothing to this contact, or nothing that was
asked for), ``already_back``, ``changed_since`` and ``later_run`` (left alone), ``cannot_put_back``,
``no_contact``, ``unreadable`` (this one contact can't be read).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bulk_update.account.parsing import same_uuid
from bulk_update.account.tasks import tasks_together
from bulk_update.applying.sender import LINGER, STALE
from bulk_update.errors import AccountUnreachable
from bulk_update.journal.records import PastChange, PastContact, PastRow, RowRecord
from bulk_update.language import _
from bulk_update.model import (
    Change,
    ChangeState,
    Contact,
    FieldName,
    FindingGroup,
    RowStatus,
    Target,
)
from bulk_update.planning import plan_change
from bulk_update.planning.undoing import (
    BOT_STATUS,
    Footprint,
    PutBack,
    Why,
    findings,
    footprint,
    put_back,
    row_remark,
    seems_back,
)
from bulk_update.planning.unreadable import MOST_UNREAD, UnreadCount, unreadable_row
from bulk_update.validation import FindingCollector

if TYPE_CHECKING:
    from bulk_update.account.client import CallbellClient
    from bulk_update.journal import RunJournal

BATCH: Final = 500
"""Rows that go into the journal at once."""

_UNSETTLED: Final = frozenset({ChangeState.SENDING, ChangeState.UNKNOWN})

_STALE: Final = timedelta(seconds=STALE)

_Planned = tuple[int, ChangeState, Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A contact that may have to be put back: its rows, and what the run did to it."""

    rows: tuple[PastRow, ...]
    past: PastChange
    done: Footprint

    @property
    def uuid(self) -> str:
        return self.past.change.uuid


@dataclass(slots=True)
class _Batch:
    """What waits to go into the journal."""

    rows: list[RowRecord] = field(default_factory=list)
    changes: list[_Planned] = field(default_factory=list)


class UndoPlanner:
    """Plans ``undoing``, a new run, from what ``undone`` did.

    ``targets`` are the only ones that go back, all where there are none. ``linger`` is how many
    seconds a request without an answer may still be carried out: its contact is read after that.
    What seems to be back a moment after it was changed is read once more. A contact that can't be
    read is left out, and said; ``most_unread`` of them in a row end the plan.
    """

    def __init__(  # noqa: PLR0913 - all by name
        self,
        client: CallbellClient,
        *,
        undone: RunJournal,
        undoing: RunJournal,
        targets: Sequence[Target],
        workers: int,
        on_row: Callable[[int], None],
        linger: float = LINGER,
        most_unread: int = MOST_UNREAD,
    ) -> None:
        self._client = client
        self._undone = undone
        self._undoing = undoing
        self._targets = targets
        self._workers = workers
        self._on_row = on_row
        self._linger = timedelta(seconds=linger)
        self._collector = FindingCollector()
        self._unreadable = UnreadCount(most_unread)
        self._batch = _Batch()
        self.touched: set[FieldName] = set()

    async def plan(self, contacts: Iterable[PastContact]) -> None:
        """Put every row into the plan. Raises what the account's client raises; the plan is
        then not whole, and to be discarded."""
        queue: asyncio.Queue[_Task | None] = asyncio.Queue(maxsize=2 * self._workers)
        async with tasks_together() as tasks:
            for _number in range(self._workers):
                tasks.create_task(self._read(queue))
            await self._feed(contacts, queue)
        self._flush()

    def findings(self) -> tuple[FindingGroup, ...]:
        """What does not go back, and why, by field."""
        groups = self._collector.groups()
        return tuple(replace(each, rows=tuple(sorted(each.rows))) for each in groups)

    # -- reading -----------------------------------------------------------------------

    async def _feed(
        self, contacts: Iterable[PastContact], queue: asyncio.Queue[_Task | None]
    ) -> None:
        for contact in contacts:
            done = self._asked_of(contact.past)
            if contact.past is None or not done.touched:
                self._take([_not_changed(row) for row in contact.rows])
            else:
                await queue.put(_Task(rows=contact.rows, past=contact.past, done=done))
            if queue.empty():
                await asyncio.sleep(0)  # rows without a change must not starve the loop
        for _number in range(self._workers):
            await queue.put(None)

    def _asked_of(self, past: PastChange | None) -> Footprint:
        """What the run did to a contact, as far as it is to go back."""
        if past is None:
            return Footprint()
        done = footprint(past, self._client.field_types)
        self.touched.update(done.touched)
        return done.only(self._targets)

    async def _read(self, queue: asyncio.Queue[_Task | None]) -> None:
        while (task := await queue.get()) is not None:
            try:
                contact = await self._settled(task)
            except AccountUnreachable as error:
                self._unreadable.leave_out(error)
                self._take([_unreadable(row, error) for row in task.rows])
                continue
            self._unreadable.was_read()
            if contact is None:
                self._take([_gone(row) for row in task.rows])
            else:
                self._compare(task, contact)

    async def _settled(self, task: _Task) -> Contact | None:
        """The contact, read when nothing of the run can come after, or be still unseen."""
        if task.past.state in _UNSETTLED:
            await _wait_until(task.past.at, self._linger)
        contact = await self._contact(task)
        if contact is None or not seems_back(task.done, contact):
            return contact
        waited = await _wait_until(task.past.at, _STALE)
        return await self._contact(task) if waited else contact

    async def _contact(self, task: _Task) -> Contact | None:
        contact = await self._client.get_contact(task.uuid)
        if contact is None or not same_uuid(contact.uuid, task.uuid):
            return None
        if BOT_STATUS not in task.done.touched:
            return contact
        return replace(contact, bot_status=await self._client.get_bot(task.uuid))

    # -- planning ----------------------------------------------------------------------

    def _compare(self, task: _Task, contact: Contact) -> None:
        back = put_back(task.done, contact)
        if any(each.why is Why.CHANGED_SINCE for each in back.remarks):
            later = self._undone.past.later([task.uuid])
            back = put_back(task.done, contact, later.get(task.uuid, ()))
        rows = [each.row for each in task.rows]
        now = datetime.now(UTC)
        change = plan_change(back, contact, rows=rows, read_at=now).change
        self._collect(rows, back)
        records = [_record(row, rows[0], back, change) for row in task.rows]
        self._take(records, [(rows[0], _state(back, change), change)])

    def _collect(self, rows: Sequence[int], back: PutBack) -> None:
        found = findings(back.remarks)
        for row in rows:
            self._collector.add(row, found)

    def _take(self, rows: list[RowRecord], changes: Sequence[_Planned] = ()) -> None:
        self._batch.rows.extend(rows)
        self._batch.changes.extend(changes)
        self._on_row(len(rows))
        if len(self._batch.rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, _Batch()
        self._undoing.plan.add(batch.rows, batch.changes)


async def _wait_until(at: datetime | None, after: timedelta) -> bool:
    """Wait until so long after ``at``; whether that was not over yet."""
    left = 0.0 if at is None else (at + after - datetime.now(UTC)).total_seconds()
    if left > 0:
        await asyncio.sleep(left)
    return left > 0


def _state(back: PutBack, change: Change) -> ChangeState:
    """A change that sends something is planned, whatever stays of the contact."""
    if change.fields:
        return ChangeState.PLANNED
    remark = row_remark(back.remarks)
    return ChangeState.UNCHANGED if remark is None else ChangeState(remark.status)


def _record(row: PastRow, seq: int, back: PutBack, change: Change) -> RowRecord:
    planned = RowRecord(
        row=row.row, key=row.key, uuid=change.uuid, status=RowStatus.PLANNED, change_seq=seq
    )
    remark = row_remark(back.remarks)
    if remark is not None:
        return replace(
            planned,
            status=remark.status,
            code=remark.code,
            message=remark.message,
            hint=remark.hint,
        )
    if change.fields:
        return planned
    message = _("it is already as it was before the run")
    return replace(planned, status=RowStatus.UNCHANGED, code="already_back", message=message)


def _not_changed(row: PastRow) -> RowRecord:
    return RowRecord(
        row=row.row,
        key=row.key,
        uuid=row.uuid,
        status=RowStatus.UNCHANGED,
        code="not_changed",
        message=_("the run left nothing here to put back"),
    )


def _unreadable(row: PastRow, error: AccountUnreachable) -> RowRecord:
    return unreadable_row(row=row.row, key=row.key, uuid=row.uuid, error=error)


def _gone(row: PastRow) -> RowRecord:
    return RowRecord(
        row=row.row,
        key=row.key,
        uuid=row.uuid,
        status=RowStatus.NOT_FOUND,
        code="no_contact",
        message=_("no contact has the uuid {key}").format(key=row.uuid),
        hint=_("It is no longer a contact of this account."),
    )
