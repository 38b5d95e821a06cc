"""All that the journal knows of one row of a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bulk_update.journal import codec
from bulk_update.journal.database import Database
from bulk_update.journal.records import StoredChange
from bulk_update.journal.sending import stored_change
from bulk_update.journal.tables import attempt, change, parse_time, sheet_row
from bulk_update.model import ChangeState, Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttempt:
    """One request: when it was about to be sent, when its outcome was known, and which.

    The last two are None for a request whose answer nobody saw: the run ended meanwhile.
    """

    number: int
    intent_at: datetime
    answered_at: datetime | None = None
    outcome: ChangeState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A row's change, its requests, and the contact as the last answer or reading showed it."""

    change: StoredChange
    attempts: tuple[StoredAttempt, ...] = ()
    seen: Contact | None = None


class OneRowPart:
    """Reads single rows of one run."""

    def __init__(self, database: Database, run_id: int) -> None:
        self._database = database
        self._id = run_id

    def stored(self, row: int) -> StoredRow | None:
        """The change that ``row`` asks for, by itself or with others; None where it asks none."""
        wanted = (
            select(change)
            .join(
                sheet_row,
                (sheet_row.c.run_id == change.c.run_id) & (sheet_row.c.change_seq == change.c.seq),
            )
            .where(sheet_row.c.run_id == self._id, sheet_row.c.row == row)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).first()
        if found is None:
            return None
        return StoredRow(
            change=stored_change(found),
            attempts=self._attempts(found.seq),
            seen=None if found.seen is None else codec.decode_contact(found.seen),
        )

    def bounds(self) -> tuple[int, int] | None:
        """The first and the last row of the run; None for a sheet without rows."""
        numbers = select(sheet_row.c.row).where(sheet_row.c.run_id == self._id)
        with self._database.reading() as connection:
            first = connection.execute(numbers.order_by(sheet_row.c.row).limit(1)).scalar()
            last = connection.execute(numbers.order_by(sheet_row.c.row.desc()).limit(1)).scalar()
        return None if first is None or last is None else (first, last)

    def _attempts(self, seq: int) -> tuple[StoredAttempt, ...]:
        wanted = (
            select(attempt)
            .where(attempt.c.run_id == self._id, attempt.c.seq == seq)
            .order_by(attempt.c.number)
        )
        with self._database.reading() as connection:
            return tuple(
                StoredAttempt(
                    number=each.number,
                    intent_at=datetime.fromisoformat(each.intent_at),
                    answered_at=parse_time(each.answered_at),
                    outcome=None if each.outcome is None else ChangeState(each.outcome),
                )
                for each in connection.execute(wanted)
            )
