"""Rows into the plan: look each contact up, compare, and put the result in the journal.

Look-ups run side by side; what they give goes into the journal in batches, so that memory does
not grow with the sheet. Several rows may ask for one contact, by the same key or by different
ones; that only shows once all are looked up, so those rows are merged at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from bulk_update.account.lookup import Conflict as KeyConflict
from bulk_update.account.lookup import ContactFinder, Found, NotFound
from bulk_update.errors import AccountUnreachable
from bulk_update.journal.records import RowRecord, StoredChange
from bulk_update.language import _
from bulk_update.model import (
    Change,
    ChangeState,
    Contact,
    Desired,
    FieldName,
    Keys,
    RowStatus,
    Verdict,
)
from bulk_update.planning.diff import Difference, plan_change, was_differs
from bulk_update.validation.merging import Conflict as RowConflict
from bulk_update.validation.merging import merge
from bulk_update.validation.rejected import rejected_row

if TYPE_CHECKING:
    from bulk_update.journal.plan import PlanPart

BATCH: Final = 500
MOST_UNREAD: Final = 20  # in a row: then it is not this or that contact
BOT_STATUS: Final = FieldName("bot_status")


class AccountReader(Protocol):
    """What is asked of the account beside its contacts."""

    async def me(self) -> object:
        """Whose token it is. Raises AccountUnreachable when the account is gone."""

    async def get_bot(self, uuid: str) -> str | None:
        """``bot_start`` or ``bot_end``; None where it can't be told."""


@dataclass(slots=True)
class _Batch:
    """What was looked up and waits to go into the journal."""

    rows: list[RowRecord] = field(default_factory=list)
    found: list[tuple[Desired, Difference, ChangeState]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.found)


class Planner:
    """Plans the rows of one run."""

    def __init__(
        self,
        finder: ContactFinder,
        account: AccountReader,
        plan: PlanPart,
        *,
        workers: int,
        on_row: Callable[[], None],
    ) -> None:
        self._finder = finder
        self._account = account
        self._unread = 0
        self._plan = plan
        self._workers = workers
        self._on_row = on_row
        self._batch = _Batch()

    async def plan(self, verdicts: Iterable[Verdict]) -> None:
        """Put every row into the plan. Raises what the account's client raises; the plan is
        then not whole, and to be discarded."""
        queue: asyncio.Queue[Desired | None] = asyncio.Queue(maxsize=2 * self._workers)
        try:
            async with asyncio.TaskGroup() as group:
                for _number in range(self._workers):
                    group.create_task(self._look_up(queue))
                await self._feed(verdicts, queue)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        self._flush()
        self._merge_contested()

    async def _feed(
        self, verdicts: Iterable[Verdict], queue: asyncio.Queue[Desired | None]
    ) -> None:
        for verdict in verdicts:
            if verdict.desired is None:
                self._batch.rows.append(_rejected(verdict))
                self._advance()
            else:
                await queue.put(verdict.desired)
            if queue.empty():
                await asyncio.sleep(0)  # a sheet of bad rows alone must not starve the loop
        for _number in range(self._workers):
            await queue.put(None)

    async def _look_up(self, queue: asyncio.Queue[Desired | None]) -> None:
        while (desired := await queue.get()) is not None:
            try:
                await self._plan_row(desired)
                self._unread = 0
            except AccountUnreachable as error:
                await self._leave_out(desired, error)
            self._advance()

    async def _plan_row(self, desired: Desired) -> None:
        match await self._finder.find(desired.keys):
            case Found(contact=contact, read_at=read_at):
                contact = await self._with_bot(desired, contact)
                self._batch.found.append(_compared(desired, contact, read_at))
            case NotFound() as missing:
                self._batch.rows.append(_missing_row(desired, missing))
            case KeyConflict() as conflict:
                self._batch.rows.append(_conflicting_row(desired, conflict))

    async def _leave_out(self, desired: Desired, error: AccountUnreachable) -> None:
        """One contact that can't be read must not keep all others from being planned; an
        account that can't be reached, or shows nobody, ends the plan."""
        self._unread += 1
        if self._unread >= MOST_UNREAD:
            raise error
        await self._account.me()
        self._batch.rows.append(_unreadable_row(desired, error))

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
        uuids = list({difference.change.uuid for _d, difference, _s in batch.found})
        seqs = self._plan.changes_of(uuids) if uuids else {}
        changes: list[tuple[int, ChangeState, Change]] = []
        for desired, difference, state in batch.found:
            uuid = difference.change.uuid
            first = uuid not in seqs
            if first:
                seqs[uuid] = desired.row
                changes.append((desired.row, state, difference.change))
            batch.rows.append(_planned_row(desired, difference, state, seq=seqs[uuid], first=first))
        self._plan.add(batch.rows, changes)

    def _merge_contested(self) -> None:
        for stored, others in self._plan.contested():
            asked = sorted([_desired_again(stored), *others], key=lambda each: each.row)
            merged = merge(asked)
            if isinstance(merged, RowConflict):
                self._plan.reject_rows(
                    stored.seq,
                    code="duplicate",
                    message=_disagreement(asked, merged),
                    hint=_("Keep one of the rows, or make them agree."),
                )
                continue
            before, read_at = stored.change.before, stored.change.read_at
            rows = [each.row for each in asked]
            difference = plan_change(merged, before, rows=rows, read_at=read_at)
            self._plan.merge_rows(stored.seq, _state(difference, before), difference.change)


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


def _compared(
    desired: Desired, contact: Contact, read_at: datetime
) -> tuple[Desired, Difference, ChangeState]:
    difference = plan_change(desired, contact, rows=(desired.row,), read_at=read_at)
    return desired, difference, _state(difference, contact)


def _state(difference: Difference, contact: Contact) -> ChangeState:
    if not difference.change.fields:
        return ChangeState.UNCHANGED
    if was_differs(difference.change.was, contact):
        return ChangeState.DRIFTED
    return ChangeState.PLANNED


def _planned_row(
    desired: Desired, difference: Difference, state: ChangeState, *, seq: int, first: bool
) -> RowRecord:
    code, message = _remark(difference, state)
    return RowRecord(
        row=desired.row,
        key=desired.keys.shown,
        uuid=difference.change.uuid,
        status=RowStatus(state),
        code=code,
        message=message,
        change_seq=seq,
        desired=None if first else desired,
    )


def _remark(difference: Difference, state: ChangeState) -> tuple[str, str]:
    if state is ChangeState.DRIFTED:
        fields = was_differs(difference.change.was, difference.change.before)
        return "was_differs", _("no longer as the sheet says it was: {fields}").format(
            fields=", ".join(fields)
        )
    if difference.kept:
        return "kept_by_policy", _("the mapping keeps the value of {fields}").format(
            fields=", ".join(difference.kept)
        )
    return "", ""


def _unreadable_row(desired: Desired, error: AccountUnreachable) -> RowRecord:
    return RowRecord(
        row=desired.row,
        key=desired.keys.shown,
        uuid=desired.keys.uuid,
        status=RowStatus.FAILED,
        code="unreadable",
        message=_("the contact can't be read: {words}").format(words=error.message),
        hint=_("Try it again later; if it stays so, look at the contact in Callbell."),
    )


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


def _disagreement(asked: list[Desired], conflict: RowConflict) -> str:
    return _("rows {rows} mean one contact and disagree about {fields}").format(
        rows=", ".join(str(each.row) for each in asked),
        fields=", ".join(each.field for each in conflict.fields),
    )
