"""The second look at an XLS workbook: hidden rows, errors, formats, and whether it is locked.

After Microsoft's published description, [MS-XLS]: a stream of records, first those of the
workbook, then those of each sheet. A formula's text is not in it in readable form, and a formula
without a value looks like one whose value is the empty text: both read as blank.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

from bulk_update.reading.compound import BrokenError, CompoundFile
from bulk_update.reading.day_formats import DayFormat
from bulk_update.reading.formats import Mask
from bulk_update.reading.overlay import Facts, Part
from bulk_update.reading.package import damaged
from bulk_update.reading.recognise import refuse_password
from bulk_update.reading.source import Source
from bulk_update.reading.xls_texts import text_lengths

_EOF: Final = 0x000A
_FILEPASS: Final = 0x002F
_DATEMODE: Final = 0x0022
_BOUNDSHEET: Final = 0x0085
_FORMAT: Final = 0x041E
_XF: Final = 0x00E0
_ROW: Final = 0x0208
_NUMBER: Final = 0x0203
_RK: Final = 0x027E
_MULRK: Final = 0x00BD
_FORMULA: Final = 0x0006
_BOOLERR: Final = 0x0205
_MERGED: Final = 0x00E5
_CRITERION: Final = 0x009E
_DIMENSIONS: Final = 0x0200
_COLUMNS: Final = 0x007D
_SHARED_TEXTS: Final = 0x00FC
_CONTINUED: Final = 0x003C
_SHARED: Final = 0x00FD
_TEXTS: Final = frozenset({0x0204, 0x00D6})

_MOST_ROWS: Final = 65_536
_MOST_COLUMNS: Final = 256
_ROW_HIDDEN: Final = 0x20
_COLUMN_HIDDEN: Final = 0x01
_OLD_DIMENSIONS: Final = 10
_WITH_UNICODE: Final = 0x0600
_ERROR_RESULT: Final = 2

_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}

Record = tuple[int, bytes]


class XlsParts:
    """The second look at an XLS file, held in memory as calamine holds it.

    Raises :class:`SheetError` for a file that is damaged or protected by a password.
    """

    def __init__(self, source: Source) -> None:
        self.date_1904 = False
        self._source = source
        self._sheets: dict[str, int] = {}
        self._codes: dict[int, str] = {}
        self._formats: dict[int, Mask | DayFormat | None] = {}
        self._styles: list[int] = []
        self._unicode = True
        self._lengths: list[int] = []
        self._named: set[int] = set()
        try:
            self._stream = CompoundFile(b"".join(source.chunks())).stream("Workbook", "Book") or b""
            self._read_globals()
        except (BrokenError, struct.error, IndexError) as error:
            raise damaged(source) from error

        self._facts = {sheet: Facts.of(self.parts(sheet)) for sheet in self._sheets}

    @property
    def all_facts(self) -> tuple[Facts, ...]:
        """The facts of all sheets: calamine loads them all at once."""
        return tuple(self._facts.values())

    def facts(self, sheet: str) -> Facts:
        """What the whole of ``sheet`` shows."""
        return self._facts.get(sheet) or Facts()

    def is_filled(self, sheet: str) -> bool:
        """Whether ``sheet`` has a cell with a value."""
        return self.facts(sheet).values > 0

    def parts(self, sheet: str) -> Iterator[Part]:
        """What ``sheet`` holds beyond plain values: a part for each record, in the order of
        rows, for cells are stored row by row."""
        try:
            self._named.clear()
            at = self._sheets.get(sheet)
            for kind, body in self._records(at) if at is not None else ():
                if read := _READERS.get(kind):
                    yield read(self, body)
        except (struct.error, IndexError) as error:
            raise damaged(self._source) from error

    def mask(self, style: int) -> Mask | DayFormat | None:
        """The number format of a style, where it shows a number differently or as a day."""
        known = style < len(self._styles)
        return self._formats.get(self._styles[style]) if known else None

    def _records(self, at: int) -> Iterator[Record]:
        while at + 4 <= len(self._stream):
            kind, length = struct.unpack_from("<HH", self._stream, at)
            yield kind, self._stream[at + 4 : at + 4 + length]
            if kind == _EOF:
                return
            at += 4 + length
        raise IndexError  # the stream ends without its last record

    def copied(self, text: int) -> int:
        """The characters that a cell copies which names a shared text; the first one has it."""
        if text not in self._named:
            self._named.add(text)
            return 0
        return self._lengths[text] if text < len(self._lengths) else 0

    def _read_globals(self) -> None:
        texts: list[bytes] = []
        for number, (kind, body) in enumerate(self._records(0)):
            if number == 0:
                self._unicode = struct.unpack_from("<H", body)[0] == _WITH_UNICODE
            elif kind == _FILEPASS:
                refuse_password(self._source)
            elif kind == _DATEMODE:
                self.date_1904 = body[:1] == b"\x01"
            elif kind == _BOUNDSHEET:
                self._sheets[self._text(body[7:], body[6])] = struct.unpack_from("<I", body)[0]
            elif kind == _FORMAT:
                self._read_format(body)
            elif kind == _XF:
                self._styles.append(struct.unpack_from("<H", body, 2)[0])
            elif kind == _SHARED_TEXTS or (texts and kind == _CONTINUED):
                texts.append(body)
        self._lengths = text_lengths(texts)
        self._formats = {number: self._format(number) for number in {*self._styles}}

    def _format(self, number: int) -> Mask | DayFormat | None:
        code = self._codes.get(number)
        mask = Mask.of(code) if code is not None else None
        return mask or DayFormat.of(number, code, date_1904=self.date_1904)

    def _read_format(self, body: bytes) -> None:
        number = struct.unpack_from("<H", body)[0]
        if self._unicode:
            code = self._text(body[4:], struct.unpack_from("<H", body, 2)[0])
        else:
            code = self._text(body[3:], body[2])
        self._codes[number] = code

    def _text(self, body: bytes, length: int) -> str:
        if not self._unicode:
            return body[:length].decode("cp1252", "replace")
        if body[0] & 1:
            return body[1 : 1 + 2 * length].decode("utf-16-le", "replace")
        return body[1 : 1 + length].decode("latin-1")


def _row(_parts: XlsParts, body: bytes) -> Part:
    row = struct.unpack_from("<H", body)[0] + 1
    hidden = struct.unpack_from("<H", body, 12)[0] & _ROW_HIDDEN
    return Part(hidden=[(row, row)]) if hidden else Part()


def _text_cell(_parts: XlsParts, body: bytes) -> Part:
    return _part_at(body)


def _shared_text(parts: XlsParts, body: bytes) -> Part:
    part = _part_at(body)
    part.repeated = parts.copied(struct.unpack_from("<I", body, 6)[0])
    return part


def _number(parts: XlsParts, body: bytes) -> Part:
    return _shown(parts, _part_at(body), body, struct.unpack_from("<d", body, 6)[0])


def _rk(parts: XlsParts, body: bytes) -> Part:
    return _shown(parts, _part_at(body), body, _rk_number(body[6:10]))


def _many_rk(parts: XlsParts, body: bytes) -> Part:
    row, first = struct.unpack_from("<2H", body)
    whole = Part()
    for index in range((len(body) - 6) // 6):
        cell = body[4 + 6 * index : 10 + 6 * index]
        place = struct.pack("<2H", row, first + index) + cell[:2]
        one = _shown(parts, _part_at(place), place, _rk_number(cell[2:]))
        whole.values += 1
        whole.last_row, whole.last_column = one.last_row, one.last_column
        whole.formatted += one.formatted
        for column, text in one.cells.get(row + 1, {}).items():
            whole.put(row + 1, column, text)
    return whole


def _formula(parts: XlsParts, body: bytes) -> Part:
    part = _part_at(body)
    if body[12:14] != b"\xff\xff":
        return _shown(parts, part, body, struct.unpack_from("<d", body, 6)[0])
    if body[6] == _ERROR_RESULT:
        part.put(part.last_row, part.last_column, _ERRORS.get(body[8], "#N/A"))
    return part


def _error(_parts: XlsParts, body: bytes) -> Part:
    part = _part_at(body)
    if body[7]:
        part.put(part.last_row, part.last_column, _ERRORS.get(body[6], "#N/A"))
    return part


def _merged(_parts: XlsParts, body: bytes) -> Part:
    return Part(merged=struct.unpack_from("<H", body)[0])


def _criterion(_parts: XlsParts, _body: bytes) -> Part:
    """Of a filter: one that is set but for its arrows."""
    return Part(filtered=True)


def _columns(_parts: XlsParts, body: bytes) -> Part:
    first, last, _width, _style, flags = struct.unpack_from("<5H", body)
    return Part(hidden_columns=[(first + 1, last + 1)]) if flags & _COLUMN_HIDDEN else Part()


def _dimensions(_parts: XlsParts, body: bytes) -> Part:
    """Holds nothing, but calamine takes room for as many cells as it says."""
    old = len(body) == _OLD_DIMENSIONS
    first, last, _left, right = struct.unpack_from("<4H" if old else "<2I2H", body)
    if first > last or last > _MOST_ROWS or right > _MOST_COLUMNS:
        raise IndexError
    return Part()


def _part_at(body: bytes) -> Part:
    row, column = struct.unpack_from("<2H", body)
    return Part(values=1, last_row=row + 1, last_column=column + 1)


def _shown(parts: XlsParts, part: Part, body: bytes, number: float) -> Part:
    mask = parts.mask(struct.unpack_from("<H", body, 4)[0])
    shown = mask.show(number) if mask else None
    if shown is not None:
        part.put(part.last_row, part.last_column, shown)
        part.formatted = int(isinstance(mask, Mask))
    return part


def _rk_number(packed: bytes) -> float:
    """A number in four bytes: 30 bits of an integer or of a float, perhaps a hundredth of it."""
    bits = struct.unpack("<i", packed)[0]
    number: float
    if bits & 2:
        number = bits >> 2
    else:
        number = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<i", bits & ~3))[0]
    return number / 100 if bits & 1 else number


_READERS: Final[dict[int, Callable[[XlsParts, bytes], Part]]] = {
    _ROW: _row,
    _SHARED: _shared_text,
    _NUMBER: _number,
    _RK: _rk,
    _MULRK: _many_rk,
    _FORMULA: _formula,
    _BOOLERR: _error,
    _MERGED: _merged,
    _CRITERION: _criterion,
    _COLUMNS: _columns,
    _DIMENSIONS: _dimensions,
    **dict.fromkeys(_TEXTS, _text_cell),
}
