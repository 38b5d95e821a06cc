"""Number formats that add something to a number: ``00000`` shows 123 as 00123.

A workbook keeps the number 123 and the format; a person sees, and means, 00123. Formats that
only group or round digits, currencies and percentages leave the number what it is, and are not
applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_CERTAIN: Final = 10**15

_TOKEN: Final = re.compile(
    r"\"(?P<quoted>[^\"]*)\""
    r"|\\(?P<escaped>.)"
    r"|(?P<width>[_*].)"  # room as wide as a character, a character that fills the cell
    r"|\[(?!<|>|=)[^\]]*\]"  # a colour or a language; a condition makes the format unknown
    r"|(?P<digit>[0#?])"
    r"|(?P<plain>[ +\-()1-9])",
    re.DOTALL,
)

_LEAST_ZEROS: Final = 2
"""``0`` alone shows every number as it is; ``00`` pads."""


@dataclass(frozen=True, slots=True)
class Mask:
    """A format for whole numbers, as a list of places for digits and of text between them."""

    parts: tuple[tuple[bool, str], ...]
    padding: int
    """The number of places of a format that is nothing but zeros, the usual one; else 0."""

    @classmethod
    def of(cls, code: str) -> Mask | None:
        """The mask that the format ``code`` is, where it adds zeros, digits or a plus sign;
        ``None`` for every other format, also for those this program does not know."""
        parts = _parts(code.partition(";")[0])
        if parts is None:
            return None
        zeros = sum(place and text == "0" for place, text in parts)
        adds = any(not place and re.search(r"[0-9+]", text) for place, text in parts)
        places = any(place for place, _text in parts)
        padding = len(parts) if zeros == len(parts) else 0
        return cls(parts, padding) if places and (zeros >= _LEAST_ZEROS or adds) else None

    def show(self, number: float) -> str | None:
        """``number`` as a spreadsheet shows it; ``None`` where the mask is not for it: a
        fraction, a negative number, one of more than 15 digits."""
        if not 0 <= number < _CERTAIN or number % 1:
            return None
        if self.padding:
            return str(int(number)).zfill(self.padding)
        digits = list(str(int(number)) if number else "")
        places = sum(place for place, _text in self.parts)
        shown: list[str] = []
        for place, text in reversed(self.parts):
            if not place:
                shown.append(text)
                continue
            places -= 1
            shown.append(_taken(digits, text, whole=places == 0))
        return "".join(reversed(shown)).strip()


def _taken(digits: list[str], place: str, *, whole: bool) -> str:
    """What stands in one place: its digit, at the first place all that are left, or nothing."""
    if whole and digits:
        return "".join(digits)
    if digits:
        return digits.pop()
    return "0" if place == "0" else ""


def _parts(section: str) -> tuple[tuple[bool, str], ...] | None:
    parts: list[tuple[bool, str]] = []
    at = 0
    while at < len(section):
        token = _TOKEN.match(section, at)
        if token is None:
            return None
        at = token.end()
        if token["digit"]:
            parts.append((True, token["digit"]))
        elif text := token["quoted"] or token["escaped"] or token["plain"]:
            parts.append((False, text))
    return tuple(parts)
