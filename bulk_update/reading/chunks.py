"""Rows by the hundred: what is fine in all of them costs nothing by the row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from bulk_update.model import Finding, SourceRow

CHUNK: Final = 128
"""Rows that are looked at together; more of them would fall out of the processor's cache."""

Cells = Sequence[str]


class Chunk(ABC):
    """Some rows in their order, never none. ``cells`` are those of each row, all as wide as the
    header; ``plain`` says that every cell is plain text, as all are in a text file. ``asked`` is
    for those who look at the cells, so that nobody asks again: by column, a pattern that was held
    against its cells, and the places of those that it doesn't match."""

    __slots__ = ("_columns", "asked", "cells", "plain")

    def __init__(self, cells: Sequence[Cells], *, plain: bool) -> None:
        self.cells = cells
        self.plain = plain
        self.asked: dict[int, tuple[str, list[int]]] = {}
        self._columns: list[Cells] | None = None

    @property
    def columns(self) -> list[Cells]:
        """The same cells, by the column."""
        if self._columns is None:
            self._columns = list(zip(*self.cells, strict=True))
        return self._columns

    def __len__(self) -> int:
        return len(self.cells)

    @abstractmethod
    def number(self, place: int) -> int:
        """The sheet row number of the row at ``place``, counted from 0."""

    @abstractmethod
    def source(self, place: int) -> SourceRow:
        """The row at ``place``."""

    @abstractmethod
    def sources(self) -> list[SourceRow]:
        """The rows one by one."""

    def findings(self, place: int) -> tuple[Finding, ...]:
        """The findings that the row at ``place`` has of its own."""
        del place
        return ()

    @property
    def faulty(self) -> Sequence[int]:
        """The places of the rows that have findings of their own."""
        return ()


class FineChunk(Chunk):
    """Rows that follow one another, with nothing to say of any: no object is made for a row
    before somebody asks. ``begins`` is the line that the first begins on, ``ends`` those that
    they end on."""

    __slots__ = ("_begins", "_ends", "_first")

    def __init__(
        self, cells: Sequence[Cells], *, first: int, begins: int, ends: Sequence[int]
    ) -> None:
        super().__init__(cells, plain=True)
        self._first = first
        self._begins = begins
        self._ends = ends

    def number(self, place: int) -> int:
        """The sheet row number of a row."""
        return self._first + place

    def source(self, place: int) -> SourceRow:
        """One of the rows."""
        line = self._ends[place - 1] + 1 if place else self._begins
        return SourceRow(self._first + place, tuple(self.cells[place]), line)

    def sources(self) -> list[SourceRow]:
        """The rows one by one."""
        new, numbers = tuple.__new__, range(self._first, self._first + len(self))
        lines = (self._begins, *[line + 1 for line in self._ends])
        return [
            new(SourceRow, (number, tuple(cells), line, (), ()))
            for number, cells, line in zip(numbers, self.cells, lines, strict=False)
        ]


class MixedChunk(Chunk):
    """Rows of any kind."""

    __slots__ = ("_sources",)

    def __init__(self, sources: list[SourceRow]) -> None:
        # Rows of a text file have a line, and hold nothing but plain text.
        plain = all(source.line is not None for source in sources)
        super().__init__([source.cells for source in sources], plain=plain)
        self._sources = sources

    def number(self, place: int) -> int:
        """The sheet row number of a row."""
        return self._sources[place].row

    def source(self, place: int) -> SourceRow:
        """One of the rows."""
        return self._sources[place]

    def findings(self, place: int) -> tuple[Finding, ...]:
        """The findings of a row."""
        return self._sources[place].findings

    def sources(self) -> list[SourceRow]:
        """The rows one by one."""
        return self._sources

    @property
    def faulty(self) -> Sequence[int]:
        """The places of the rows that have findings of their own."""
        return [place for place, source in enumerate(self._sources) if source.findings]


def grouped(rows: Iterable[SourceRow]) -> Iterator[Chunk]:
    """The rows, a chunk at a time."""
    each = iter(rows)
    while sources := list(islice(each, CHUNK)):
        yield MixedChunk(sources)
