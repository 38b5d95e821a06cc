"""Which row holds the column names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from bulk_update.errors import SheetError
from bulk_update.language import _
from bulk_update.model import DateCell, FormulaCell
from bulk_update.reading.cells import has_forbidden, is_blank, visible
from bulk_update.reading.own_files import OWN_COLUMNS

_SAMPLE: Final = 20
"""So many filled rows are looked at; titles above a table are never longer."""

_SHARE: Final = 0.6
"""A header fills at least this share of the columns that most rows of the sample fill."""

_KEY: Final = re.compile(
    r"\+?(?:[\s().\-/]*\d){9,}"  # a phone, a long number
    r"|[^@\s]+@[^@\s]+\.[^@\s]+"
    r"|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{32}",
    re.IGNORECASE,
)
"""Cells of contacts, which nobody gives a column as its name: a phone, an e-mail, a uuid."""

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d.*")


class Header(NamedTuple):
    """The row with the column names: its number, its cells without blank ones at the end."""

    row: int
    cells: tuple[str, ...]


NumberedRow = tuple[int, Sequence[str]]


def find_header(rows: Iterable[NumberedRow], *, chosen: int | None) -> Header:
    """The header among ``rows``: row ``chosen``, or the first that looks like one.

    Rows above it (titles, blank lines) are passed over. Raises :class:`SheetError` where there
    is none: an empty sheet, a first row that is data already, a chosen row without a cell.
    """
    if chosen is not None:
        return _checked(_row_chosen(rows, chosen))
    filled = islice((row for row in rows if _filled(row[1])), _SAMPLE)
    return _checked(_likeliest(list(filled)))


def _row_chosen(rows: Iterable[NumberedRow], chosen: int) -> NumberedRow:
    for number, cells in rows:
        if number == chosen and _filled(cells):
            return number, cells
        if number >= chosen:
            break
    raise SheetError(
        _("row {row} was to be the header, but it has no filled cell").format(row=chosen),
        hint=_("Name the row that holds the column names with --header-row."),
        code="no_header",
    )


def _likeliest(sample: list[NumberedRow]) -> NumberedRow:
    if not sample:
        raise SheetError(
            _("the sheet is empty: no row has a filled cell"),
            hint=_("Check that this is the file, and the sheet, that you meant."),
            code="empty",
        )
    ours = next((row for row in sample if not OWN_COLUMNS.isdisjoint(row[1])), None)
    if ours is not None:
        return ours
    least = _SHARE * _usual_width(sample)
    for index, row in enumerate(sample):
        if _filled(row[1]) < least or _is_dated(row[1]):
            continue
        return _before(sample[:index], row) if _has_key(row[1]) else row
    return _before(sample, sample[0])


def _usual_width(sample: list[NumberedRow]) -> int:
    """How many cells most rows fill; the upper quartile, for one ragged row must not decide."""
    counts = sorted(_filled(cells) for _row, cells in sample)
    return counts[math.floor(0.75 * (len(counts) - 1) + 0.5)]


def _before(rows: list[NumberedRow], data: NumberedRow) -> NumberedRow:
    """The last row above the first row of data that can be a header with unnamed columns."""
    for row in reversed(rows):
        if _filled(row[1]) > 1 and not _is_dated(row[1]) and not _has_key(row[1]):
            return row
    raise SheetError(
        _("no row with column names: row {row} holds data already").format(row=data[0]),
        hint=_("Put a row with the column names on top, or name it with --header-row."),
        code="no_header",
    )


def _filled(cells: Sequence[str]) -> int:
    return sum(not is_blank(cell) for cell in cells)


def _has_key(cells: Sequence[str]) -> bool:
    return any(_KEY.fullmatch(cell.strip()) for cell in cells)


def _is_dated(cells: Sequence[str]) -> bool:
    """Whether a row has a date or an unfinished formula: a title may, a header never."""
    return any(isinstance(cell, DateCell | FormulaCell) or _DATE.fullmatch(cell) for cell in cells)


def _checked(row: NumberedRow) -> Header:
    cells = list(row[1])
    cells[0] = cells[0].lstrip("\ufeff")  # joined exports may bear the mark more than once
    while cells and is_blank(cells[-1]):
        cells.pop()
    for cell in cells:
        if has_forbidden(cell):
            raise SheetError(
                _("row {row}: the column name '{name}' holds characters that are no text").format(
                    row=row[0], name=visible(cell)
                ),
                hint=_("Type the name again, or name the file's encoding with --encoding."),
                code="header_undecodable",
            )
    return Header(row[0], tuple(str(cell) for cell in cells))
