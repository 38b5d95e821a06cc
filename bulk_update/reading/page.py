"""One sheet of a workbook as rows of text: what calamine reads, with what it loses laid over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from python_calamine import CalamineSheet

from bulk_update.errors import SheetError
from bulk_update.language import _
from bulk_update.reading.calamine import (
    opened_book,
    sheet_names,
    values_of,
    values_row_by_row,
    whole_sheet,
)
from bulk_update.reading.cells import CellTexts, Value
from bulk_update.reading.ods import OdsParts
from bulk_update.reading.overlay import Facts, SecondLook
from bulk_update.reading.package import bomb
from bulk_update.reading.recognise import Kind
from bulk_update.reading.source import Source
from bulk_update.reading.xls import XlsParts
from bulk_update.reading.xlsx import XlsxParts

_SMALL: Final = 4_000_000
"""Places for cells that are always affordable, blank ones included."""

_SPREAD: Final = 4
"""So many places for each value are affordable in a sheet of any size."""

_MOST_REPEATED: Final = 100_000_000
"""Characters that cells may stand for which are written once and meant many times."""

_NEVER: Final[tuple[int, Mapping[int, str]]] = (1 << 62, {})
"""Stands for the row that comes after the last."""


class Book:
    """An opened workbook, of which any sheet can be read. Raises :class:`SheetError`."""

    def __init__(self, source: Source, kind: Kind) -> None:
        self._source, self._kind = source, kind
        self.look = _second_look(source, kind)  # before calamine, which it protects
        self._book = opened_book(source)
        self.sheets = sheet_names(self._book)
        self._pages: dict[str, Page] = {}

    def page(self, name: str) -> Page:
        """One sheet, opened once. Raises :class:`SheetError` where its cells lie too far apart."""
        if name not in self._pages:
            self._pages[name] = self._opened(name)
        return self._pages[name]

    def _opened(self, name: str) -> Page:
        facts = self.look.facts(name)
        if _is_affordable(self.look, name, facts):
            whole = self._whole(name)
        elif self._kind is Kind.XLSX:
            whole = None  # the blank cells in between would fill the memory
        else:
            raise _too_spread(self._source)
        return Page(self._source, self.look, name, facts, whole)

    def _whole(self, name: str) -> CalamineSheet | None:
        """The sheet, all of it; None where the quick reader gives up and the slow one may not: an
        error value that it does not know, an extent that is none."""
        try:
            return whole_sheet(self._source, self._book, name)
        except SheetError:
            if self._kind is not Kind.XLSX:
                raise
            return None


class Page:
    """The rows of one sheet; ``facts`` are what its whole XML shows."""

    def __init__(
        self,
        source: Source,
        look: SecondLook,
        name: str,
        facts: Facts,
        whole: CalamineSheet | None,
    ) -> None:
        self.name = name
        self.facts = facts
        self.texts = CellTexts()
        self._source, self._look, self._whole = source, look, whole

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """The rows as text, with their numbers, from the first. ``texts`` counts the repairs of
        the latest pass."""
        self.texts = CellTexts()
        spell, over, row = self.texts.of, _joined(self._laid_over()), 0
        at, replaced = next(over)
        for row, values in enumerate(self._values(), 1):
            cells = [value if type(value) is str else spell(value) for value in values]
            if row == at:
                _lay(replaced, cells)
                at, replaced = next(over)
            yield row, cells
        while at != _NEVER[0]:  # calamine leaves out formulas without a value
            cells = []
            _lay(replaced, cells)
            yield at, cells
            at, replaced = next(over)

    def _values(self) -> Iterator[Sequence[Value]]:
        if self._whole is None:
            return values_row_by_row(self._source, self.name)
        return values_of(self._whole)

    def _laid_over(self) -> Iterator[tuple[int, Mapping[int, str]]]:
        """The rows of which some cells are replaced, then one that never comes."""
        if self.facts.exceptional:
            for part in self._look.parts(self.name):
                yield from part.cells.items()
        yield _NEVER


def _second_look(source: Source, kind: Kind) -> SecondLook:
    if kind is Kind.XLSX:
        return XlsxParts(source)
    look = XlsParts(source) if kind is Kind.XLS else OdsParts(source)
    # calamine opens all sheets of these formats at once, so none may be too large for it
    if (copied := sum(facts.repeated for facts in look.all_facts)) > _MOST_REPEATED:
        raise bomb(source, copied)
    if not all(_fits(facts, facts.last_column) for facts in look.all_facts):
        raise _too_spread(source)
    return look


def _is_affordable(look: SecondLook, sheet: str, facts: Facts) -> bool:
    if _fits(facts, facts.last_column):
        return True
    return isinstance(look, XlsxParts) and _fits(facts, look.last_column(sheet, facts))


def _fits(facts: Facts, columns: int) -> bool:
    return facts.last_row * columns <= max(_SMALL, _SPREAD * facts.values)


def _joined(
    rows: Iterator[tuple[int, Mapping[int, str]]],
) -> Iterator[tuple[int, Mapping[int, str]]]:
    """The same with one item for each row, for a row may come in several parts."""
    at, cells = next(rows)
    for row, more in rows:
        if row != at:
            yield at, cells
            at, cells = row, more
        else:
            cells = {**cells, **more}
    yield at, cells


def _lay(replaced: Mapping[int, str], cells: list[str]) -> None:
    """Puts texts into their columns, which count from 1."""
    for column, text in replaced.items():
        if column > len(cells):
            cells.extend([""] * (column - len(cells)))
        cells[column - 1] = text


def _too_spread(source: Source) -> SheetError:
    return SheetError(
        _("{path}: the cells lie too far apart, up to millions of blank ones between them").format(
            path=source.shown
        ),
        hint=_("Delete the stray cells far below or right of the table, or save it as XLSX."),
        code="too_spread",
    )
