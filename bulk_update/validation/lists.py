"""Cells that hold several names."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable
from typing import Final

from bulk_update.language import _
from bulk_update.model import Finding, NumberCell
from bulk_update.reading.cells import has_forbidden
from bulk_update.validation.codes import Code
from bulk_update.validation.says import Says
from bulk_update.validation.text import OUTER, composed, shown, trimmed

_SEPARATORS: Final = ";|\n\r,"
_SEPARATOR: Final = re.compile(f"[{_SEPARATORS}]")
_BRACKETS: Final = re.compile(r"""\[\s*(?:["'{\[].*|.*\])""", re.DOTALL)
_SURELY_LIST: Final = re.compile(r"""\[\s*["'{\[]""")
_LONGEST_LITERAL: Final = 100_000
"""Characters of a bracketed cell that are still parsed; no list of names is that long."""


class Exact(NumberCell):
    """A number of a JSON text: as certain in its notation as one of a workbook, and with all
    its digits."""

    __slots__ = ()


class BadList(ValueError):
    """A cell in brackets that is neither JSON nor a quoted list of texts."""


class Splitter:
    """Splits a cell at ``;``, ``|``, ``,`` and new lines, but never inside a known name:
    where several known names begin, the longest is taken."""

    def __init__(self, known: Iterable[str]) -> None:
        risky = sorted(
            {composed(name) for name in known if _SEPARATOR.search(name)}, key=len, reverse=True
        )
        ends = rf"(?=\s*(?:[{_SEPARATORS}]|$))"
        names = "|".join(map(re.escape, risky))
        self._known = re.compile(f"[+-]?(?:{names}){ends}", re.IGNORECASE) if risky else None

    def split(self, text: str) -> list[str]:
        """The names in ``text``, trimmed, each once, in their order.

        Raises :class:`BadList` for brackets with quotes that can't be read.
        """
        items = _bracketed(text) if _BRACKETS.fullmatch(text) else None
        if items is None:
            items = self._separated(text)
        return list(dict.fromkeys(filter(None, map(trimmed, items))))

    def _separated(self, text: str) -> list[str]:
        if self._known is None:
            return _SEPARATOR.split(text)
        items, place = [], 0
        while place < len(text):
            item, place = self._next(text, place)
            items.append(item)
        return items

    def _next(self, text: str, place: int) -> tuple[str, int]:
        while place < len(text) and text[place].isspace():
            place += 1
        known = self._known.match(text, place) if self._known else None
        start = known.end() if known else place
        separator = _SEPARATOR.search(text, start)
        end = separator.start() if separator else len(text)
        return text[place:end], end + 1


def names_nothing(text: str) -> bool:
    """Whether there are but separators: formulas that join empty cells leave them."""
    return not text.strip(_SEPARATORS + OUTER)


def _bracketed(text: str) -> list[str] | None:
    """The items of a list in brackets; None for a name that merely stands in them: ``[VIP]``."""
    try:
        items = literal(text)
    except BadList:
        if _SURELY_LIST.match(text):
            raise
        return None
    if not isinstance(items, list) or not all(map(_is_name, items)):
        raise BadList(text)
    return [str(item) for item in items]


def _is_name(item: object) -> bool:
    return isinstance(item, str | int) and not isinstance(item, bool)


def literal(text: str) -> object:
    """The value of ``text`` as JSON, or as a Python literal with single quotes; numbers keep
    their spelling when they come as JSON.

    Raises :class:`BadList` for anything else, for what is absurdly long or deep, and for control
    characters and halves of characters that are spelled out in it.
    """
    if len(text) > _LONGEST_LITERAL:
        raise BadList(text[:80])
    value = _parsed(text)
    if "\\" in text and _holds_forbidden(value):
        raise BadList(text[:80])
    return value


def _holds_forbidden(value: object) -> bool:
    if isinstance(value, dict):
        return _holds_forbidden([*value, *value.values()])
    if isinstance(value, list | tuple | set):
        return any(map(_holds_forbidden, value))
    return isinstance(value, str) and has_forbidden(value)


def _parsed(text: str) -> object:
    try:
        return json.loads(
            text,
            parse_float=Exact,
            parse_int=Exact,
            parse_constant=_refuse,
            object_pairs_hook=_each_once,
        )
    except BadList:
        raise
    except (ValueError, RecursionError):
        return _python_literal(text)


def _python_literal(text: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd backslashes in strings
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise BadList(text[:80]) from error


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """JSON lets the last of two equal names win in silence; we don't."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise BadList(", ".join(name for name, _value in pairs))
    return made


def _refuse(constant: str) -> object:
    raise BadList(constant)


def bad_list(says: Says, text: str) -> Finding:
    """The finding for brackets that can't be read."""
    return says.error(
        Code.BAD_LIST,
        _("'{value}' looks like a list, but can't be read as one").format(value=shown(text)),
        value=text,
        hint=_("""write ["one", "two"], or one; two"""),
    )
