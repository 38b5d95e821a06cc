"""Custom fields of type number: sent as a text that holds a plain decimal."""

from __future__ import annotations

from bulk_update.language import _
from bulk_update.model import DateCell, Level, NumberCell, Value
from bulk_update.validation.codes import Code
from bulk_update.validation.damage import without_point_zero
from bulk_update.validation.decimals import (
    PLAIN_DECIMAL,
    PLAIN_WHOLE,
    Sign,
    plain,
    read_number,
    sign_votes,
    ungrouped,
)
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.says import Says


class NumberJudge(Judge):
    """Numbers with the decimal sign of their column; ``sign`` is None where none was decided,
    and only what is the same either way is taken."""

    surely = PLAIN_WHOLE

    def __init__(self, says: Says, sign: Sign | None) -> None:
        super().__init__(says)
        self._sign = sign
        if sign is Sign.POINT:
            self.surely = PLAIN_DECIMAL  # this column's, not the class's

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """A number, as a plain decimal."""
        if isinstance(cell, NumberCell):
            return self._read(text, Sign.POINT)
        if isinstance(cell, DateCell):
            return self._refused(text, _("'{value}' is a date, not a number"))
        return self._read(text, self._sign) if self._sign else self._undecided(text)

    def _undecided(self, text: str) -> Answer[Value]:
        signs, in_doubt = sign_votes(text)
        if not in_doubt:
            return self._read(text, next(iter(signs), Sign.POINT))
        message = _("'{value}' can be read with a decimal point or with a decimal comma")
        return refused(
            self.says.error(
                Code.NUMBER_AMBIGUOUS,
                message.format(value=text),
                value=text,
                hint=_("say which with --decimal . or --decimal ,"),
            )
        )

    def _read(self, text: str, sign: Sign) -> Answer[Value]:
        number = read_number(text, sign)
        if number is None:
            return self._refused(text, _("'{value}' is not a number in the notation of its column"))
        value = plain(number)
        if value == ungrouped(text, sign):
            return Answer(value)
        return self._respelled(text, value)

    def _respelled(self, text: str, value: str) -> Answer[Value]:
        without_zero, counted = without_point_zero(self.says, text)
        if without_zero == value:
            return Answer(value, counted)
        finding = self.says.fixed(Code.NUMBER_RESPELLED, value=text, proposal=value)
        return Answer(value, (finding,), ok=finding.level is not Level.ERROR)

    def _refused(self, text: str, message: str) -> Answer[Value]:
        return refused(
            self.says.error(
                Code.BAD_NUMBER,
                message.format(value=text),
                value=text,
                hint=_("write digits, with a decimal part where there is one"),
            )
        )
