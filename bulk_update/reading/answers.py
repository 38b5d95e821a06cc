"""The sheet of values of a workbook that was given back: what is to be read for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bulk_update.errors import SheetError
from bulk_update.language import _
from bulk_update.reading.cells import is_blank, visible
from bulk_update.reading.marks import Marks
from bulk_update.reading.own_files import (
    SAID_ANSWER,
    SAID_COLUMN,
    SAID_VALUE,
    VALUE,
    VALUE_COLUMN,
)
from bulk_update.reading.page import Page
from bulk_update.reading.row_id import CellMark


@dataclass(slots=True)
class Answers:
    """By column and value, what somebody wrote is to be read for it."""

    by_column: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, column: str, mark: CellMark) -> str | None:
        """The answer for the value that stood in a cell of ``column``; None without one."""
        for value, answer in self.by_column.get(column, {}).items():
            if mark.is_of(value):
                return answer
        return None


class _Line(NamedTuple):
    row: int
    column: str
    value: str
    answer: str


def read_answers(page: Page, title_row: int, titles: Sequence[str], marks: Marks) -> Answers:
    """The answers of the sheet of values. Raises :class:`SheetError` where one value was
    answered in two ways."""
    answers = Answers()
    for line in _lines(page, title_row, titles, marks):
        known = answers.by_column.setdefault(line.column, {})
        if known.setdefault(line.value, line.answer) != line.answer:
            raise _answered_twice(line, known[line.value], page.name)
    return answers


def _lines(page: Page, title_row: int, titles: Sequence[str], marks: Marks) -> Iterator[_Line]:
    at = {title: place for place, title in enumerate(titles)}
    shown = {name: marks.said.get(name, "") for name in (SAID_COLUMN, SAID_VALUE, SAID_ANSWER)}
    for row, cells in page.numbered():
        named = {title: cells[place] for title, place in at.items() if place < len(cells)}
        answer = named.get(shown[SAID_ANSWER], "")
        if row <= title_row or is_blank(answer):
            continue
        # A line that somebody added has nothing hidden in it.
        column = named.get(VALUE_COLUMN, "") or named.get(shown[SAID_COLUMN], "")
        value = named.get(VALUE, "") or named.get(shown[SAID_VALUE], "")
        if is_blank(column) or is_blank(value):
            raise _unasked(row, page.name, answer)
        if answer != value:
            yield _Line(row, column, value, answer)


def _unasked(row: int, sheet: str, answer: str) -> SheetError:
    return SheetError(
        _("row {row} of '{sheet}' has the answer '{answer}', but no column or no value").format(
            row=row, sheet=sheet, answer=visible(answer)
        ),
        hint=_("Fill them in as the rows above have them, or delete the row."),
        code="answer_to_nothing",
    )


def _answered_twice(line: _Line, first: str, sheet: str) -> SheetError:
    return SheetError(
        _(
            "row {row} of '{sheet}' answers '{value}' with '{second}', a row above with '{first}'"
        ).format(
            row=line.row,
            sheet=sheet,
            value=visible(line.value),
            second=visible(line.answer),
            first=visible(first),
        ),
        hint=_("Leave one answer for each value."),
        code="answered_twice",
    )
