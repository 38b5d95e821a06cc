"""The sheet of values: each value that the account does not know, once, with room for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from bulk_update.language import _
from bulk_update.model import FindingGroup, Level
from bulk_update.reading.own_files import (
    SAID_ANSWER,
    SAID_COLUMN,
    SAID_VALUE,
    VALUE,
    VALUE_COLUMN,
)
from bulk_update.reading.row_id import holdable
from bulk_update.reporting.report import ColumnMeaning
from bulk_update.reporting.sheets_out import ColumnOut, DropDown, Look, RowOut, SheetOut
from bulk_update.reporting.workbook_text import sheet_title

_ROWS_NAMED: Final = 20
_WRAPPED: Final = (3, 4)
_ANSWER: Final = 6
"""The place of the column that is answered in."""


def asked_values(
    findings: Sequence[FindingGroup], meanings: Mapping[str, ColumnMeaning]
) -> list[FindingGroup]:
    """The findings about values of columns of which it is known what they may hold: those of a
    column together, errors before warnings, the commonest first."""
    order = {header: place for place, header in enumerate(meanings)}
    asked = [group for group in findings if _is_asked(group, meanings)]
    return sorted(asked, key=lambda each: order[str(each.finding.column)])


def _is_asked(group: FindingGroup, meanings: Mapping[str, ColumnMeaning]) -> bool:
    finding = group.finding
    if finding.level is Level.INFO or not finding.value or not finding.column:
        return False
    if finding.column not in meanings:
        return False
    offers = bool(meanings[finding.column].possible) or finding.proposal is not None
    return offers and holdable(finding.value) == finding.value


def title_names() -> dict[str, str]:
    """How the titles read that are needed to understand the answers; they are translated."""
    column, value, *_others, answer = _titles()
    return {SAID_COLUMN: column, SAID_VALUE: value, SAID_ANSWER: answer}


class ValueLine(NamedTuple):
    """A line of the sheet: a value of a column, what is said of it, and the answer, if any."""

    column: str
    value: str
    said: str
    level: Level = Level.INFO
    found: int | None = None
    rows: str = ""
    proposal: str = ""
    answer: str = ""


def asked_lines(asked: Iterable[FindingGroup]) -> Iterator[ValueLine]:
    """The lines of what is asked."""
    for group in asked:
        finding = group.finding
        named = ", ".join(map(str, group.rows[:_ROWS_NAMED]))
        yield ValueLine(
            column=str(finding.column),
            value=str(finding.value),
            said="\n".join(filter(None, (finding.message, finding.hint))),
            level=finding.level,
            found=group.count,
            rows=named + (", ..." if group.count > _ROWS_NAMED else ""),
            proposal=finding.proposal or "",
        )


def answered_lines(answers: Mapping[str, Mapping[str, str]]) -> Iterator[ValueLine]:
    """The lines of what was answered in a workbook before this one: the sheet still has the
    values, so the answers are still needed."""
    said = _("You answered this before; the answer still holds.")
    for column, answered in answers.items():
        for value, answer in answered.items():
            yield ValueLine(column, value, said, answer=answer)


def values_sheet(
    lines: Sequence[ValueLine], meanings: Mapping[str, ColumnMeaning], *, taken: Sequence[str]
) -> SheetOut:
    """The sheet, with drop-downs of what is possible."""
    titles = [
        ColumnOut(title, note, Look.WRAPPED if place in _WRAPPED else Look.PLAIN)
        for place, (title, note) in enumerate(zip(_titles(), _title_notes(), strict=True))
    ]
    hidden = [ColumnOut(name, hidden=True, width=12) for name in (VALUE_COLUMN, VALUE)]
    return SheetOut(
        name=sheet_title(_("Values"), taken),
        columns=[*titles, *hidden],
        rows=[_row(line) for line in lines],
        drop_downs=list(_drop_downs(lines, meanings)),
    )


def _row(line: ValueLine) -> RowOut:
    looks = {_ANSWER: Look.ANSWER}
    if line.level is not Level.INFO:
        looks[1] = Look.BAD if line.level is Level.ERROR else Look.DOUBT
    shown = (line.column, line.value, line.found, line.rows, line.said, line.proposal, line.answer)
    return RowOut((*shown, line.column, line.value), looks=looks)


def _drop_downs(
    lines: Sequence[ValueLine], meanings: Mapping[str, ColumnMeaning]
) -> Iterator[DropDown]:
    row = 2
    for column, together in groupby(lines, key=lambda line: line.column):
        last = row + len(list(together)) - 1
        meaning = meanings.get(column)
        if meaning and meaning.possible:
            yield DropDown(column=_ANSWER, first=row, last=last, choices=meaning.possible)
        row = last + 1


def _titles() -> tuple[str, ...]:
    return (
        _("Column"),
        _("Value"),
        _("Count"),
        _("Rows"),
        _("What is wrong"),
        _("Proposal"),
        _("Read it as"),
    )


def _title_notes() -> tuple[str, ...]:
    return (
        "",
        _("Each value that is not known, once. Red ones keep their rows from being sent."),
        _("How many rows have it."),
        _("The first of them."),
        "",
        _("The nearest that is known; nothing is done with it until you write it as the answer."),
        _(
            "Your answer: it replaces the value in every row of the column. Leave it empty to "
            "leave the value as it is. Choose from the list, or write."
        ),
    )
