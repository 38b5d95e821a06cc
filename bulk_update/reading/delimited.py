"""CSV and its kin: rows of text cells, streamed, with true row and line numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final

from bulk_update.errors import SheetError
from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level, SourceRow
from bulk_update.reading.cells import forbidden_findings, is_filled
from bulk_update.reading.dialect import Dialect, find_dialect
from bulk_update.reading.encoding import Text, find_encoding
from bulk_update.reading.header import find_header
from bulk_update.reading.options import ReadOptions
from bulk_update.reading.own_files import OWN_COLUMNS
from bulk_update.reading.rows import broken_quotes, cut_off, extra_cells, fitted
from bulk_update.reading.sheet import Sheet
from bulk_update.reading.source import Source, reading

_MARK: Final = "\ufeff"

_SAMPLE: Final = 64_000
"""Characters of the file that the dialect is found by."""

_MOST_OF_A_CELL: Final = 32_000_000
"""Characters; a longer cell is a quote that never closes."""

_END_OF_FILE: Final = "\x1a"
"""How DOS programs, and their heirs, mark where a text ends."""

_SHIELDED: Final = re.compile(r'="((?:[^"]|"")*)"')
"""A text written as a formula, so that a spreadsheet program keeps its zeros."""

_GUARDED: Final = ("'=", "'@", "'\t", "'\r", "''", "'+", "'-")
"""How a cell begins that was given a ``'`` so that no spreadsheet takes it for a formula."""


class DelimitedSheet(Sheet):
    """A CSV or TSV file. Raises :class:`SheetError` where it can't be read."""

    def __init__(self, path: str, source: Source, options: ReadOptions) -> None:
        super().__init__(path, "csv", source, options)
        self._say_unused("sheet", "hidden")
        csv.field_size_limit(_MOST_OF_A_CELL)
        self._text: Text = find_encoding(source, chosen=options.encoding)
        self._dialect: Dialect = find_dialect(self._sample(), chosen=options.delimiter)
        self._found += [*self._text.findings, *self._dialect.findings]
        self.sha256 = source.sha256()
        self.encoding = self._text.encoding
        self.delimiter = self._dialect.delimiter
        self._shielded = 0
        self._take_header(find_header(self._numbered(), chosen=options.header_row))
        self._own = not OWN_COLUMNS.isdisjoint(self.header)
        if self._own:
            self.header = tuple(map(unguarded, self.header))
            self._found.append(_guards_removed())

    @contextmanager
    def _records(self) -> Iterator[_Records]:
        """The file's records from the start, with its faults translated."""
        text = self._text
        # newline="": line ends inside quotes stay as they are, and CR alone ends a line
        with (
            reading(self._source.shown),
            _decoding(self._source, text),
            self._source.path.open(encoding=text.encoding, errors=text.errors, newline="") as file,
        ):
            yield _Records(file, self._dialect, self._source.shown)

    def _sample(self) -> str:
        text, shown = self._text, self._source.shown
        with (
            reading(shown),
            _decoding(self._source, text),
            self._source.path.open(encoding=text.encoding, errors=text.errors, newline="") as file,
        ):
            sample = file.read(_SAMPLE).removeprefix(_MARK)
        cut = max(sample.rfind("\n"), sample.rfind("\r")) + 1
        return sample[:cut] if cut and len(sample) >= _SAMPLE - 1 else sample

    def _numbered(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows with their numbers, from the first; for finding the header."""
        with self._records() as records:
            for number, cells in enumerate(records, 1):
                yield number, [unshielded(cell) for cell in cells]

    def _read(self) -> Iterator[SourceRow]:
        """One loop for all files: it is most of what reading takes, so a row that is as wide as
        the header and begins with a visible ASCII character costs two looks and a tuple."""
        self._source.check_unchanged()
        width, header_row, new = len(self.header), self.header_row, tuple.__new__
        plain = not (self._text.suspect or self._text.shielded or self._own)
        self._shielded = 0
        with self._records() as records:
            reader, forget, number = records.reader, records.lines.clear, 0
            line = above = records.above + 1
            while True:
                try:
                    for cells in reader:
                        number += 1
                        if number <= header_row:
                            pass
                        elif plain and len(cells) == width and "!" <= cells[0] < "\x7f":
                            yield new(SourceRow, (number, tuple(cells), line, (), ()))
                        elif row := self._row(number, line, cells, records):
                            yield row
                        line = reader.line_num + above
                        forget()
                    break
                except csv.Error as error:
                    number += 1
                    broken = self._row(number, line, records.mended(error), records)
                    if broken and number > header_row:
                        yield broken._replace(findings=(broken_quotes(), *broken.findings))
                    line = reader.line_num + above
                    forget()
        self._repaired = _unshielded(self._shielded)
        self._source.check_unchanged()

    def _row(self, number: int, line: int, cells: list[str], records: _Records) -> SourceRow | None:
        """A row that needs a closer look; ``None`` for one without a filled cell."""
        if not is_filled(cells) or (cells == [_END_OF_FILE] and self._text.ends_marked):
            return None
        if self._text.shielded and not self._own:
            cells = [self._bare(cell) for cell in cells]
        short = len(cells) < len(self.header)
        fit, extra = fitted(cells, len(self.header))
        findings = extra_cells(extra)
        if short and records.at_open_end():
            findings = (*findings, cut_off())
        if self._text.suspect:
            findings = (*findings, *forbidden_findings(cells, self.header))
        if self._own:
            fit, extra = tuple(map(unguarded, fit)), tuple(map(unguarded, extra))
        return SourceRow(number, fit, line, findings, extra)

    def _bare(self, cell: str) -> str:
        bare = unshielded(cell)
        self._shielded += bare is not cell
        return bare


class _Records:
    """A strict CSV reader that remembers the lines of the record at hand.

    ``above`` is the number of lines above the first row: one where a ``sep=`` line is there.
    """

    def __init__(self, file: IO[str], dialect: Dialect, shown: str) -> None:
        self.lines: list[str] = []
        self.above = 1 if dialect.sep_line else 0
        self._separator = dialect.separator
        self._shown = shown
        self.reader = csv.reader(self._remembered(file), delimiter=self._separator, strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        """Every record, the broken ones as well as they can be read."""
        ended = object()
        while True:
            try:
                cells = next(self.reader, ended)
            except csv.Error as error:
                cells = self.mended(error)
            if not isinstance(cells, list):
                return
            yield cells
            self.lines.clear()

    def mended(self, error: csv.Error) -> list[str]:
        """The record at hand, read as spreadsheet programs do that don't mind where a quote
        closes. Raises :class:`SheetError` for a quote that never does."""
        if "expected after" not in str(error):
            raise self._unclosed() from error
        return next(csv.reader(self.lines, delimiter=self._separator))

    def at_open_end(self) -> bool:
        """Whether the record at hand is the file's last and has no line end."""
        return not self.lines[-1].endswith(("\n", "\r"))

    def _remembered(self, file: IO[str]) -> Iterator[str]:
        remember = self.lines.append
        for _line in range(self.above):
            next(file, "")
        for line in file:
            remember(line)
            yield line

    def _unclosed(self) -> SheetError:
        line = self.reader.line_num - len(self.lines) + 1 + self.above
        return SheetError(
            _(
                "{path}: a quote is opened and never closed, in the row that begins on line {line}"
            ).format(path=self._shown, line=line),
            hint=_("Close the quote, or write a quote inside a quoted cell twice."),
            code="unclosed_quote",
        )


@contextmanager
def _decoding(source: Source, text: Text) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        raise SheetError(
            _("{path}: not every byte is {encoding}").format(
                path=source.shown, encoding=text.encoding
            ),
            hint=_("The file is cut off, or in another encoding: name that with --encoding."),
            code="encoding",
        ) from error


def unguarded(cell: str) -> str:
    """A cell of a file of ours without the ``'`` that kept it from being a formula."""
    return cell[1:] if cell.startswith(_GUARDED) else cell


def unshielded(cell: str) -> str:
    """The text in a cell that was written as ``="00123"``, as spreadsheet programs show it; any
    other cell itself."""
    found = _SHIELDED.fullmatch(cell) if cell.startswith('="') else None
    return found[1].replace('""', '"') if found else cell


def _unshielded(count: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    message = ngettext(
        '{count} cell written as ="text" was read as the text in its quotes',
        '{count} cells written as ="text" were read as the text in their quotes',
        count,
    )
    found = Finding(code="formula_text", level=Level.INFO, message=message.format(count=count))
    return (found,)


def _guards_removed() -> Finding:
    return Finding(
        code="own_file",
        level=Level.INFO,
        message=_("a report of bulk-update: a ' that guards a cell is removed on reading"),
    )
