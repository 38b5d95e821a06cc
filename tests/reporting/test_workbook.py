"""Workbooks written as a stream: whatever the text, it is read again as it was."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_update.reading.row_id import MOST_CHARACTERS, holdable
from bulk_update.reporting.packed import Packed
from bulk_update.reporting.sheets_out import ColumnOut, DropDown, Look, RowOut, SheetOut
from bulk_update.reporting.workbook import workbook_chunks
from bulk_update.reporting.workbook_text import letters, sheet_title

NASTY = st.sampled_from(
    [
        "_x0041_",
        "_x0041_x0042_",
        "_x005F_",
        "_x",
        "a\r\nb",
        "\x01",
        "\x85",
        "=1+1",
        "  ",
        "]]>",
        "'",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff")),
    st.lists(NASTY).map("".join),
)


def written(*sheets: SheetOut, **more: object) -> io.BytesIO:
    return io.BytesIO(b"".join(workbook_chunks(list(sheets), **more)))


def table(*rows: RowOut, columns: int = 3, **more: object) -> SheetOut:
    titled = [ColumnOut(f"Column {number}") for number in range(columns)]
    return SheetOut(name="Table", columns=titled, rows=rows, **more)


@settings(deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=5))
def test_any_text_is_read_again_as_it_was(rows):
    """By the reader that the program reads with; what is no character at all is another test."""
    content = written(table(*(RowOut(["x", *cells]) for cells in rows), columns=4))
    book = python_calamine.CalamineWorkbook.from_filelike(content)
    assert [row[1:] for row in book.get_sheet_by_index(0).to_python()[1:]] == rows


def test_what_no_workbook_can_hold_is_replaced_and_never_raises():
    """NUL, half a character, no character, and more characters than a cell takes."""
    odd = ["a\0b", "\ud800", "\uffff", "x" * (MOST_CHARACTERS + 1)]
    content = written(table(RowOut([holdable(text) for text in odd]), RowOut(odd), columns=4))
    rows = python_calamine.CalamineWorkbook.from_filelike(content).get_sheet_by_index(0).to_python()
    assert rows[1] == rows[2]
    assert rows[1][:3] == ["a\ufffdb", "\ufffd", "\ufffd"]
    assert len(rows[1][3]) == MOST_CHARACTERS


def test_looks_notes_panes_filters_and_drop_downs_are_where_they_belong():
    """Seen with openpyxl, which is strict about what a workbook's parts say."""
    sheet = SheetOut(
        name="Contacts",
        columns=[
            ColumnOut("Phone", note="the key"),
            ColumnOut("Status"),
            ColumnOut("id", hidden=True),
        ],
        rows=[
            RowOut(
                ("=1+1", "Actve", "7"), looks={1: Look.BAD}, notes={1: 'not "<Actve>"'}, number=9
            ),
            RowOut(("#N/A", None, "8", "beyond"), looks={1: Look.DOUBT}),
        ],
        header_row=4,
        frozen=1,
        has_notes=True,
        drop_downs=[DropDown(column=1, first=5, last=10, choices=("=Active", "x,y", "a & b"))],
    )
    other = table(RowOut((date(2026, 3, 3), 4812, "")), columns=3)
    book = openpyxl.load_workbook(written(sheet, other, marks=[["mark", "1"]]))
    page = book["Contacts"]
    assert [page.cell(row, 1).data_type for row in (4, 9, 10)] == ["s"] * 3
    assert (page["A9"].value, page["A10"].value, page["D10"].value) == ("=1+1", "#N/A", "beyond")
    assert page["B9"].comment.text == 'not "<Actve>"'
    assert page["A4"].comment.text == "the key"
    assert (
        page["B9"].fill.fgColor.rgb != page["B10"].fill.fgColor.rgb != page["A9"].fill.fgColor.rgb
    )
    assert page["A9"].number_format == "@"
    assert (page.freeze_panes, page.auto_filter.ref) == ("B5", "A4:C10")
    assert page.column_dimensions["C"].hidden
    offered = page.data_validations.dataValidation[0]
    assert (str(offered.sqref), offered.formula1) == ("B5:B10", "'bulk_update'!$A$2:$A$4")
    assert book["bulk_update"].sheet_state == "veryHidden"
    assert [cell.value for cell in book["bulk_update"]["A"]] == [
        "choices",
        "=Active",
        "x,y",
        "a & b",
    ]
    assert [cell.value for cell in book["bulk_update"]["B"]][:2] == ["mark", "1"]
    assert book["Table"]["A2"].value.date() == date(2026, 3, 3)
    assert book["Table"]["B2"].value == 4812
    assert book.defined_names == {}


def test_the_same_content_gives_the_same_bytes_in_its_parts():
    """A report that is written again is the same report."""
    first, second = (
        {name: archive.read(name) for name in archive.namelist() if name.startswith("xl/")}
        for archive in (zipfile.ZipFile(written(table(RowOut(("a", "b", "c"))))) for _ in range(2))
    )
    assert first == second


@pytest.mark.parametrize(
    ("name", "taken", "title"),
    [
        ("Contacts", (), "Contacts"),
        ("a/b:c[1]", (), "a b c 1"),
        ("", (), "Sheet"),
        ("'quoted'", (), "quoted"),
        ("x" * 40, (), "x" * 31),
        ("Fix me", ("FIX ME",), "Fix me (2)"),
        ("x" * 40, ("x" * 31,), "x" * 27 + " (2)"),
    ],
)
def test_a_sheet_is_called_as_it_may_be(name, taken, title):
    assert sheet_title(name, taken) == title


def test_columns_have_letters():
    assert [letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_what_is_put_aside_comes_back_in_its_order():
    packed = Packed()
    for number in range(1000):
        packed.add(f"è {number}")
    assert packed.count == 1000
    assert list(packed.items()) == [f"è {number}" for number in range(1000)]
