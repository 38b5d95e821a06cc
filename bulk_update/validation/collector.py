"""Findings gathered over the whole sheet: grouped, counted, and bounded in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from bulk_update.language import ngettext
from bulk_update.model import Finding, FindingGroup, Level

MOST_GROUPS: Final = 10_000
"""Different findings of one level that are kept one by one; what comes after is folded."""

MOST_ROWS: Final = 1_000
"""Rows that a group lists; its count is always whole."""

_WEIGHT: Final = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}

_Key = tuple[str | None, str, str | None, str]


class _Fold(NamedTuple):
    """Where a finding goes that has no group of its own: one for each column and code."""

    column: str | None
    code: str
    level: Level


class _Group:
    """One finding, and the rows that bear it."""

    __slots__ = ("count", "finding", "rows")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.rows = array("Q")
        self.count = 0

    def add(self, row: int) -> None:
        if self.rows and self.rows[-1] == row:
            return  # twice in one row
        self.count += 1
        if len(self.rows) < MOST_ROWS:
            self.rows.append(row)


class FindingCollector:
    """Groups findings by column, code and value, and counts their rows.

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
        self.counts: Counter[Level] = Counter()

    def add(self, row: int, findings: Iterable[Finding]) -> None:
        """Counts what was found in one row."""
        for finding in findings:
            self.counts[finding.level] += 1
            self._group_of(finding).add(row)

    def groups(self) -> list[FindingGroup]:
        """All groups: errors first, then warnings, then infos; of each the commonest first."""
        groups = [_given(group.finding, group) for group in self._groups.values()]
        groups += [_given(_folded(group), group) for group in self._folds.values()]
        return sorted(groups, key=lambda each: (_WEIGHT[each.finding.level], -each.count))

    def _group_of(self, finding: Finding) -> _Group:
        key = (finding.column, finding.code, finding.value, finding.message)
        group = self._groups.get(key)
        if group is not None:
            return group
        if self._kept[finding.level] >= self._most_groups:
            return self._fold_of(finding)
        self._kept[finding.level] += 1
        return self._groups.setdefault(key, _Group(finding))

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
