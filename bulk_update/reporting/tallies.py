"""How often each of many names came up, counted in bounded memory.

What a change does to owners, tags and values is told apart here too, for all who count it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from bulk_update.model import Value

K = TypeVar("K", bound=Hashable)

DISTINCT: Final = 10_000
"""How many distinct names one tally keeps apart."""

SAMPLES: Final = 12
"""Changes that are shown as examples."""

SAMPLES_OF_A_FIELD: Final = 2
"""How many of them may be changes of one field."""


@dataclass(frozen=True, slots=True)
class Tally(Generic[K]):
    """How often each of many names came up; ``others`` counts those that were not kept apart."""

    counts: Mapping[K, int] = field(default_factory=dict)
    others: int = 0

    @property
    def total(self) -> int:
        """All of them, kept apart or not."""
        return sum(self.counts.values()) + self.others

    def top(self, limit: int) -> tuple[list[tuple[K, int]], int]:
        """The ``limit`` most frequent, first met first among equals, and the count of the rest."""
        ranked = sorted(self.counts.items(), key=lambda item: -item[1])[:limit]
        return ranked, self.total - sum(count for _name, count in ranked)


class Counting(Generic[K]):
    """A tally in the making; ``distinct`` is how many names it keeps apart."""

    def __init__(self, distinct: int = DISTINCT) -> None:
        self._distinct = distinct
        self._counts: dict[K, int] = {}
        self._others = 0

    def __getitem__(self, name: K) -> int:
        return self._counts.get(name, 0)

    def add(self, name: K) -> None:
        """Count it once more."""
        if name in self._counts or len(self._counts) < self._distinct:
            self._counts[name] = self[name] + 1
        else:
            self._others += 1

    def tally(self) -> Tally[K]:
        """What was counted by now."""
        return Tally(dict(self._counts), self._others)


def blanks(old: Value, new: Value) -> bool:
    """Whether a change takes a value and gives none."""
    return bool(old) and not new


def move(old: Value, new: Value) -> tuple[str, str]:
    """From whom to whom; ``""`` is nobody."""
    return _name(old), _name(new)


def tags_added(old: Value, new: Value) -> Iterator[str]:
    """Each tag that comes, once."""
    before = _items(old)
    return (tag for tag in dict.fromkeys(_items(new)) if tag not in before)


def tags_removed(old: Value, new: Value) -> Iterator[str]:
    """Each tag that goes, once."""
    return tags_added(new, old)


def _name(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _items(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
