"""The CSV files of a run: their columns, their records, and their text through pandas frames.

The columns of each file are a contract with users' scripts. Rows stream: a frame holds one chunk
of them, and a chunk is bounded in rows and in characters, so that a sheet of 20,000 columns or of
cells of a megabyte needs no more memory than any other.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

import pandas as pd

from bulk_update.language import _
from bulk_update.model import (
    ChangeResult,
    DateCell,
    FormulaCell,
    RowResult,
    RowStatus,
    SourceRow,
    TargetKind,
)
from bulk_update.reading.cells import has_lost_digits
from bulk_update.reading.own_files import OWN_COLUMNS, REPORT_COLUMNS
from bulk_update.reporting.cells import guard, joined, optional, stamp, value_text
from bulk_update.reporting.following import Following
from bulk_update.reporting.report import ColumnMeaning

Record = tuple[str, ...]

RESULT_COLUMNS: Final = (
    "row",
    "key",
    "uuid",
    "status",
    "changed",
    "code",
    "message",
    "http_status",
    "attempts",
    "at",
)
CHANGE_COLUMNS: Final = ("row", "key", "uuid", "name", "field", "old", "new", "status", "at")
CHUNK_ROWS: Final = 10_000
CHUNK_CHARACTERS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the records under it, each as wide as the header; read once."""

    columns: Record
    records: Iterator[Record]


def results_table(results: Iterable[RowResult]) -> Table:
    """``results.csv``: a line for every row. ``changed`` is a list of fields, as ``joined``."""
    return Table(RESULT_COLUMNS, (_result(result) for result in in_order(results)))


def changes_table(changes: Iterable[ChangeResult]) -> Table:
    """``changes.csv``: a line for every changed field, old and new as ``value_text``."""
    return Table(CHANGE_COLUMNS, (change_record(change) for change in changes))


def errors_table(
    header: Sequence[str],
    results: Iterable[RowResult],
    sources: Iterable[SourceRow],
    problems: frozenset[RowStatus],
    *,
    meanings: Callable[[], Mapping[str, ColumnMeaning]] = dict,
) -> Table:
    """``errors.csv``: the sheet's own cells of the rows whose status is one of ``problems``.

    The five columns stand last; a sheet that bears them already (an ``errors.csv`` that was
    mended and given back) has them replaced. A row that the sheet no longer has keeps its line,
    with blank cells. Behind a row that was wrong as a row, or of which a cell that means
    something (by ``meanings``) is damaged in a way that its text does not show, stands a cell
    beyond the header, so that it is wrong again until a person has looked at it and deleted that.
    """
    kept = [place for place, name in enumerate(header) if name not in OWN_COLUMNS]
    bad = (result for result in in_order(results) if result.status in problems)
    sheet = Following(sources)
    paired = ((result, sheet.at(result.row)) for result in bad)
    meant = cache(lambda: _meant(header, meanings()))
    records = (
        (*own_cells(source, kept), *report_cells(result), *_beyond(source, meant))
        for result, source in paired
    )
    return Table((*(header[place] for place in kept), *REPORT_COLUMNS), records)


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The table as CSV: UTF-8 with BOM, comma, CRLF, every cell and header name guarded.

    Lines end in CRLF because the csv module of Python 3.11 quotes a cell with a bare CR or LF
    only when its own line end contains that character; unquoted it would break its row in two.
    """
    yield codecs.BOM_UTF8 + _csv([tuple(map(guard, table.columns))])
    for chunk in _chunks(table.records):
        yield _csv([tuple(map(guard, record)) for record in chunk])


def in_order(results: Iterable[RowResult]) -> Iterator[RowResult]:
    """The results, each row once and in ascending order; ``ValueError`` when they are not.

    The join with the sheet rests on it, and a row reported twice would be a lie.
    """
    last = -1
    for result in results:
        if result.row <= last:
            raise ValueError(f"row {result.row} comes after row {last}")
        last = result.row
        yield result


def _csv(records: list[Record]) -> bytes:
    width = max(map(len, records))
    even = [(*record, *[""] * (width - len(record))) for record in records]
    frame = pd.DataFrame(even, dtype="str")
    return frame.to_csv(index=False, header=False, lineterminator="\r\n").encode("utf-8")


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    characters = 0
    for record in records:
        chunk.append(record)
        characters += sum(map(len, record)) + len(record)
        if len(chunk) >= CHUNK_ROWS or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def own_cells(source: SourceRow | None, kept: Sequence[int]) -> list[str]:
    """The sheet's own cells of a row, blank where the sheet no longer has it."""
    return [source.cells[place] if source else "" for place in kept]


def _meant(
    header: Sequence[str], meanings: Mapping[str, ColumnMeaning]
) -> list[tuple[int, str, str]]:
    """The columns that mean something: place, name and target."""
    named = enumerate(header)
    return [(at, name, meanings[name].target) for at, name in named if name in meanings]


def _beyond(
    source: SourceRow | None, meant: Callable[[], list[tuple[int, str, str]]]
) -> tuple[str, ...]:
    """The cells beyond the header; where a row was broken otherwise, what was wrong with it."""
    if source is None or source.extra:
        return source.extra if source else ()
    if source.findings:
        return (look_and_delete(source.findings[0].message),)
    if source.line is not None:  # a text file can hide nothing in a cell
        return ()
    damaged = (name for at, name, target in meant() if _is_damaged(source.cells[at], target))
    fault = _("the cell of '{column}' is damaged, which its text does not show")
    return tuple(look_and_delete(fault.format(column=name)) for name in islice(damaged, 1))


def _is_damaged(cell: str, target: str) -> bool:
    """Whether a cell of a workbook is wrong for what it is: a formula without a value, a number
    that has lost digits, a day in the place of a phone."""
    if isinstance(cell, DateCell):
        return target == TargetKind.PHONE
    return isinstance(cell, FormulaCell) or has_lost_digits(cell)


def look_and_delete(fault: str) -> str:
    """The text of a cell beyond the header, which keeps a row wrong until it is deleted."""
    return _("{fault}: look at this row, then delete this cell").format(fault=fault)


def _result(result: RowResult) -> Record:
    return (
        str(result.row),
        result.key,
        result.uuid,
        result.status.value,
        joined(result.changed),
        result.code,
        result.message,
        optional(result.http_status),
        str(result.attempts),
        stamp(result.at),
    )


def change_record(change: ChangeResult) -> Record:
    """One line of ``changes.csv``, before it is guarded."""
    return (
        str(change.row),
        change.key,
        change.uuid,
        change.name or "",
        change.field,
        value_text(change.old),
        value_text(change.new),
        change.status.value,
        stamp(change.at),
    )


def report_cells(result: RowResult) -> Record:
    """What the five columns of ours say of a row."""
    return (str(result.row), result.status.value, result.code, result.message, result.hint)
