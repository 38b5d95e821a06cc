"""The hidden sheet of a workbook of ours: by it the workbook is known again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bulk_update.reading.own_files import MARK_HEADER, MARK_NAMES, MARK_VALUES, MARKS_SHEET
from bulk_update.reading.page import Book

_COUNT: Final = re.compile(r"[0-9]{1,5}")
"""How many columns the sheet had; programs may drop blank names at the end of the list."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the hidden sheet says: things by their names, and the sheet's own header."""

    said: Mapping[str, str]
    header: tuple[str, ...]

    @property
    def columns(self) -> list[list[str]]:
        """The same as columns of texts, a title first: as they are written."""
        return [
            [MARK_NAMES, *self.said],
            [MARK_VALUES, *self.said.values()],
            [MARK_HEADER, str(len(self.header)), *self.header],
        ]


def read_marks(book: Book) -> Marks | None:
    """The marks of a workbook that can be given back; None for any other workbook."""
    if all(sheet.name != MARKS_SHEET for sheet in book.sheets):
        return None
    rows = [cells for _number, cells in book.page(MARKS_SHEET).numbered()]
    columns = {
        title: [cells[place] if place < len(cells) else "" for cells in rows[1:]]
        for place, title in enumerate(rows[0] if rows else ())
    }
    header = columns.get(MARK_HEADER)
    if not header or not _COUNT.fullmatch(header[0]):
        return None
    count = int(header[0])
    names = [*header[1:], *[""] * count][:count]
    said = zip(columns.get(MARK_NAMES, ()), columns.get(MARK_VALUES, ()), strict=False)
    return Marks(dict(said), tuple(names))
