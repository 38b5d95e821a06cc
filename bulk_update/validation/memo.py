"""Each distinct value is judged once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

MOST_VALUES: Final = 2_048
"""Values of a column that are remembered at once; a column of keys has a new one each row, and
mustn't fill the memory with them: a judgement with a finding takes a kilobyte, in each process."""

LONGEST_VALUE: Final = 256
"""Characters of a cell that is worth remembering."""

J = TypeVar("J")

MemoKey = str | tuple[type[str], str]


class Memo(dict[MemoKey, J]):
    """Judgements by cell, made when they are first asked for.

    A cell is asked for by itself, or, where it is no plain text, by its type and itself: the
    number ``1.234`` of a workbook is not the text ``1.234``, though Python holds them equal.
    """

    def __init__(self, judge: Callable[[str], J]) -> None:
        super().__init__()
        self._judge = judge

    def of(self, cell: str) -> J:
        """The judgement of ``cell``; the loop over rows spells this out, for speed."""
        return self[cell] if cell.__class__ is str else self[cell.__class__, cell]

    def __missing__(self, key: MemoKey) -> J:
        cell = key[1] if isinstance(key, tuple) else key
        judged = self._judge(cell)
        if len(cell) <= LONGEST_VALUE:
            if len(self) >= MOST_VALUES:
                self.clear()
            self[key] = judged
        return judged
