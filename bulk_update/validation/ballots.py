"""Whole-column questions: every value says which notations it fits; the column decides."""

from __future__ import annotations

from typing import Final, NamedTuple

_EXAMPLES: Final = 3


class Example(NamedTuple):
    """A value of a column, and the row it stands in."""

    row: int
    text: str


class Ballot:
    """Counts which notations the values of one column fit.

    A notation is a bit. A value votes with the bits of all notations it fits; one that fits
    none has no vote. It keeps counts and the first examples, never the cells.
    """

    def __init__(self) -> None:
        self.common = -1
        self.in_doubt = False
        self.examples: dict[int, list[Example]] = {}

    def cast(self, row: int, text: str, bits: int, *, in_doubt: bool) -> None:
        """Counts one value; ``in_doubt`` when the notations it fits give it different values."""
        if not bits:
            return
        self.common &= bits
        self.in_doubt = self.in_doubt or in_doubt
        shown = self.examples.setdefault(bits, [])
        if len(shown) < _EXAMPLES:
            shown.append(Example(row, text))

    @property
    def conflict(self) -> bool:
        """Whether no notation fits all values that have a vote."""
        return self.common == 0

    @property
    def question(self) -> bool:
        """Whether only the user can say which notation is meant."""
        return self.conflict or (self.in_doubt and self.common.bit_count() != 1)

    def first_examples(self) -> list[Example]:
        """The first values of each kind, in the order of their rows."""
        return sorted(example for shown in self.examples.values() for example in shown)
