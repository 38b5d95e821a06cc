"""What there is to say of rows, a stretch of them at a time: how it is made, kept and completed."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from bulk_update.model import Finding, Level, RowStatus
from bulk_update.reading.chunks import Chunk
from bulk_update.validation import RowsByFinding, Validator, status_of


class Stretch(NamedTuple):
    """Rows that follow one another: how many they are, the number of the last, how many of them
    are not valid, by status, and each finding with the rows that bear it, as
    :attr:`RowsByFinding.groups` has them."""

    rows: int
    last: int
    bad: Counter[RowStatus]
    groups: list[tuple[Finding, list[int]]]


class KeptStretches:
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
    found, statuses = RowsByFinding(), Counter[RowStatus]()
    for chunk in chunks:
        for verdict in validator.faults(chunk):
            found.add(verdict.row, verdict.findings)
            statuses[status_of(verdict.findings)] += 1
        rows, last = rows + len(chunk), chunk.number(len(chunk) - 1)
    del statuses[RowStatus.VALID]
    return Stretch(rows, last, statuses, found.groups)


def packed(stretch: Stretch) -> bytes:
    """A stretch as :func:`unpacked` takes it."""
    groups = [(_fields(finding), rows) for finding, rows in stretch.groups]
    plain = (stretch.rows, stretch.last, stretch.bad, groups)
    return pickle.dumps(plain, pickle.HIGHEST_PROTOCOL)


def unpacked(
    kept: Iterable[bytes], validator: Validator, row_of: Callable[[int], int]
) -> Iterator[Stretch]:
    """The stretches that were kept of the whole sheet, in its order, with what is said of rows
    that others contradict. ``row_of`` says which row each number means that they gave a row."""
    conflicts, before = validator.conflicts, 0
    for each in kept:
        rows, last, bad, groups = pickle.loads(each)  # noqa: S301 - it was packed by us
        shift = row_of(last) - last
        found = [(_finding(*said), [row + shift for row in bearing]) for said, bearing in groups]
        stretch = Stretch(rows, last + shift, bad, found)
        contradicted = list(conflicts.up_to(stretch.last, after=before))
        before = stretch.last
        yield _with_conflicts(stretch, contradicted) if contradicted else stretch


_fields: Final = attrgetter("code", "level", "message", "hint", "column", "value", "proposal")


@lru_cache(maxsize=4_096)
def _finding(  # noqa: PLR0913, PLR0917 - they are the fields of a finding
    code: str,
    level: Level,
    message: str,
    hint: str,
    column: str | None,
    value: str | None,
    proposal: str | None,
) -> Finding:
    """The finding of these fields: most come again in every stretch."""
    return Finding(
        code=code,
        level=level,
        message=message,
        hint=hint,
        column=column,
        value=value,
        proposal=proposal,
    )


def _with_conflicts(stretch: Stretch, contradicted: Sequence[tuple[int, Finding]]) -> Stretch:
    """Only of rows that are valid by themselves it is known what they ask for."""
    found = RowsByFinding()
    for row, finding in contradicted:
        found.add(row, [finding])
    bad = stretch.bad + Counter({RowStatus.DUPLICATE: len(contradicted)})
    groups = sorted([*stretch.groups, *found.groups], key=_first_row)
    return stretch._replace(bad=bad, groups=groups)


def _first_row(group: tuple[Finding, list[int]]) -> int:
    return group[1][0]
