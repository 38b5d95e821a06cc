"""What the tests of workbooks that are given back share: a report as a workbook, and a person
who mends it as spreadsheet programs do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl

from bulk_update.model import Finding, FindingGroup, Level, RowResult, RowStatus, SourceRow, Verdict
from bulk_update.reading import ReadOptions, open_sheet
from bulk_update.reporting import RunReport
from bulk_update.reporting.annotated import annotated_chunks
from bulk_update.reporting.report import ColumnMeaning, Mending

BAD = RowStatus.INVALID
STATUS = {"Status": ColumnMeaning("custom_fields.Status", ("Active", "Trial", "=cmd", "a, b"))}
MENDING = Mending(title="Contacts", meanings=lambda: STATUS)


def unknown(value: str, rows: Sequence[int], column: str = "Status") -> FindingGroup:
    """What is said of a value that is no option."""
    finding = Finding(
        code="unknown_option",
        level=Level.ERROR,
        message=f"'{value}' is not an option of {column}",
        hint="did you mean 'Active'?",
        column=column,
        value=value,
        proposal="Active",
    )
    return FindingGroup(finding=finding, rows=tuple(rows), count=len(rows))


@dataclass(frozen=True, kw_only=True)
class Told:
    """A run as plain data: its sheet, and what is wrong with which row."""

    header: tuple[str, ...]
    rows: Sequence[SourceRow]
    bad: frozenset[int] = frozenset()
    findings: tuple[FindingGroup, ...] = ()
    mending: Mending = MENDING

    def report(self) -> RunReport:
        """The same as a report."""
        statuses = [BAD if row.row in self.bad else RowStatus.VALID for row in self.rows]
        judged = [
            Verdict(row.row, "", None, tuple(each.finding for each in self.of_row(row.row)))
            for row in self.rows
        ]
        return RunReport(
            command="check",
            run=None,
            account=None,
            rows=len(self.rows),
            counts={status: statuses.count(status) for status in set(statuses)},
            header=self.header,
            results=lambda: (
                RowResult(row=row.row, key=row.cells[0], status=status, message="what is wrong")
                for row, status in zip(self.rows, statuses, strict=True)
            ),
            sources=lambda: iter(self.rows),
            findings=self.findings,
            mending=replace(self.mending, judged=lambda: iter(judged)),
        )

    def of_row(self, row: int) -> Iterable[FindingGroup]:
        """The findings of one row."""
        return (group for group in self.findings if row in group.rows)

    def written(self, path: Path) -> Path:
        """The workbook of the report."""
        chunks = annotated_chunks(self.report(), frozenset({BAD}))
        assert chunks is not None
        path.write_bytes(b"".join(chunks))
        return path


def small() -> Told:
    """Five rows, three of them bad."""
    cells = [
        ("+39 333 1", "Active", "one"),
        ("+39 333 2", "Actve", "two"),
        ("+39 333 3", "Actve", "three"),
        ("+39 333 4", "Wonn", "four"),
        ("+39 333 5", "Trial", "five"),
    ]
    return Told(
        header=("Phone", "Status", "Note"),
        rows=[SourceRow(number, each) for number, each in enumerate(cells, 2)],
        bad=frozenset({3, 4, 5}),
        findings=(unknown("Actve", (3, 4)), unknown("Wonn", (5,))),
    )


def mended(path: Path, cells: Mapping[str, str | None]) -> Path:
    """The workbook with other cells (``Fix me!B2``), saved by another program."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet, _mark, ref = place.rpartition("!")
        book[sheet][ref].value = value
    book.save(path)
    return path


def rows_of(path: Path, *own: str, **options: object) -> list[tuple[str, ...]]:
    """The cells of the columns ``own`` as the program reads them, row by row."""
    with open_sheet(str(path), ReadOptions(**options)) as sheet:
        places = [sheet.header.index(name) for name in own]
        return [tuple(row.cells[place] for place in places) for row in sheet.rows()]
