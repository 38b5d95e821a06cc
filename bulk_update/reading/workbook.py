"""Workbooks: XLSX, XLS and ODS; also those that this program wrote, and somebody mended."""

from __future__ import annotations

from collections.abc import Iterator

from bulk_update.errors import SheetQuestion
from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level, SourceRow
from bulk_update.reading.cells import forbidden_findings, is_blank, is_filled, visible
from bulk_update.reading.choice import choose, sheet_taken
from bulk_update.reading.chunks import Chunk, grouped
from bulk_update.reading.given_back import given_back
from bulk_update.reading.header import find_header
from bulk_update.reading.options import ReadOptions
from bulk_update.reading.overlay import Facts
from bulk_update.reading.own_files import OWN_COLUMNS
from bulk_update.reading.page import Book, Page
from bulk_update.reading.recognise import Kind
from bulk_update.reading.rows import extra_cells, fitted
from bulk_update.reading.sheet import Sheet
from bulk_update.reading.source import Source


class WorkbookSheet(Sheet):
    """One sheet of a workbook. Raises :class:`SheetError` where it can't be read,
    :class:`SheetQuestion` where it has to be said which sheet, or what of hidden rows."""

    def __init__(self, path: str, source: Source, options: ReadOptions, kind: Kind) -> None:
        super().__init__(path, kind.value, source, options)
        self._say_unused("encoding", "delimiter")
        self.sha256 = source.sha256()
        book = Book(source, kind)
        self.date_1904 = book.look.date_1904
        self._given = given_back(book, options.sheet)
        self._page = self._given.page if self._given else self._chosen(book)
        self.sheet_name = self._page.name
        self._take_header(find_header(self._page.numbered(), chosen=self._header_row()))
        if self._given:
            self._given.join(self.header_row, self.header)
            self._found += self._given.findings
            self.answers = self._given.answers
        self._ask_of_hidden_rows()
        self._found += _special(self._page.facts)
        self._found += _hidden_columns(self._hidden_names())

    def _chosen(self, book: Book) -> Page:
        taken = choose(book.sheets, self._options.sheet, book.look.is_filled)
        self._found += sheet_taken(taken, book.sheets)
        return book.page(taken.name)

    def _header_row(self) -> int | None:
        if self._options.header_row is None and self._given:
            return self._given.header_row
        return self._options.header_row

    def _chunks(self) -> Iterator[Chunk]:
        return grouped(self._read())

    def _read(self) -> Iterator[SourceRow]:
        self._source.check_unchanged()
        skip = self._options.hidden == "skip"
        mend = self._given.mended if self._given else self._plain
        for number, cells in self._page.numbered():
            if number <= self.header_row or (skip and number in self._page.facts.hidden):
                continue
            if row := mend(number, cells):
                yield row
        self._repaired = _whole_numbers(self._page.texts.whole - self._page.facts.formatted)
        self._source.check_unchanged()

    def _plain(self, number: int, cells: list[str]) -> SourceRow | None:
        if not is_filled(cells):
            return None
        fit, extra = fitted(cells, len(self.header))
        wrong = (*extra_cells(extra), *forbidden_findings(fit, self.header))
        return SourceRow(number, fit, None, wrong, extra)

    def _ask_of_hidden_rows(self) -> None:
        count = self._hidden_rows()
        if count and self._options.hidden is None:
            raise _hidden_question(self._source, count)
        if count:
            self._found.append(_hidden_rows(count, skipped=self._options.hidden == "skip"))
        elif self._page.facts.filtered and not self._page.facts.hidden:
            self._ask_of_filter()

    def _ask_of_filter(self) -> None:
        """A filter that leaves no row out was set by a program that hid none, or its rows were
        shown again: which rows are meant stands nowhere."""
        if self._options.hidden != "include":
            raise _filter_question(self._source)

    def _hidden_names(self) -> list[str]:
        """The names of hidden columns, but for those that we hid ourselves."""
        ranges = self._page.facts.hidden_columns
        return [
            name
            for column, name in enumerate(self.header, 1)
            if any(first <= column <= last for first, last in ranges)
            and not (is_blank(name) or name in OWN_COLUMNS)
        ]

    def _hidden_rows(self) -> int:
        """How many filled rows below the header are hidden or left out by a filter."""
        hidden = self._page.facts.hidden
        if not hidden:
            return 0
        return sum(
            number > self.header_row and number in hidden and is_filled(cells)
            for number, cells in self._page.numbered()
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


def _filter_question(source: Source) -> SheetQuestion:
    return SheetQuestion(
        _("{path}: the sheet has a filter, but no row is hidden: it was never applied").format(
            path=source.shown
        ),
        hint=_(
            "Apply it in a spreadsheet program and save the file, or say that all rows count: "
            "--hidden include."
        ),
        code="hidden_rows",
    )


def _hidden_columns(names: list[str]) -> Iterator[Finding]:
    if names:
        message = ngettext(
            "{count} hidden column is read like any other: {names}",
            "{count} hidden columns are read like any other: {names}",
            len(names),
        )
        yield Finding(
            code="hidden_columns",
            level=Level.WARNING,
            message=message.format(count=len(names), names=", ".join(map(visible, names))),
            hint=_("Leave one out with --skip 'Column'."),
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
