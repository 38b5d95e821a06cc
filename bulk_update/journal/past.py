"""What a run that is over did, contact by contact: what undoing it begins with."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, Select, exists, func, or_, select

from bulk_update.journal import codec
from bulk_update.journal.records import PastChange, PastContact, PastRow
from bulk_update.journal.sending import PAGE
from bulk_update.journal.tables import attempt, change, parse_time, run, sheet_row
from bulk_update.model import ChangeState

if TYPE_CHECKING:
    from bulk_update.journal.database import Database

_MAY_HAVE_TAKEN: Final = (ChangeState.UPDATED, ChangeState.MISMATCH, ChangeState.UNKNOWN)
_SENT: Final = exists().where(
    attempt.c.run_id == change.c.run_id,
    attempt.c.seq == change.c.seq,
    or_(attempt.c.outcome.is_(None), attempt.c.outcome.in_(_MAY_HAVE_TAKEN)),
)
_OF_A_CHANGE: Final = (
    run.c.name,
    change.c.document,
    change.c.state,
    change.c.seen,
    change.c.at,
    _SENT.label("sent"),
)
_CONTACT: Final = func.coalesce(sheet_row.c.change_seq, sheet_row.c.row)

Rows = tuple[int, int]
"""The first and the last sheet row of a range."""


class PastPart:
    """What one run did to its contacts, and what later runs did to them."""

    def __init__(self, database: Database, run_id: int) -> None:
        self._database = database
        self._id = run_id

    def bounds(self) -> Rows | None:
        """The first and the last sheet row of the run; None where it has none."""
        wanted = select(func.min(sheet_row.c.row), func.max(sheet_row.c.row)).where(
            sheet_row.c.run_id == self._id
        )
        with self._database.reading() as connection:
            first, last = connection.execute(wanted).one()
        return None if first is None else (first, last)

    def contacts(self, rows: Rows | None = None) -> Generator[PastContact, None, None]:
        """Every row of the run, or those of a range, by contact, in the order of their first
        rows. A stream, to be closed: what is written meanwhile is not in it."""
        wanted = _with_changes(self._id)
        if rows is not None:
            wanted = wanted.where(sheet_row.c.row.between(*rows))
        with self._database.reading() as connection:
            streamed = connection.execution_options(yield_per=PAGE).execute(wanted)
            for _first, together in groupby(streamed, key=attrgetter("contact")):
                yield _past_contact(list(together))

    def later(self, uuids: Sequence[str]) -> dict[str, list[PastChange]]:
        """What runs of the account that came after this one did to these contacts, the oldest
        first."""
        account = select(run.c.account_key).where(run.c.id == self._id).scalar_subquery()
        runs = select(run.c.id).where(run.c.account_key == account, run.c.id > self._id)
        wanted = (
            select(change.c.uuid, *_OF_A_CHANGE)
            .join(run, run.c.id == change.c.run_id)
            .where(change.c.run_id.in_(runs), change.c.uuid.in_(uuids))
            .order_by(change.c.run_id)
        )
        found: dict[str, list[PastChange]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(wanted):
                found.setdefault(row.uuid, []).append(_past_change(row))
        return found


def _with_changes(run_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            _CONTACT.label("contact"),
            sheet_row.c.row.label("sheet_row"),
            sheet_row.c.key,
            sheet_row.c.uuid,
            *_OF_A_CHANGE,
        )
        .select_from(sheet_row)
        .join(run, run.c.id == sheet_row.c.run_id)
        .join(
            change,
            (change.c.run_id == sheet_row.c.run_id) & (change.c.seq == sheet_row.c.change_seq),
            isouter=True,
        )
        .where(sheet_row.c.run_id == run_id)
        .order_by(_CONTACT, sheet_row.c.row)
    )


def _past_contact(together: list[Row[tuple[object, ...]]]) -> PastContact:
    first = together[0]
    return PastContact(
        rows=tuple(PastRow(row=each.sheet_row, key=each.key, uuid=each.uuid) for each in together),
        past=None if first.document is None else _past_change(first),
    )


def _past_change(row: Row[tuple[object, ...]]) -> PastChange:
    return PastChange(
        run=row.name,
        change=codec.decode_change(row.document),
        state=ChangeState(row.state),
        sent=bool(row.sent),
        seen=None if row.seen is None else codec.decode_contact(row.seen),
        at=parse_time(row.at),
    )
