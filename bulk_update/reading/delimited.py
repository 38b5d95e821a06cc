"""CSV and its kin: rows of text cells, streamed, with true row and line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count, islice
from operator import itemgetter
from typing import IO, Final

from bulk_update.errors import SheetError
from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level, SourceRow
from bulk_update.reading.cells import forbidden_findings, is_filled
from bulk_update.reading.chunks import Chunk, FineChunk, MixedChunk, grouped
from bulk_update.reading.dialect import Dialect, find_dialect
from bulk_update.reading.encoding import Text, find_encoding
from bulk_update.reading.header import find_header
from bulk_update.reading.options import ReadOptions
from bulk_update.reading.own_files import OWN_COLUMNS
from bulk_update.reading.parts import (
    CUTTABLE,
    PART,
    WORTH_CUTTING,
    NotApartError,
    Part,
    Place,
    parts_of,
)
from bulk_update.reading.pieces import pieces, pieces_of, record_groups
from bulk_update.reading.records import Records
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
    def _opened(self) -> Iterator[IO[str]]:
        """The file from its start, with its faults translated."""
        text = self._text
        # newline="": line ends inside quotes stay as they are, and CR alone ends a line
        with (
            reading(self._source.shown),
            _decoding(self._source, text),
            self._source.path.open(encoding=text.encoding, errors=text.errors, newline="") as file,
        ):
            yield file

    @property
    def _above(self) -> int:
        """The lines above the first row: one where a ``sep=`` line is there."""
        return 1 if self._dialect.sep_line else 0

    def _sample(self) -> str:
        with self._opened() as file:
            sample = file.read(_SAMPLE).removeprefix(_MARK)
        cut = max(sample.rfind("\n"), sample.rfind("\r")) + 1
        return sample[:cut] if cut and len(sample) >= _SAMPLE - 1 else sample

    def _numbered(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows with their numbers, from the first; for finding the header."""
        with self._opened() as file:
            lines = islice(file, self._above, None)
            records = Records(lines, self._dialect, self._source.shown, above=self._above)
            for number, (cells, _mended) in enumerate(records, 1):
                yield number, [unshielded(cell) for cell in cells]

    def _chunks(self) -> Iterator[Chunk]:
        """The rows by the piece; from the first piece on that has a broken record or a quote
        that it doesn't close, record by record."""
        self._source.check_unchanged()
        self._shielded = 0
        with self._opened() as file:
            at = Place(lines=_skipped(file, self._above))
            for piece in pieces(file):
                begun = at.lines
                try:
                    yield from self._of_piece(piece, at)
                except csv.Error:
                    rest = io.StringIO(piece, newline="")
                    _skipped(rest, at.lines - begun)
                    yield from grouped(self._closely(chain(rest, file), at))
                    break
        self._repaired = _unshielded(self._shielded)
        self._source.check_unchanged()

    def parts(self) -> list[Part]:
        """Where the file can be cut into parts that are read beside each other."""
        options = self._options
        alone = options.rows is not None or options.limit is not None or self._text.shielded
        small = self._source.size < WORTH_CUTTING
        if alone or small or self.encoding not in CUTTABLE or self._has_examples():
            return []
        return parts_of(self._source.chunks(PART))

    def chunks_of(self, part: Part, at: Place) -> Iterator[Chunk]:
        """The rows of a part."""
        text = self._text_of(part)
        if not part.begin:
            lines = io.StringIO(text, newline="")
            at.lines += _skipped(lines, self._above)
            text = lines.read()
        try:
            for piece in pieces_of(text):
                yield from self._of_piece(piece, at)
        except csv.Error as error:
            raise NotApartError from error
        if at.rows < self.header_row:
            raise NotApartError

    def _text_of(self, part: Part) -> str:
        encoding = self._text.encoding
        if part.begin:  # the mark is before the first part alone: elsewhere it is a character
            encoding = encoding.removesuffix("-sig")
        with reading(self._source.shown), self._source.path.open("rb") as file:
            file.seek(part.begin)
            read = file.read(part.end - part.begin)
        return read.decode(encoding, self._text.errors)

    def _of_piece(self, piece: str, at: Place) -> Iterator[Chunk]:
        """The rows of a piece. Raises :class:`csv.Error`; ``at`` is then where the first record
        begins that was not given."""
        base = at.lines
        unended = base + _unended(piece)
        for records, ends in record_groups(piece, self._dialect.separator):
            chunk = self._chunk(records, [base + end for end in ends], at, unended)
            at.rows, at.lines = at.rows + len(records), base + ends[-1]
            if chunk:
                yield chunk

    def _chunk(
        self, records: Sequence[list[str]], ends: Sequence[int], at: Place, unended: int
    ) -> Chunk | None:
        """The rows among some records; ``unended`` is the number of a line without an end."""
        above = self.header_row - at.rows
        if above <= 0 and not self._odd and _all_fine(records, len(self.header)):
            return FineChunk(records, first=at.rows + 1, begins=at.lines + 1, ends=ends)
        begins = (at.lines + 1, *[end + 1 for end in ends])
        numbered = zip(count(at.rows + 1), begins, records, ends, strict=False)
        rows = (
            self._row(number, begin, cells, is_open=end == unended)
            for number, begin, cells, end in islice(numbered, max(above, 0), None)
        )
        sources = [row for row in rows if row]
        return MixedChunk(sources) if sources else None

    def _closely(self, lines: Iterator[str], at: Place) -> Iterator[SourceRow]:
        """The rows of ``lines``, of which one may be broken."""
        records = Records(lines, self._dialect, self._source.shown, above=at.lines)
        for number, (cells, mended) in enumerate(records, at.rows + 1):
            if number <= self.header_row:
                continue
            row = self._row(number, records.line, cells, is_open=records.at_open_end())
            if row:
                faults = (broken_quotes(), *row.findings) if mended else row.findings
                yield row._replace(findings=faults)

    @property
    def _odd(self) -> bool:
        """Whether every row needs a closer look."""
        return self._text.suspect or self._text.shielded or self._own

    def _row(self, number: int, line: int, cells: list[str], *, is_open: bool) -> SourceRow | None:
        """One row; ``None`` for one without a filled cell. ``is_open`` when the file ends in
        it."""
        width = len(self.header)
        if not self._odd and len(cells) == width and "!" <= cells[0] < "\x7f":
            return SourceRow(number, tuple(cells), line)
        if not is_filled(cells) or (cells == [_END_OF_FILE] and self._text.ends_marked):
            return None
        if self._text.shielded and not self._own:
            cells = [self._bare(cell) for cell in cells]
        short = len(cells) < width
        fit, extra = fitted(cells, width)
        findings = extra_cells(extra)
        if short and is_open:
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


def _skipped(file: IO[str], lines: int) -> int:
    """Passes over so many lines; how many."""
    for _line in range(lines):
        file.readline()
    return lines


def _unended(piece: str) -> int:
    """The line of a piece that has no end, which only the file's last can be; 0 without one."""
    if piece.endswith(("\n", "\r")):
        return 0
    return sum(1 for _line in io.StringIO(piece, newline=""))


_first_of: Final[Callable[[list[str]], str]] = itemgetter(0)


def _all_fine(records: Sequence[list[str]], width: int) -> bool:
    """Whether all are as wide as the header, and begin with a visible ASCII character: so surely
    they are rows."""
    if set(map(len, records)) != {width}:
        return False
    firsts = list(map(_first_of, records))
    return min(firsts) >= "!" and max(firsts) < "\x7f"


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
