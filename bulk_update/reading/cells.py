"""What a cell may hold, and how the values of a workbook become text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from bulk_update.language import _
from bulk_update.model import DateCell, Finding, Level, NumberCell

_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tab and line ends, and halves of characters."""

_OUTER_SPACE: Final = " \t\r\n\v\f\u00a0\u2007\u202f\u3000\u200b\u200c\u200d\u2060\ufeff"

CERTAIN_DIGITS: Final = 15
"""Workbooks keep numbers as 64-bit floats: whole numbers are exact for 15 digits and no more."""

_NO_DIGIT: Final = re.compile(r"[^0-9]+")

Value = str | float | int | bool | date | datetime | time | timedelta
"""What a workbook's cell can be when it is read."""


def is_blank(cell: str) -> bool:
    """Whether a cell shows nothing: empty, or white space (also NBSP, zero-width, BOM) alone."""
    return not cell or not cell.strip().strip(_OUTER_SPACE)


def is_filled(cells: Sequence[str]) -> bool:
    """Whether any cell of a row shows something."""
    return any(cells) and not all(map(is_blank, cells))


def has_forbidden(cell: str) -> bool:
    """Whether a cell holds a control character or half a character (a lone surrogate)."""
    return _FORBIDDEN.search(cell) is not None


def forbidden_findings(cells: Sequence[str], header: Sequence[str]) -> tuple[Finding, ...]:
    """One error for each cell that can't be text of a contact; none for nearly every row."""
    joined = "".join(cells)
    if joined.isprintable() or not has_forbidden(joined):
        return ()
    return tuple(
        _forbidden(cell, name)
        for cell, name in zip(cells, header, strict=False)
        if has_forbidden(cell)
    )


def visible(text: str) -> str:
    r"""``text`` with every character that can't be shown or encoded spelt out: ``\x00``."""
    return _FORBIDDEN.sub(lambda found: ascii(found.group())[1:-1], text)


def _forbidden(cell: str, column: str) -> Finding:
    if re.search(r"[\ud800-\udfff]", cell):
        return Finding(
            code="undecodable",
            level=Level.ERROR,
            message=_("bytes that are not text in the file's encoding"),
            hint=_("Type the cell again, or name the file's encoding with --encoding."),
            column=column,
            value=visible(cell),
        )
    return Finding(
        code="control_character",
        level=Level.ERROR,
        message=_("a control character, which no spreadsheet shows"),
        hint=_("Type the cell again; a copy of it would carry the character along."),
        column=column,
        value=visible(cell),
    )


def without_forbidden(text: str) -> str:
    """``text`` with a question mark for every character that can't be text of a contact."""
    return _FORBIDDEN.sub("?", text)


class CellTexts:
    """Turns the values of a workbook's cells into text, and counts what it repaired.

    ``whole`` is the number of number cells that lost the ``.0`` of their binary form.
    """

    __slots__ = ("_spellers", "whole")

    def __init__(self) -> None:
        self.whole = 0
        self._spellers: dict[type, Callable[[Any], str]] = {
            float: self._number,
            int: self._number,
            bool: _boolean,
            date: _date,
            datetime: _datetime,
            time: _time,
            timedelta: _duration,
        }

    def of(self, value: Value) -> str:
        """The text of one cell: text as it is, a :class:`NumberCell`, a :class:`DateCell`,
        ``TRUE`` or ``FALSE``, a time as ``HH:MM:SS``."""
        return value if isinstance(value, str) else self._spellers[type(value)](value)

    def _number(self, value: float) -> str:
        self.whole += value % 1 == 0
        return number_cell(value)


def number_cell(value: float) -> NumberCell:
    """A number as a plain decimal, as precise as a spreadsheet shows it: 15 digits.

    Whole numbers beyond 15 digits keep all of theirs, so that the loss can be named.
    """
    if value % 1 == 0:
        return NumberCell(
            str(int(value)) if abs(value) < 10**CERTAIN_DIGITS else _plain(repr(value))
        )
    if not math.isfinite(value):  # in a damaged file; no program writes it
        return NumberCell(str(value))
    return NumberCell(_plain(f"{value:.15g}"))


def has_lost_digits(cell: str) -> bool:
    """Whether a cell is a number of a workbook with more digits than it can keep; the zeros that
    a fraction begins with are none of them."""
    if type(cell) is not NumberCell:
        return False
    return len(_NO_DIGIT.sub("", cell).lstrip("0")) > CERTAIN_DIGITS


def _plain(text: str) -> str:
    if "e" not in text:
        return text.removesuffix(".0")
    plain = format(Decimal(text), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _boolean(value: object) -> str:
    return "TRUE" if value else "FALSE"


def _date(value: date) -> DateCell:
    return DateCell(value.isoformat())


def _datetime(value: datetime) -> DateCell:
    if value.time() == time():
        return _date(value.date())
    return DateCell(value.isoformat(timespec="seconds"))


def _time(value: time) -> str:
    return value.isoformat(timespec="seconds")


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(round(abs(value).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if value < timedelta() else ""
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"
