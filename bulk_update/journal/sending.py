"""The way of a change through the journal: intent before each request, outcome after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Row, func, or_, select, update

from bulk_update.errors import StorageError
from bulk_update.journal import codec
from bulk_update.journal.batches import Values
from bulk_update.journal.database import Database
from bulk_update.journal.records import PUT_BACK, StoredChange
from bulk_update.journal.tables import attempt, change, parse_time, storable, time_text
from bulk_update.journal.writer import Write, Writer
from bulk_update.journal.writes import ANSWER, DOCUMENT, INTENT, OUTCOME
from bulk_update.language import _
from bulk_update.model import TRANSITIONS, Change, ChangeState, Outcome

PAGE: Final = 1_000
"""Rows that are read from the journal at a time."""

_LATER: Final = change.alias("later")
# Answered and planned again: a 429, no connection, or it never left.
_MAY_HAVE_TAKEN: Final = func.coalesce(attempt.c.outcome, "") != ChangeState.PLANNED


class SendingPart:
    """What is waiting to be sent, and what becomes of it."""

    def __init__(self, database: Database, writer: Writer, run_id: int) -> None:
        self._database = database
        self._writer = writer
        self._id = run_id

    def planned_changes(
        self, *, only: int | None = None, after: int = -1, limit: int = PAGE
    ) -> list[StoredChange]:
        """The next changes that wait to be sent, by seq; ``only`` asks for that one."""
        wanted = select(change).where(
            change.c.run_id == self._id, change.c.state == ChangeState.PLANNED
        )
        if only is not None:
            wanted = wanted.where(change.c.seq == only)
        wanted = wanted.where(change.c.seq > after).order_by(change.c.seq).limit(limit)
        with self._database.reading() as connection:
            return self._with_spent(connection, connection.execute(wanted))

    def unknown_changes(self) -> list[StoredChange]:
        """The changes that were sent and of which nobody knows what became."""
        wanted = select(change).where(
            change.c.run_id == self._id, change.c.state == ChangeState.UNKNOWN
        )
        with self._database.reading() as connection:
            return self._with_spent(connection, connection.execute(wanted.order_by(change.c.seq)))

    def _with_spent(
        self, connection: Connection, rows: Iterable[Row[tuple[object, ...]]]
    ) -> list[StoredChange]:
        """The changes, with the number of their attempts that may have been applied."""
        stored = [stored_change(row) for row in rows]
        tried = [each.seq for each in stored if each.attempts]
        if not tried:
            return stored
        counted = (
            select(attempt.c.seq, func.count().label("number"))
            .where(
                attempt.c.run_id == self._id,
                attempt.c.seq.in_(tried),
                _MAY_HAVE_TAKEN,
            )
            .group_by(attempt.c.seq)
        )
        spent = {row.seq: row.number for row in connection.execute(counted)}
        return [replace(each, spent=spent.get(each.seq, 0)) for each in stored]

    def leave_to_later_runs(self) -> int:
        """Give up what is planned for contacts that a later run has touched; how many."""
        later = (
            select(_LATER.c.uuid)
            .join(
                attempt,
                (attempt.c.run_id == _LATER.c.run_id) & (attempt.c.seq == _LATER.c.seq),
            )
            .where(_LATER.c.run_id > self._id)
        )
        # What put a contact back was a later run too, and is no reason to leave it.
        since = later.where(_LATER.c.uuid == change.c.uuid, attempt.c.intent_at > change.c.at)
        is_back = change.c.code == PUT_BACK
        touched = or_(~is_back & change.c.uuid.in_(later), is_back & since.exists())
        given_up = (
            update(change)
            .where(
                change.c.run_id == self._id,
                change.c.state == ChangeState.PLANNED,
                touched,
            )
            .values(
                state=ChangeState.DRIFTED,
                code="later_run",
                message=_("a later run has changed this contact"),
                at=time_text(datetime.now(UTC)),
            )
        )
        with self._database.writing() as connection:
            return connection.execute(given_up).rowcount

    def outcome_of(self, seq: int) -> tuple[StoredChange, Outcome]:
        """One change, with the evidence of the state it is in."""
        wanted = select(change).where(change.c.run_id == self._id, change.c.seq == seq)
        with self._database.reading() as connection:
            row = connection.execute(wanted).one()
            (stored,) = self._with_spent(connection, [row])
        return stored, Outcome(
            state=stored.state,
            code=row.code,
            message=row.message,
            http_status=row.http_status,
            seen=None if row.seen is None else codec.decode_contact(row.seen),
        )

    def take_back(self, seqs: Collection[int], message: str) -> None:
        """These were ``updated``, and have been put back since: they are planned again."""
        taken = (
            update(change)
            .where(
                change.c.run_id == self._id,
                change.c.seq.in_(seqs),
                change.c.state == ChangeState.UPDATED,
            )
            .values(
                state=ChangeState.PLANNED,
                code=PUT_BACK,
                message=message,
                at=time_text(datetime.now(UTC)),
            )
        )
        with self._database.writing() as connection:
            connection.execute(taken)

    def repeated_attempts(self) -> int:
        """How many attempts after the first may have been applied, over all changes."""
        counted = select(func.count(), func.count(attempt.c.seq.distinct())).where(
            attempt.c.run_id == self._id, _MAY_HAVE_TAKEN
        )
        with self._database.reading() as connection:
            attempts, changes = connection.execute(counted).one()
        return int(attempts) - int(changes)

    async def renew_lease(self) -> None:
        """A transaction for the lease's sake alone."""
        await self._writer.write()

    def seq_with_other_fields(self) -> int | None:
        """A planned change of a contact that bears custom fields beside those the change names:
        only such a contact can show whether the account merges or replaces."""
        wanted = select(change.c.seq).where(
            change.c.run_id == self._id,
            change.c.state == ChangeState.PLANNED,
            change.c.other_fields > 0,
        )
        with self._database.reading() as connection:
            return connection.execute(wanted.order_by(change.c.seq).limit(1)).scalar()

    async def begin(self, seq: int, number: int, *, change: Change | None = None) -> None:
        """Make the intent of the ``number``-th attempt durable; only then may it be sent.

        ``change`` takes the place of the planned one where re-reading the contact gave another
        before-image. Raises StorageError unless the change is ``planned`` in the journal.
        """
        intent = (self._id, seq, number, time_text(datetime.now(UTC)))
        await self._writer.write(Write(INTENT, intent), *self._re_read(seq, change))

    async def record(
        self,
        seq: int,
        before: ChangeState,
        outcome: Outcome,
        *,
        number: int = 0,
        change: Change | None = None,
    ) -> None:
        """Make an outcome durable; ``number`` is the attempt it answers, if any.

        ``change`` is as in :meth:`begin`. Raises StorageError for a transition that the table
        of transitions does not hold, or when the journal holds another state than ``before``.
        """
        if outcome.state not in TRANSITIONS.get(before, frozenset()):
            raise StorageError(
                _("no change goes from {before} to {after}").format(
                    before=before, after=outcome.state
                ),
                code="journal_state",
            )
        outcome_row = (self._id, seq, before, *_outcome_values(outcome))
        write = (
            Write(ANSWER, (*outcome_row, number))
            if before is ChangeState.SENDING
            else Write(OUTCOME, outcome_row)
        )
        await self._writer.write(write, *self._re_read(seq, change))

    def _re_read(self, seq: int, change: Change | None) -> list[Write]:
        if change is None:
            return []
        return [Write(DOCUMENT, (self._id, seq, codec.encode(change)))]


def _outcome_values(outcome: Outcome) -> Values:
    return (
        outcome.state,
        outcome.code,
        storable(outcome.message),
        outcome.http_status,
        None if outcome.seen is None else codec.encode(outcome.seen),
        time_text(datetime.now(UTC)),
    )


def stored_change(row: Row[tuple[object, ...]]) -> StoredChange:
    """A row of the table ``change`` as plain data."""
    return StoredChange(
        seq=row.seq,
        change=codec.decode_change(row.document),
        state=ChangeState(row.state),
        attempts=row.attempts,
        code=row.code,
        message=row.message,
        at=parse_time(row.at),
    )
