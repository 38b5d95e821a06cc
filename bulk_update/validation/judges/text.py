"""Custom fields of type text, and those whose type isn't known."""

from __future__ import annotations

import re
from typing import Final

from bulk_update.model import Value
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge

PLAIN_TEXT: Final = re.compile(
    r"(?!Err:|[0-9]++(?:[.,][0-9]++)?+[Ee]\+)[A-Za-z0-9À-ÖØ-öø-ÿ]"
    r"(?:[ -~À-ÖØ-öø-ÿ]{0,250}[!-~À-ÖØ-öø-ÿ])?"
)
"""Latin text without outer white space, composed, and with nothing of a spreadsheet's damage."""


class TextJudge(Judge):
    """Any text will do."""

    surely = PLAIN_TEXT

    def __call__(self, text: str, _cell: str) -> Answer[Value]:
        """Every text is taken."""
        return Answer(text)
