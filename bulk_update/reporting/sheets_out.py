"""What a workbook that we write is made of: sheets, columns, rows, looks, drop-downs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

CellOut = str | int | date | None
"""What a cell may hold: text, a number that is counted, a day, nothing."""


class Look(StrEnum):
    """How a cell looks. All but ``DAY`` and ``COUNT`` are formatted as text; those two are for the
    cells that are typed later, days and numbers that are written have them by themselves."""

    PLAIN = "plain"
    WRAPPED = "wrapped"
    HEADER = "header"
    OUR_HEADER = "our_header"
    OURS = "ours"
    BAD = "bad"
    DOUBT = "doubt"
    ANSWER = "answer"
    OLD = "old"
    NEW = "new"
    EXAMPLE = "example"
    DAY = "day"
    COUNT = "count"


class RowOut(NamedTuple):
    """One row: its cells, and by their place (from 0) how they look where they differ from their
    column, and what is noted at them. ``number`` is its row in the sheet, the next one if None."""

    cells: Sequence[CellOut]
    number: int | None = None
    looks: Mapping[int, Look] = {}
    notes: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class ColumnOut:
    """A column: its title, what is noted there, how its cells look. ``width`` is in characters;
    without it, that of the first rows."""

    title: str
    note: str = ""
    look: Look = Look.PLAIN
    title_look: Look = Look.HEADER
    width: float | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDown:
    """What may be chosen in a column (from 0), from row ``first`` to row ``last``. Another text
    may be typed all the same: the program says what is wrong with it."""

    column: int
    first: int
    last: int
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOut:
    """A sheet: its columns, and its rows, which are read once, as a stream, in ascending order.

    ``name`` is one that :func:`~bulk_update.reporting.workbook_text.sheet_title` gave.
    ``header_row`` is where the titles stand, ``frozen`` the number of columns that stay in view.
    ``has_notes`` must be true where a row may have one. A ``hidden`` sheet is never shown.
    ``most_rows`` must be said of a sheet that may have millions of cells.
    """

    name: str
    columns: Sequence[ColumnOut]
    rows: Iterable[RowOut] = ()
    header_row: int = 1
    frozen: int = 0
    filtered: bool = True
    has_notes: bool = False
    drop_downs: Sequence[DropDown] = ()
    hidden: bool = False
    most_rows: int = 0

    @property
    def is_noted(self) -> bool:
        """Whether there is a note anywhere in it."""
        return self.has_notes or any(column.note for column in self.columns)
