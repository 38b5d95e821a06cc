"""On which line of a TOML text a key stands; neither tomllib nor tomlkit says."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence


def line_of(text: str, keys: Sequence[str]) -> int:
    """The line, from 1, on which ``keys`` (a path from the root) is defined in a valid ``text``.

    Found by halving: the first lines of a valid document are a valid document too, unless they
    end inside a value of several lines, and the key is there from its own line on.
    """
    lines = text.split("\n")
    low, high = 0, len(lines)
    while high - low > 1:
        middle = (low + high) // 2
        whole = _next_whole(lines, middle, high)
        if whole == high or _has(_parsed(lines, whole), keys):
            high = middle
        else:
            low = whole
    return high


def _next_whole(lines: list[str], first: int, last: int) -> int:
    """The smallest count of lines from ``first`` on that is a document; at most ``last``."""
    return next((n for n in range(first, last) if _parsed(lines, n) is not None), last)


def _parsed(lines: list[str], count: int) -> dict[str, object] | None:
    try:
        return tomllib.loads("\n".join(lines[:count]) + "\n")
    except (ValueError, RecursionError):
        return None


def _has(document: object, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
