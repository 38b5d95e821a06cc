"""What all judges of values have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import ClassVar

from bulk_update.model import Finding, Value
from bulk_update.validation.judged import Answer
from bulk_update.validation.says import Says


class Judge(ABC):
    """Judges the values of one column.

    ``surely`` matches cells that are fine beyond doubt and are sent exactly as they stand; the
    rest is judged at leisure. ``empty`` is what clears the field.
    """

    surely: re.Pattern[str] | None = None
    empty: ClassVar[Value] = ""

    def __init__(self, says: Says) -> None:
        self.says = says

    @abstractmethod
    def __call__(self, text: str, cell: str, /) -> Answer[Value]:
        """Judges ``text``, which is ``cell`` trimmed and composed; neither is blank."""


def refused(*findings: Finding) -> Answer[Value]:
    """The answer to a value that can't be sent."""
    return Answer("", findings, ok=False)
