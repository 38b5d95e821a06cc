"""Letters that look the same and are others: what copying from web pages and phones leaves.

A name with one of them is never taken for its twin, only proposed: to a person both look right,
so a message that merely calls it unknown would be no help.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_CYRILLIC: Final = (
    "\u0430\u0432\u0441\u0501\u0435\u043d\u04bb\u0456\u0458\u043a\u043c\u043f\u043e\u0440\u0455"
    "\u0442\u0475\u0445\u0443"
)
_GREEK: Final = (
    "\u03b1\u03b2\u03f2\u03b5\u03b7\u03b9\u03f3\u03ba\u03bc\u03bf\u03c1\u03c4\u03c5\u03bd\u03c7"
    "\u03b3\u03b6"
)
_QUOTES: Final = "\u2018\u2019\u02bc\u00b4\u0060"
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2212"
_LOOKS_LIKE: Final = (
    str.maketrans(_CYRILLIC, "abcdehhijkmnopstvxy")  # small letters, or how their capitals look
    | str.maketrans(_GREEK, "abcehijkmoptuvxyz")
    | str.maketrans("1l|0", "iiio")
    | dict.fromkeys(map(ord, _QUOTES), "'")
    | dict.fromkeys(map(ord, _DASHES), "-")
)


def skeleton(text: str) -> str:
    """What a text in small letters looks like: two that look the same have one skeleton, be it
    that their letters come from different scripts, widths or accents."""
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return bare.translate(_LOOKS_LIKE)
