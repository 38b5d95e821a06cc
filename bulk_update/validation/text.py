"""What is one text and what is another: trimming, composition, case."""

from __future__ import annotations

import unicodedata
from typing import Final

_WHITE_SPACE: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_ZERO_WIDTH: Final = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202c"

_INNER: Final = dict.fromkeys(map(ord, (*_ZERO_WIDTH, "\u00ad", "\ufe0e", "\ufe0f")))
"""Taken out of names before they are compared: nobody sees them, nor the soft hyphen, nor the
sign that merely chooses between two pictures of one emoji."""

OUTER: Final = _WHITE_SPACE + _ZERO_WIDTH
"""What may be trimmed off a cell's ends: white space (also the no-break kinds), and characters
without any width, which copying from web pages and chats leaves behind."""


def trimmed(text: str) -> str:
    """``text`` without outer white space and zero-width characters, composed (NFC)."""
    return composed(text.strip(OUTER))


def composed(text: str) -> str:
    """``text`` with its accents composed (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """What two spellings that differ by case, composition, runs of white space or characters
    without any width alone have in common."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_INNER))
    caseless = " ".join(text.strip(OUTER).casefold().split())
    return composed(caseless)


def shown(text: str, limit: int = 60) -> str:
    """``text`` short enough for a message; an ellipsis says that it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
