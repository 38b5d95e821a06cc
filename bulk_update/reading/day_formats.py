"""Number formats that show days, and the few numbers that are none under them.

A workbook's date is a number and a format. The quick reader makes a day of every such number,
also of those that a spreadsheet shows as ``00/01/1900``, ``29/02/1900`` or ``########``: these
stay numbers here, so that nobody takes them for days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bulk_update.model import DateCell, NumberCell

_IN_PROGRAMS: Final = {
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)), "d"),
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "h"),
}
"""Formats that every spreadsheet program knows by their numbers, and no file spells out; those
from 27 on are dates in eastern Asia."""

_NOT_SHOWN: Final = re.compile(
    r"\"[^\"]*\"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]|general", re.IGNORECASE
)
_OF_DAYS: Final = re.compile(r"[dy]", re.IGNORECASE)
_OF_TIMES: Final = re.compile(r"[hs]", re.IGNORECASE)
_OF_MONTHS: Final = re.compile(r"m", re.IGNORECASE)

_NO_SUCH_DAY: Final = 60
"""29 February 1900, which spreadsheets count and no calendar has."""

_FIRST_OF_1904: Final = "1904-01-01"


@dataclass(frozen=True, slots=True)
class DayFormat:
    """A format for days, or for nothing but times."""

    days: bool
    date_1904: bool

    @classmethod
    def of(cls, number: int, code: str | None, *, date_1904: bool) -> DayFormat | None:
        """The format with this number and, where the file spells it out, this code; ``None``
        where it shows neither days nor times."""
        plain = _NOT_SHOWN.sub("", _IN_PROGRAMS.get(number, "") if code is None else code)
        times = _OF_TIMES.search(plain) is not None
        days = _OF_DAYS.search(plain) is not None
        if days or times or _OF_MONTHS.search(plain):
            return cls(days=days or not times, date_1904=date_1904)
        return None

    def show(self, number: float) -> str | None:
        """The text of a number that the quick reader would make a wrong day or time of."""
        if number < 0 or (self.days and self._is_no_day(number)):
            return NumberCell(f"{number:.15g}")
        return DateCell(_FIRST_OF_1904) if self.days and number == 0 else None

    def _is_no_day(self, number: float) -> bool:
        return not self.date_1904 and (number == 0 or _NO_SUCH_DAY <= number < _NO_SUCH_DAY + 1)
