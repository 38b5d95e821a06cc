"""The passes over a sheet that judge all of it: by one process, or a large text file by several.

What comes out is the same, to the byte: each process judges every so many a part of the file, and
the parts are put together in their order. Where anything goes wrong abreast, one process does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

from bulk_update.model import Finding, RowStatus
from bulk_update.reading import Sheet
from bulk_update.reading.chunks import Chunk
from bulk_update.reading.parts import Part, Place
from bulk_update.runs import abreast
from bulk_update.validation import Validator, status_of
from bulk_update.validation.validator import Found, Surveying

_PART_BITS: Final = 40
"""Where the number of the part stands in the number of a row, until all rows are counted."""


class Share(NamedTuple):
    """What there is to say of some rows: how many they are, how many of each status, and the
    findings of those that have some, with the number of the row."""

    rows: int
    counts: Counter[RowStatus]
    found: list[tuple[int, tuple[Finding, ...]]]


@dataclass(slots=True)
class Passes:
    """The passes over ``sheet``; ``parts`` are what it was cut into, none where it is read in
    one go, and ``before`` the records before each, once they are counted."""

    sheet: Sheet
    parts: Sequence[Part] = ()
    before: Sequence[int] = field(default=())

    def survey(self, validator: Validator) -> None:
        """The first pass. Raises SheetError, SheetQuestion."""
        try:
            if (workers := abreast.workers()) > 1:
                self.parts = self.sheet.parts()
            if self.parts:
                self._survey_abreast(validator, workers)
                return
        except abreast.WorkerLostError:
            self.parts = ()
        validator.survey(self.sheet.chunks())

    @contextmanager
    def shares(self, validator: Validator) -> Iterator[Iterator[Share]]:
        """The last pass, in the order of the sheet, without ``desired``. Whoever else works on it
        begins with the block. Raises SheetError."""
        workers = abreast.workers()
        if not self.before or workers == 1:
            yield (share_of(validator, [chunk]) for chunk in self.sheet.chunks())
            return

        def work(worker: int) -> Iterator[Share]:
            return (self._share(validator, part) for part in self.parts[worker::workers])

        with abreast.Crew(workers, work) as crew:
            yield self._in_order(crew, validator, workers)

    def _survey_abreast(self, validator: Validator, workers: int) -> None:
        def work(worker: int) -> Iterator[tuple[Found, list[int]]]:
            surveying = validator.surveying()
            mine = self.parts[worker::workers]
            counted = [self._survey_part(surveying, part) for part in mine]
            yield surveying.found, counted

        with abreast.Crew(workers, work) as crew:
            done = [crew.next(worker) for worker in range(workers)]
        self.sheet.check_unchanged()
        records = [0] * len(self.parts)
        for worker, (_found, counted) in enumerate(done):
            records[worker::workers] = counted
        before = list(accumulate(records, initial=0))
        validator.conclude([found for found, _counted in done], lambda row: _row_of(row, before))
        self.before = before

    def _survey_part(self, surveying: Surveying, part: Part) -> int:
        first = part.number << _PART_BITS
        at = Place(rows=first)
        for chunk in self.sheet.chunks_of(part, at):
            surveying.take(chunk)
        return at.rows - first

    def _share(self, validator: Validator, part: Part) -> Share:
        at = Place(rows=self.before[part.number])
        return share_of(validator, self.sheet.chunks_of(part, at))

    def _in_order(
        self, crew: abreast.Crew[Share], validator: Validator, workers: int
    ) -> Iterator[Share]:
        lost = False
        for part in self.parts:
            share = None
            with suppress(abreast.WorkerLostError):
                share = None if lost else crew.next(part.number % workers)
            lost = share is None
            yield share or self._share(validator, part)
        self.sheet.check_unchanged()


def share_of(validator: Validator, chunks: Iterable[Chunk]) -> Share:
    """What there is to say of the rows of some chunks."""
    rows, counts, found = 0, Counter[RowStatus](), []
    for chunk in chunks:
        for verdict in validator.faults(chunk):
            counts[status_of(verdict)] += 1
            found.append((verdict.row, verdict.findings))
        rows += len(chunk)
    counts[RowStatus.VALID] += rows - len(found)
    return Share(rows, counts, found)


def _row_of(number: int, before: Sequence[int]) -> int:
    """The row that a number means which was given while earlier parts were not counted."""
    return before[number >> _PART_BITS] + (number & ((1 << _PART_BITS) - 1))
