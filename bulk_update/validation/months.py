"""The names of months in the five languages: for patterns, which know English names alone.

A month's name decides nothing by itself: it is read where ``--date-format`` says that one stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_LANGUAGES: Final = ("en", "it", "es", "fr", "pt")
_ENGLISH: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_NAME: Final = r"(?P<month>[^\W\d_]{3,}\.?)"
_YEAR: Final = r"(?P<year>[0-9]{4}|[0-9]{2})"
_USUAL: Final = (
    (re.compile(rf"[0-9]{{1,2}}(?P<a>\W+(?:de )?){_NAME}(?P<b>\W+(?:de )?){_YEAR}"), "%d{a}%B{b}"),
    (re.compile(rf"{_NAME}(?P<a>\W+)[0-9]{{1,2}}(?P<b>\W+){_YEAR}"), "%B{a}%d{b}"),
)


def with_english_months(text: str) -> str:
    """``text`` with the months it names, whole or cut short, as English ones of three letters."""
    if text.isascii() and text.isdigit():
        return text
    return _WORD.sub(lambda word: _months().get(_bare(word[0]), word[0]), text)


def pattern_of(text: str) -> str:
    """The strptime pattern of a date that names its month; empty for every other text."""
    for usual, pattern in _USUAL:
        match = usual.fullmatch(text)
        if match is not None and _bare(match["month"]) in _months():
            year = "%Y" if len(match["year"]) == len("2026") else "%y"
            return pattern.format(a=match["a"], b=match["b"]) + year
    return ""


@lru_cache(maxsize=1)
def _months() -> Mapping[str, str]:
    """English names by what people write; no word means two months in these languages."""
    from babel import Locale

    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for widths in Locale(language).months.values():
            for names in (widths["wide"], widths["abbreviated"]):
                found |= {_bare(name): _ENGLISH[number - 1] for number, name in names.items()}
    return found | {"sept": "Sep"}


def _bare(name: str) -> str:
    """A name without case, accents and the point that cut it short: ``févr.`` as ``fevr``."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in parts if sign.isalpha())
