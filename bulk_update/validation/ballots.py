"""Whole-column questions: every value says which notations it fits; the column decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

_EXAMPLES: Final = 3
_ANY: Final = 0xFF  # before the first vote, every notation is possible


class Example(NamedTuple):
    """A value of a column, and the row it stands in."""

    row: int
    text: str


class Ballot:
    """Counts which notations the values of one column fit.

    A notation is a bit. A value votes with the bits of all notations it fits; one that fits
    none has no vote. It keeps the first examples, never the cells.
    """

    def __init__(self) -> None:
        self._common = _ANY
        self._in_doubt = False
        self.examples: dict[int, list[Example]] = {}

    def cast(self, row: int, text: str, bits: int, *, in_doubt: bool) -> bool:
        """Counts one value; ``in_doubt`` when the notations it fits give it different values.

        True when there are examples enough of its kind: another would change nothing.
        """
        if not bits:
            return True
        self._common &= bits
        self._in_doubt = self._in_doubt or in_doubt
        shown = self.examples.setdefault(bits, [])
        if len(shown) < _EXAMPLES:
            shown.append(Example(row, text))
        return len(shown) == _EXAMPLES

    def add(self, other: Ballot, row_of: Callable[[int], int]) -> None:
        """Counts what another has counted; ``row_of`` says which row its numbers mean."""
        self._common &= other._common
        self._in_doubt = self._in_doubt or other._in_doubt
        for bits, shown in other.examples.items():
            theirs = [Example(row_of(row), text) for row, text in shown]
            self.examples[bits] = sorted(self.examples.get(bits, []) + theirs)[:_EXAMPLES]

    @property
    def conflict(self) -> bool:
        """Whether no notation fits all values that have a vote."""
        return self._common == 0

    @property
    def question(self) -> bool:
        """Whether only the user can say which notation is meant."""
        return self.conflict or (self._in_doubt and self.decided is None)

    @property
    def decided(self) -> int | None:
        """The only notation that fits all values; None where there is none, or several."""
        return self._common if self._common.bit_count() == 1 else None

    def first_examples(self) -> list[Example]:
        """The first values of each kind, in the order of their rows."""
        return sorted(example for shown in self.examples.values() for example in shown)
