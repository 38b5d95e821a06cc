"""Workbooks that are written as a stream: sheets of text, with notes, tints and drop-downs.

openpyxl makes all of a workbook but its rows: styles, columns, panes, filters, drop-downs, and
one note for each sheet that has any. The rows are put in between as they come, and the notes made
after the one there is: a million cells take seconds, and no memory. ::

    rows = [RowOut(("+39 02 1234567",), looks={0: Look.BAD}, notes={0: "Nobody's number"})]
    sheet = SheetOut(name="Contacts", columns=[ColumnOut("Phone")], rows=rows, has_notes=True)
    write_whole(folder, "contacts.xlsx", workbook_chunks([sheet]))

Every text is written as text, so nothing in it is ever a formula, and any text can be written.
"""

from __future__ import annotations

import io
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, islice, zip_longest
from typing import Final

from bulk_update.reading.own_files import MARKS_SHEET
from bulk_update.reading.row_id import holdable
from bulk_update.reporting.packed import Packed
from bulk_update.reporting.sheets_out import CellOut, ColumnOut, Look, RowOut, SheetOut
from bulk_update.reporting.skeleton import Mould, Skeleton
from bulk_update.reporting.workbook_text import letters, text_element, xml_text

MOST_NOTES: Final = 20_000
"""Notes that one sheet is given: spreadsheet programs open no more of them in bearable time. What
comes after keeps its tint."""

MOST_CELLS: Final = 4_000_000
"""Cells of a sheet that spreadsheet programs still open in bearable time."""

_PEEKED: Final = 200
"""So many rows decide how wide the columns are."""

_LINE: Final = 15
"""The height of a line, in points."""

_MOST_LINES: Final = 8
_PIECE: Final = 1 << 16
_SERIAL_0: Final = date(1899, 12, 30)
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)


def workbook_chunks(
    sheets: Sequence[SheetOut], marks: Sequence[Sequence[str]] = ()
) -> Iterator[bytes]:
    """The bytes of an XLSX file with ``sheets``, in pieces.

    ``marks`` are columns of texts for the hidden sheet: a title each, then what stands below it.
    """
    lists = _lists(sheets)
    if marks or lists:
        sheets = [*sheets, _hidden([*(["choices", *each] for each in lists), *marks])]
    sheets = [measured(sheet) for sheet in sheets]
    skeleton = Skeleton(sheets, lists, MARKS_SHEET)
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, sheet in enumerate(sheets):
            yield from _write_sheet(archive, pipe, skeleton, place, sheet)
        for name, content in skeleton.others.items():
            archive.writestr(_entry(name), content)
    yield pipe.taken()


def _lists(sheets: Sequence[SheetOut]) -> list[tuple[str, ...]]:
    """What drop-downs offer, each once; the first columns of the hidden sheet, from row 2."""
    return list(dict.fromkeys(each.choices for sheet in sheets for each in sheet.drop_downs))


def _hidden(columns: Sequence[Sequence[str]]) -> SheetOut:
    titles = [ColumnOut(column[0]) for column in columns]
    rows = [RowOut(cells) for cells in zip_longest(*(column[1:] for column in columns))]
    return SheetOut(name=MARKS_SHEET, columns=titles, rows=rows, filtered=False, hidden=True)


def measured(sheet: SheetOut) -> SheetOut:
    """The sheet with a width for each column, by the rows at its head; where every column has
    one, the rows are not touched."""
    if all(column.width is not None for column in sheet.columns):
        return sheet
    rows = iter(sheet.rows)
    head = list(islice(rows, _PEEKED))
    columns = [
        column if column.width is not None else replace(column, width=_width(column, place, head))
        for place, column in enumerate(sheet.columns)
    ]
    return replace(sheet, columns=columns, rows=chain(head, rows))


def _width(column: ColumnOut, place: int, head: Sequence[RowOut]) -> float:
    texts = [str(row.cells[place] or "") for row in head if place < len(row.cells)]
    longest = max((len(line) for text in texts for line in text.split("\n")[:5]), default=0)
    return min(max(longest + 2, len(column.title) + 4, 9), 60)


def _write_sheet(
    archive: zipfile.ZipFile, pipe: _Pipe, skeleton: Skeleton, place: int, sheet: SheetOut
) -> Iterator[bytes]:
    part, rows = skeleton.parts[place], _Rows(sheet, skeleton)
    # Only where it must be: Excel opens no archive of that kind that was written as a stream.
    large = sheet.most_rows * len(sheet.columns) > MOST_CELLS
    with archive.open(_entry(part.name), "w", force_zip64=large) as stream:
        stream.write(part.before)
        for piece in rows.pieces():
            stream.write(piece)
            yield pipe.taken()
        stream.write(skeleton.end(place, last_row=rows.last))
    for mould in part.notes:
        with archive.open(_entry(mould.name), "w") as stream:
            for piece in rows.notes(mould):
                stream.write(piece)
                yield pipe.taken()


class _Rows:
    """Makes the XML of a sheet's rows, and remembers their notes."""

    def __init__(self, sheet: SheetOut, skeleton: Skeleton) -> None:
        self._sheet = sheet
        self._styles = skeleton.styles
        self._usual = [self._styles[column.look] for column in sheet.columns]
        self._wrapped = {
            place: max(int(column.width or 0), 1)
            for place, column in enumerate(sheet.columns)
            if column.look is Look.WRAPPED
        }
        self._noted = array("L")
        self._texts = Packed()
        self.last = sheet.header_row - 1

    def pieces(self) -> Iterator[bytes]:
        """The rows as XML, in pieces of some size."""
        made: list[str] = []
        size = 0
        for row in chain([self._header()], self._sheet.rows):
            made.append(self._row(row))
            size += len(made[-1])
            if size >= _PIECE:
                yield "".join(made).encode()
                made, size = [], 0
        yield "".join(made).encode()

    def notes(self, mould: Mould) -> Iterator[bytes]:
        """A part with the notes, made after ``mould``."""
        yield mould.before
        places = iter(self._noted)
        placed = zip(places, places, self._texts.items(), strict=True)
        for number, (row, column, text) in enumerate(placed):
            yield mould.made(number, row, column, f"{letters(column)}{row}", text)
        yield mould.after

    def _header(self) -> RowOut:
        columns = self._sheet.columns
        return RowOut(
            cells=[column.title for column in columns],
            looks={place: column.title_look for place, column in enumerate(columns)},
            notes={place: column.note for place, column in enumerate(columns) if column.note},
        )

    def _row(self, row: RowOut) -> str:
        number = self.last + 1 if row.number is None else row.number
        self.last = number
        for place, note in row.notes.items():
            self._note(number, place, note)
        cells = [
            self._cell(f"{letters(place)}{number}", value, style)
            for place, (value, style) in enumerate(zip(row.cells, self._looks(row), strict=False))
            if (value is not None and value != "") or place in row.looks
        ]
        lines = self._lines(row)
        height = f' ht="{_LINE * lines}" customHeight="1"' if lines > 1 else ""
        return f'<row r="{number}"{height}>{"".join(cells)}</row>'

    def _lines(self, row: RowOut) -> int:
        """How many lines the row shows. Not every program finds that out when it opens it."""
        most = 1
        for place, value in enumerate(row.cells):
            if not isinstance(value, str):
                continue
            if width := self._wrapped.get(place):
                most = max(most, sum(len(line) // width + 1 for line in value.split("\n")))
            elif "\n" in value:
                most = max(most, value.count("\n") + 1)
        return min(most, _MOST_LINES)

    def _looks(self, row: RowOut) -> Sequence[int]:
        """The style of each cell; those beyond the columns are plain."""
        beyond = len(row.cells) - len(self._usual)
        if not row.looks and beyond <= 0:
            return self._usual
        styles = [*self._usual, *[self._styles[Look.PLAIN]] * beyond]
        for place, look in row.looks.items():
            styles[place] = self._styles[look]
        return styles

    def _cell(self, ref: str, value: CellOut, style: int) -> str:
        if value is None or value == "":
            return f'<c r="{ref}" s="{style}"/>'
        if isinstance(value, str):
            if "\n" in value and style == self._styles[Look.PLAIN]:
                style = self._styles[Look.WRAPPED]
            text = text_element(holdable(value))
            return f'<c r="{ref}" s="{style}" t="inlineStr"><is>{text}</is></c>'
        if isinstance(value, int):
            return f'<c r="{ref}" s="{self._styles[Look.COUNT]}"><v>{value}</v></c>'
        days = (value - _SERIAL_0).days
        return f'<c r="{ref}" s="{self._styles[Look.DAY]}"><v>{days}</v></c>'

    def _note(self, row: int, place: int, text: str) -> None:
        if self._texts.count < MOST_NOTES:
            self._noted.extend((row, place))
            self._texts.add(xml_text(text))


class _Pipe(io.RawIOBase):
    """What was written, until it is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, piece: bytes, /) -> int:  # type: ignore[override]
        """Keeps a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _entry(name: str) -> zipfile.ZipInfo:
    """The same content gives the same bytes, whenever it is written."""
    entry = zipfile.ZipInfo(name, _ALWAYS)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
