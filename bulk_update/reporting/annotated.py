"""``annotated.xlsx``: the sheet with what is wrong marked in it, to be mended and given back.

Three sheets: the one itself, its bad cells tinted and noted; the bad rows alone; and the values
that the account does not know, each once. Mended in any of them, :mod:`bulk_update.reading`
takes it back; the ids of rows and the hidden sheet are for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import orjson

from bulk_update.language import _
from bulk_update.model import Finding, FindingGroup, Level, RowResult, RowStatus, SourceRow, Verdict
from bulk_update.reading.marks import Marks
from bulk_update.reading.own_files import (
    FIX_ID,
    MARKS_SHEET,
    OWN_COLUMNS,
    REPORT_COLUMNS,
    ROW_ID,
)
from bulk_update.reading.row_id import holdable, row_id
from bulk_update.reporting.following import Following
from bulk_update.reporting.packed import Packed
from bulk_update.reporting.report import ColumnMeaning, Mending, RunReport
from bulk_update.reporting.sheets_out import ColumnOut, Look, RowOut, SheetOut
from bulk_update.reporting.tables import in_order, look_and_delete, own_cells, report_cells
from bulk_update.reporting.unknown_values import (
    answered_lines,
    asked_lines,
    asked_values,
    title_names,
    values_sheet,
)
from bulk_update.reporting.workbook import MOST_CELLS, measured, workbook_chunks
from bulk_update.reporting.workbook_text import MOST_ROWS, sheet_title

MOST_COLUMNS: Final = 2_000
"""Columns of a sheet that can be mended in a workbook: the id of a row is one cell."""

_ROOM: Final = 48_576  # rows that stay free for what people add
_NOTE: Final = 1_000
_JUDGED: Final = (RowStatus.INVALID, RowStatus.DUPLICATE)
_NOT_HEALED: Final = frozenset({"cut_off", "broken_quotes", "mended_twice", "cut_cell"})
"""Faults of a row that a workbook would not show when it is read again."""


def annotated_chunks(report: RunReport, problems: frozenset[RowStatus]) -> Iterator[bytes] | None:
    """The workbook of a report; None where there is nothing to mend. ``problems`` are the statuses
    of bad rows."""
    if report.mending is None:
        return None
    meanings = report.mending.meanings()
    asked = asked_values(report.findings, meanings)
    bad = sum(count for status, count in report.counts.items() if status in problems)
    if not (bad or asked):
        return None
    if len(report.header) > MOST_COLUMNS:
        return workbook_chunks([_too_wide(len(report.header))])
    book = _Annotated(report, report.mending, problems, meanings)
    sheets = [measured(book.sheet())]
    if bad:
        sheets.append(book.fix_sheet(sheets[0]))
    if asked or report.mending.answers:
        sheets.append(book.values_sheet(asked, [sheet.name for sheet in sheets]))
    return workbook_chunks(sheets, book.marks().columns)


class _Annotated:
    """One workbook on its way."""

    def __init__(
        self,
        report: RunReport,
        mending: Mending,
        problems: frozenset[RowStatus],
        meanings: Mapping[str, ColumnMeaning],
    ) -> None:
        self._report, self._mending, self._problems = report, mending, problems
        self._kept = [at for at, name in enumerate(report.header) if name not in OWN_COLUMNS]
        self._names = [report.header[at] for at in self._kept]
        self._place = {name: place for place, name in reversed(list(enumerate(self._names)))}
        self._meanings = meanings
        self._bad = Packed()
        cells = report.rows * (len(self._kept) + len(OWN_COLUMNS))
        self._too_many = report.rows > MOST_ROWS - _ROOM or cells > MOST_CELLS
        self._only_bad = mending.only_bad or self._too_many

    def marks(self) -> Marks:
        """What the hidden sheet says, by which the workbook is known again."""
        return Marks({"version": "1", **title_names()}, tuple(self._names))

    def sheet(self) -> SheetOut:
        """The sheet itself. Its rows put the bad ones aside as they come."""
        return SheetOut(
            name=sheet_title(self._mending.title, _our_titles()),
            columns=self._columns(ROW_ID, _how_to_mend(too_many=self._too_many)),
            rows=self._rows(),
            header_row=1 if self._only_bad else self._mending.header_row,
            frozen=1,
            has_notes=True,
            most_rows=self._report.rows,
        )

    def fix_sheet(self, sheet: SheetOut) -> SheetOut:
        """The bad rows alone, as wide as in ``sheet``; they are there once that was written."""
        columns = zip(self._columns(FIX_ID, _how_to_fix()), sheet.columns, strict=True)
        return SheetOut(
            name=sheet_title(_("Fix me"), [sheet.name]),
            columns=[replace(column, width=wide.width) for column, wide in columns],
            rows=self._bad_rows(),
            frozen=1,
            has_notes=True,
            most_rows=self._report.rows,
        )

    def values_sheet(self, asked: Sequence[FindingGroup], taken: Sequence[str]) -> SheetOut:
        """The values that are asked about, and the answers there were."""
        lines = [*asked_lines(asked), *answered_lines(self._mending.answers)]
        return values_sheet(lines, self._meanings, taken=taken)

    def _columns(self, mark: str, first_note: str) -> list[ColumnOut]:
        notes = [self._note_of(name) for name in self._names]
        notes[0] = "\n\n".join(filter(None, (first_note, notes[0])))
        own = [ColumnOut(name, note) for name, note in zip(self._names, notes, strict=True)]
        ours = [
            ColumnOut(name, note, Look.OURS, Look.OUR_HEADER)
            for name, note in zip(REPORT_COLUMNS, _report_notes(), strict=True)
        ]
        return [*own, *ours, ColumnOut(mark, look=Look.OURS, width=12, hidden=True)]

    def _note_of(self, name: str) -> str:
        meaning = self._meanings.get(name)
        if meaning is None:
            return ""
        if not meaning.possible:
            return meaning.target
        offered = _clipped(", ".join(meaning.possible), 500)
        return _("{target}: {values}").format(target=meaning.target, values=offered)

    # -- rows ----------------------------------------------------------------------------

    def _rows(self) -> Iterator[RowOut]:
        sources, verdicts = Following(self._report.sources()), Following(self._verdicts())
        for result in in_order(self._report.results()):
            is_bad = result.status in self._problems
            if not is_bad and self._only_bad:
                continue
            source = sources.at(result.row)
            row = self._row(result, source, is_bad=is_bad)
            if is_bad:
                row = self._marked(row, result, verdicts.at(result.row))
                self._bad.add(_packed(row))
            yield row

    def _verdicts(self) -> Iterator[Verdict]:
        judged = any(self._report.counts.get(status) for status in _JUDGED)
        return self._mending.judged() if judged else iter(())

    def _bad_rows(self) -> Iterator[RowOut]:
        return map(_unpacked, self._bad.items())

    def _row(self, result: RowResult, source: SourceRow | None, *, is_bad: bool) -> RowOut:
        own = own_cells(source, self._kept)
        beyond = _beyond(source)
        known = row_id(result.row, own, beyond, whole=is_bad)
        # Past a sheet's last row there is room only below the row before.
        free = self._only_bad or result.row > MOST_ROWS
        cells = (*own, *report_cells(result), known, *beyond)
        return RowOut(tuple(map(holdable, cells)), None if free else result.row)

    def _marked(self, row: RowOut, result: RowResult, verdict: Verdict | None) -> RowOut:
        """The row with tints and notes: at the cells that are wrong, else at its key."""
        by_place: dict[int, list[Finding]] = {}
        for finding in verdict.findings if verdict else ():
            if finding.level is Level.ERROR and finding.column in self._place:
                by_place.setdefault(self._place[finding.column], []).append(finding)
        if by_place:
            return row._replace(
                looks=dict.fromkeys(by_place, Look.BAD),
                notes={place: _note(found) for place, found in by_place.items()},
            )
        place = self._key_place(row, result.key)
        said = result.message or result.code or result.status.value
        return row._replace(
            looks={place: Look.DOUBT}, notes={place: _clipped(_lines(said, result.hint), _NOTE)}
        )

    def _key_place(self, row: RowOut, key: str) -> int:
        own = row.cells[: len(self._names)]
        keyed = (place for place, cell in enumerate(own) if key and str(cell).strip() == key)
        return next(keyed, 0)


def _packed(row: RowOut) -> str:
    return orjson.dumps([row.cells, list(row.looks.items()), list(row.notes.items())]).decode()


def _unpacked(text: str) -> RowOut:
    cells, looks, notes = orjson.loads(text)
    return RowOut(cells, None, {place: Look(look) for place, look in looks}, dict(notes))


def _beyond(source: SourceRow | None) -> tuple[str, ...]:
    """What stands beyond the columns: cells that the sheet has there, and what keeps a row wrong
    that was broken as a row."""
    if source is None or source.extra:
        return source.extra if source else ()
    broken = [each for each in source.findings if each.code in _NOT_HEALED]
    return (look_and_delete(broken[0].message),) if broken else ()


def _note(findings: Sequence[Finding]) -> str:
    texts = (_lines(each.message, each.hint) for each in findings)
    return _clipped("\n\n".join(dict.fromkeys(texts)), _NOTE)


def _lines(message: str, hint: str) -> str:
    return "\n".join(filter(None, (message, hint)))


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _our_titles() -> tuple[str, ...]:
    return _("Fix me"), _("Values"), MARKS_SHEET


def _how_to_mend(*, too_many: bool) -> str:
    text = _(
        "Mend the tinted cells: here, in 'Fix me', or by answering in 'Values'. Save, and give "
        "this workbook back: bulk-update apply annotated.xlsx. The note at a tinted cell says why."
    )
    if not too_many:
        return text
    left_out = _("The sheet is too large for a workbook: only its bad rows are here.")
    return f"{left_out}\n\n{text}"


def _how_to_fix() -> str:
    return _(
        "Only the rows with a problem. What you change here counts as if it were changed in the "
        "first sheet; bulk_update_row says which row of it this is. You may sort, filter and "
        "delete rows here."
    )


def _report_notes() -> tuple[str, ...]:
    return (
        _("The row in the sheet that was read."),
        _("What became of the row."),
        _("The kind of problem, for programs."),
        _("What is wrong."),
        _("What to do about it."),
    )


def _too_wide(columns: int) -> SheetOut:
    text = _(
        "The sheet has {n} columns, and a workbook that can be given back holds {most}: mend the "
        "rows in errors.csv."
    ).format(n=columns, most=MOST_COLUMNS)
    return SheetOut(name=sheet_title(_("Fix me")), columns=[ColumnOut(text)], filtered=False)
