"""``changes.xlsx`` and ``not_found.xlsx``: what stands in them, as another program reads it."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from bulk_update.model import FieldName, RowResult, RowStatus
from bulk_update.reading.row_id import MOST_CHARACTERS
from bulk_update.reporting import RunReport, workbooks, write_reports
from bulk_update.reporting.report import Circumstances, Person
from bulk_update.reporting.tables import CHANGE_COLUMNS
from bulk_update.reporting.totals import total_changes
from bulk_update.reporting.workbooks import (
    NOT_FOUND_COLUMNS,
    changes_workbook,
    not_found_workbook,
)


def opened(chunks: Iterator[bytes]) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(b"".join(chunks)))


def changes_of(report: RunReport) -> Workbook:
    return opened(changes_workbook(report, total_changes(report.changes())))


def texts(sheet: Any) -> list[list[str]]:
    return [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]


def test_changes_are_those_of_the_csv_as_text(
    run: Any, tmp_path: Path, read_csv: Callable[[Path], list[list[str]]]
) -> None:
    """The same columns and lines; nothing in it is a formula or a number."""
    files = write_reports(tmp_path, run.report())
    book = openpyxl.load_workbook(files["changes.xlsx"])
    sheet = book.worksheets[0]
    plain = [[cell.removeprefix("'") for cell in row] for row in read_csv(files["changes.csv"])]
    assert texts(sheet) == plain
    assert tuple(plain[0]) == CHANGE_COLUMNS
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s"}
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert sheet["G3"].value == "=cmd()"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:I3")
    assert min(sheet.column_dimensions[each].width for each in "ABCDEFGHI") >= 9


def test_a_contact_stands_out_on_its_first_line_and_before_differs_from_after(run: Any) -> None:
    """Also where there was nothing, or is nothing left."""
    first, second = run.changes
    other = replace(second, uuid="u2", row=3, old=None, new="x")
    sheet = changes_of(replace(run, changes=(first, second, other)).report()).worksheets[0]
    colours = [sheet[f"A{row}"].font.color for row in (2, 3, 4)]
    assert colours[0] == colours[2] != colours[1]
    fills = {sheet[f"{column}3"].fill.fgColor.rgb for column in "EFG"}
    assert len(fills) == 3
    assert sheet["F4"].fill.fgColor.rgb == sheet["F3"].fill.fgColor.rgb


def test_totals_come_last_with_a_column_for_each_status(run: Any) -> None:
    """By field, by owner, by team, by tag; teams by their names, numbers as numbers."""
    base = run.changes[1]
    moves = [
        replace(base, field=FieldName("assigned_user"), old=None, new="a@x"),
        replace(base, field=FieldName("assigned_user"), old=None, new="a@x"),
        replace(base, field=FieldName("team"), old="t1", new="t2", status=RowStatus.REFUSED),
        replace(base, field=FieldName("note"), new="n" * (MOST_CHARACTERS + 1)),
    ]
    about = Circumstances(teams={"t1": "Sales", "t2": "Support"})
    report = replace(run, changes=(*run.changes, *moves), about=about).report()
    changes, totals = changes_of(report).worksheets
    assert (changes.title, totals.title) == ("Changes", "Totals")
    lines = list(totals.iter_rows(values_only=True))
    assert lines[0] == ("What", "From", "To", "Changes", "updated", "refused")
    assert ("By field", "Note", None, 2, 2, None) in lines
    assert ("By assigned user", "(nobody)", "a@x", 2, 2, None) in lines
    assert ("By team", "Sales", "Support", 1, None, 1) in lines
    assert ("Tags added", "Media (article, ad, tv)", None, 1, 1, None) in lines
    assert lines[-1][0].startswith("1 change has a text that is too long for a cell")
    assert changes["G7"].value.endswith("n…")


def test_what_a_sheet_cannot_hold_goes_on_in_a_further_one(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line is there once, in order, and where it goes on is said."""
    monkeypatch.setattr(workbooks, "ROWS_A_SHEET", 3)
    changes = tuple(replace(run.changes[0], row=row, uuid=f"u{row}") for row in range(2, 9))
    book = changes_of(replace(run, changes=changes).report())
    assert book.sheetnames == ["Changes", "Changes (2)", "Changes (3)", "Totals"]
    sheets = [texts(sheet) for sheet in book.worksheets[:3]]
    assert [sheet[0] for sheet in sheets] == [list(CHANGE_COLUMNS)] * 3
    assert [[line[0] for line in sheet[1:]] for sheet in sheets] == [
        ["2", "3", "4", "It goes on in the sheet Changes (2)."],
        ["5", "6", "7", "It goes on in the sheet Changes (3)."],
        ["8"],
    ]
    exactly = changes_of(replace(run, changes=changes[:3]).report())
    assert exactly.sheetnames == ["Changes", "Totals"]


def test_who_was_not_found_is_handed_over(run: Any) -> None:
    """Name and number by the sheet, why, what to do, and the sheet's own cells; nobody else."""
    header = ("Phone", "name", "E-mail", "bulk_update_hint")
    cells = [("333 1", "Ann", "a@x", "old"), ("12", "=Bob", "b@x", "old"), ("+1", "C", "c@x", "")]
    results = (
        RowResult(
            row=2,
            key="333 1",
            status=RowStatus.NOT_FOUND,
            code="no_contact",
            message="nobody",
            hint="look",
        ),
        RowResult(row=3, key="12", status=RowStatus.NOT_FOUND, code="bad_number"),
        RowResult(row=4, key="+1", status=RowStatus.UPDATED),
        RowResult(row=9, key="gone", name="Dora", status=RowStatus.NOT_FOUND, code="no_contact"),
    )

    def person(source: Any) -> Person:
        return Person(name=source.cells[1], phone="+39" + source.cells[0].replace(" ", ""))

    changed = replace(run, header=header, cells=cells, results=results, person=person)
    sheet = opened(not_found_workbook(changed.report())).active
    own = ["Phone (in the sheet)", "name (in the sheet)", "E-mail"]
    assert texts(sheet) == [
        [*NOT_FOUND_COLUMNS, *own],
        ["2", "333 1", "Ann", "+393331", "no_contact", "nobody", "look", "333 1", "Ann", "a@x"],
        ["3", "12", "=Bob", "", "bad_number", "", "", "12", "=Bob", "b@x"],
        ["9", "gone", "Dora", "", "no_contact", "", "", "", "", ""],
    ]
    assert sheet["C3"].data_type == "s"
    assert sheet.freeze_panes == "A2"


def test_a_check_has_neither_and_every_other_command_has_both(run: Any, tmp_path: Path) -> None:
    """Written anew even when empty: what lies there from yesterday would be read as today's."""
    books = {"changes.xlsx", "not_found.xlsx"}
    assert not books & set(write_reports(tmp_path / "c", replace(run, command="check").report()))
    quiet = replace(run, results=(), changes=(), cells=(), findings=())
    for command in ("plan", "apply", "undo"):
        files = write_reports(tmp_path / command, replace(quiet, command=command).report())
        assert books <= set(files)
        rows = list(csv.reader(texts_of(files["not_found.xlsx"])))
        assert rows == [[*NOT_FOUND_COLUMNS, "Phone (in the sheet)", "Status"]]
        assert texts(openpyxl.load_workbook(files["changes.xlsx"]).active) == [[*CHANGE_COLUMNS]]


def texts_of(path: Path) -> list[str]:
    return [",".join(row) for row in texts(openpyxl.load_workbook(path).active)]


def test_the_same_run_gives_the_same_bytes_and_memory_stays_flat(run: Any) -> None:
    """However many lines there are."""

    def written(lines: int) -> tuple[bytes, int]:
        one = run.changes[0]
        report = replace(
            run.report(),
            changes=lambda: (replace(one, row=n, uuid=f"u{n}") for n in range(2, lines + 2)),
        )
        chunks = changes_workbook(report, total_changes(report.changes()))
        tracemalloc.start()
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return digest.digest(), used

    written(10)
    few, some = written(1_000)
    _many, more = written(10_000)
    assert more < some + 1_500_000
    assert few == written(1_000)[0]
