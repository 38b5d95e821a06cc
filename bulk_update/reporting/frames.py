"""Results, changes and findings as pandas frames, for the Python API.

Text columns have pandas' ``str`` type, in which nothing is ``NaN``; numbers that can be missing
are ``Int64``, times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from bulk_update.model import ChangeResult, FindingGroup, RowResult, Value
from bulk_update.reporting.cells import encodable, joined, value_text
from bulk_update.reporting.tables import CHANGE_COLUMNS, RESULT_COLUMNS

FINDING_COLUMNS: Final = (
    "rows",
    "count",
    "column",
    "code",
    "level",
    "value",
    "message",
    "hint",
    "proposal",
)

_TIME: Final = "datetime64[us, UTC]"
_TYPES: Final = {
    "row": "int64",
    "count": "int64",
    "http_status": "Int64",
    "attempts": "int64",
    "at": _TIME,
    "rows": "object",
}


def results_frame(results: Iterable[RowResult]) -> pd.DataFrame:
    """The columns of ``results.csv`` and ``hint``, one line a row."""
    records = (
        (
            *(result.row, result.key, result.uuid, result.status.value, joined(result.changed)),
            *(result.code, result.message, result.http_status, result.attempts, result.at),
            result.hint,
        )
        for result in results
    )
    return _frame((*RESULT_COLUMNS, "hint"), records)


def changes_frame(changes: Iterable[ChangeResult]) -> pd.DataFrame:
    """The columns of ``changes.csv``, one line a changed field; ``NaN`` where there was nothing."""
    records = (
        (
            *(change.row, change.key, change.uuid, change.name, str(change.field)),
            *(_value(change.old), _value(change.new), change.status.value, change.at),
        )
        for change in changes
    )
    return _frame(CHANGE_COLUMNS, records)


def findings_frame(groups: Iterable[FindingGroup]) -> pd.DataFrame:
    """One line a group of findings; ``rows`` is a tuple, complete up to 1,000, ``count`` always."""
    records = (
        (
            *(group.rows, group.count, group.finding.column, group.finding.code),
            *(group.finding.level.value, group.finding.value, group.finding.message),
            *(group.finding.hint, group.finding.proposal),
        )
        for group in groups
    )
    return _frame(FINDING_COLUMNS, records)


def _value(value: Value) -> str | None:
    return None if value is None else value_text(value)


def _frame(columns: tuple[str, ...], records: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """A frame with every column of its type, also when there is not one record."""
    cells: list[list[object]] = [[] for _ in columns]
    for record in records:
        for column, cell in zip(cells, record, strict=True):
            column.append(encodable(cell) if isinstance(cell, str) else cell)
    return pd.DataFrame(
        {name: _series(name, column) for name, column in zip(columns, cells, strict=True)}
    )


def _series(name: str, cells: list[object]) -> pd.Series:
    dtype = _TYPES.get(name, "str")
    if dtype == _TIME:
        return pd.Series(pd.to_datetime(pd.Series(cells, dtype="object"), utc=True), dtype=_TIME)
    return pd.Series(cells, dtype=dtype)
