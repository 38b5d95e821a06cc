"""What the quick reader of workbooks does not tell, found by a second pass over their XML.

The second pass yields only what is exceptional, row by row, and is laid over the first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(slots=True)
class Part:
    """What a piece of a sheet's XML holds beyond plain values; rows and columns count from 1.

    ``hidden`` are rows (the first and the last of a range) that are hidden or left out by a
    filter, ``cells`` the texts that replace
    those of the first pass, by row and column, in the order of rows. ``values`` is the number of
    cells with a value, ``last_row`` and ``last_column`` bounds of where they stand, ``merged``
    the number of merged ranges, ``formatted`` how many cells were shown by their format.
    ``hidden_columns`` are ranges of columns, ``filtered`` that some filter is set. ``repeated`` is
    the number of characters that cells stand for which are written once and meant many times.
    """

    hidden: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    repeated: int = 0
    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    values: int = 0
    last_row: int = 0
    last_column: int = 0
    merged: int = 0
    formatted: int = 0

    def put(self, row: int, column: int, text: str) -> None:
        """Notes the text of one cell."""
        self.cells.setdefault(row, {})[column] = text


class RowSet:
    """A set of row numbers that come in order, kept as ranges: a million hidden rows under the
    data cost as much as one."""

    __slots__ = ("_ranges",)

    def __init__(self) -> None:
        self._ranges: list[list[int]] = []

    def add(self, first: int, last: int) -> None:
        """Adds all rows from ``first`` to ``last``."""
        if self._ranges and first <= self._ranges[-1][1] + 1:
            self._ranges[-1][1] = max(last, self._ranges[-1][1])
        else:
            self._ranges.append([first, last])

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def __contains__(self, row: int) -> bool:
        at = bisect_right(self._ranges, [row, 1 << 40]) - 1
        return at >= 0 and row <= self._ranges[at][1]


class SecondLook(Protocol):
    """What a format's second pass offers, sheet by sheet."""

    @property
    def date_1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""

    def is_filled(self, sheet: str) -> bool:
        """Whether ``sheet`` has a cell with a value; as cheap as can be."""

    def facts(self, sheet: str) -> Facts:
        """What the whole of ``sheet`` shows; asked before :meth:`parts`."""

    def parts(self, sheet: str) -> Iterator[Part]:
        """What ``sheet`` holds beyond plain values, in the order of rows."""


@dataclass(slots=True)
class Facts:
    """What the whole of a sheet's XML shows: the sum of its parts.

    ``exceptional`` says that some cell is replaced; where it is false, rows need no second pass.
    """

    hidden: RowSet = field(default_factory=RowSet)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    repeated: int = 0
    exceptional: bool = False
    values: int = 0
    last_row: int = 0
    last_column: int = 0
    merged: int = 0
    formatted: int = 0

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Facts:
        """The facts of a sheet whose parts are ``parts``, in their order."""
        facts = cls()
        for part in parts:
            facts.add(part)
        return facts

    def add(self, part: Part) -> None:
        """Adds what one part shows; parts come in their order."""
        for first, last in part.hidden:
            self.hidden.add(first, last)
        self.hidden_columns += part.hidden_columns
        self.filtered = self.filtered or part.filtered
        self.repeated += part.repeated
        self.exceptional = self.exceptional or bool(part.cells)
        self.values += part.values
        self.last_row = max(self.last_row, part.last_row)
        self.last_column = max(self.last_column, part.last_column)
        self.merged += part.merged
        self.formatted += part.formatted
