"""What was done to one contact, over all runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select

from bulk_update.journal.database import Database
from bulk_update.journal.records import StoredChange
from bulk_update.journal.sending import stored_change
from bulk_update.journal.tables import attempt, change, run, sheet_row
from bulk_update.model import ChangeState

_IN_PHONES: Final = "+-(). /\u00a0"
_PHONE: Final = re.compile(r"[+]?[\d\s().\-/]{5,}")
_LATER: Final = change.alias("later")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One change of one contact, the run it belongs to, and the key cell of its row."""

    run: str
    key: str
    stored: StoredChange


class HistoryPart:
    """Reads across runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def contacts(self, key: str) -> list[str]:
        """The uuids of the contacts that any run meant by ``key``: the uuid itself, or a key
        cell. Phones are compared by digits, ``+`` and ``00`` being one."""
        met = select(sheet_row.c.uuid).where(sheet_row.c.uuid != "", or_(*_means(key)))
        with self._database.reading() as connection:
            return sorted(connection.execute(met.distinct()).scalars())

    def changes(self, uuid: str) -> Iterator[HistoryEntry]:
        """Every change of that contact, the oldest first; not those that changed nothing."""
        wanted = (
            select(change, run.c.name, sheet_row.c.key)
            .join(run, run.c.id == change.c.run_id)
            .join(
                sheet_row,
                (sheet_row.c.run_id == change.c.run_id) & (sheet_row.c.row == change.c.seq),
                isouter=True,
            )
            # Run by run: the index on a run's contacts finds each at once.
            .where(change.c.run_id.in_(select(run.c.id)), change.c.uuid == uuid)
            .where(change.c.state != ChangeState.UNCHANGED)
            .order_by(change.c.run_id)
        )
        with self._database.reading() as connection:
            for row in connection.execute(wanted):
                yield HistoryEntry(run=row.name, key=row.key or "", stored=stored_change(row))

    def touched_later(self, run_name: str) -> Select[tuple[str]]:
        """A query for the uuids of the contacts that runs after this one sent something to."""
        this = select(run.c.id).where(run.c.name == run_name).scalar_subquery()
        return (
            select(_LATER.c.uuid)
            .join(attempt, (attempt.c.run_id == _LATER.c.run_id) & (attempt.c.seq == _LATER.c.seq))
            .where(_LATER.c.run_id > this)
        )

    def count_touched_later(self, run_name: str, states: frozenset[ChangeState]) -> int:
        """How many contacts of a run, whose change stands in one of ``states``, a later run has
        sent something to."""
        this = select(run.c.id).where(run.c.name == run_name).scalar_subquery()
        wanted = select(func.count()).where(
            change.c.run_id == this,
            change.c.state.in_(states),
            change.c.uuid.in_(self.touched_later(run_name)),
        )
        with self._database.reading() as connection:
            return int(connection.execute(wanted).scalar_one())


def _means(key: str) -> Iterator[ColumnElement[bool]]:
    text = key.strip()
    yield sheet_row.c.uuid == text.lower()
    yield sheet_row.c.key.in_({key, text})
    if _PHONE.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        plain = digits.removeprefix("00")
        yield _digits(sheet_row.c.key).in_({plain, f"00{plain}"})


def _digits(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column without what people write into phones, in every database alike."""
    bare = column
    for char in _IN_PHONES:
        bare = func.replace(bare, char, "")
    return bare
