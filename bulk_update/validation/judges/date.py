"""Custom fields of type date: sent as ISO dates."""

from __future__ import annotations

import re
import shlex

from bulk_update.language import _
from bulk_update.model import Finding, Value
from bulk_update.validation.codes import Code
from bulk_update.validation.dates import Day, Order, by_pattern, certain, in_order, votes
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.months import pattern_of
from bulk_update.validation.says import Says

_FIRST_YEAR, _LAST_YEAR = 1583, 9999  # before that, calendars disagree


class DateJudge(Judge):
    """Dates in the order of their column (or by a strptime pattern); ``order`` is None where
    none was decided, and only what is the same in every order is taken."""

    surely = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])")

    def __init__(self, says: Says, order: Order | str | None, *, date_1904: bool) -> None:
        super().__init__(says)
        self._order = order
        self._date_1904 = date_1904

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """A day, as an ISO date."""
        day = certain(text, cell, date_1904=self._date_1904) or self._by_order(text)
        if day is not None:
            return self._taken(text, day)
        return self._ambiguous(text) if self._in_doubt(text) else self._refused(text)

    def _by_order(self, text: str) -> Day | None:
        if isinstance(self._order, Order):
            return in_order(text, self._order)
        if self._order is not None:
            return by_pattern(text, self._order)
        orders, in_doubt = votes(text)
        return in_order(text, next(iter(orders))) if orders and not in_doubt else None

    def _in_doubt(self, text: str) -> bool:
        return self._order is None and votes(text)[1]

    def _taken(self, text: str, day: Day) -> Answer[Value]:
        if not _FIRST_YEAR <= day.day.year <= _LAST_YEAR:
            return self._refused(text)
        value = day.day.isoformat()
        return Answer(value, tuple(self._remarks(text, value, day)))

    def _remarks(self, text: str, value: str, day: Day) -> list[Finding]:
        remarks = []
        if day.serial:
            message = _("the serial number {text} was read as the date {value}")
            said = message.format(text=text, value=value)
            remarks.append(self.says.info(Code.SERIAL_DATE, said, value=text))
        if day.time:
            message = _("the time {time} was left out: the field holds a day, {value}")
            said = message.format(time=day.time, value=value)
            remarks.append(self.says.warning(Code.TIME_DROPPED, said, value=text))
        return remarks

    def _ambiguous(self, text: str) -> Answer[Value]:
        message = _("'{value}' is another day in another order").format(value=text)
        hint = _("say which with --date-format DMY, MDY or YMD")
        return refused(self.says.error(Code.DATE_AMBIGUOUS, message, value=text, hint=hint))

    def _refused(self, text: str) -> Answer[Value]:
        message = _("'{value}' is not a date, or not in the order of its column ({order})")
        return refused(
            self.says.error(
                Code.BAD_DATE,
                message.format(value=text, order=self._order_name()),
                value=text,
                hint=self._hint(text),
            )
        )

    def _hint(self, text: str) -> str:
        pattern = "" if isinstance(self._order, str) else pattern_of(text)
        if not pattern or by_pattern(text, pattern) is None:
            return _("write it as 2026-12-31, or say its order with --date-format")
        flag = f"--date-format {shlex.quote(pattern)}"
        return _("write it as 2026-12-31, or say how it is written: {flag}").format(flag=flag)

    def _order_name(self) -> str:
        if isinstance(self._order, Order):
            return str(self._order.name)
        return self._order or "YYYY-MM-DD"
