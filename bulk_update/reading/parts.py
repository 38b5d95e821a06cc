"""Where a large text file can be cut, so that its parts are read beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

CUTTABLE: Final = frozenset({"utf-8", "utf-8-sig", "cp1252"})
"""Encodings in which a byte of a quote or a line end is nothing else."""


WORTH_CUTTING: Final = 8 << 20
"""Bytes; a smaller file is read in less than half a second."""


PART: Final = 1 << 19
"""Bytes of a part: what is found in one is held at once, a kilobyte for each bad cell."""


MOST_OF_A_PART: Final = 4 << 20
"""Bytes; a file with a longer stretch in which it can't be cut is read in one go: one whose lines
end in CR alone is such a stretch."""


class Part(NamedTuple):
    """Some bytes of a file, from ``begin`` up to ``end``; ``number`` counts its parts from 0."""

    number: int
    begin: int
    end: int


@dataclass(slots=True)
class Place:
    """How far a file was read: the records and the lines that are done with."""

    lines: int = 0
    rows: int = 0


class NotApartError(Exception):
    """A part can't be read without the one before it, or is broken."""


def parts_of(chunks: Iterable[bytes]) -> list[Part]:
    """The parts of a file that begin where a line does outside of quotes: one for each of the
    ``chunks`` in which there is such a place; none where they would be too large.

    If a quote is meant for one only where a cell begins, that is where a record begins. Whoever
    reads a part to the end of its last record, strictly, knows that the next begins with one.
    """
    borders = [0]
    begin = is_open = 0
    for chunk in chunks:
        border = _line_outside(chunk, is_open) if begin else 0
        if border:
            borders.append(begin + border)
        if b'"' in chunk:  # ten times as fast as to count none
            is_open ^= chunk.count(b'"') & 1
        begin += len(chunk)
    if borders[-1] != begin:
        borders.append(begin)
    spans = list(pairwise(borders))
    if any(end - begin > MOST_OF_A_PART for begin, end in spans):
        return []
    return [Part(number, *span) for number, span in enumerate(spans)]


def _line_outside(chunk: bytes, is_open: int) -> int:
    """Where the first line begins outside of quotes, after the place where ``chunk`` begins, which
    is inside of them if it ``is_open``; 0 where there is none."""
    place = 0
    while line := chunk.find(b"\n", place) + 1:
        is_open ^= chunk.count(b'"', place, line) & 1
        if not is_open:
            return line
        place = line
    return 0
