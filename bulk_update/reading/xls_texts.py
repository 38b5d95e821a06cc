"""How long the shared texts of an XLS workbook are, each of which many cells may name.

After Microsoft's published description, [MS-XLS]: the record SST, which goes on in records
CONTINUE. A text that is cut by their border begins anew with a byte of flags.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

_WIDE: Final = 0x01
_MORE: Final = 0x04
_RUNS: Final = 0x08
_RUN: Final = 4


class _Bytes:
    """The records' bytes, of which some belong together over the borders and some do not."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self._records, self._record, self._at = records, 0, 0

    def head(self, form: str) -> tuple[int, ...]:
        """Numbers that stand in one record."""
        if self._at >= len(self._records[self._record]):
            self._record, self._at = self._record + 1, 0
        found = struct.unpack_from(form, self._records[self._record], self._at)
        self._at += struct.calcsize(form)
        return found

    def pass_over(self, size: int) -> None:
        """Goes on by ``size`` bytes, over any borders."""
        while size > (left := len(self._records[self._record]) - self._at):
            size -= left
            self._record, self._at = self._record + 1, 0
        self._at += size

    def pass_characters(self, count: int, flags: int) -> None:
        """Goes on by ``count`` characters, whose width may change at a border."""
        width = 1 + (flags & _WIDE)
        while count > (left := (len(self._records[self._record]) - self._at) // width):
            count -= left
            self._record, self._at = self._record + 1, 1
            width = 1 + (self._records[self._record][0] & _WIDE)
        self._at += count * width


def text_lengths(records: Sequence[bytes]) -> list[int]:
    """The characters of each shared text; ``records`` are the bodies of SST and what continues it.

    Where they do not hang together the list ends: the reader of the texts will say so.
    """
    lengths: list[int] = []
    source = _Bytes(records)
    with suppress(struct.error, IndexError):
        _uses, count = source.head("<2I")
        lengths.extend(_passed(source) for _text in range(count))  # keeps those before a fault
    return lengths


def _passed(source: _Bytes) -> int:
    count, flags = source.head("<HB")
    runs = source.head("<H")[0] if flags & _RUNS else 0
    more = source.head("<I")[0] if flags & _MORE else 0
    source.pass_characters(count, flags)
    source.pass_over(_RUN * runs + more)
    return count
