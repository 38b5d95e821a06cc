"""Rows that bear the same key: found by hashes, compared for real.

A set of a million keys takes about 100 MB; a million 64-bit hashes take 8. The first pass keeps
hashes alone. Those that repeat name the rows that must be compared; only these are held, aside
where they are many, and a collision of hashes costs a comparison, never a verdict.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from operator import itemgetter
from typing import Final

from bulk_update.language import _, ngettext
from bulk_update.model import Desired, Finding, Level, Value
from bulk_update.validation.aside import Aside
from bulk_update.validation.codes import Code
from bulk_update.validation.conflicts import Conflicts
from bulk_update.validation.merging import Conflict, FieldConflict, Merging
from bulk_update.validation.text import shown

_BUCKETS: Final = 256
_MOST_NAMED: Final = 20

_MOST_HELD: Final = 1 << 13
"""Rows, 10 MB, that are held to be compared."""

_TOGETHER: Final = 1 << 5
"""Rows that are put aside, and taken back, at once."""


class KeyHashes:
    """The hashes of all keys, in buckets that are sorted one by one: sorting them at once would
    make a list of a million numbers."""

    def __init__(self) -> None:
        self._buckets = [array("q") for _each in range(_BUCKETS)]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self._buckets))

    def add(self, identities: Iterable[str]) -> None:
        """Counts the keys of some rows; a row without one has an empty text."""
        buckets = self._buckets
        for hashed in map(hash, filter(None, identities)):
            buckets[hashed & (_BUCKETS - 1)].append(hashed)

    def extend(self, other: KeyHashes) -> None:
        """Counts the keys that another has counted."""
        for mine, theirs in zip(self._buckets, other._buckets, strict=True):
            mine.extend(theirs)

    def repeated(self) -> frozenset[int]:
        """The hashes that came more than once; they are forgotten on the way."""
        return frozenset(self._drained())

    def _drained(self) -> Iterator[int]:
        for number, bucket in enumerate(self._buckets):
            self._buckets[number] = array("q")
            if len(set(bucket)) < len(bucket):
                yield from (a for a, b in pairwise(sorted(bucket)) if a == b)


class SameKeys:
    """The rows whose keys repeat, until they are compared. Many of them are put aside: a row takes
    more than a kilobyte."""

    def __init__(self) -> None:
        self._held: list[_Same] = []
        self._aside: Aside[list[_Same]] = Aside()
        self._runs: list[list[tuple[int, int]]] = []

    def add(self, identity: str, desired: Desired) -> None:
        """Holds one row; ``identity`` is the same text for every spelling of its key. Rows come
        in their order."""
        self._held.append((identity, desired))
        if len(self._held) == _MOST_HELD:
            self._put_aside()

    def conflicts(self, column: str | None) -> Conflicts:
        """The rows that others contradict, each with the finding that says so; ``column`` is the
        header of the key."""
        found = Conflicts()
        self._held.sort(key=_identity)
        runs = [*map(self._run, self._runs), iter(self._held)]
        # A run is sorted, and its rows come after those of the runs before it.
        for _same, rows in groupby(heapq.merge(*runs, key=_identity), key=_identity):
            first, conflict = _compared(desired for _identity, desired in rows)
            if conflict:
                found.add(conflict.rows, duplicate([first], conflict, column))
        found.sort()
        return found

    def _put_aside(self) -> None:
        self._held.sort(key=_identity)
        few = (self._held[at : at + _TOGETHER] for at in range(0, _MOST_HELD, _TOGETHER))
        self._runs.append([self._aside.put(each) for each in few])
        self._held = []

    def _run(self, places: Iterable[tuple[int, int]]) -> Iterator[_Same]:
        for place in places:
            yield from self._aside.take(*place)


_Same = tuple[str, Desired]
_identity: Final[Callable[[_Same], str]] = itemgetter(0)


def _compared(rows: Iterator[Desired]) -> tuple[Desired, Conflict | None]:
    """The first of some rows, and what they disagree about."""
    merging, first = Merging(), next(rows)
    for row in chain((first,), rows):
        merging.add(row)
    return first, merging.conflict


def duplicate(rows: Sequence[Desired], conflict: Conflict, column: str | None) -> Finding:
    """The finding for rows that contradict each other about one contact, which names them all;
    ``column`` is the header of the key, where they bear the same."""
    message = _("rows {rows} mean the same contact, {key}, and disagree: {fields}").format(
        rows=_row_list(conflict.rows),
        key=rows[0].keys.shown,
        fields="; ".join(map(_disagreement, conflict.fields)),
    )
    return Finding(
        code=Code.DUPLICATE.value,
        level=Level.ERROR,
        message=message,
        hint=_("make these rows agree, or leave only the right one"),
        column=column,
        value=rows[0].keys.shown,
    )


def _row_list(rows: tuple[int, ...]) -> str:
    named = ", ".join(map(str, rows[:_MOST_NAMED]))
    more = len(rows) - _MOST_NAMED
    if more <= 0:
        return named
    return named + ngettext(" and {count} more", " and {count} more", more).format(count=more)


def _disagreement(conflict: FieldConflict) -> str:
    return _("{field} is '{first}' in row {first_row}, '{second}' in row {second_row}").format(
        field=conflict.field,
        first=_value(conflict.first),
        first_row=conflict.first_row,
        second=_value(conflict.second),
        second_row=conflict.second_row,
    )


def _value(value: Value) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else value
    return shown(text or "")
