"""What is fine is seen column by column, at the speed of C.

Most cells of most sheets are fine, and a loop over them costs more than the judging. So each
column of a chunk of rows is held against what is known to be fine, and only the cells that aren't
are judged one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bulk_update.reading.chunks import Chunk
from bulk_update.validation.memo import LONGEST_VALUE

_MOST_KNOWN: Final = 16_384
_MOST_SURE: Final = 1_024
"""Of a column with a pattern fewer are remembered: whatever has more values than this will go on
to have new ones, and then it takes less to ask about each cell."""


_FEW: Final = 8


class FineCells:
    """Which cells of one column are known to need no judging; for plain text only.

    ``sure`` matches cells of which that is true by themselves. As long as values repeat it is
    cheaper to remember them: at first cells are known, and asked about when they turn out to be
    too many.
    """

    def __init__(self, sure: re.Pattern[str] | None, *, repeat: bool = True) -> None:
        self._pattern = sure.pattern if sure else ""
        self._run = _run_of(sure)
        self._known: set[str] = set()
        self._matched = 0
        self._asks = not repeat and sure is not None
        self._most = _MOST_KNOWN if sure is None else _MOST_SURE

    def doubtful(self, cells: Sequence[str]) -> Iterable[int]:
        """The places of the cells that must be judged."""
        if self._asks and self._run is not None:
            return _between_runs(self._run, cells)
        strange = set(cells) - self._known
        if strange and self._run is not None:
            strange = self._unsure(self._run, list(strange))
        return _places_of(strange, cells) if strange else ()

    def doubtful_in(self, chunk: Chunk, index: int) -> Iterable[int]:
        """The same of a column of a chunk; what others asked about it is not asked again."""
        cells = chunk.columns[index]
        if not self._asks or self._run is None:
            return self.doubtful(cells)
        if index not in chunk.asked:
            chunk.asked[index] = self._pattern, list(_between_runs(self._run, cells))
        pattern, places = chunk.asked[index]
        if pattern == self._pattern:
            return places
        if self._pattern.startswith(f"{pattern}|"):  # mine matches all that it does, and more
            left = [cells[place] for place in places]
            return [places[each] for each in _one_by_one(self._run, left)]
        return _between_runs(self._run, cells)

    def learn(self, cell: str) -> None:
        """Remembers that ``cell`` is fine, if there is room."""
        if not self._asks and len(cell) <= LONGEST_VALUE:
            self._remember({cell})

    def _unsure(self, run: re.Pattern[str], strange: Sequence[str]) -> set[str]:
        """Those cells among ``strange`` that need a judge; the others are remembered at once."""
        unsure = {strange[place] for place in _between_runs(run, strange)}
        fine = {cell for cell in strange if len(cell) <= LONGEST_VALUE} - unsure
        self._matched += len(fine)
        self._remember(fine)
        return unsure

    def _remember(self, fine: set[str]) -> None:
        if len(self._known) < self._most:
            self._known |= fine
        elif self._run is not None:
            self._ask_or_go_on()

    def _ask_or_go_on(self) -> None:
        """Dates as 31/12/2026 are fine, but match no pattern: asking would be in vain."""
        if 2 * self._matched < len(self._known) and self._most < _MOST_KNOWN:
            self._most = _MOST_KNOWN
            return
        self._asks = True
        self._known.clear()


def _places_of(strange: set[str], cells: Sequence[str]) -> list[int]:
    """Where the cells stand that are among ``strange``, few as they mostly are."""
    if len(strange) > _FEW:
        return [place for place, cell in enumerate(cells) if cell in strange]
    places: list[int] = []
    for cell in strange:
        place = -1
        for _time in range(cells.count(cell)):
            place = cells.index(cell, place + 1)
            places.append(place)
    return sorted(places)


def _run_of(sure: re.Pattern[str] | None) -> re.Pattern[str] | None:
    """Matches any number of such cells, each on a line of its own."""
    return None if sure is None else re.compile(f"(?:(?:{sure.pattern})\n)*+", sure.flags)


def _between_runs(run: re.Pattern[str], cells: Sequence[str]) -> Iterator[int]:
    """The places of cells that no run of fine ones holds.

    A whole column is matched at once: to call the pattern for each cell costs as much again as
    the matching.
    """
    text = "\n".join(cells) + "\n"
    if text.count("\n") != len(cells):  # a cell with a new line would be taken for two
        yield from _one_by_one(run, cells)
        return
    place = begin = 0
    while begin < len(text):
        found = run.match(text, begin)
        end = found.end() if found else begin
        if end == len(text):
            return
        place += text.count("\n", begin, end)
        yield place
        begin, place = text.index("\n", end) + 1, place + 1


def _one_by_one(run: re.Pattern[str], cells: Sequence[str]) -> Iterator[int]:
    for place, cell in enumerate(cells):
        if "\n" in cell or not run.fullmatch(cell + "\n"):
            yield place
