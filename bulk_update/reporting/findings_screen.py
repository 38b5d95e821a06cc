"""Findings for the eye: by what is to be repaired, and in each repair by distinct value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.text import Text

from bulk_update.language import _, ngettext, number
from bulk_update.model import Finding, FindingGroup, Level
from bulk_update.reporting.screen import clipped, rows_text, visible
from bulk_update.reporting.terminal import heading, indented, printed

_STYLES: Final = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "cyan"}
_ROWS_NAMED: Final = 5
_VALUES_SHOWN: Final = 3
"""Values of one repair that are shown where not all are asked for."""


@dataclass(slots=True)
class Repair:
    """What one kind of repair mends: values of one column that are wrong in the same way."""

    level: Level
    column: str | None
    values: list[FindingGroup] = field(default_factory=list)


def repairs(groups: Iterable[FindingGroup]) -> list[Repair]:
    """The findings by level, code and column, in the order in which the first of each stands;
    one about no value is by itself."""
    found: dict[tuple[str | None, ...], Repair] = {}
    for group in groups:
        finding = group.finding
        alone = finding.message if finding.value is None or not group.count else ""
        key = (finding.level, finding.code, finding.column, alone)
        found.setdefault(key, Repair(finding.level, finding.column)).values.append(group)
    return list(found.values())


def show_findings(
    console: Console,
    groups: Sequence[FindingGroup],
    *,
    limit: int | None = 10,
    rest_in: str = "errors.csv",
) -> None:
    """The findings, by repair, the first ``limit`` of them (None: all, with all their values).

    ``rest_in`` names where all of them are, for the lines that count the others; "" names
    nothing.
    """
    if not groups:
        return
    heading(console, _("Findings"))
    every = repairs(groups)
    for repair in every[:limit]:
        if len(repair.values) == 1:
            _show_one(console, repair.values[0])
        else:
            _show_several(console, repair, None if limit is None else _VALUES_SHOWN, rest_in)
    if limit is not None and len(every) > limit:
        _show_rest(console, len(every) - limit, rest_in)


def _show_one(console: Console, group: FindingGroup) -> None:
    finding, place = group.finding, _place(group)
    message = visible(finding.message, lines=True)
    printed(console, Text.assemble(_level(finding.level), place or message))
    if place:
        indented(console, Text(message))
    _show_hint(console, _hint(finding))


def _show_several(console: Console, repair: Repair, most: int | None, rest_in: str) -> None:
    """Each value on a line; what is the same of all is said once."""
    title = ngettext("{column}: {n} value", "{column}: {n} values", len(repair.values)).format(
        column=clipped(repair.column or ""), n=number(len(repair.values))
    )
    printed(console, Text.assemble(_level(repair.level), title))
    hints = {_hint(group.finding) for group in repair.values}
    for group in repair.values[:most]:
        value = clipped(group.finding.value or "")
        line = _("`{value}` in {rows}: {message}").format(
            value=value, rows=_rows_named(group), message=visible(group.finding.message)
        )
        indented(console, Text(line))
        if len(hints) > 1:
            _show_hint(console, _hint(group.finding), depth=4)
    if most is not None and len(repair.values) > most:
        _show_rest(console, len(repair.values) - most, rest_in)
    if len(hints) == 1:
        _show_hint(console, hints.pop())


def _show_rest(console: Console, count: int, rest_in: str) -> None:
    """Say how many were not shown, and where they are."""
    line = _("and {n} more; see {place}") if rest_in else _("and {n} more")
    shown = line.format(n=number(count), place=visible(rest_in))
    indented(console, Text(shown, style="dim"))


def _show_hint(console: Console, hint: str, depth: int = 2) -> None:
    if hint:
        indented(console, Text(hint, style="bold"), depth)


def _hint(finding: Finding) -> str:
    if finding.hint:
        return visible(finding.hint, lines=True)
    if finding.proposal is None:
        return ""
    return _("Did you mean {proposal}?").format(proposal=clipped(finding.proposal))


def _level(level: Level) -> tuple[str, str]:
    word = {Level.ERROR: _("error"), Level.WARNING: _("warning"), Level.INFO: _("note")}[level]
    return f"{word} ", _STYLES[level]


def _place(group: FindingGroup) -> str:
    """`` `Actve` in Status: 4,812 rows (2, 5, 9, ...)``, as much of it as there is."""
    finding = group.finding
    value = "" if finding.value is None else f"`{clipped(finding.value)}`"
    column = "" if finding.column is None else clipped(finding.column)
    where = _("{value} in {column}").format(value=value, column=column)
    what = where if value and column else value or column
    rows = _rows_named(group) if group.count else ""
    return ": ".join(part for part in (what, rows) if part)


def _rows_named(group: FindingGroup) -> str:
    named = ", ".join(str(row) for row in group.rows[:_ROWS_NAMED])
    dots = ", ..." if group.count > len(group.rows[:_ROWS_NAMED]) else ""
    return f"{rows_text(group.count)} ({named}{dots})" if named else rows_text(group.count)
