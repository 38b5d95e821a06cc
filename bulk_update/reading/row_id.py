"""The hidden id of a row in a workbook of ours: which row it was, and what its cells held.

A workbook that was given back has each bad row in two sheets, and only what was *changed* there
counts. So the id of a bad row has a checksum of each of its cells. It also keeps what a workbook
of texts can't: that a cell was a number, a day or a formula, and text that no cell can hold.

An id reads ``17 0t5d41402a,3n8f14e45f``: the row, then for some cells their place, a letter for
what the cell was, and the checksum of its text as it was written.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bulk_update.model import DateCell, FormulaCell, NumberCell

MOST_CHARACTERS: Final = 32_767
"""What a cell of a workbook holds at the most."""

EXTRA: Final = -1
"""Stands for the cells beyond the last column, taken together."""

_MOST_ORIGINAL: Final = 4_000
"""Characters of an original in an id; an id is a cell, too."""

_IMPOSSIBLE: Final = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_ID: Final = re.compile(r"(\d{1,15})(?: (.*))?", re.DOTALL)
_TOKEN: Final = re.compile(r"(-?\d{1,5})([a-z])([0-9a-f]{8})(?::([A-Za-z0-9+/=]*))?")
_BETWEEN: Final = "\x1f"


def holdable(text: str) -> str:
    """The text as a cell can hold it: cut where it is too long, and with a replacement character
    for NUL, half characters and what is no character. Nearly every text stays as it is."""
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 1] + "…"
    return text if text.isascii() and "\0" not in text else _IMPOSSIBLE.sub("\ufffd", text)


class Kind(StrEnum):
    """What a cell was before it became text."""

    TEXT = "t"
    NUMBER = "n"
    DAY = "d"
    FORMULA = "f"
    ODD = "o"  # text with characters that no cell holds; the id has it whole
    CUT = "c"  # text that was cut because no cell holds so much


_TYPES: Final[Mapping[Kind, Callable[[str], str]]] = {
    Kind.NUMBER: NumberCell,
    Kind.DAY: DateCell,
    Kind.FORMULA: FormulaCell,
}
_LETTERS: Final = {kind.value: kind for kind in Kind}
_KINDS: Final = {NumberCell: Kind.NUMBER, DateCell: Kind.DAY, FormulaCell: Kind.FORMULA}


@dataclass(frozen=True, slots=True)
class CellMark:
    """What an id says of one cell."""

    kind: Kind
    checksum: str
    original: str = ""

    def is_of(self, text: str) -> bool:
        """Whether ``text`` is still what was written there."""
        return self.checksum == checksum(text)

    def restored(self, text: str) -> str:
        """The cell that was written as ``text``, of its own kind again; as it is now where the id
        was damaged."""
        if self.kind is Kind.ODD:
            with suppress(ValueError):
                original = base64.b64decode(self.original).decode("utf-8", "surrogatepass")
                return original if holdable(original) == text else text
            return text
        return _TYPES.get(self.kind, str)(text)


@dataclass(frozen=True, slots=True)
class RowId:
    """A row's id: its number when it was reported, and what is known of its cells, by their
    place among the sheet's own columns (:data:`EXTRA` is what stood beyond them)."""

    row: int
    cells: Mapping[int, CellMark]

    @classmethod
    def parse(cls, text: str) -> RowId | None:
        """The id that ``text`` is; None for anything else."""
        found = _ID.fullmatch(text)
        if found is None:
            return None
        tokens = [_TOKEN.fullmatch(token) for token in (found[2] or "").split(",") if token]
        if not all(tokens):
            return None
        marks = {
            int(token[1]): CellMark(_LETTERS[token[2]], token[3], token[4] or "")
            for token in tokens
            if token and token[2] in _LETTERS
        }
        return cls(int(found[1]), marks)


def row_id(row: int, cells: Sequence[str], extra: Sequence[str], *, whole: bool) -> str:
    """The id of a row; ``whole`` tells of every cell, else of those that are no plain text."""
    text = _spelled(row, cells, extra, whole=whole, most_original=_MOST_ORIGINAL)
    if len(text) > MOST_CHARACTERS:
        return _spelled(row, cells, extra, whole=whole, most_original=0)
    return text


def _spelled(
    row: int, cells: Sequence[str], extra: Sequence[str], *, whole: bool, most_original: int
) -> str:
    tokens = [
        _token(place, mark)
        for place, cell in enumerate(cells)
        if (whole or not _is_plain(cell))
        and ((mark := _mark(cell, most_original)).kind is not Kind.TEXT or whole)
    ]
    if whole:
        tokens.append(_token(EXTRA, CellMark(Kind.TEXT, checksum(joined_extra(extra)))))
    return f"{row} {','.join(tokens)}" if tokens else str(row)


def joined_extra(extra: Sequence[str]) -> str:
    """The cells beyond the columns as one text, by which they are compared."""
    return _BETWEEN.join(map(holdable, extra))


def checksum(text: str) -> str:
    """Eight characters that tell a changed text from an unchanged one. Line ends count alike:
    spreadsheet programs save them as they like."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def _is_plain(cell: str) -> bool:
    """Whether a cell is surely text that any cell can hold; nearly all are."""
    return type(cell) is str and cell.isascii() and len(cell) < MOST_CHARACTERS and "\0" not in cell


def _mark(cell: str, most_original: int) -> CellMark:
    kind, written = _KINDS.get(type(cell), Kind.TEXT), holdable(cell)
    if written == cell:
        return CellMark(kind, checksum(written))
    original = base64.b64encode(cell.encode("utf-8", "surrogatepass")).decode()
    if len(original) > most_original or len(cell) > MOST_CHARACTERS:
        return CellMark(Kind.CUT, checksum(written))
    return CellMark(Kind.ODD, checksum(written), original)


def _token(place: int, mark: CellMark) -> str:
    original = f":{mark.original}" if mark.original else ""
    return f"{place}{mark.kind}{mark.checksum}{original}"
