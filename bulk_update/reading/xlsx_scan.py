"""The second pass over a sheet of an XLSX workbook: errors, formulas, formats, hidden rows.

calamine, fifteen times as quick as a reader in Python, loses these. Nearly all programs write
sheets in one plain spelling; there the pass searches the bytes, at the speed of inflating
them. Anything else (prefixes, cells without a reference, comments) is parsed as XML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import lt
from typing import IO, Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import unescape

from bulk_update.model import FormulaCell
from bulk_update.reading.day_formats import DayFormat
from bulk_update.reading.formats import Mask
from bulk_update.reading.overlay import Part

_CHUNK: Final = 1 << 20

_ROW: Final = b'<row r="'
_CELL: Final = b'<c r="'
_HIDDEN: Final = re.compile(rb'<row r="(\d+)"[^>]*? (?:hidden="(?:1|true)"|ht="0(?:\.0+)?")')
_ROW_NUMBER: Final = re.compile(rb'<row r="(\d+)"')
_HIDDEN_COLUMN: Final = re.compile(rb"<col(?= )(?=[^>]* hidden=\"(?:1|true)\")[^>]*>")
_MIN_MAX: Final = re.compile(rb' (min|max)="(\d+)"')
_FILTERED: Final = re.compile(rb"<filterColumn [^>]*(?<!/)>(?!\s*</)")
_ERROR: Final = re.compile(rb' t="e"[^>]*>(?:<f(?:>| [^>]*>)[^<]*(?:</f>)?)?<v>([^<]*)</v>')
_REFERENCE: Final = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>]*)>')
_UNVALUED: Final = re.compile(rb"<f(?: [^>]*?)?(?:/>|>([^<]*)</f>)(<v ?/>|<v></v>)?</c>")
_COLUMN_TIERS: Final = (
    (re.compile(rb'<c r="[A-Z]{3}'), 16_384),
    (re.compile(rb'<c r="[A-Z]{2}'), 702),
    (re.compile(rb'<c r="'), 26),
)
_COLUMN: Final = re.compile(rb'<c r="([A-Z]+)(?=\d)')
_QUOTES: Final = {"&quot;": '"', "&apos;": "'"}

_NO_TEXT: Final = "…"
"""Stands for a formula that shares the text of another cell's."""


Formats = Mapping[int, Mask | DayFormat]
"""The number formats that matter, by the number of the style."""


class NotPlainError(Exception):
    """A sheet is not in the plain spelling: it must be parsed."""


def searched(stream: IO[bytes], masks: Formats, *, survey: bool) -> Iterator[Part]:
    """What a sheet's XML holds beyond plain values, in pieces, in the order of rows.

    ``masks`` are the number formats, by style, that show a number differently. The first pass
    over a sheet is a ``survey``: it checks the spelling (:class:`NotPlainError`) and measures;
    later passes look for cells alone.
    """
    search = _Search(masks, survey=survey)
    rest = stream.read(_CHUNK)
    if survey and b"<sheetData" not in rest:
        raise NotPlainError
    while rest:
        more = stream.read(_CHUNK)
        cut = rest.rfind(_ROW) if more else len(rest)
        if cut > 0:
            yield search.part(rest[:cut])
            rest = rest[cut:]
        rest = rest + more if more else b""


def _is_plain(piece: bytes) -> bool:
    """Whether every row and cell begins with its reference, without prefix, comment or CDATA."""
    return (
        piece.count(b"<row ") + piece.count(b"<row>") == piece.count(_ROW)
        and piece.count(b"<c ") + piece.count(b"<c>") == piece.count(_CELL)
        and b"<!" not in piece
    )


class _Search:
    """Searches pieces of plain sheet XML that begin and end between rows."""

    def __init__(self, masks: Formats, *, survey: bool) -> None:
        self._masks = masks
        self._masked = tuple(_patterns(masks))
        self._survey = survey
        self._row = 0

    def part(self, piece: bytes) -> Part:
        """What one piece holds. Raises :class:`NotPlainError`."""
        part = Part()
        if self._survey:
            self._measure(piece, part)
        for found in _ERROR.finditer(piece):
            self._put(piece, found, part, _unescaped(found[1]))
        for found in _UNVALUED.finditer(piece):
            self._formula(piece, found, part)
        for pattern in self._masked:
            for found in pattern.finditer(piece):
                self._format(piece, found, part)
        part.cells = dict(sorted(part.cells.items()))
        return part

    def _measure(self, piece: bytes, part: Part) -> None:
        if not _is_plain(piece):
            raise NotPlainError
        self._require_order(piece)
        if b' hidden="' in piece or b' ht="0' in piece:
            rows = (int(found[1]) for found in _HIDDEN.finditer(piece))
            part.hidden = [(row, row) for row in rows]
            part.hidden_columns = [_range(tag) for tag in _HIDDEN_COLUMN.findall(piece)]
        part.filtered = _FILTERED.search(piece) is not None
        part.merged = piece.count(b"<mergeCell ")
        self._extent(piece, part)

    def _require_order(self, piece: bytes) -> None:
        """Rows stand in their order, each once; else one would be read in the place of another."""
        rows = [self._row, *map(int, _ROW_NUMBER.findall(piece))]
        if not all(map(lt, rows, rows[1:])):
            raise NotPlainError
        self._row = rows[-1]

    def _extent(self, piece: bytes, part: Part) -> None:
        part.values = piece.count(b"</v>") + piece.count(b"</is>")
        end = max(piece.rfind(b"</v>"), piece.rfind(b"</is>"), 0)
        row = piece.rfind(_ROW, 0, end) + len(_ROW)
        if row >= len(_ROW):
            part.last_row = int(piece[row : piece.index(b'"', row)])
            part.last_column = next(
                widest for pattern, widest in _COLUMN_TIERS if pattern.search(piece)
            )

    def _formula(self, piece: bytes, found: re.Match[bytes], part: Part) -> None:
        text = FormulaCell("=" + (_unescaped(found[1] or b"") or _NO_TEXT))
        cell = _cell_around(piece, found)
        if not (found[2] and b' t="str"' in cell[3]):  # then its value is the empty text
            part.put(int(cell[2]), column_number(cell[1]), text)

    def _format(self, piece: bytes, found: re.Match[bytes], part: Part) -> None:
        cell = _cell_around(piece, found)
        if b' t="' not in cell[3] or b' t="n"' in cell[3]:
            place = int(cell[2]), column_number(cell[1])
            _show(part, place, self._masks[int(found[1])], found[2])

    def _put(self, piece: bytes, found: re.Match[bytes], part: Part, text: str) -> None:
        cell = _cell_around(piece, found)
        part.put(int(cell[2]), column_number(cell[1]), text)


def _cell_around(piece: bytes, found: re.Match[bytes]) -> re.Match[bytes]:
    """The opening tag of the cell in which something was found."""
    cell = _REFERENCE.match(piece, piece.rfind(_CELL, 0, found.start()))
    if cell is None:
        raise ParseError(piece[found.start() : found.end()])
    return cell


def _range(tag: bytes) -> tuple[int, int]:
    """The first and the last column of a ``<col>`` tag."""
    said = {name: int(number) for name, number in _MIN_MAX.findall(tag)}
    return said.get(b"min", 0), said.get(b"max", 0)


def _patterns(masks: Formats) -> Iterator[re.Pattern[bytes]]:
    """What finds the cells that a format may change: of days only the numbers that are none."""
    for kind, value in ((Mask, "[^<]+"), (DayFormat, r"-[^<]+|(?:60|0)(?:\.\d*)?")):
        styles = "|".join(str(style) for style, mask in masks.items() if isinstance(mask, kind))
        if styles:
            formula = "(?:<f(?:>| [^>]*>)[^<]*(?:</f>)?)?"
            yield re.compile(rf' s="({styles})"[^>]*>{formula}<v>({value})</v>'.encode())


def _show(part: Part, place: tuple[int, int], mask: Mask | DayFormat, value: bytes | str) -> None:
    shown = mask.show(float(value))
    if shown is not None:
        part.put(*place, shown)
        part.formatted += isinstance(mask, Mask)


def _unescaped(text: bytes) -> str:
    return unescape(text.decode("utf-8"), _QUOTES)


def last_column(stream: IO[bytes]) -> int:
    """The last column in which a sheet in the plain spelling has a cell, blank ones included."""
    letters: set[bytes] = set()
    rest = b""
    while chunk := stream.read(_CHUNK):
        letters.update(_COLUMN.findall(rest + chunk))
        rest = chunk[-16:]
    return max(map(column_number, letters), default=0)


@cache
def column_number(letters: bytes) -> int:
    """The number of a column by its letters, from 1: ``A`` is 1, ``AA`` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def parsed(stream: IO[bytes], masks: Formats) -> Iterator[Part]:
    """The same as :func:`searched`, for XML in any spelling; a part for each row.

    Raises what defusedxml and expat raise for XML that is unsafe or broken.
    """
    from defusedxml.ElementTree import iterparse

    row = 0
    holder: Element | None = None
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        name = _local(element)
        if event == "start":
            holder = element if name == "sheetData" else holder
        elif name == "row":
            above, row = row, int(element.get("r") or row + 1)
            if row <= above:
                raise ParseError(element.get("r"))
            yield _parsed_row(element, row, masks)
            if holder is not None:
                holder.clear()  # or the rows that are done with would stay
        elif read := _AROUND.get(name):
            yield read(element)


def _parsed_column(element: Element) -> Part:
    if element.get("hidden") not in _TRUE:
        return Part()
    return Part(hidden_columns=[(int(element.get("min", "0")), int(element.get("max", "0")))])


_TRUE: Final = frozenset({"1", "true"})
_AROUND: Final[Mapping[str, Callable[[Element], Part]]] = {
    "mergeCell": lambda _element: Part(merged=1),
    "filterColumn": lambda element: Part(filtered=len(element) > 0),
    "col": _parsed_column,
}
"""What stands around the rows and is worth knowing, by the names of its elements."""


def _parsed_row(element: Element, row: int, masks: Formats) -> Part:
    part = Part()
    if element.get("hidden") in _TRUE or float(element.get("ht") or 1) == 0:
        part.hidden.append((row, row))
    column = 0
    for cell in element:
        letters = (cell.get("r") or "").rstrip("0123456789")
        column = column_number(letters.encode()) if letters else column + 1
        _parsed_cell(cell, part, (row, column), masks)
    return part


def _parsed_cell(cell: Element, part: Part, place: tuple[int, int], masks: Formats) -> None:
    inner = {_local(child): child for child in cell}
    formula, value = inner.get("f"), inner.get("v")
    text = (value.text or "") if value is not None else ""
    kind, mask = cell.get("t", "n"), masks.get(int(cell.get("s", "0")))
    if text or "is" in inner:
        part.values += 1
        part.last_row, part.last_column = place[0], max(part.last_column, place[1])
    if kind == "e" and text:
        part.put(*place, text)
    elif formula is not None and not text and not (kind == "str" and value is not None):
        part.put(*place, FormulaCell("=" + (formula.text or _NO_TEXT)))
    elif kind == "n" and mask is not None and text:
        _show(part, place, mask, text)


def _local(element: Element) -> str:
    tag: str = element.tag
    return tag.rpartition("}")[2]
