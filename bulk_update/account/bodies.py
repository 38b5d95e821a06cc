"""One readable line from whatever an account says when it refuses.

The public API reference documents no shape for the body of an error, so every shape that servers
commonly use must do: ``{"error": "…"}``, ``{"errors": {"field": ["…"]}}``, ``{"errors": ["…"]}``,
``{"message": "…"}``, these nested in each other, a page of HTML, plain text, nothing at all.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final

import orjson

LONGEST_LINE: Final = 300
"""Characters of a readable line; what is cut off leaves an ellipsis behind."""

_LONGEST_READ: Final = 65_536
_DEEPEST: Final = 6
_MOST_PARTS: Final = 20
_ENVELOPES: Final = ("errors", "error", "message", "detail", "details", "title", "description")
_NO_WORDS: Final = frozenset({"status", "code", "statuscode", "success", "ok", "timestamp", "path"})

# C0 and C1 controls, soft hyphen-like marks, and the marks that turn the direction of text:
# a terminal or a spreadsheet would obey them.
_UNSEEMLY: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+"
)
_SPACES: Final = re.compile(r"\s+")
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_NOT_TEXT: Final = re.compile(
    r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL
)
_LOOKS_LIKE_HTML: Final = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)

Json = Mapping[str, "Json"] | list["Json"] | str | int | float | bool | None
"""What a JSON document can hold."""


def readable(body: bytes, *, secret: str = "") -> str:
    """The words in ``body`` as one line of at most :data:`LONGEST_LINE` characters, without
    control characters and without ``secret``; ``""`` when it says nothing."""
    if secret:  # before it is cut: half of a secret could not be found again
        body = body.replace(secret.encode(), b"***")
    text = body[:_LONGEST_READ].decode("utf-8", errors="replace")
    if _LOOKS_LIKE_HTML.match(text):
        return tidy(_page_words(text), secret=secret)
    try:
        return words_of(orjson.loads(body), secret=secret)
    except orjson.JSONDecodeError:
        return tidy(text, secret=secret)


def words_of(said: Json, *, secret: str = "") -> str:
    """As :func:`readable`, of JSON that is read already."""
    parts: list[str] = []
    for part in _words(said, 0):
        if part not in parts:
            parts.append(part)
        if len(parts) == _MOST_PARTS:
            parts.append("…")
            break
    return tidy("; ".join(parts), secret=secret)


def tidy(text: str, *, secret: str = "") -> str:
    """``text`` as one short line that no terminal obeys, with ``secret`` masked."""
    if secret:
        text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    line = _SPACES.sub(" ", _UNSEEMLY.sub(" ", text)).strip()
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1].rstrip() + "…"


def says_error(said: Json) -> bool:
    """Whether JSON that came under a 200 is the body of an error all the same."""
    return isinstance(said, dict) and bool(said.get("error") or said.get("errors"))


def _page_words(text: str) -> str:
    title = _TITLE.search(text)
    found = title.group(1) if title else _NOT_TEXT.sub(" ", text)
    return html.unescape(found)


def _words(said: Json, depth: int) -> Iterator[str]:
    if said is None or isinstance(said, bool) or depth > _DEEPEST:
        return
    if isinstance(said, Mapping):
        yield from _words_of_object(said, depth)
    elif isinstance(said, list):
        for item in said:
            yield from _words(item, depth + 1)
    elif str(said).strip():
        yield str(said)


def _words_of_object(said: Mapping[str, Json], depth: int) -> Iterator[str]:
    envelopes = [found for name in _ENVELOPES for found in [*_words(said.get(name), depth + 1)]]
    if envelopes:
        yield from envelopes
        return
    for name, value in said.items():
        if str(name).casefold() in _NO_WORDS and depth == 0:
            continue
        found = ", ".join(_words(value, depth + 1))
        if found:
            yield f"{name}: {found}"
