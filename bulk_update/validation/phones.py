"""Reading phones: digits are compared, validity is never asked for.

``+`` and ``00`` make a number international. Any other is read as written, and then as a
national number of its region, if there is one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_PREFIX: Final = re.compile(r"(?:tel|phone|whatsapp|wa)\s*:\s*", re.IGNORECASE)
_NOISE: Final = re.compile(r"[\s()./\-\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069"
                           r"\u2212\ufeff'\u2019_]+")  # fmt: skip
_TRUNK: Final = re.compile(r"\(\s*0\s*\)")
_DIGITS: Final = re.compile(r"\+?([0-9]+)")
_NOT_A_DIGIT: Final = re.compile(r"[^0-9]+")
_DIVIDES: Final = re.compile(r"[/\r\n]|\s[-\u2013\u2014]\s")
_SHORTEST: Final = 7
"""Digits that a whole number has at the least, without its area's prefix."""

_NEVER: Final = re.compile(r"(?!)")
_LANGUAGES: Final = ("en", "it", "es", "fr", "pt")


def read_phone(text: str, region: str | None) -> tuple[str, ...]:
    """What ``text`` may mean, as digits with the country in front: as written first, then as a
    national number of ``region``. Empty when it isn't one phone number."""
    if _are_two(text):
        return ()
    international = _is_international(text)
    digits = _digits(_TRUNK.sub("", text) if international else text)
    if not digits:
        return ()
    if international:
        return (digits.removeprefix("00") if digits.startswith("00") else digits,)
    national = national_reading(digits, region) if region else ""
    return (digits, national) if national and national != digits else (digits,)


def _are_two(text: str) -> bool:
    """Whether a stroke, a dash or a new line divides two whole numbers: one may as well stand
    after an area's prefix."""
    parts = _DIVIDES.split(text)
    return (
        len(parts) > 1 and sum(len(_NOT_A_DIGIT.sub("", part)) >= _SHORTEST for part in parts) > 1
    )


def international(text: str, region: str | None) -> str:
    """``text`` as people dial it from anywhere, ``+393331234567``: for one who is to look for
    it. ``""`` where it isn't one phone number, or can't be told without a region."""
    readings = read_phone(text, region)
    if not readings:
        return ""
    if _is_international(text):
        return f"+{readings[0]}"
    # The national reading first: a region was given because numbers lack their prefix.
    likely = [each for each in reversed(readings) if _is_valid(each)]
    return f"+{[*likely, *readings[1:]][0]}" if likely or readings[1:] else ""


def _is_valid(digits: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False


def _is_international(text: str) -> bool:
    start = _NOISE.sub("", _PREFIX.sub("", text, count=1))
    return start.startswith(("+", "\uff0b", "00"))


def _digits(text: str) -> str:
    bare = _NOISE.sub("", _PREFIX.sub("", text, count=1)).replace("\uff0b", "+")
    match = _DIGITS.fullmatch(bare)
    return match[1] if match else ""


def national_reading(digits: str, region: str) -> str:
    """``digits`` as a national number of ``region``, with the country in front; empty when
    they can't be one."""
    country, surely, prefixed = _national(region)
    if surely.fullmatch(digits) and not prefixed.match(digits):
        return country + digits
    return asked_of_library(digits, region)


@lru_cache(maxsize=256)
def _national(region: str) -> tuple[str, re.Pattern[str], re.Pattern[str]]:
    """The country's code, what a whole national number looks like, and what may stand before
    one; a number that is the first and doesn't begin with the second has one reading."""
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    country = str(phonenumbers.country_code_for_region(region))
    if metadata is None or metadata.general_desc is None:
        return country, _NEVER, _NEVER
    before = (country, metadata.national_prefix_for_parsing, metadata.international_prefix)
    prefixes = "|".join(f"(?:{each})" for each in before if each)
    pattern = metadata.general_desc.national_number_pattern
    return country, re.compile(pattern or _NEVER.pattern), re.compile(prefixes)


def asked_of_library(digits: str, region: str) -> str:
    """What :func:`national_reading` gives, in every case; ten times slower."""
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return ""
    spelled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return spelled.lstrip("+")


@lru_cache(maxsize=1024)
def region_code(text: str) -> str | None:
    """The two letters of the region that ``text`` names: as such, by its name in one of five
    languages, or by its calling code (``+39``). None when it names none."""
    import phonenumbers

    upper = text.strip().upper()
    if upper in phonenumbers.SUPPORTED_REGIONS:
        return upper
    if re.fullmatch(r"(?:\+|00)[1-9][0-9]{0,2}", upper):
        code = int(upper.lstrip("+"))
        region = phonenumbers.region_code_for_country_code(code)
        return region if region in phonenumbers.SUPPORTED_REGIONS else None
    return _region_names().get(text.strip().casefold())


@lru_cache(maxsize=1)
def _region_names() -> dict[str, str]:
    import phonenumbers
    from babel import Locale

    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in phonenumbers.SUPPORTED_REGIONS:
                names.setdefault(name.casefold(), code)
    return names
