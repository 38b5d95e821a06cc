"""Which rows others contradict, and what is said of each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from bulk_update.model import Finding
from bulk_update.validation.aside import Aside

_GROUP_BITS: Final = 32
"""Under the number of a row stands that of its finding, so that both are one number."""

_BUCKET_BITS: Final = 16
"""Rows whose numbers agree but for so many bits are sorted together: sorting them all at once
would make a list of a million numbers."""


class Conflicts:
    """By row, the finding of rows that others contradict.

    Half a million contacts may each have two rows and a finding of their own: so the findings are
    put aside, and a row takes 8 bytes.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, array[int]] = {}
        self._ends = array("Q", [0])
        self._findings: Aside[Finding] = Aside()
        self._finding = lru_cache(maxsize=1_024)(self._taken)

    def add(self, rows: Iterable[int], finding: Finding) -> None:
        """Say of ``rows`` that they contradict each other; :meth:`sort` ends this."""
        group = len(self._ends) - 1
        self._ends.append(self._findings.put(finding)[1])
        for row in rows:
            bucket = self._buckets.setdefault(row >> _BUCKET_BITS, array("Q"))
            bucket.append(row << _GROUP_BITS | group)

    def sort(self) -> None:
        """Makes the rows ready to be asked about."""
        self._buckets = {each: array("Q", sorted(self._buckets[each])) for each in self._buckets}

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def get(self, row: int) -> Finding | None:
        """What is said of a row, if anything."""
        bucket = self._buckets.get(row >> _BUCKET_BITS)
        if bucket is None:
            return None
        place = bisect_left(bucket, row << _GROUP_BITS)
        if place == len(bucket) or bucket[place] >> _GROUP_BITS != row:
            return None
        return self._finding(bucket[place] & ((1 << _GROUP_BITS) - 1))

    def up_to(self, last: int, *, after: int) -> Iterator[tuple[int, Finding]]:
        """The rows after one and up to another, with what is said of them."""
        for number in range(after >> _BUCKET_BITS, (last >> _BUCKET_BITS) + 1):
            bucket = self._buckets.get(number, array("Q"))
            begin = bisect_left(bucket, (after + 1) << _GROUP_BITS)
            end = bisect_left(bucket, (last + 1) << _GROUP_BITS)
            for both in islice(bucket, begin, end):
                yield both >> _GROUP_BITS, self._finding(both & ((1 << _GROUP_BITS) - 1))

    def _taken(self, group: int) -> Finding:
        return self._findings.take(self._ends[group], self._ends[group + 1])
