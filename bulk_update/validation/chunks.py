"""Rows by the hundred: what is fine is seen column by column, at the speed of C.

Most cells of most sheets are fine, and a loop over them costs more than the judging. So the rows
of a chunk are turned into columns, each column is held against what is known to be fine, and only
the cells that aren't are judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Final

from bulk_update.model import SourceRow
from bulk_update.validation.memo import LONGEST_VALUE

CHUNK: Final = 128
"""Rows that are looked at together; more of them would fall out of the processor's cache."""

_MOST_KNOWN: Final = 16_384

_line_of: Final = itemgetter(2)


def chunks(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    """The rows, a chunk at a time."""
    each = iter(rows)
    while chunk := list(islice(each, CHUNK)):
        yield chunk


def all_plain(chunk: Sequence[SourceRow]) -> bool:
    """Whether every cell is plain text: rows of a CSV, which have a line, hold nothing else."""
    return None not in map(_line_of, chunk)


class FineCells:
    """Which cells of one column are known to need no judging; for plain text only.

    ``sure`` says so of a cell by itself. As long as values repeat it is cheaper to remember
    them: at first cells are ``known``, and asked about when they turn out to be too many.
    """

    def __init__(self, sure: Callable[[str], object] | None, *, repeat: bool = True) -> None:
        self._sure = sure
        self._known: set[str] = set()
        self._asks = not repeat and sure is not None

    def doubtful(self, cells: Sequence[str]) -> Iterator[int]:
        """The places of the cells that must be judged."""
        if self._asks and self._sure is not None:
            return _places(None, list(map(self._sure, cells)))
        return _places(False, list(map(self._known.__contains__, cells)))  # noqa: FBT003

    def learn(self, cell: str) -> None:
        """Remembers that ``cell`` is fine, if there is room."""
        if self._asks or len(cell) > LONGEST_VALUE:
            return
        if len(self._known) < _MOST_KNOWN:
            self._known.add(cell)
        elif self._sure is not None:
            self._asks = True
            self._known.clear()


def _places(wanted: object, answers: list[object]) -> Iterator[int]:
    """Where ``wanted`` stands among ``answers``."""
    if all(answers):
        return
    place = -1
    while True:
        try:
            place = answers.index(wanted, place + 1)
        except ValueError:
            return
        yield place
