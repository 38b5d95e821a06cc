"""The passes over a sheet that judge all of it: by one process, or a large text file by several.

The first pass finds what only whole columns can say, and judges the rows meanwhile, by what the
first of them say of their columns. Nearly always the rest agrees, and the sheet is read once. Where
it doesn't, there is a second pass.

Several processes find what one does, to the byte: each copy judges every so many a part of the
file, and what it finds is put together in the order of the parts. Where anything goes wrong with
the copies, this process does their work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import accumulate, islice
from typing import Final, NamedTuple

from bulk_update.reading import Sheet
from bulk_update.reading.chunks import Chunk
from bulk_update.reading.parts import Part, Place
from bulk_update.runs import abreast
from bulk_update.runs.interaction import Progress
from bulk_update.runs.stretches import KeptStretches, Stretch, packed, stretch_of, unpacked
from bulk_update.validation import Validator
from bulk_update.validation.validator import Counted, Surveying

_PART_BITS: Final = 40
"""Where the number of the part stands in the number of a row, until all rows are counted."""

_GUESSED_BY: Final = 16
"""Chunks, 2,000 rows, whose columns are taken for all of theirs."""

_TOGETHER: Final = 32
"""Chunks that are packed together: most of their findings are the same few."""

_MOST_KEPT: Final = 16 << 20
"""Bytes of packed findings that wait for the end of the first pass; a million rows with 380,000
bad cells take 4 MB. A sheet with more is read again."""


class Done(NamedTuple):
    """What a copy hands over: for each part that it surveyed, the records and the rows in it and
    its packed stretch, if that could be kept; after its last part, what it counted in all."""

    records: int = 0
    rows: int = 0
    stretch: bytes | None = None
    counted: Counted | None = None


class Passes:
    """The passes over ``sheet``, of which ``progress`` tells: :meth:`survey`, then
    :meth:`stretches`."""

    def __init__(
        self, sheet: Sheet, progress: Callable[[], AbstractContextManager[Progress]]
    ) -> None:
        self._sheet = sheet
        self._progress = progress
        self._parts: Sequence[Part] = ()  # none where the sheet is read in one go
        self._before: Sequence[int] = ()  # the records before each part, once they are counted
        self._kept: list[bytes] | None = None

    def survey(self, validator: Validator) -> None:
        """The first pass. Raises SheetError, SheetQuestion."""
        validator.guess(islice(self._sheet.chunks(), _GUESSED_BY))
        try:
            if (count := abreast.worth_making()) > 1:
                self._parts = self._sheet.parts()
            if self._parts:
                self._survey_abreast(validator, count)
                return
        except abreast.CopyLostError:
            self._parts = ()
        self._survey_alone(validator)

    @contextmanager
    def stretches(self, validator: Validator) -> Iterator[Iterator[Stretch]]:
        """What there is to say of all rows, in the order of the sheet. Raises SheetError."""
        count = abreast.worth_making()
        if self._kept is not None:
            yield unpacked(self._kept, validator, self._row_of)
        elif self._before and count > 1:

            def work(number: int) -> Iterator[Stretch]:
                return (self._judged(validator, part) for part in self._parts[number::count])

            with abreast.Copies(count, work) as copies, self._progress() as progress:
                yield _told(self._in_order(copies, validator, count), progress)
        else:
            with self._progress() as progress:
                chunks = self._sheet.chunks()
                yield _told((stretch_of(validator, [chunk]) for chunk in chunks), progress)

    # -- the first pass ---------------------------------------------------------------------

    def _survey_alone(self, validator: Validator) -> None:
        surveying, kept = validator.surveying(), KeptStretches(_MOST_KEPT)
        chunks = self._sheet.chunks()
        with self._progress() as progress:
            while rows := _surveyed(validator, surveying, islice(chunks, _TOGETHER), kept):
                progress.advance(rows)
        if validator.conclude([surveying.counted]):
            self._kept = kept.stretches

    def _survey_abreast(self, validator: Validator, count: int) -> None:
        def work(number: int) -> Iterator[Done]:
            surveying, kept = validator.surveying(), KeptStretches(_MOST_KEPT // count)
            for part in self._parts[number::count]:
                yield self._survey_part(validator, surveying, part, kept)
            yield Done(counted=surveying.counted)

        kept, records = KeptStretches(_MOST_KEPT), []
        with abreast.Copies(count, work) as copies, self._progress() as progress:
            for part in self._parts:
                done = copies.next(part.number % count)
                kept.add(done.stretch)
                records.append(done.records)
                progress.advance(done.rows)
            counts = [copies.next(number).counted for number in range(count)]
        self._sheet.check_unchanged()
        self._before = list(accumulate(records, initial=0))
        if validator.conclude(filter(None, counts), self._row_of):
            self._kept = kept.stretches

    def _survey_part(
        self, validator: Validator, surveying: Surveying, part: Part, kept: KeptStretches
    ) -> Done:
        first = part.number << _PART_BITS
        at = Place(rows=first)
        rows = _surveyed(validator, surveying, self._sheet.chunks_of(part, at), kept)
        stretch = kept.stretches.pop() if kept.stretches else None
        return Done(at.rows - first, rows, stretch)

    def _row_of(self, number: int) -> int:
        """The row that a number means which was given while earlier parts were not counted."""
        if not self._before:
            return number
        return self._before[number >> _PART_BITS] + (number & ((1 << _PART_BITS) - 1))

    # -- the second pass, where there is one ------------------------------------------------

    def _judged(self, validator: Validator, part: Part) -> Stretch:
        at = Place(rows=self._before[part.number])
        return stretch_of(validator, self._sheet.chunks_of(part, at))

    def _in_order(
        self, copies: abreast.Copies[Stretch], validator: Validator, count: int
    ) -> Iterator[Stretch]:
        lost = False
        for part in self._parts:
            stretch = None
            with suppress(abreast.CopyLostError):
                stretch = None if lost else copies.next(part.number % count)
            lost = stretch is None
            yield stretch or self._judged(validator, part)
        self._sheet.check_unchanged()


def _surveyed(
    validator: Validator, surveying: Surveying, chunks: Iterable[Chunk], kept: KeptStretches
) -> int:
    """Surveys some rows, and keeps what there is to say of them, as long as it is not too much;
    how many rows they were."""
    rows = 0

    def taken() -> Iterator[Chunk]:
        nonlocal rows
        for chunk in chunks:
            surveying.take(chunk)
            rows += len(chunk)
            yield chunk

    if kept.stretches is None:
        deque(taken(), maxlen=0)
    else:
        kept.add(packed(stretch_of(validator, taken())))
    return rows


def _told(stretches: Iterable[Stretch], progress: Progress) -> Iterator[Stretch]:
    for stretch in stretches:
        progress.advance(stretch.rows)
        yield stretch
