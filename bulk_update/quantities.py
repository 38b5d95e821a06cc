"""Small typed values that people write as text: shares, durations, deadlines, rates.

Each ``parse_…`` takes what a flag, a variable or a TOML file holds (text, or a bare number) and
raises ``ValueError`` with a readable line that quotes the text and names the allowed forms.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from bulk_update.language import _

MAX_RATE: Final = 300.0
"""Requests a second beyond which the account answers 429 (public API reference)."""

_NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d{1,6})?")
_DURATION: Final = re.compile(
    r"(?:(?P<days>\d{1,4})d)?(?:(?P<hours>\d{1,5})h)?"
    r"(?:(?P<minutes>\d{1,6})m)?(?:(?P<seconds>\d{1,8})s)?"
)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A limit as a count (``50``) or as a share of what it is held against (``10%``)."""

    amount: float
    percent: bool = False

    def exceeded_by(self, part: int, *, of: int) -> bool:
        """Whether ``part`` things out of ``of`` are more than this allows.

        A limit is reached without harm and trips when passed: ``0`` trips at the first,
        ``100%`` never.
        """
        if self.percent:
            return part * _WHOLE > self.amount * of
        return part > self.amount

    def __str__(self) -> str:
        return f"{self.amount:.10g}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When to stop: at a time of day, or some time after the start; exactly one of the two."""

    at: time | None = None
    after: timedelta | None = None

    def moment(self, start: datetime) -> datetime:
        """The moment meant by somebody who says this at ``start``.

        A time of day is the next one: 06:00 said at 22:00 is tomorrow's. The zone is that of
        ``start``.
        """
        if self.at is None:
            return start + (self.after or timedelta())
        today = datetime.combine(start.date(), self.at, tzinfo=start.tzinfo)
        return today if today > start else today + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.at:%H:%M}" if self.at else show_duration(self.after or timedelta())


def parse_share(given: object) -> Share:
    """``50`` or ``10%``; a percentage is at most 100."""
    text = _text(given)
    percent = text.endswith("%")
    digits = text.removesuffix("%").strip()
    amount = float(digits) if _NUMBER.fullmatch(digits) else math.nan
    whole = percent or amount.is_integer()
    if math.isnan(amount) or not whole or (percent and amount > _WHOLE):
        raise ValueError(
            _('"{text}" is neither a count (50) nor a percentage up to 100% (10%)').format(
                text=text
            )
        )
    return Share(amount, percent)


def parse_duration(given: object) -> timedelta:
    """``90s``, ``15m``, ``24h``, ``2d``, joined as in ``1h30m``; a bare ``0`` is none at all."""
    text = _text(given)
    match = _DURATION.fullmatch(text.lower().replace(" ", ""))
    if text == "0":
        return timedelta()
    if not text or match is None:
        raise ValueError(
            _('"{text}" is no duration; write 90s, 15m, 24h, 2d or 1h30m').format(text=text)
        )
    return timedelta(**{unit: int(n) for unit, n in match.groupdict(default="0").items()})


def show_duration(duration: timedelta) -> str:
    """``1h30m``: as :func:`parse_duration` reads it, in whole seconds."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{n}{unit}" for n, unit in parts if n) or "0"


def parse_deadline(given: object) -> Deadline:
    """``06:00`` (the next one) or a duration from the start."""
    text = _text(given)
    clock = _CLOCK.fullmatch(text)
    try:
        if clock is None:
            return Deadline(after=parse_duration(text))
        return Deadline(at=time(int(clock[1]), int(clock[2])))
    except ValueError as error:
        raise ValueError(
            _('"{text}" is no deadline; write a time (06:00) or a duration (90m, 2h)').format(
                text=text
            )
        ) from error


def parse_rate(given: object) -> float:
    """Requests a second, above 0 and up to 300; ``max`` is 300."""
    text = _text(given)
    if text.lower() == "max":
        return MAX_RATE
    rate = float(text) if _NUMBER.fullmatch(text) else 0.0
    if not 0 < rate <= MAX_RATE:
        raise ValueError(
            _('"{text}" is no rate; write requests a second, up to 300, or max').format(text=text)
        )
    return rate


def parse_count(given: object, *, least: int, most: int) -> int:
    """A whole number from ``least`` to ``most``, both included."""
    text = _text(given)
    if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(
            _('"{text}" is no whole number from {least} to {most}').format(
                text=text, least=least, most=most
            )
        )
    return int(text)


def _text(given: object) -> str:
    """What was given as text; ``true`` is no number, though Python thinks so."""
    if isinstance(given, bool):
        return str(given).lower()
    return str(given).strip()
