"""What changed, or would: tables by field, owner, team and tag, and a few changes to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from bulk_update.language import _, ngettext, number
from bulk_update.model import ChangeResult, FieldName, RowStatus
from bulk_update.reporting.page.text import field_title, shown, shown_value
from bulk_update.reporting.tallies import K, Tally
from bulk_update.reporting.totals import ChangeTotals, Line, Move, lines
from bulk_update.reporting.wording import status_title

MOST: Final = 200
"""How many lines a table has at most."""

AT_ONCE: Final = 10
"""How many of them are seen at once; a click opens the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of a table: its names, how many, how many of each status, its length beside the
    longest (in per cent), and what became of them in words."""

    names: tuple[str, ...]
    count: int
    counts: Mapping[RowStatus, int]
    length: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """One table: the longest lines, and then ``more`` of them. ``rest`` says what is in neither,
    ``""`` where all is."""

    title: str
    columns: tuple[str, ...]
    bars: tuple[Bar, ...]
    more: tuple[Bar, ...] = ()
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One change to look at; ``""`` is nothing."""

    row: int
    name: str
    field: str
    old: str
    new: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that is told of what changed."""

    tables: tuple[Totals, ...]
    examples: tuple[Example, ...]


def changes_told(totals: ChangeTotals, teams: Mapping[str, str]) -> Changes:
    """``totals`` for the page; ``teams`` are the names of teams by uuid."""
    tables = (
        _by_field(totals),
        _moves(_("By assigned user"), totals.owners, _owner),
        _moves(_("By team"), totals.teams, partial(_team, teams)),
        _tags(_("Tags added"), totals.added),
        _tags(_("Tags removed"), totals.removed),
    )
    return Changes(
        tables=tuple(table for table in tables if table.bars),
        examples=tuple(_example(each, teams) for each in totals.sample),
    )


def _by_field(totals: ChangeTotals) -> Totals:
    blanked = totals.blanked.counts

    def words(line: Line[FieldName]) -> str:
        count = blanked.get(line.name, 0)
        lost = ngettext("{n} loses its value", "{n} lose their value", count)
        return "; ".join([_became(line), *([lost.format(n=number(count))] if count else [])])

    return _table(
        _("By field"), (_("Field"),), totals.fields, lambda name: (field_title(name),), words
    )


def _moves(
    title: str, tally: Tally[tuple[Move, RowStatus]], spelled: Callable[[str], str]
) -> Totals:
    def names(move: Move) -> tuple[str, ...]:
        return spelled(move[0]), spelled(move[1])

    return _table(title, (_("From"), _("To")), tally, names, _became)


def _tags(title: str, tally: Tally[tuple[str, RowStatus]]) -> Totals:
    return _table(title, (_("Tag"),), tally, lambda tag: (shown(tag, 80),), _became)


def _table(
    title: str,
    columns: tuple[str, ...],
    tally: Tally[tuple[K, RowStatus]],
    names: Callable[[K], tuple[str, ...]],
    words: Callable[[Line[K]], str],
) -> Totals:
    listed = lines(tally)[:MOST]
    bars = tuple(
        Bar(
            names=names(line.name),
            count=line.total,
            counts=line.counts,
            length=round(100 * line.total / listed[0].total, 2),
            words=words(line),
        )
        for line in listed
    )
    return Totals(
        title=title,
        columns=columns,
        bars=bars[:AT_ONCE],
        more=bars[AT_ONCE:],
        rest=_rest(tally.total - sum(line.total for line in listed)),
    )


def _became(line: Line[K]) -> str:
    """``1,204 updated, 3 refused``."""
    return ", ".join(f"{number(n)} {status_title(each)}" for each, n in line.counts.items())


def _rest(count: int) -> str:
    """How many changes are in no line, and where all of them are."""
    if not count:
        return ""
    template = ngettext(
        "and {n} change more; all are in changes.csv",
        "and {n} changes more; all are in changes.csv",
        count,
    )
    return template.format(n=number(count))


def _owner(name: str) -> str:
    return shown(name, 80) or _("(nobody)")


def _team(teams: Mapping[str, str], uuid: str) -> str:
    return shown(teams.get(uuid, uuid), 80) or _("(no team)")


def _example(change: ChangeResult, teams: Mapping[str, str]) -> Example:
    def value(text: str) -> str:
        return shown(teams.get(text, text), 160) if change.field == "team" else text

    return Example(
        row=change.row,
        name=shown(change.name or change.key or change.uuid, 80),
        field=field_title(change.field),
        old=value(shown_value(change.old)),
        new=value(shown_value(change.new)),
        status=status_title(change.status),
    )
