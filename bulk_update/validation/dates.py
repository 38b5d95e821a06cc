"""Reading dates: what is certain, and what depends on the order of the whole column.

ISO dates (``2026-03-03``, ``20260303``), date cells of workbooks and their serial numbers are
certain. Everything else is read in one order for the whole column, or by a strptime pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import IntFlag
from typing import Final, NamedTuple

from bulk_update.errors import UsageError
from bulk_update.language import _
from bulk_update.model import NumberCell
from bulk_update.validation.months import with_english_months


class Order(IntFlag):
    """The order of day, month and year; one bit each, to be counted on a ballot."""

    DMY = 1
    MDY = 2
    YMD = 4


class Day(NamedTuple):
    """A day as it was read; ``time`` is a time of day that stood beside it (never midnight)."""

    day: date
    time: str = ""
    serial: bool = False


_ISO: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", re.ASCII)
_ORDERED: Final = re.compile(r"([0-9]{1,4})([./ -]) ?([0-9]{1,2})\2 ?([0-9]{1,4})\.?")
_TIME: Final = re.compile(
    r"(.+?)(?:[Tt]|,?\s+)"
    r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?)"
    r"\s*(?:[Zz]|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
)
_MIDNIGHT: Final = re.compile(r"0{1,2}:00(:00([.,]0+)?)?|12:00(:00)?\s*[Aa]\.?[Mm]\.?")
_SERIAL_TEXT: Final = re.compile(r"[1-9][0-9]{4}")
_SERIAL_CELL: Final = re.compile(r"([0-9]{1,7})(\.[0-9]+)?")
_AFTER_MONTH: Final = re.compile(r"([A-Za-z]{3})\.")
_SHORT, _LONG, _PIVOT = 2, 4, 69
_LAST_SERIAL: Final = 2_958_465  # 9999-12-31
_DAYS_TO_1904: Final = 1462
_NO_SUCH_DAY: Final = 60  # 1900-02-29, which spreadsheets count and no calendar has


def certain(text: str, cell: str, *, date_1904: bool) -> Day | None:
    """The day of an ISO date, a date cell or a serial number; None for everything else."""
    head, time = _split_time(text)
    match = _ISO.fullmatch(head)
    if match is not None:
        day = _day(int(match[1]), int(match[2]), int(match[3]))
        return Day(day, time) if day else None
    if isinstance(cell, NumberCell) or _SERIAL_TEXT.fullmatch(text):
        return _of_serial(text, date_1904=date_1904)
    return None


def in_order(text: str, order: Order) -> Day | None:
    """The day that ``text`` means in this order; None when it doesn't fit."""
    head, time = _split_time(text)
    match = _ORDERED.fullmatch(head)
    day = _ordered(match[1], match[3], match[4], order) if match else None
    return Day(day, time) if day else None


def by_pattern(text: str, pattern: str) -> Day | None:
    """The day that ``text`` means by a strptime pattern; None when it doesn't fit. Where the
    pattern says that a month's name stands, it may do so in any of the five languages."""
    if "%b" not in pattern and "%B" not in pattern:
        return _parsed(text, pattern)
    english, short = with_english_months(text), pattern.replace("%B", "%b")
    # The point behind a name that was cut short may be the pattern's own.
    return _parsed(english, short) or _parsed(_AFTER_MONTH.sub(r"\1", english), short)


def _parsed(text: str, pattern: str) -> Day | None:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        return None
    time = moment.time().isoformat()
    return Day(moment.date(), "" if _MIDNIGHT.fullmatch(time) else time)


def votes(text: str) -> tuple[Order, bool]:
    """The orders that ``text`` fits, and whether they give it different days."""
    days = dict(_readings(text))
    orders = Order(0)
    for order in days:
        orders |= order
    return orders, len(set(days.values())) > 1


def _readings(text: str) -> Iterator[tuple[Order, date]]:
    for order in Order:
        read = in_order(text, order)
        if read is not None:
            yield order, read.day


def checked_format(text: str | None) -> Order | str | None:
    """What a ``--date-format`` says: an order, or a strptime pattern.

    Raises :class:`UsageError` for anything else.
    """
    if text is None:
        return None
    if text.upper() in Order.__members__:
        return Order[text.upper()]
    if _is_pattern(text):
        return text
    message = _("'{format}' is no date format").format(format=text)
    hint = _("--date-format takes DMY, MDY, YMD or a pattern such as %d/%m/%Y")
    raise UsageError(message, hint=hint, code="date_format")


def _is_pattern(text: str) -> bool:
    probe = date(2001, 2, 3)
    try:
        return by_pattern(probe.strftime(text), text) == Day(probe)
    except ValueError:
        return False


def _split_time(text: str) -> tuple[str, str]:
    match = _TIME.fullmatch(text) if ":" in text else None
    if match is None:
        return text, ""
    return match[1], "" if _MIDNIGHT.fullmatch(match[2]) else text[match.end(1) :].strip(" Tt,")


def _of_serial(text: str, *, date_1904: bool) -> Day | None:
    match = _SERIAL_CELL.fullmatch(text)
    if match is None or (number := int(match[1])) <= 0:
        return None
    time = _time_of(match[2]) if match[2] else ""
    number += _DAYS_TO_1904 if date_1904 else 0
    if number == _NO_SUCH_DAY or number > _LAST_SERIAL:
        return None
    base = date(1899, 12, 30) if number > _NO_SUCH_DAY else date(1899, 12, 31)
    return Day(base + timedelta(days=number), time, serial=True)


def _time_of(fraction: str) -> str:
    seconds = round(float(fraction) * 86_400)
    return str(timedelta(seconds=seconds)) if seconds else ""


def _ordered(first: str, second: str, third: str, order: Order) -> date | None:
    match order:
        case Order.DMY:
            year, month, day = third, second, first
        case Order.MDY:
            year, month, day = third, first, second
        case _:
            year, month, day = first, second, third
    if len(year) not in (_SHORT, _LONG) or max(len(month), len(day)) > _SHORT:
        return None
    return _day(_century(year), int(month), int(day))


def _century(year: str) -> int:
    """Two digits mean 1969 to 2068, as POSIX and Python have it."""
    number = int(year)
    if len(year) == _LONG:
        return number
    return number + (1900 if number >= _PIVOT else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
