"""How sheet and server values, numbers and times are shown on a terminal.

Nothing of a sheet or an account may act on the terminal: no escape sequence, no change of the
writing direction, no markup of rich.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Final

from bulk_update.language import _, ngettext, number
from bulk_update.model import Value
from bulk_update.reporting.cells import value_text

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_MINUTE: Final = 60
_SECONDS_UP_TO: Final = 90
_MINUTES_BELOW: Final = 120
_JOINER: Final = "\u200d"  # holds emoji together
_ALLOWED: Final = frozenset({" ", _JOINER})


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text with every character that can't be seen spelled out (``\x1b``, ``\u200b``).

    So a stray no-break space that makes a value unknown is seen, and no terminal obeys a cell.
    ``lines`` keeps new lines, for messages of more than one.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if _is_seen(char) or (lines and char == "\n") else _spelled(char) for char in text
    )


def clipped(text: str, width: int = 60) -> str:
    """The text as :func:`visible`, cut with ``...`` where it is longer than ``width``."""
    shown = visible(text[: width + 1])
    return shown if len(shown) <= width else shown[: width - 3] + "..."


def shown_value(value: Value, width: int = 60) -> str:
    """A field's value for the eye, clipped; ``(empty)`` for nothing."""
    return clipped(value_text(value), width) or _("(empty)")


def duration(seconds: float) -> str:
    """About how long, rounded up to a unit that matters: ``3 s``, ``12 min``, ``2 h 5 min``."""
    if seconds < 1:
        return _("less than a second")
    if seconds <= _SECONDS_UP_TO:
        return _("{n} s").format(n=math.ceil(seconds))
    minutes = math.ceil(seconds / _MINUTE)
    if minutes < _MINUTES_BELOW:
        return _("{n} min").format(n=minutes)
    return _("{h} h {m} min").format(h=number(minutes // _MINUTE), m=minutes % _MINUTE)


def forecast(seconds: float) -> str:
    """The same of what is still to come, to be said with "about": a second at the least."""
    return duration(max(seconds, 1.0))


def rows_text(count: int) -> str:
    """``1 row``, ``4,812 rows``."""
    return ngettext("{n} row", "{n} rows", count).format(n=number(count))


def _is_seen(char: str) -> bool:
    return char in _ALLOWED or unicodedata.category(char) not in _UNSEEN


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode()
