"""Findings gathered over the whole sheet: grouped, counted, and bounded in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, NamedTuple

from bulk_update.language import ngettext
from bulk_update.model import Finding, FindingGroup, Level

MOST_GROUPS: Final = 10_000
"""Different findings of one level that are kept one by one; what comes after is folded."""

MOST_ROWS: Final = 1_000
"""Rows that a group lists; its count is always whole."""

_WEIGHT: Final = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}

_Key = tuple[Level, str | None, str, str | None, str]


def _key(finding: Finding) -> _Key:
    """What findings have in common that are one group."""
    return finding.level, finding.column, finding.code, finding.value, finding.message


class RowsByFinding:
    """What was found in some rows: each finding with the rows that bear it, each once, in the
    order in which findings came up. Rows are to be added in ascending order."""

    def __init__(self) -> None:
        self._groups: dict[_Key, tuple[Finding, list[int]]] = {}
        self._known: dict[int, tuple[Finding, list[int]]] = {}

    def add(self, row: int, findings: Iterable[Finding]) -> None:
        """Counts what was found in one row."""
        for finding in findings:
            # Mostly it is the very same finding that comes again: it was made for all its rows.
            # The one that is known stays alive, or another could come to bear its number.
            known = self._known.get(id(finding)) or self._grouped(finding)
            rows = known[1]
            if not rows or rows[-1] != row:
                rows.append(row)

    @property
    def groups(self) -> list[tuple[Finding, list[int]]]:
        """The findings, and the rows of each."""
        return list(self._groups.values())

    def _grouped(self, finding: Finding) -> tuple[Finding, list[int]]:
        _first, rows = self._groups.setdefault(_key(finding), (finding, []))
        self._known[id(finding)] = known = finding, rows
        return known


class _Fold(NamedTuple):
    """Where a finding goes that has no group of its own: one for each column and code."""

    column: str | None
    code: str
    level: Level


class _Group:
    """One finding, and the rows that bear it."""

    __slots__ = ("count", "finding", "last", "rows")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.rows = array("Q")
        self.count = 0
        self.last = 0

    def add(self, row: int) -> None:
        if self.last != row:  # or it is there twice in one row
            self.extend((row,))

    def extend(self, rows: Sequence[int]) -> None:
        """Adds rows that are all below those that it has."""
        self.count += len(rows)
        self.last = rows[-1]
        if len(self.rows) < MOST_ROWS:
            self.rows.extend(rows[: MOST_ROWS - len(self.rows)])


class FindingCollector:
    """Groups findings by level, column, code and value, and counts their rows.

    Up to 10,000 different findings of each level have a group of their own. Those that first
    appear after that are folded into one group for each column and code, which says how many
    cells it stands for: a file in which every cell is bad in its own way takes no more memory
    than one that is bad in 10,000 ways.
    """

    def __init__(self, *, most_groups: int = MOST_GROUPS) -> None:
        self._most_groups = most_groups
        self._groups: dict[_Key, _Group] = {}
        self._folds: dict[_Fold, _Group] = {}
        self._kept: Counter[Level] = Counter()

    def add(self, row: int, findings: Iterable[Finding]) -> None:
        """Counts what was found in one row."""
        for finding in findings:
            (self._own_group(finding) or self._fold_of(finding)).add(row)

    def extend(self, groups: Iterable[tuple[Finding, Sequence[int]]]) -> None:
        """Counts what was found in rows that are all below those that were counted: the
        :attr:`RowsByFinding.groups` of them."""
        folded: list[tuple[int, Finding]] = []
        for finding, rows in groups:
            group = self._own_group(finding)
            if group:
                group.extend(rows)
            else:
                folded += [(row, finding) for row in rows]
        for row, finding in sorted(folded, key=itemgetter(0)):
            self._fold_of(finding).add(row)

    def groups(self) -> list[FindingGroup]:
        """All groups: errors first, then warnings, then infos; of each the commonest first."""
        groups = [_given(group.finding, group) for group in self._groups.values()]
        groups += [_given(_folded(group), group) for group in self._folds.values()]
        return sorted(groups, key=lambda each: (_WEIGHT[each.finding.level], -each.count))

    def _own_group(self, finding: Finding) -> _Group | None:
        """The group of a finding; None where there are too many to give it one."""
        key = _key(finding)
        group = self._groups.get(key)
        if group is None and self._kept[finding.level] < self._most_groups:
            self._kept[finding.level] += 1
            group = self._groups[key] = _Group(finding)
        return group

    def _fold_of(self, finding: Finding) -> _Group:
        fold = _Fold(finding.column, finding.code, finding.level)
        return self._folds.setdefault(fold, _Group(finding))


def _given(finding: Finding, group: _Group) -> FindingGroup:
    return FindingGroup(finding=finding, rows=tuple(group.rows), count=group.count)


def _folded(group: _Group) -> Finding:
    """The finding of a fold; its first value stands in the message, as an example."""
    message = ngettext(
        "{count} more row with the same fault and another value, such as: {example}",
        "{count} more rows with the same fault and other values, such as: {example}",
        group.count,
    )
    said = message.format(count=group.count, example=group.finding.message)
    return replace(group.finding, message=said, value=None, proposal=None)
