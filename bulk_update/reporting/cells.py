"""One cell of a report: guarded against formulas, lists that can be read back, times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import orjson

from bulk_update.model import Value

_SUSPECT: Final = frozenset("=@\t\r'+-")
_PHONE_OR_NUMBER: Final = re.compile(r"[+-][0-9 ().-]+")
_AMBIGUOUS: Final = re.compile(r"[;|,\n]|\A\s|\s\Z|\A\[|\A\Z")


def guard(text: str) -> str:
    """The text as a cell that no spreadsheet program takes for a formula.

    One ``'`` is put before a cell that begins with ``=``, ``@``, tab, CR or ``'``, and before one
    that begins with ``+`` or ``-`` unless digits, spaces and ``().-`` alone follow (phones and
    numbers stay as they are; a lone sign is guarded). Every cell that begins with ``'`` in a
    guarded file has been given it here, so taking one away gives the text back.
    """
    if not text or text[0] not in _SUSPECT:
        return encodable(text)
    if text[0] in "+-" and _PHONE_OR_NUMBER.fullmatch(text):
        return text
    return "'" + encodable(text)


def encodable(text: str) -> str:
    r"""The text with each lone surrogate spelled out as ``\udXXX``; all other text as it is.

    Such text is a finding of its row, and its row must still get into the reports, which are
    UTF-8.
    """
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def value_text(value: Value) -> str:
    """A field's value as one cell: text as it is, a list as :func:`joined`, ``""`` for nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else joined(value)


def joined(items: Iterable[str]) -> str:
    """A list as one cell: ``VIP;Lead``, or a JSON list where that could not be read back.

    JSON is written when an item contains a separator of lists (``;``, ``|``, ``,``, new line),
    is blank, begins or ends with white space, or begins with ``[``. So a cell that begins with
    ``[`` is JSON, and every other one is split at ``;``.
    """
    listed = list(items)
    if any(_AMBIGUOUS.search(item) for item in listed):
        return orjson.dumps([encodable(item) for item in listed]).decode()
    return ";".join(listed)


def stamp(at: datetime | None) -> str:
    """A time as ISO 8601 with its offset, to the second; a naive one is local time."""
    return "" if at is None else at.astimezone(at.tzinfo).isoformat(timespec="seconds")


def optional(number: int | None) -> str:
    """A number as text, ``""`` for none."""
    return "" if number is None else str(number)
