"""The problems, grouped by what mends them: one repair may mend thousands of rows.

What is wrong with the sheet comes as groups of findings; what the account said of rows is grouped
here, by status, code and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bulk_update.language import _, ngettext, number
from bulk_update.model import FindingGroup, Level, RowResult, RowStatus
from bulk_update.reporting.page.text import shown
from bulk_update.reporting.screen import rows_text
from bulk_update.reporting.wording import next_step, status_meaning, status_title

MOST: Final = 1_000
"""How many groups are told apart; the rows of all others are counted, and listed all the same."""

_ROWS_NAMED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One group. ``value`` stands in ``column``, as the sheet has it; None for no value.
    ``rows`` names the first of ``count`` rows."""

    level: Level
    title: str
    code: str
    message: str
    hint: str = ""
    column: str = ""
    value: str | None = None
    count: int
    rows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """``mend`` keep rows from what was asked, ``know`` are worth knowing. ``rest`` says what is
    in no group."""

    mend: tuple[Repair, ...] = ()
    know: tuple[Repair, ...] = ()
    rest: str = ""


@dataclass(slots=True)
class _Group:
    """Rows to which the account, or the plan, said the same."""

    first: RowResult
    rows: list[int] = field(default_factory=list)
    count: int = 0


class RepairsBuilder:
    """Groups problems in bounded memory: ``add`` each row with one, then ``build``. ``undoes``:
    those of an undo."""

    def __init__(self, findings: Sequence[FindingGroup], *, undoes: bool) -> None:
        self._findings = findings
        self._undoes = undoes
        self._told = {each.finding.code for each in findings if each.finding.level is Level.ERROR}
        self._groups: dict[tuple[RowStatus, str, str], _Group] = {}
        self._others = 0

    def add(self, result: RowResult) -> None:
        """Count one row that has a problem, unless a finding tells of it."""
        if result.code in self._told:
            return
        key = (result.status, result.code, result.hint)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MOST:
                self._others += 1
                return
            group = self._groups[key] = _Group(result)
        group.count += 1
        if len(group.rows) < _ROWS_NAMED:
            group.rows.append(result.row)

    def build(self) -> Repairs:
        """The groups, those with the most rows first."""
        of_rows = [_of_rows(each, undoes=self._undoes) for each in self._groups.values()]
        mend = [*map(_of_finding, self._of(Level.ERROR)), *of_rows]
        know = [*map(_of_finding, self._of(Level.WARNING)), *map(_of_finding, self._of(Level.INFO))]
        mend.sort(key=lambda each: -each.count)
        return Repairs(
            mend=tuple(mend[:MOST]),
            know=tuple(know[:MOST]),
            rest=self._rest(len(mend) + len(know) - len(mend[:MOST]) - len(know[:MOST])),
        )

    def _of(self, level: Level) -> Iterable[FindingGroup]:
        return (each for each in self._findings if each.finding.level is level)

    def _rest(self, groups: int) -> str:
        """What is in no group that is shown."""
        said = []
        if groups:
            template = ngettext(
                "{n} more is in summary.json.", "{n} more are in summary.json.", groups
            )
            said.append(template.format(n=number(groups)))
        if self._others:
            said.append(_("{rows} are not grouped.").format(rows=rows_text(self._others)))
        return " ".join(said)


def _of_finding(group: FindingGroup) -> Repair:
    finding = group.finding
    hint = finding.hint
    if not hint and finding.proposal is not None:
        hint = _("Did you mean {proposal}?").format(proposal=finding.proposal)
    return Repair(
        level=finding.level,
        title=_level_title(finding.level),
        code=finding.code,
        message=shown(finding.message, 1000),
        hint=shown(hint, 1000),
        column=shown(finding.column or "", 120),
        value=None if finding.value is None else shown(finding.value, 160),
        count=group.count,
        rows=_named(group.rows, group.count),
    )


def _level_title(level: Level) -> str:
    return {
        Level.ERROR: _("To mend"),
        Level.WARNING: _("Warning"),
        Level.INFO: _("Note"),
    }[level]


def _of_rows(group: _Group, *, undoes: bool) -> Repair:
    first = group.first
    message = status_meaning(first.status)
    if first.message:
        example = _("{meaning}. For example, row {row}: {message}")
        message = example.format(meaning=message, row=first.row, message=first.message)
    return Repair(
        level=Level.ERROR,
        title=status_title(first.status),
        code=first.code,
        message=shown(message, 1000),
        hint=shown(first.hint or next_step(first.status, undoes=undoes), 1000),
        count=group.count,
        rows=_named(group.rows, group.count),
    )


def _named(rows: Sequence[int], count: int) -> str:
    """``rows 2, 5, 9 and 4,809 more``; ``""`` for what is about no row."""
    if not count or not rows:
        return ""
    listed = ", ".join(map(str, rows[:_ROWS_NAMED]))
    more = count - len(rows[:_ROWS_NAMED])
    template = ngettext("row {rows}", "rows {rows}", count)
    named = template.format(rows=listed)
    return _("{rows} and {n} more").format(rows=named, n=number(more)) if more else named
