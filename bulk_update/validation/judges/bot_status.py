"""What the bot is to do with the contact: start or end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bulk_update.language import _
from bulk_update.model import Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.names import Names
from bulk_update.validation.says import did_you_mean
from bulk_update.validation.text import folded

_STATUS_OF: Final[Mapping[str, str]] = {
    "bot_start": "bot_start",
    "start": "bot_start",
    "on": "bot_start",
    "bot_end": "bot_end",
    "end": "bot_end",
    "off": "bot_end",
}
_WORDS: Final = Names(_STATUS_OF)


class BotStatusJudge(Judge):
    """``bot_start`` or ``bot_end`` (public API reference), and the short words for them."""

    empty = None

    def __call__(self, text: str, _cell: str) -> Answer[Value]:
        """``bot_start`` or ``bot_end``."""
        status = _STATUS_OF.get(folded(text))
        if status is not None:
            return Answer(status)
        near = _WORDS.near(text)
        return refused(
            self.says.error(
                Code.BAD_BOT_STATUS,
                _("'{value}' is neither bot_start nor bot_end").format(value=text),
                value=text,
                hint=did_you_mean(near) or _("write start or end"),
                proposal=near or "",
            )
        )
