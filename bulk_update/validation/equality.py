"""When two values are equal: the one rule that checking, planning and proving share.

- null, ``""`` and absent are one;
- a checkbox is a set: ``()``, ``"[]"`` and absent are one, and so are a list and its JSON text;
- tags are sets, byte for byte;
- numbers are equal by value, dates by day, e-mail addresses without regard to case;
- CRLF and LF are one in notes;
- everything else is equal exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from bulk_update.model import CUSTOM_PREFIX, FieldName, FieldType, Value

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?", re.DOTALL)


def equal(field: FieldName, kind: FieldType | None, a: Value, b: Value) -> bool:
    """Whether two values of ``field`` are the same; ``kind`` is that of a custom field, where
    it is known. It is symmetric, and every value equals itself."""
    if a == b or (_absent(a) and _absent(b)):
        return True
    if field == "tags":
        return tags_equal(_names(a), _names(b))
    if isinstance(a, tuple) or isinstance(b, tuple) or kind is FieldType.CHECKBOX:
        return set(_names(a)) == set(_names(b))
    return _texts_equal(field, kind, a or "", b or "")


def day_of(text: str) -> str:
    """The day of a date that may bear a time; any other text as it stands."""
    found = _DAY.fullmatch(text)
    return text if found is None else found[1]


def tags_equal(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether two lists of tags hold the same ones, byte for byte, in whatever order."""
    return set(a) == set(b)


def _absent(value: Value) -> bool:
    return not value


def _texts_equal(field: FieldName, kind: FieldType | None, a: str, b: str) -> bool:
    if field == "note":
        return a.replace("\r\n", "\n") == b.replace("\r\n", "\n")
    if field == "assigned_user" or (kind is FieldType.EMAIL and field.startswith(CUSTOM_PREFIX)):
        return a.casefold() == b.casefold()
    if kind is FieldType.NUMBER:
        return _numbers_equal(a, b)
    return kind is FieldType.DATE and _days_equal(a, b)


def _numbers_equal(a: str, b: str) -> bool:
    if not (_NUMBER.fullmatch(a) and _NUMBER.fullmatch(b)):
        return False
    return Decimal(a) == Decimal(b)


def _days_equal(a: str, b: str) -> bool:
    first, second = _DAY.fullmatch(a), _DAY.fullmatch(b)
    return first is not None and second is not None and first[1] == second[1]


def _names(value: Value) -> tuple[str, ...]:
    """The names a value lists; the account writes a checkbox as the JSON text of its list."""
    if isinstance(value, tuple):
        return value
    if not value:
        return ()
    return _listed(value) if value.startswith("[") else (value,)


def _listed(text: str) -> tuple[str, ...]:
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        return (text,)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return (text,)
    return tuple(names)
