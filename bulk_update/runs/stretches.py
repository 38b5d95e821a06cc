"""What there is to say of rows, a stretch of them at a time: how it is made, kept and completed."""

from __future__ import annotations

import pickle
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from bulk_update.model import Finding
from bulk_update.reading.chunks import Chunk
from bulk_update.validation import Validator


class Stretch(NamedTuple):
    """Rows that follow one another: how many they are, the number of the last, and the findings
    of those that have some, each with the number of its row."""

    rows: int
    last: int
    findings: list[tuple[int, tuple[Finding, ...]]]


class Packed:
    """Stretches of a first pass, pickled: a tenth of what they take as objects.

    ``stretches`` is None once they were more than ``most`` bytes.
    """

    def __init__(self, most: int) -> None:
        self.stretches: list[bytes] | None = []
        self._left = most

    def add(self, packed: bytes | None) -> None:
        """Keep one; None is one that there was no room for elsewhere."""
        self._left -= len(packed or b"")
        if packed is None or self._left < 0:
            self.stretches = None
        if self.stretches is not None and packed:
            self.stretches.append(packed)


def stretch_of(validator: Validator, chunks: Iterable[Chunk]) -> Stretch:
    """What there is to say of the rows of some chunks."""
    rows = last = 0
    found: list[tuple[int, tuple[Finding, ...]]] = []
    for chunk in chunks:
        found += [(verdict.row, verdict.findings) for verdict in validator.faults(chunk)]
        rows, last = rows + len(chunk), chunk.number(len(chunk) - 1)
    return Stretch(rows, last, found)


def packed(stretch: Stretch) -> bytes:
    """A stretch as :func:`unpacked` takes it."""
    return pickle.dumps(tuple(stretch), pickle.HIGHEST_PROTOCOL)


def unpacked(
    kept: Iterable[bytes], validator: Validator, row_of: Callable[[int], int]
) -> Iterator[Stretch]:
    """The stretches that were kept of the whole sheet, in its order, with what is said of rows
    that others contradict. ``row_of`` says which row each number means that they gave a row."""
    conflicts = sorted(validator.conflicts)
    begin = 0
    for each in kept:
        rows, last, found = pickle.loads(each)  # noqa: S301 - it was packed by us
        shift = row_of(last) - last
        stretch = Stretch(rows, last + shift, [(row + shift, said) for row, said in found])
        end = max(begin, bisect_right(conflicts, stretch.last))
        contradicted = conflicts[begin:end]
        begin = end
        yield _with_conflicts(stretch, contradicted, validator) if contradicted else stretch


def _with_conflicts(stretch: Stretch, rows: Iterable[int], validator: Validator) -> Stretch:
    found = dict(stretch.findings)
    for row in rows:
        found[row] = (*found.get(row, ()), validator.conflicts[row])
    return stretch._replace(findings=sorted(found.items(), key=itemgetter(0)))
