"""The note."""

from __future__ import annotations

from typing import Final

from bulk_update.language import _
from bulk_update.model import Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.judges.text import PLAIN_TEXT
from bulk_update.validation.text import shown

LONGEST_NOTE: Final = 1000
"""Characters, counted as code points (public API reference, July 2026)."""


class NoteJudge(Judge):
    """At most 1,000 characters, new lines included."""

    surely = PLAIN_TEXT

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """Anything but a note that is too long."""
        if len(text) <= LONGEST_NOTE:
            return Answer(text)
        message = _("the note has {count} characters, and may have {most}: '{start}'").format(
            count=len(text), most=LONGEST_NOTE, start=shown(text)
        )
        return refused(
            self.says.error(
                Code.NOTE_TOO_LONG, message, value=cell, hint=_("shorten it; nothing is cut off")
            )
        )
