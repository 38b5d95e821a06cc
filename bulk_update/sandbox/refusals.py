"""What the account answers when it does not do as asked, in each shape an error can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

import orjson

from bulk_update.sandbox.behaviour import ErrorShape

JSON_TYPE: Final = "application/json; charset=utf-8"
HTML_TYPE: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong: the key of the request it is about, and a line for people."""

    field: str
    message: str


class Refused(Exception):
    """A request that is not done; ``refusals`` says all that is wrong with it."""

    def __init__(self, status: int, *refusals: Refusal) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.status = status
        self.refusals = refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


def error_answer(status: int, shape: ErrorShape, *refusals: Refusal) -> Answer:
    """The answer that says ``refusals``, in this shape."""
    content_type = HTML_TYPE if shape is ErrorShape.HTML else JSON_TYPE
    return Answer(status=status, body=_BODIES[shape](refusals), content_type=content_type)


def _by_field(refusals: tuple[Refusal, ...]) -> bytes:
    found: dict[str, list[str]] = {}
    for refusal in refusals:
        found.setdefault(refusal.field, []).append(refusal.message)
    return orjson.dumps({"errors": found})


def _joined(refusals: tuple[Refusal, ...]) -> str:
    return "; ".join(refusal.message for refusal in refusals)


def _page(refusals: tuple[Refusal, ...]) -> bytes:
    said = escape(_joined(refusals))
    return f"<html><head><title>Error</title></head><body><h1>{said}</h1></body></html>".encode()


_BODIES: Final[Mapping[ErrorShape, Callable[[tuple[Refusal, ...]], bytes]]] = {
    ErrorShape.ERROR: lambda refusals: orjson.dumps({"error": _joined(refusals)}),
    ErrorShape.BY_FIELD: _by_field,
    ErrorShape.LIST: lambda refusals: orjson.dumps({"errors": [r.message for r in refusals]}),
    ErrorShape.MESSAGE: lambda refusals: orjson.dumps({"message": _joined(refusals)}),
    ErrorShape.HTML: _page,
    ErrorShape.EMPTY: lambda _refusals: b"",
}
