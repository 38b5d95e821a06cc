"""Which row holds the column names."""

from __future__ import annotations

import pytest

from bulk_update.errors import SheetError
from bulk_update.reading import ReadOptions, open_sheet


def opened(path, **options):
    with open_sheet(path, ReadOptions(**options)) as sheet:
        return sheet


def test_titles_and_blank_rows_above_are_passed_over_and_said(write):
    text = "Export contatti,,,\nRoma,2026-01-03,,\n,,,\nphone,name,city,note\n1,Ada,,\n2,Eva,,x\n"
    sheet = opened(write(text))
    assert sheet.header_row == 4
    assert sheet.header == ("phone", "name", "city", "note")
    assert [row.row for row in sheet.rows()] == [5, 6]
    assert "header_row" in [finding.code for finding in sheet.findings]


def test_a_header_with_a_blank_name_stays_the_header(write):
    text = "phone,,city,note\n+393331234567,Ada,Roma,x\n+393331234568,Eva,Pisa,y\n"
    assert opened(write(text)).header == ("phone", "", "city", "note")


def test_a_header_with_half_its_names_stays_the_header(write):
    text = "phone,name,,\n+393331234567,Ada,Roma,x\n+393331234568,Eva,Pisa,y\n"
    sheet = opened(write(text))
    assert sheet.header == ("phone", "name")
    assert sheet.header_row == 1


def test_names_that_repeat_are_kept(write):
    assert opened(write("phone,Email,Email\n1,a,b\n")).header == ("phone", "Email", "Email")


def test_a_wide_ragged_row_does_not_become_the_header(write):
    text = "phone,name\n1,Ada\n2,Eva\n3,Mia,lost,and,found,here\n4,Lia\n"
    assert opened(write(text)).header == ("phone", "name")


@pytest.mark.parametrize(
    "first", ["+39 333 1234567,Ada", "Ada,ada@example.com", "0123456789abcdef0123456789abcdef,Ada"]
)
def test_a_file_without_a_header_is_told(write, first):
    with pytest.raises(SheetError) as caught:
        opened(write(f"{first}\n{first}x\n"))
    assert caught.value.code == "no_header"
    assert "row 1" in caught.value.message
    assert caught.value.exit_code == 3


def test_the_header_can_be_chosen(write):
    sheet = opened(write("a,b\nphone,note\n1,x\n"), header_row=2)
    assert sheet.header == ("phone", "note")
    assert [row.row for row in sheet.rows()] == [3]


def test_a_chosen_row_is_not_second_guessed(write):
    assert opened(write("+393331234567,x\n1,y\n"), header_row=1).header == ("+393331234567", "x")


@pytest.mark.parametrize("row", [2, 99])
def test_a_chosen_row_without_a_cell_is_told(write, row):
    with pytest.raises(SheetError) as caught:
        opened(write("phone,note\n\n1,x\n"), header_row=row)
    assert caught.value.code == "no_header"
    assert str(row) in caught.value.message


@pytest.mark.parametrize("text", ["\n\n", ",,,\n,,\n", "\ufeff", " \n"])
def test_a_file_without_a_filled_cell_is_empty(write, text):
    with pytest.raises(SheetError) as caught:
        opened(write(text))
    assert caught.value.code == "empty"


def test_a_name_that_is_no_text_is_told(write):
    with pytest.raises(SheetError) as caught:
        opened(write("phone,no\x01te\n1,x\n"))
    assert caught.value.code == "header_undecodable"
    assert "\x01" not in caught.value.message
