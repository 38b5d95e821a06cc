"""annotated.xlsx: the sheet as it was given, with what is wrong marked in it."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest
from given_back import BAD, small, unknown

from bulk_update.model import Level, SourceRow
from bulk_update.reading.own_files import FIX_ID, REPORT_COLUMNS, ROW_ID
from bulk_update.reporting import write_reports
from bulk_update.reporting.annotated import MOST_COLUMNS, annotated_chunks


def values(page):
    return [[cell.value for cell in row] for row in page.iter_rows()]


def test_the_sheet_is_there_as_it_was_given_with_its_bad_cells_marked(tmp_path):
    """Its own name, columns, cells and row numbers; five columns of ours; a hidden id."""
    book = openpyxl.load_workbook(small().written(tmp_path / "a.xlsx"))
    assert [page.title for page in book.worksheets] == [
        "Contacts",
        "Fix me",
        "Values",
        "bulk_update",
    ]
    page = book["Contacts"]
    assert values(page)[0] == ["Phone", "Status", "Note", *REPORT_COLUMNS, ROW_ID]
    assert values(page)[2][:8] == [
        "+39 333 2",
        "Actve",
        "two",
        "3",
        "invalid",
        None,
        "what is wrong",
        None,
    ]
    assert values(page)[1][:5] == ["+39 333 1", "Active", "one", "2", "valid"]
    tinted = {cell.coordinate for row in page["A2:I6"] for cell in row if cell.fill.fill_type}
    noted = {cell.coordinate for row in page["A2:I6"] for cell in row if cell.comment}
    assert tinted == noted == {"B3", "B4", "B5"}
    assert page["B3"].comment.text == "'Actve' is not an option of Status\ndid you mean 'Active'?"
    assert "custom_fields.Status: Active, Trial" in page["B1"].comment.text
    assert "bulk-update apply annotated.xlsx" in page["A1"].comment.text
    assert page.column_dimensions["I"].hidden
    assert (page.freeze_panes, page.auto_filter.ref) == ("B2", "A1:I6")


def test_fix_me_has_the_bad_rows_alone_and_says_which_they_are(tmp_path):
    book = openpyxl.load_workbook(small().written(tmp_path / "a.xlsx"))
    page = book["Fix me"]
    assert values(page)[0] == ["Phone", "Status", "Note", *REPORT_COLUMNS, FIX_ID]
    assert [row[3] for row in values(page)[1:]] == ["3", "4", "5"]
    assert [row[8] for row in values(page)[1:]] == [row[8] for row in values(book["Contacts"])[2:5]]
    assert page["B2"].comment.text == book["Contacts"]["B3"].comment.text
    widths = [
        [sheet.column_dimensions[name].width for name in "ABC"] for sheet in book.worksheets[:2]
    ]
    assert widths[0] == widths[1]


def test_each_unknown_value_stands_once_with_its_rows_a_proposal_and_a_choice(tmp_path):
    """What may be chosen is a range of the hidden sheet: it may be long, and hold commas."""
    book = openpyxl.load_workbook(small().written(tmp_path / "a.xlsx"))
    page = book["Values"]
    assert values(page)[1][:4] == ["Status", "Actve", 2, "3, 4"]
    assert values(page)[1][5:] == ["Active", None, "Status", "Actve"]
    assert values(page)[2][:4] == ["Status", "Wonn", 1, "5"]
    offered = page.data_validations.dataValidation[0]
    assert (str(offered.sqref), offered.formula1) == ("G2:G3", "'bulk_update'!$A$2:$A$5")
    assert offered.showErrorMessage is False
    assert [cell.value for cell in book["bulk_update"]["A"][1:5]] == [
        "Active",
        "Trial",
        "=cmd",
        "a, b",
    ]
    assert book["bulk_update"]["A4"].data_type == "s"
    assert [page.column_dimensions[name].hidden for name in "GHI"] == [False, True, True]


def test_only_bad_leaves_the_good_rows_out(tmp_path):
    told = small()
    told = replace(told, mending=replace(told.mending, only_bad=True, header_row=4))
    page = openpyxl.load_workbook(told.written(tmp_path / "a.xlsx"))["Contacts"]
    assert [row[3] for row in values(page)[1:]] == ["3", "4", "5"]


def test_rows_keep_their_numbers_and_a_row_fault_is_marked_at_the_key(tmp_path):
    """The header in row 3, a gap below it; no cell is at fault, so the key's is tinted."""
    told = small()
    rows = [SourceRow(9, ("x", "y", "z")), SourceRow(20, ("a", "b", "c"), extra=("beyond",))]
    mending = replace(told.mending, header_row=3)
    told = replace(told, rows=rows, bad=frozenset({20}), findings=(), mending=mending)
    book = openpyxl.load_workbook(told.written(tmp_path / "a.xlsx"))
    page = book["Contacts"]
    assert (page["A3"].value, page["A9"].value, page["A20"].value) == ("Phone", "x", "a")
    assert page["J20"].value == "beyond"
    assert page["A20"].comment.text == "what is wrong"
    assert "Values" not in book.sheetnames


@pytest.mark.parametrize("own", ["Fix me", "Values", "bulk_update", "", "a/b", "x" * 40])
def test_a_sheet_of_any_name_finds_room_beside_ours(own, tmp_path):
    told = replace(small(), mending=replace(small().mending, title=own))
    names = openpyxl.load_workbook(told.written(tmp_path / "a.xlsx")).sheetnames
    assert names[1:] == ["Fix me", "Values", "bulk_update"]
    assert len({name.casefold() for name in names}) == 4


def test_there_is_none_where_nothing_is_to_be_mended(tmp_path):
    """A clean run, and an undo, whose rows nobody mends."""
    clean = replace(small(), bad=frozenset(), findings=())
    assert annotated_chunks(clean.report(), frozenset({BAD})) is None
    assert annotated_chunks(replace(small().report(), mending=None), frozenset({BAD})) is None
    assert "annotated.xlsx" not in write_reports(tmp_path, clean.report())
    assert "annotated.xlsx" in write_reports(tmp_path, small().report())


def test_warnings_are_asked_about_too_but_mark_no_row(tmp_path):
    group = unknown("Neww", (2,))
    warned = replace(group, finding=replace(group.finding, level=Level.WARNING, proposal=None))
    told = replace(small(), bad=frozenset(), findings=(warned, unknown("x", (3,), column="Free")))
    book = openpyxl.load_workbook(told.written(tmp_path / "a.xlsx"))
    assert book.sheetnames == ["Contacts", "Values", "bulk_update"]
    assert [row[1] for row in values(book["Values"])] == ["Value", "Neww"]


def test_answers_go_on_with_the_next_workbook(tmp_path):
    """The sheet still has the values that were answered, so the next one must answer them too."""
    answered = replace(small().mending, answers={"Status": {"Lst": "Lost"}})
    told = replace(small(), mending=answered)
    page = openpyxl.load_workbook(told.written(tmp_path / "a.xlsx"))["Values"]
    assert values(page)[3][6:] == ["Lost", "Status", "Lst"]


def test_a_sheet_too_wide_to_be_given_back_says_so(tmp_path):
    wide = tuple(f"C{number}" for number in range(MOST_COLUMNS + 1))
    rows = [SourceRow(2, ("x",) * len(wide))]
    told = replace(small(), header=wide, rows=rows, bad=frozenset({2}), findings=())
    book = openpyxl.load_workbook(told.written(tmp_path / "a.xlsx"))
    assert "2001 columns" in book.worksheets[0]["A1"].value
    assert "errors.csv" in book.worksheets[0]["A1"].value


def test_more_notes_than_a_program_bears_are_left_out_and_tints_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr("bulk_update.reporting.workbook.MOST_NOTES", 9)
    book = openpyxl.load_workbook(small().written(tmp_path / "a.xlsx"))
    page = book["Contacts"]
    assert [bool(page[f"B{row}"].comment) for row in (3, 4, 5)] == [True, True, False]
    assert page["B5"].fill.fill_type == "solid"


def test_a_sheet_too_large_for_a_workbook_is_there_with_its_bad_rows(tmp_path, monkeypatch):
    """And says so; the archive is then of the kind that holds as much as it must."""
    monkeypatch.setattr("bulk_update.reporting.annotated.MOST_CELLS", 10)
    monkeypatch.setattr("bulk_update.reporting.workbook.MOST_CELLS", 10)
    page = openpyxl.load_workbook(small().written(tmp_path / "a.xlsx"))["Contacts"]
    assert [row[3] for row in values(page)[1:]] == ["3", "4", "5"]
    assert page["A1"].comment.text.startswith("The sheet is too large for a workbook")
