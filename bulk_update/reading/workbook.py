"""Workbooks: XLSX, XLS and ODS, read by calamine, with what it loses laid over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from python_calamine import CalamineSheet

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level, SourceRow
from bulk_update.reading.calamine import (
    opened_book,
    sheet_names,
    values_of,
    values_row_by_row,
    whole_sheet,
)
from bulk_update.reading.cells import CellTexts, Value, forbidden_findings, is_filled
from bulk_update.reading.choice import choose, sheet_taken
from bulk_update.reading.header import find_header
from bulk_update.reading.ods import OdsParts
from bulk_update.reading.options import ReadOptions
from bulk_update.reading.overlay import Facts, SecondLook
from bulk_update.reading.recognise import Kind
from bulk_update.reading.rows import extra_cells, fitted
from bulk_update.reading.sheet import Sheet
from bulk_update.reading.source import Source
from bulk_update.reading.xls import XlsParts
from bulk_update.reading.xlsx import XlsxParts

_SMALL: Final = 4_000_000
"""Places for cells that are always affordable, blank ones included."""

_SPREAD: Final = 4
"""So many places for each value are affordable in a sheet of any size."""

_NEVER: Final[tuple[int, Mapping[int, str]]] = (1 << 62, {})
"""Stands for the row that comes after the last."""


class WorkbookSheet(Sheet):
    """One sheet of a workbook. Raises :class:`SheetError` where it can't be read,
    :class:`SheetQuestion` where it has to be said which sheet, or what of hidden rows."""

    def __init__(self, path: str, source: Source, options: ReadOptions, kind: Kind) -> None:
        super().__init__(path, kind.value, source, options)
        self._say_unused("encoding", "delimiter")
        self.sha256 = source.sha256()
        self._look = _second_look(source, kind)
        self.date_1904 = self._look.date_1904
        self._name, self._whole = self._open(kind)
        self.sheet_name = self._name
        self._texts = CellTexts()
        self._take_header(find_header(self._numbered(), chosen=options.header_row))
        self._ask_of_hidden_rows()
        self._found += _special(self._facts)

    def _open(self, kind: Kind) -> tuple[str, CalamineSheet | None]:
        """The sheet's name, and the sheet; without it where its cells lie so far apart that
        the blank ones between them would fill the memory."""
        book = opened_book(self._source)
        sheets = sheet_names(book)
        taken = choose(sheets, self._options.sheet, self._look.is_filled)
        self._found += sheet_taken(taken, sheets)
        self._facts = self._look.facts(taken.name)
        if _is_affordable(self._look, taken.name, self._facts):
            return taken.name, whole_sheet(self._source, book, taken.name)
        if kind is Kind.XLSX:
            return taken.name, None
        raise _too_spread(self._source)

    def _values(self) -> Iterator[Sequence[Value]]:
        if self._whole is None:
            return values_row_by_row(self._source, self._name)
        return values_of(self._whole)

    def _laid_over(self) -> Iterator[tuple[int, Mapping[int, str]]]:
        """The rows of which some cells are replaced, then one that never comes."""
        if self._facts.exceptional:
            for part in self._look.parts(self._name):
                yield from part.cells.items()
        yield _NEVER

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        """The rows as text, with their numbers, from the first."""
        self._texts = CellTexts()
        spell, over, row = self._texts.of, _joined(self._laid_over()), 0
        at, replaced = next(over)
        for row, values in enumerate(self._values(), 1):
            cells = [value if type(value) is str else spell(value) for value in values]
            if row == at:
                _lay(replaced, cells)
                at, replaced = next(over)
            yield row, cells
        while at != _NEVER[0]:  # formulas without a value are no cells for calamine
            cells = []
            _lay(replaced, cells)
            yield at, cells
            at, replaced = next(over)

    def _read(self) -> Iterator[SourceRow]:
        self._source.check_unchanged()
        width, skip = len(self.header), self._options.hidden == "skip"
        for number, cells in self._numbered():
            if number <= self.header_row or not is_filled(cells):
                continue
            if skip and number in self._facts.hidden:
                continue
            fit, extra = fitted(cells, width)
            wrong = (*extra_cells(extra), *forbidden_findings(fit, self.header))
            yield SourceRow(number, fit, None, wrong, extra)
        self._repaired = _whole_numbers(self._texts.whole - self._facts.formatted)
        self._source.check_unchanged()

    def _ask_of_hidden_rows(self) -> None:
        count = self._hidden_rows()
        if count and self._options.hidden is None:
            raise _hidden_question(self._source, count)
        if count:
            self._found.append(_hidden_rows(count, skipped=self._options.hidden == "skip"))

    def _hidden_rows(self) -> int:
        """How many filled rows below the header are hidden or left out by a filter."""
        hidden = self._facts.hidden
        if not hidden:
            return 0
        return sum(
            number > self.header_row and number in hidden and is_filled(cells)
            for number, cells in self._numbered()
        )


def _second_look(source: Source, kind: Kind) -> SecondLook:
    if kind is Kind.XLSX:
        return XlsxParts(source)
    look = XlsParts(source) if kind is Kind.XLS else OdsParts(source)
    # calamine opens all sheets of these formats at once, so none may be too large for it
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


def _hidden_question(source: Source, count: int) -> SheetQuestion:
    return SheetQuestion(
        ngettext(
            "{path}: {count} row is hidden or left out by a filter",
            "{path}: {count} rows are hidden or left out by a filter",
            count,
        ).format(path=source.shown, count=count),
        hint=_("Say whether they count: --hidden skip or --hidden include."),
        code="hidden_rows",
    )


def _hidden_rows(count: int, *, skipped: bool) -> Finding:
    if skipped:
        message = ngettext(
            "{count} hidden row was left out", "{count} hidden rows were left out", count
        )
    else:
        message = ngettext(
            "{count} hidden row was taken in", "{count} hidden rows were taken in", count
        )
    return _info("hidden_rows", message.format(count=count))


def _special(facts: Facts) -> Iterator[Finding]:
    if facts.merged:
        yield Finding(
            code="merged_cells",
            level=Level.WARNING,
            message=ngettext(
                "{count} merged range: only its first cell has the value, the others are blank",
                "{count} merged ranges: only their first cells have values, the others are blank",
                facts.merged,
            ).format(count=facts.merged),
            hint=_("Unmerge them where every row should have the value."),
        )
    if facts.formatted:
        message = ngettext(
            "{count} number was taken as its format shows it, such as 00123",
            "{count} numbers were taken as their format shows them, such as 00123",
            facts.formatted,
        )
        yield _info("number_format", message.format(count=facts.formatted))


def _whole_numbers(count: int) -> tuple[Finding, ...]:
    if count <= 0:
        return ()
    message = ngettext(
        "{count} whole number was read without the .0 of its stored form",
        "{count} whole numbers were read without the .0 of their stored form",
        count,
    )
    return (_info("number_cells", message.format(count=count)),)


def _info(code: str, message: str) -> Finding:
    return Finding(code=code, level=Level.INFO, message=message)
