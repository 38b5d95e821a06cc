"""What the judges of keys have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import ClassVar, Final

from bulk_update.language import _
from bulk_update.model import DateCell, Finding, TargetKind
from bulk_update.validation.codes import Code
from bulk_update.validation.damage import without_point_zero
from bulk_update.validation.judged import Answer, Key
from bulk_update.validation.says import Says

NO_KEY: Final = Key(TargetKind.UUID, "", "", ())


class KeyJudge(ABC):
    """Judges the cells of a key column; ``surely`` matches those that are keys beyond doubt."""

    surely: ClassVar[re.Pattern[str]]

    def __init__(self, says: Says) -> None:
        self.says = says

    def __call__(self, text: str, cell: str) -> Answer[Key]:
        """The key that ``text`` is, or why it is none; a ``.0`` at its end is taken away."""
        dated = self._date(text, cell)
        if dated is not None:
            return no_key(dated)
        whole, counted = without_point_zero(self.says, text)
        key, findings, ok = self.judge(whole, cell)
        return Answer(key, counted + findings, ok)

    def _date(self, text: str, cell: str) -> Finding | None:
        if not isinstance(cell, DateCell):
            return None
        message = _("'{value}' is a date, and no key of a contact").format(value=text)
        hint = _("take the value from its source again, into a column formatted as text")
        return self.says.error(Code.DATE_AS_KEY, message, value=cell, hint=hint)

    @abstractmethod
    def sure(self, cell: str, /) -> Key:
        """The key of a cell that ``surely`` matches."""

    @abstractmethod
    def judge(self, text: str, cell: str, /) -> Answer[Key]:
        """The key of any other cell; ``text`` is the cell trimmed."""


def no_key(finding: Finding) -> Answer[Key]:
    """The answer to a cell that is no key."""
    return Answer(NO_KEY, (finding,), ok=False)
