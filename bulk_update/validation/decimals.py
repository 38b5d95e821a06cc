"""Reading numbers: with a decimal point or a decimal comma, one for the whole column."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import IntFlag
from typing import Final

from bulk_update.errors import UsageError
from bulk_update.language import _
from bulk_update.validation.damage import POINT_ZERO


class Sign(IntFlag):
    """The decimal sign; one bit each, to be counted on a ballot."""

    POINT = 1
    COMMA = 2


WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_SIMPLE: Final = {
    Sign.POINT: re.compile(r"([+-]?)([0-9]*)\.([0-9]+)"),
    Sign.COMMA: re.compile(r"([+-]?)([0-9]*),([0-9]+)"),
}
_WHOLE: Final = "(?:-?[1-9][0-9]{0,14}+|0)"
_DECIMALS: Final = "(?:[0-9]{4,9}+|[0-9]{2}|[1-9])"  # three might be a group

PLAIN_WHOLE: Final = re.compile(_WHOLE)
"""Whole numbers as they are sent."""

ONE_SIGN: Final = {
    Sign.POINT: re.compile(rf"{_WHOLE}\.{_DECIMALS}"),
    Sign.COMMA: re.compile(rf"{_WHOLE},{_DECIMALS}"),
}
"""By sign, what can be read with no other, as far as it is written plainly."""

AT_MOST_ONE_SIGN: Final = {
    Sign.POINT: re.compile(rf"{_WHOLE}(?:\.{_DECIMALS})?+"),
    Sign.COMMA: re.compile(rf"{_WHOLE}(?:,{_DECIMALS})?+"),
}
"""By sign, that and whole numbers."""

PLAIN_DECIMAL: Final = re.compile(rf"{AT_MOST_ONE_SIGN[Sign.POINT].pattern}|{_WHOLE}\.[0-9]{{3}}")
"""Numbers as they are sent, where the decimal sign is a point."""

_GROUPED: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,'\u2019\s][0-9]{3})+(?:[.,][0-9]+)?")
_GROUP_SPACE: Final = re.compile(r"['\u2019\s]")
_LOCALE: Final = {Sign.POINT: ("en", ","), Sign.COMMA: ("de", ".")}


def read_number(text: str, sign: Sign) -> Decimal | None:
    """The number that ``text`` means with this decimal sign; None when it doesn't fit.

    Digits, a decimal part, groups of three: no exponents, no ``NaN``, no underscores.
    """
    if WHOLE.fullmatch(text):
        return Decimal(text)
    if match := POINT_ZERO.fullmatch(text):
        return Decimal(match[1])
    if match := _SIMPLE[sign].fullmatch(text):
        return Decimal(f"{match[1]}{match[2] or '0'}.{match[3]}")
    return _grouped(text, sign) if _GROUPED.fullmatch(text) else None


def _grouped(text: str, sign: Sign) -> Decimal | None:
    from babel.numbers import NumberFormatError, parse_decimal

    locale, group = _LOCALE[sign]
    digits = _GROUP_SPACE.sub(group, text.lstrip("+-"))
    try:
        number = parse_decimal(digits, locale=locale, strict=True)
    except NumberFormatError:
        return None
    return -number if text.startswith("-") else number


def sign_votes(text: str) -> tuple[Sign, bool]:
    """The decimal signs that ``text`` fits, and whether they give it different values."""
    for sign, pattern in ONE_SIGN.items():
        if pattern.fullmatch(text):
            return sign, False
    readings = {sign: read_number(text, sign) for sign in Sign}
    fitting = Sign(0)
    for sign, number in readings.items():
        fitting |= sign if number is not None else Sign(0)
    return fitting, len({number for number in readings.values() if number is not None}) > 1


def ungrouped(text: str, sign: Sign) -> str:
    """``text`` without its groups of three, and with a point as decimal sign."""
    bare = _GROUP_SPACE.sub("", text)
    return bare.replace(",", "") if sign is Sign.POINT else bare.replace(".", "").replace(",", ".")


def plain(number: Decimal) -> str:
    """``number`` as a plain decimal with a point; nought has no sign."""
    return format(number or abs(number), "f")


def checked_sign(text: str | None) -> Sign | None:
    """What a ``--decimal`` says. Raises :class:`UsageError` for anything but ``,`` and ``.``."""
    if text is None:
        return None
    if text in (".", ","):
        return Sign.POINT if text == "." else Sign.COMMA
    message = _("'{sign}' is no decimal sign").format(sign=text)
    raise UsageError(message, hint=_("--decimal takes , or ."), code="decimal")
