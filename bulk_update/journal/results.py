"""What became of a run, read from its journal: the reports know nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Row, Select, func, select

from bulk_update.journal import codec
from bulk_update.journal.database import Database
from bulk_update.journal.records import StoredChange
from bulk_update.journal.sending import PAGE, stored_change
from bulk_update.journal.tables import change, parse_time, sheet_row
from bulk_update.model import ChangeResult, ChangeState, FieldName, RowResult, RowStatus

Rows = Select[*tuple[Any, ...]]
"""A query for rows of any width."""

_SAID_WITH_THE_PLAN: Final = frozenset({RowStatus.DRIFTED, RowStatus.FAILED})
_GOES_WELL: Final = frozenset({ChangeState.PLANNED, ChangeState.UPDATED, ChangeState.UNCHANGED})
_ROW_COLUMNS: Final = ("row", "key", "uuid", "status", "code", "message", "hint")


class ResultsPart:
    """The results of one run. ``ended``: what still waits to be sent never was."""

    def __init__(self, database: Database, run_id: int, *, ended: bool) -> None:
        self._database = database
        self._id = run_id
        self._ended = ended

    def row_counts(self) -> dict[RowStatus, int]:
        """How many rows became what."""
        joined = _of_rows(select(sheet_row.c.status, change.c.state, func.count()), self._id)
        grouped = joined.group_by(sheet_row.c.status, change.c.state)
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
        wanted = _of_rows(
            select(
                *(sheet_row.c[name].label(f"row_{name}") for name in _ROW_COLUMNS),
                change.c.state,
                change.c.document,
                change.c.attempts,
                change.c.code,
                change.c.message,
                change.c.http_status,
                change.c.at,
            ),
            self._id,
        ).order_by(sheet_row.c.row)
        for row in self._stream(wanted):
            yield self._row_result(row)

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
            yield from streaming.execute(wanted)

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
        document = codec.decode_change(row.document)
        code, message = _code_and_message(row)
        return RowResult(
            row=row.row_row,
            key=row.row_key,
            uuid=row.row_uuid,
            status=status,
            changed=tuple(each.field for each in document.fields),
            code=code,
            message=message,
            hint=row.row_hint,
            http_status=row.http_status,
            attempts=row.attempts,
            at=parse_time(row.at),
        )

    def _change_results(self, row: Row[tuple[object, ...]]) -> Iterator[ChangeResult]:
        document = codec.decode_change(row.document)
        status = self._row_status(RowStatus.PLANNED, row.state)
        for each in document.fields:
            yield ChangeResult(
                row=row.seq,
                key=row.key,
                uuid=row.uuid,
                name=document.before.name,
                field=FieldName(each.field),
                old=each.old,
                new=each.new,
                status=status,
                at=parse_time(row.at),
            )


def _code_and_message(row: Row[tuple[object, ...]]) -> tuple[str, str]:
    """How the change of a row ended, and what the plan said of the row, where that still holds."""
    if row.row_status not in _SAID_WITH_THE_PLAN:
        return row.code or row.row_code, row.message or row.row_message
    code = row.row_code if row.state in _GOES_WELL else row.code or row.row_code
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
