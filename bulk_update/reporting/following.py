"""Going along several streams of rows at once, each in ascending order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar


class HasRow(Protocol):
    """Anything that belongs to a row of the sheet."""

    @property
    def row(self) -> int:
        """Its number."""


T = TypeVar("T", bound=HasRow)


class Following(Generic[T]):
    """A stream of which the item of a row can be asked for, row after row upwards. It is not
    touched before it is needed."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = items
        self._rest: Iterator[T] = iter(())
        self._begun = False
        self._item: T | None = None

    def at(self, row: int) -> T | None:
        """The item of ``row``; None where there is none."""
        if not self._begun:
            self._rest, self._begun = iter(self._items), True
            self._item = next(self._rest, None)
        while self._item is not None and self._item.row < row:
            self._item = next(self._rest, None)
        return self._item if self._item is not None and self._item.row == row else None
