"""What became of a run, read from its journal: the reports know nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from bulk_update.journal import codec
from bulk_update.journal.database import Database
from bulk_update.journal.records import ACCOUNT_REPLACES, StoredChange
from bulk_update.journal.sending import PAGE, stored_change
from bulk_update.journal.tables import change, parse_time, sheet_row
from bulk_update.language import _
from bulk_update.model import (
    PROBLEM_STATUSES,
    ChangeResult,
    ChangeState,
    FieldName,
    RowResult,
    RowStatus,
)

Rows = Select[*tuple[Any, ...]]
"""A query for rows of any width."""

_SAID_WITH_THE_PLAN: Final = frozenset({RowStatus.DRIFTED, RowStatus.FAILED})
_GOES_WELL: Final = frozenset({ChangeState.PLANNED, ChangeState.UPDATED, ChangeState.UNCHANGED})
_NAMES_FIELDS: Final = frozenset(
    {
        ChangeState.PLANNED,
        ChangeState.SENDING,
        ChangeState.UPDATED,
        ChangeState.MISMATCH,
        ChangeState.UNKNOWN,
        ChangeState.REFUSED,
        ChangeState.FAILED,
    }
)
"""Where a row names the fields that are, were or may have been changed: not where it was left as
it is, nor where its turn never came."""
_ENDED_STATE: Final = case(
    # Its first request was carried out, and fields that nobody named are gone with it: a run
    # that ends before they are back has not merely left it unsent.
    (
        (change.c.state == ChangeState.PLANNED) & (change.c.code == ACCOUNT_REPLACES),
        ChangeState.MISMATCH.value,
    ),
    else_=change.c.state,
).label("state")
_WELL: Final = frozenset(
    {
        RowStatus.VALID,
        RowStatus.PLANNED,
        RowStatus.UPDATED,
        RowStatus.UNCHANGED,
        RowStatus.SKIPPED,
        RowStatus.NOT_SENT,
    }
)
_NOT_SIMPLY_WELL: Final = case(
    (change.c.state.is_(None), sheet_row.c.status.not_in(_WELL)),
    else_=change.c.state.not_in(_GOES_WELL)
    | sheet_row.c.status.in_(_SAID_WITH_THE_PLAN)
    | (change.c.code == ACCOUNT_REPLACES),
)
"""What every row with a problem is, and hardly another."""

_ROW_COLUMNS: Final = ("row", "key", "uuid", "status", "code", "message", "hint")


class ResultsPart:
    """The results of one run. ``ended``: what still waits to be sent never was."""

    def __init__(self, database: Database, run_id: int, *, ended: bool) -> None:
        self._database = database
        self._id = run_id
        self._ended = ended
        self._state = _ENDED_STATE if ended else change.c.state

    def row_counts(self) -> dict[RowStatus, int]:
        """How many rows became what."""
        joined = _of_rows(select(sheet_row.c.status, self._state, func.count()), self._id)
        grouped = joined.group_by(sheet_row.c.status, self._state)
        counts: dict[RowStatus, int] = {}
        with self._database.reading() as connection:
            for status, state, count in connection.execute(grouped):
                became = self._row_status(RowStatus(status), state)
                counts[became] = counts.get(became, 0) + count
        return counts

    def change_states(self) -> dict[ChangeState, int]:
        """How many contacts stand in which state."""
        wanted = (
            select(change.c.state, func.count())
            .where(change.c.run_id == self._id)
            .group_by(change.c.state)
        )
        with self._database.reading() as connection:
            return {ChangeState(state): count for state, count in connection.execute(wanted)}

    def rows(self) -> Iterator[RowResult]:
        """What became of every row of the sheet, in its order."""
        for row in self._stream(_results(self._id, self._state).order_by(sheet_row.c.row)):
            yield self._row_result(row)

    def rows_that_became(self, statuses: Collection[RowStatus]) -> Iterator[RowResult]:
        """What became of those rows that became one of ``statuses``, in their order. All others
        cost nothing, or nearly: of a million, few have a problem."""
        wanted = _results(self._id, self._state)
        if _WELL.isdisjoint(statuses):
            wanted = wanted.where(_NOT_SIMPLY_WELL)
        for row in self._stream(wanted.order_by(sheet_row.c.row)):
            if self._row_status(RowStatus(row.row_status), row.state) in statuses:
                yield self._row_result(row)

    def row(self, number: int) -> RowResult | None:
        """What became of one row; None for a row that the run does not have."""
        wanted = _results(self._id, self._state).where(sheet_row.c.row == number)
        return next((self._row_result(row) for row in self._stream(wanted)), None)

    def row_numbers(self, statuses: Collection[RowStatus]) -> Iterator[int]:
        """The rows that became one of ``statuses``, in the order of the sheet."""
        wanted = _of_rows(select(sheet_row.c.row, sheet_row.c.status, self._state), self._id)
        for found in self._stream(wanted.order_by(sheet_row.c.row)):
            if self._row_status(RowStatus(found.status), found.state) in statuses:
                yield found.row

    def field_changes(self) -> Iterator[ChangeResult]:
        """Every planned or applied difference of every contact, in row order."""
        wanted = (
            select(change, sheet_row.c.key)
            .join(
                sheet_row,
                (sheet_row.c.run_id == change.c.run_id) & (sheet_row.c.row == change.c.seq),
            )
            .where(change.c.run_id == self._id, change.c.state != ChangeState.UNCHANGED)
            .order_by(change.c.seq)
        )
        for row in self._stream(wanted):
            yield from self._change_results(row)

    def changes(self) -> Iterator[StoredChange]:
        """Every change of the run, by seq."""
        wanted = select(change).where(change.c.run_id == self._id).order_by(change.c.seq)
        for row in self._stream(wanted):
            yield stored_change(row)

    def _stream(self, wanted: Rows) -> Iterator[Row[tuple[object, ...]]]:
        with self._database.reading() as connection:
            streaming = connection.execution_options(yield_per=PAGE)
            with streaming.execute(wanted) as rows:  # the reader may stop before the end
                yield from rows

    def _row_status(self, status: RowStatus, state: str | None) -> RowStatus:
        """A row of a change is what its change is; any other is what the plan said. Where the
        plan said that part of what was asked can't be, the rest going well does not mend it."""
        if state is None:
            return status
        if state == ChangeState.PLANNED and self._ended:
            return RowStatus.NOT_SENT
        if status in _SAID_WITH_THE_PLAN and state in _GOES_WELL:
            return status
        return RowStatus.UNKNOWN if state == ChangeState.SENDING else RowStatus(state)

    def _row_result(self, row: Row[tuple[object, ...]]) -> RowResult:
        status = self._row_status(RowStatus(row.row_status), row.state)
        if row.state is None:
            return RowResult(
                row=row.row_row,
                key=row.row_key,
                uuid=row.row_uuid,
                status=status,
                code=row.row_code,
                message=row.row_message,
                hint=row.row_hint,
            )
        code, message = _code_and_message(row)
        name, changed = self._name_and_fields(row, status)
        return RowResult(
            row=row.row_row,
            key=row.row_key,
            uuid=row.row_uuid,
            status=status,
            changed=changed,
            code=code,
            message=message,
            hint=row.row_hint,
            http_status=row.http_status,
            attempts=row.attempts,
            at=parse_time(row.at),
            name=name,
        )

    def _name_and_fields(
        self, row: Row[tuple[object, ...]], status: RowStatus
    ) -> tuple[str | None, tuple[FieldName, ...]]:
        """The contact's name, and the fields of the change where they say what was done or may
        have been. Where nothing happened nobody asks for either, and a million rows are read
        faster without."""
        never_sent = self._ended and row.state == ChangeState.PLANNED
        names_fields = row.state in _NAMES_FIELDS and not never_sent
        if not names_fields and status not in PROBLEM_STATUSES:
            return None, ()
        told = codec.decode_differences(row.document)
        fields = tuple(each.field for each in told.fields) if names_fields else ()
        return told.before.name, fields

    def _change_results(self, row: Row[tuple[object, ...]]) -> Iterator[ChangeResult]:
        told = codec.decode_differences(row.document)
        status = self._row_status(RowStatus.PLANNED, row.state)
        at = parse_time(row.at)
        for each in told.fields:
            yield ChangeResult(
                row=row.seq,
                key=row.key,
                uuid=row.uuid,
                name=told.before.name,
                field=each.field,
                old=each.old,
                new=each.new,
                status=status,
                at=at,
            )


def _results(run_id: int, state: ColumnElement[str]) -> Rows:
    """Every row with all that its result needs."""
    return _of_rows(
        select(
            *(sheet_row.c[name].label(f"row_{name}") for name in _ROW_COLUMNS),
            state,
            change.c.document,
            change.c.attempts,
            change.c.code,
            change.c.message,
            change.c.http_status,
            change.c.at,
        ),
        run_id,
    )


def _code_and_message(row: Row[tuple[object, ...]]) -> tuple[str, str]:
    """How the change of a row ended, and what the plan said of the row, where that still holds."""
    if row.state == ChangeState.SENDING:
        return "no_proof", _("the run ended in mid-send")
    said = "collateral" if row.code == ACCOUNT_REPLACES else row.code
    if row.row_status not in _SAID_WITH_THE_PLAN:
        return said or row.row_code, row.message or row.row_message
    code = row.row_code if row.state in _GOES_WELL else said or row.row_code
    return code, "; ".join(dict.fromkeys(filter(None, (row.row_message, row.message))))


def _of_rows(wanted: Rows, run_id: int) -> Rows:
    """``wanted`` for every row of the run, with the change of its contact where it has one."""
    return (
        wanted.select_from(sheet_row)
        .join(
            change,
            (change.c.run_id == sheet_row.c.run_id) & (change.c.seq == sheet_row.c.change_seq),
            isouter=True,
        )
        .where(sheet_row.c.run_id == run_id)
    )
