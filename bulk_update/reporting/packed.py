"""Texts put aside for a second time, packed, in memory: a tenth of what they would take."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

import orjson

_EACH: Final = 256
"""So many are packed together."""


class Packed:
    """A list of texts that is only added to, then read from the start. A text is one that UTF-8
    can hold."""

    __slots__ = ("_blocks", "_open", "count")

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._open: list[str] = []
        self.count = 0

    def add(self, item: str) -> None:
        """Puts one text aside."""
        self.count += 1
        self._open.append(item)
        if len(self._open) >= _EACH:
            self._blocks.append(zlib.compress(orjson.dumps(self._open), 1))
            self._open = []

    def items(self) -> Iterator[str]:
        """All of them, in their order."""
        for block in self._blocks:
            yield from orjson.loads(zlib.decompress(block))
        yield from self._open
