"""Every row with a problem: which row, who it is, what happened, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bulk_update.model import RowResult, RowStatus
from bulk_update.reporting.following import Following
from bulk_update.reporting.page.text import shown
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.tables import in_order
from bulk_update.reporting.wording import next_step, status_title

CHUNK: Final = 250
"""How many rows a table has: a browser lays out only those that are looked at."""

OPEN: Final = 8
"""How many tables are open; the others open at a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """One row. ``name`` is the contact's, else what the sheet calls it; ``""`` where neither is
    known."""

    row: int
    name: str
    key: str
    status: RowStatus
    title: str
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows, one after the other."""

    rows: Sequence[ProblemRow]
    is_open: bool

    @property
    def first(self) -> int:
        """The sheet row of the first."""
        return self.rows[0].row

    @property
    def last(self) -> int:
        """The sheet row of the last."""
        return self.rows[-1].row


def problem_rows(report: RunReport, problems: frozenset[RowStatus]) -> Iterator[Chunk]:
    """The rows of ``report`` whose status is one of ``problems``, as a stream."""
    sheet = Following(report.sources())

    def name(result: RowResult) -> str:
        if result.name:
            return result.name
        source = sheet.at(result.row)
        return report.person(source).name if source else ""

    undoes = bool(report.about.undoes)
    rows = (_row(each, name(each), undoes=undoes) for each in in_order(report.results_of(problems)))
    number = 0
    while chunk := list(islice(rows, CHUNK)):
        yield Chunk(rows=chunk, is_open=number < OPEN)
        number += 1


def _row(result: RowResult, name: str, *, undoes: bool) -> ProblemRow:
    return ProblemRow(
        row=result.row,
        name=shown(name, 120),
        key=shown(result.key or result.uuid, 120),
        status=result.status,
        title=status_title(result.status),
        code=result.code,
        message=shown(result.message, 2000),
        hint=shown(result.hint or next_step(result.status, undoes=undoes), 1000),
    )
