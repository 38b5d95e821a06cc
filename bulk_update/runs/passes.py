"""The passes over a sheet that judge all of it: by one process, or a large text file by several.

The first pass finds what only whole columns can say, and judges the rows meanwhile, by what the
first of them say of their columns. Nearly always the rest agrees, and the sheet is read once. Where
it doesn't, there is a second pass.

Several processes find what one does, to the byte: each judges every so many a part of the file, and
the parts are put together in their order. Where anything goes wrong abreast, one process does it.
"""

from __future__ import annotations

import pickle
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import accumulate, islice
from operator import itemgetter
from typing import Final, NamedTuple

from bulk_update.model import Finding
from bulk_update.reading import Sheet
from bulk_update.reading.chunks import Chunk
from bulk_update.reading.parts import Part, Place
from bulk_update.runs import abreast
from bulk_update.runs.interaction import Progress
from bulk_update.validation import Validator
from bulk_update.validation.validator import Found, Surveying

_PART_BITS: Final = 40
"""Where the number of the part stands in the number of a row, until all rows are counted."""

_GUESSED_BY: Final = 16
"""Chunks, 2,000 rows, whose columns are taken for all of theirs."""

_SHARE: Final = 32
"""Chunks that are packed together: most of their findings are the same few."""

_MOST_KEPT: Final = 16 << 20
"""Bytes of packed findings that wait for the end of the first pass; a million rows with 380,000
bad cells take 4 MB. A sheet with more is read again."""


class Share(NamedTuple):
    """What there is to say of some rows: how many they are, the number of the last, and the
    findings of those that have some, with the number of the row."""

    rows: int
    last: int
    found: list[tuple[int, tuple[Finding, ...]]]


class Done(NamedTuple):
    """What a child has done: the records of a part, its rows, and its share as it is kept; at the
    end, what it found in all of its parts."""

    records: int = 0
    rows: int = 0
    share: bytes | None = None
    found: Found | None = None


class Kept:
    """The shares of a first pass, packed: a tenth of what they take as objects. ``shares`` is
    None when they were more than ``most`` bytes."""

    def __init__(self, most: int) -> None:
        self.shares: list[bytes] | None = []
        self._left = most

    def add(self, packed: bytes | None) -> None:
        """Keeps one; None is one that somebody could not keep."""
        self._left -= len(packed or b"")
        if packed is None or self._left < 0:
            self.shares = None
        if self.shares is not None and packed:
            self.shares.append(packed)


@dataclass(slots=True)
class Passes:
    """The passes over ``sheet``, of which ``progress`` tells. ``parts`` are what it was cut into,
    none where it is read in one go, and ``before`` the records before each, once they are counted.
    """

    sheet: Sheet
    progress: Callable[[], AbstractContextManager[Progress]]
    parts: Sequence[Part] = ()
    before: Sequence[int] = ()
    kept: list[bytes] | None = field(default=None)

    def survey(self, validator: Validator) -> None:
        """The first pass. Raises SheetError, SheetQuestion."""
        validator.guess(islice(self.sheet.chunks(), _GUESSED_BY))
        try:
            if (workers := abreast.workers()) > 1:
                self.parts = self.sheet.parts()
            if self.parts:
                self._survey_abreast(validator, workers)
                return
        except abreast.WorkerLostError:
            self.parts = ()
        self._survey_alone(validator)

    @contextmanager
    def shares(self, validator: Validator) -> Iterator[Iterator[Share]]:
        """What there is to say of all rows, in the order of the sheet. Raises SheetError."""
        workers = abreast.workers()
        if self.kept is not None:
            yield self._unpacked(self.kept, validator)
        elif self.before and workers > 1:

            def work(worker: int) -> Iterator[Share]:
                return (self._share(validator, part) for part in self.parts[worker::workers])

            with abreast.Copies(workers, work) as copies, self.progress() as progress:
                yield _told(self._in_order(copies, validator, workers), progress)
        else:
            with self.progress() as progress:
                chunks = self.sheet.chunks()
                yield _told((share_of(validator, [chunk]) for chunk in chunks), progress)

    # -- the first pass ---------------------------------------------------------------------

    def _survey_alone(self, validator: Validator) -> None:
        surveying, kept, chunks = validator.surveying(), Kept(_MOST_KEPT), self.sheet.chunks()
        with self.progress() as progress:
            while rows := _looked_at(validator, surveying, islice(chunks, _SHARE), kept):
                progress.advance(rows)
        if validator.conclude([surveying.found]):
            self.kept = kept.shares

    def _survey_abreast(self, validator: Validator, workers: int) -> None:
        def work(worker: int) -> Iterator[Done]:
            surveying, kept = validator.surveying(), Kept(_MOST_KEPT // workers)
            for part in self.parts[worker::workers]:
                yield self._survey_part(validator, surveying, part, kept)
            yield Done(found=surveying.found)

        kept, records = Kept(_MOST_KEPT), []
        with abreast.Copies(workers, work) as copies, self.progress() as progress:
            for part in self.parts:
                done = copies.next(part.number % workers)
                kept.add(done.share)
                records.append(done.records)
                progress.advance(done.rows)
            found = [copies.next(worker).found for worker in range(workers)]
        self.sheet.check_unchanged()
        self.before = list(accumulate(records, initial=0))
        if validator.conclude(filter(None, found), self._row_of):
            self.kept = kept.shares

    def _survey_part(
        self, validator: Validator, surveying: Surveying, part: Part, kept: Kept
    ) -> Done:
        first = part.number << _PART_BITS
        at = Place(rows=first)
        rows = _looked_at(validator, surveying, self.sheet.chunks_of(part, at), kept)
        share = kept.shares.pop() if kept.shares else None
        return Done(at.rows - first, rows, share)

    def _row_of(self, number: int) -> int:
        """The row that a number means which was given while earlier parts were not counted."""
        if not self.before:
            return number
        return self.before[number >> _PART_BITS] + (number & ((1 << _PART_BITS) - 1))

    def _unpacked(self, kept: list[bytes], validator: Validator) -> Iterator[Share]:
        conflicts = sorted(validator.conflicts)
        begin = 0
        for packed in kept:
            rows, last, found = pickle.loads(packed)  # noqa: S301 - it was packed by us
            shift = self._row_of(last) - last
            share = Share(rows, last + shift, [(row + shift, said) for row, said in found])
            end = max(begin, bisect_right(conflicts, share.last))
            contradicted = conflicts[begin:end]
            begin = end
            yield _with_conflicts(share, contradicted, validator) if contradicted else share

    # -- the second pass, where there is one ------------------------------------------------

    def _share(self, validator: Validator, part: Part) -> Share:
        at = Place(rows=self.before[part.number])
        return share_of(validator, self.sheet.chunks_of(part, at))

    def _in_order(
        self, copies: abreast.Copies[Share], validator: Validator, workers: int
    ) -> Iterator[Share]:
        lost = False
        for part in self.parts:
            share = None
            with suppress(abreast.WorkerLostError):
                share = None if lost else copies.next(part.number % workers)
            lost = share is None
            yield share or self._share(validator, part)
        self.sheet.check_unchanged()


def _looked_at(
    validator: Validator, surveying: Surveying, chunks: Iterable[Chunk], kept: Kept
) -> int:
    """Surveys some rows, and keeps what there is to say of them, as long as it is not too much;
    how many rows they were."""
    rows = 0

    def surveyed() -> Iterator[Chunk]:
        nonlocal rows
        for chunk in chunks:
            surveying.take(chunk)
            rows += len(chunk)
            yield chunk

    if kept.shares is None:
        deque(surveyed(), maxlen=0)
    else:
        kept.add(_packed(share_of(validator, surveyed())))
    return rows


def share_of(validator: Validator, chunks: Iterable[Chunk]) -> Share:
    """What there is to say of the rows of some chunks."""
    rows = last = 0
    found: list[tuple[int, tuple[Finding, ...]]] = []
    for chunk in chunks:
        found += [(verdict.row, verdict.findings) for verdict in validator.faults(chunk)]
        rows, last = rows + len(chunk), chunk.number(len(chunk) - 1)
    return Share(rows, last, found)


def _packed(share: Share) -> bytes:
    return pickle.dumps(tuple(share), pickle.HIGHEST_PROTOCOL)


def _with_conflicts(share: Share, rows: Iterable[int], validator: Validator) -> Share:
    """A share with what is said of those of its rows that others contradict."""
    found = dict(share.found)
    for row in rows:
        found[row] = (*found.get(row, ()), validator.conflicts[row])
    return share._replace(found=sorted(found.items(), key=itemgetter(0)))


def _told(shares: Iterable[Share], progress: Progress) -> Iterator[Share]:
    for share in shares:
        progress.advance(share.rows)
        yield share
