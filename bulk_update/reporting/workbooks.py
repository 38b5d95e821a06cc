"""``changes.xlsx`` and ``not_found.xlsx``: for those who were not there, and who work in Excel.

Every cell is text, but for counts. A sheet of a workbook holds 1,048,576 rows: what is more goes
on in a further sheet, and the last row of the one before says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from bulk_update.language import _, ngettext, number
from bulk_update.model import ChangeResult, RowResult, RowStatus
from bulk_update.reading.own_files import OWN_COLUMNS
from bulk_update.reporting.following import Following
from bulk_update.reporting.page.changes import Changes, changes_told
from bulk_update.reporting.report import Person, RunReport
from bulk_update.reporting.sheets_out import ColumnOut, Look, RowOut, SheetOut
from bulk_update.reporting.tables import CHANGE_COLUMNS, change_record, in_order, own_cells
from bulk_update.reporting.totals import ChangeTotals
from bulk_update.reporting.wording import status_title
from bulk_update.reporting.workbook import measured, workbook_chunks
from bulk_update.reporting.workbook_text import MOST_ROWS, sheet_title

NOT_FOUND_COLUMNS: Final = ("row", "key", "name", "phone", "code", "message", "hint")

ROWS_A_SHEET: Final = MOST_ROWS - 2
"""Beside the header, and the line that says where it goes on."""

_BESIDE: Final = {
    CHANGE_COLUMNS.index("old"): Look.OLD,
    CHANGE_COLUMNS.index("new"): Look.NEW,
}
_GOES_ON: Final = dict.fromkeys(range(CHANGE_COLUMNS.index("field")), Look.OURS) | _BESIDE
"""Who it is stands out on the first line of a contact alone."""

_PEEKED: Final = 200
_NOT_FOUND: Final = frozenset({RowStatus.NOT_FOUND})
_BAD_NUMBER: Final = "bad_number"


def changes_workbook(report: RunReport, totals: ChangeTotals) -> Iterator[bytes]:
    """``changes.xlsx``: the lines of ``changes.csv``, and a sheet with what they come to, which
    ``totals`` say."""
    columns = [ColumnOut(name) for name in CHANGE_COLUMNS]
    sheets = _paged(_("Changes"), columns, _change_rows(report.changes()), totals.fields.total)
    name = sheet_title(_("Totals"), [sheet.name for sheet in sheets])
    told = changes_told(totals, report.about.teams)
    return workbook_chunks([*sheets, _totals_sheet(name, told, totals.cut)])


def not_found_workbook(report: RunReport) -> Iterator[bytes]:
    """``not_found.xlsx``: the rows whose contact was not found: who it is by the sheet, the
    number as it is dialled from anywhere, why, what to do; then the sheet's own columns."""
    own = _own_columns(report.header)
    columns = [
        *(ColumnOut(name, title_look=Look.OUR_HEADER) for name in NOT_FOUND_COLUMNS),
        *(ColumnOut(title) for title in own.values()),
    ]
    rows = (RowOut(cells) for cells in _not_found(report, list(own)))
    count = report.counts.get(RowStatus.NOT_FOUND, 0)
    return workbook_chunks(_paged(_("Not found"), columns, rows, count))


# -- rows ------------------------------------------------------------------------------


def _change_rows(changes: Iterable[ChangeResult]) -> Iterator[RowOut]:
    before = ""
    for change in changes:
        yield RowOut(change_record(change), looks=_GOES_ON if change.uuid == before else _BESIDE)
        before = change.uuid


def _not_found(report: RunReport, kept: Sequence[int]) -> Iterator[tuple[str, ...]]:
    sheet = Following(report.sources())
    for result in in_order(report.results_of(_NOT_FOUND)):
        source = sheet.at(result.row)
        person = report.person(source) if source else Person()
        yield (*_missing(result, person), *own_cells(source, kept))


def _missing(result: RowResult, person: Person) -> tuple[str, ...]:
    return (
        str(result.row),
        result.key,
        person.name or result.name or "",
        "" if result.code == _BAD_NUMBER else person.phone,
        result.code,
        result.message,
        result.hint,
    )


def _own_columns(header: Sequence[str]) -> Mapping[int, str]:
    """The sheet's own columns by their place; one that is called like one of ours, another name.
    What our reports added to a sheet that was given back is not the sheet's own."""
    ours = {name.casefold() for name in NOT_FOUND_COLUMNS}
    return {
        place: _("{column} (in the sheet)").format(column=name) if name.casefold() in ours else name
        for place, name in enumerate(header)
        if name not in OWN_COLUMNS
    }


# -- sheets ----------------------------------------------------------------------------


def _paged(
    name: str, columns: Sequence[ColumnOut], rows: Iterator[RowOut], count: int
) -> list[SheetOut]:
    """As many sheets as ``count`` rows take; the last one takes all that come."""
    head = list(islice(rows, _PEEKED))
    first = measured(SheetOut(name=sheet_title(name), columns=columns, rows=head))
    sheets = [replace(first, rows=())]
    while ROWS_A_SHEET * len(sheets) < count:
        taken = [sheet.name for sheet in sheets]
        sheets.append(replace(first, name=sheet_title(name, taken), rows=()))
    every = chain(head, rows)
    following = [sheet.name for sheet in sheets[1:]]
    parts = [chain(islice(every, ROWS_A_SHEET), [_further(name)]) for name in following]
    return [replace(sheet, rows=part) for sheet, part in zip(sheets, [*parts, every], strict=True)]


def _further(name: str) -> RowOut:
    return RowOut((_("It goes on in the sheet {name}.").format(name=name),), looks={0: Look.OURS})


def _totals_sheet(name: str, told: Changes, cut: int) -> SheetOut:
    """What the changes come to: a line a field, a move, a tag; a column a status."""
    bars = [bar for table in told.tables for bar in (*table.bars, *table.more)]
    statuses = [status for status in RowStatus if any(status in bar.counts for bar in bars)]
    titles = (_("What"), _("From"), _("To"), _("Changes"), *map(status_title, statuses))
    return SheetOut(
        name=name,
        columns=[ColumnOut(title) for title in titles],
        rows=list(_total_rows(told, statuses, cut)),
    )


def _total_rows(told: Changes, statuses: Sequence[RowStatus], cut: int) -> Iterator[RowOut]:
    for table in told.tables:
        for bar in (*table.bars, *table.more):
            names = (*bar.names, "")[:2]
            yield RowOut((table.title, *names, bar.count, *map(bar.counts.get, statuses)))
        if table.rest:
            yield RowOut((table.title, table.rest))
    if cut:
        template = ngettext(
            "{n} change has a text that is too long for a cell: it ends with … here, and is whole "
            "in changes.csv",
            "{n} changes have a text that is too long for a cell: it ends with … here, and is "
            "whole in changes.csv",
            cut,
        )
        yield RowOut((template.format(n=number(cut)),))
