"""Rows of a text file: their numbers, their width, and what is wrong with them."""

from __future__ import annotations

import csv
import io
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_update.errors import SheetError, UsageError
from bulk_update.reading import ReadOptions, open_sheet


def numbers(rows):
    return [row.row for row in rows]


def codes(row):
    return [finding.code for finding in row.findings]


def test_a_quoted_new_line_adds_no_row_and_the_line_is_the_files(write, read):
    rows = read(write('phone,note\n1,"two\nlines"\n2,x\n'))
    assert [(row.row, row.line, row.cells) for row in rows] == [
        (2, 2, ("1", "two\nlines")),
        (3, 4, ("2", "x")),
    ]


def test_an_empty_line_counts_and_is_no_row(write, read):
    assert numbers(read(write("phone,note\n\n1,x\n\n\n2,y\n"))) == [3, 6]


def test_a_row_without_a_filled_cell_is_no_row(write, read):
    text = "phone,note\n,\n  ,\u00a0\n\u200b,\ufeff\n1,\n,2\n"
    assert numbers(read(write(text))) == [5, 6]


def test_a_sep_line_is_no_row_but_a_line_of_the_file(write):
    with open_sheet(write("sep=;\nphone;note\n1;a,b\n"), ReadOptions()) as sheet:
        assert sheet.delimiter == ";"
        assert sheet.header_row == 1
        assert [(row.row, row.line, row.cells) for row in sheet.rows()] == [(2, 3, ("1", "a,b"))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(write, read, end):
    rows = read(write(f"phone,note{end}1,x{end}{end}2,y{end}"))
    assert [(row.row, row.line, row.cells) for row in rows] == [
        (2, 2, ("1", "x")),
        (4, 4, ("2", "y")),
    ]


def test_missing_cells_are_blank(write, read):
    (row,) = read(write("phone,name,note\n1,Ada\n"))
    assert row.cells == ("1", "Ada", "")
    assert row.findings == ()


def test_extra_blank_cells_are_nothing(write, read):
    (row,) = read(write("phone,note\n1,x,, \n"))
    assert row == (2, ("1", "x"), 2, (), ())


def test_extra_filled_cells_are_an_error_of_the_row_and_are_shown(write, read):
    (row,) = read(write("phone,name,note\n1,Ada,x,,lost\n"))
    assert row.cells == ("1", "Ada", "x")
    assert codes(row) == ["extra_cells"]
    assert row.findings[0].level == "error"
    assert row.findings[0].value == "lost"


def test_a_separator_at_every_lines_end_shifts_nothing(write):
    with open_sheet(write("phone,note,\n1,x,\n2,y,\n"), ReadOptions()) as sheet:
        assert sheet.header == ("phone", "note")
        assert [row.cells for row in sheet.rows()] == [("1", "x"), ("2", "y")]
        assert all(not row.findings for row in sheet.rows())


def test_a_separator_at_every_lines_end_but_the_headers_shifts_nothing(write, read):
    rows = read(write("phone,note\n1,x,\n2,y,\n"))
    assert [row.cells for row in rows] == [("1", "x"), ("2", "y")]
    assert all(not row.findings for row in rows)


@pytest.mark.parametrize("bad", ["\x00", "\x01", "\x0b", "\x1b", "\x7f", "\x85", "\x9f"])
def test_a_control_character_is_an_error_of_its_row_alone(write, read, bad):
    good, wrong, after = read(write(f"phone,note\n1,x\n2,a{bad}b\n3,z\n"))
    assert codes(wrong) == ["control_character"]
    assert wrong.findings[0].column == "note"
    assert bad not in wrong.findings[0].value
    assert not good.findings
    assert not after.findings


def test_tabs_and_line_ends_inside_a_cell_are_no_control_characters(write, read):
    (row,) = read(write('phone,note\n1,"a\tb\r\nc\x0b"\n'.replace("\x0b", "")))
    assert row.cells[1] == "a\tb\r\nc"
    assert not row.findings


def test_bytes_that_are_not_utf8_are_an_error_of_their_row(write, read):
    rows = read(write("phone,name\n1,Nicolò\n2,José\n3,".encode() + b"Jos\xe9\n4,Ada\n"))
    assert [codes(row) for row in rows] == [[], [], ["undecodable"], []]


def test_a_lone_surrogate_is_an_error_of_its_row(write, read):
    text = "phone,name\n1,Nicolò\n2,José\n3,x\ud800y\n".encode("utf-8", "surrogatepass")
    assert [codes(row) for row in read(write(text))] == [[], [], ["undecodable"]]
    wide = "\ufeffphone,name\n1,x\ud800y\n".encode("utf-16-le", "surrogatepass")
    assert [codes(row) for row in read(write(wide))] == [["undecodable"]]


def test_a_last_line_that_is_cut_off_is_an_error_of_its_row(write, read):
    rows = read(write("phone,name,note\n1,Ada,x\n2,Gra"))
    assert [codes(row) for row in rows] == [[], ["cut_off"]]


def test_a_last_line_with_all_its_cells_needs_no_line_end(write, read):
    assert [codes(row) for row in read(write("phone,name\n1,Ada\n2,Grace"))] == [[], []]


def test_a_short_row_above_a_last_line_without_an_end_is_not_cut_off(write, read):
    assert [codes(row) for row in read(write("phone,name\n1\n2,Grace"))] == [[], []]


def test_a_quote_that_never_closes_is_told_with_its_line(write):
    path = write('phone,note\n1,x\n2,"open\n3,y\n4,z\n')
    with pytest.raises(SheetError) as caught:
        open_sheet(path, ReadOptions())
    assert caught.value.code == "unclosed_quote"
    assert caught.value.exit_code == 3
    assert "line 3" in caught.value.message


def test_a_quote_that_never_closes_far_below_is_told_while_reading(write):
    path = write("phone,note\n" + "1,x\n" * 100 + '2,"open\n' + "3,y\n" * 100)
    with open_sheet(path, ReadOptions()) as sheet, pytest.raises(SheetError) as caught:
        list(sheet.rows())
    assert caught.value.code == "unclosed_quote"
    assert "line 102" in caught.value.message


def test_a_quote_that_never_closes_in_the_header_is_told(write):
    with pytest.raises(SheetError) as caught:
        open_sheet(write('phone,"note\n1,x\n'), ReadOptions())
    assert caught.value.code == "unclosed_quote"
    assert "line 1" in caught.value.message


def test_text_after_a_closing_quote_is_an_error_of_its_row_alone(write, read):
    rows = read(write('phone,note,x\n1,"Via "Roma" 3",y\n2,"fine",z\n'))
    assert [codes(row) for row in rows] == [["broken_quotes"], []]
    assert [(row.row, row.line) for row in rows] == [(2, 2), (3, 3)]
    assert rows[1].cells == ("2", "fine", "z")


def test_quotes_inside_an_unquoted_cell_are_text(write, read):
    (row,) = read(write('phone,note\n1,5" pipe\n'))
    assert row.cells == ("1", '5" pipe')
    assert not row.findings


def test_a_cell_of_a_megabyte_survives(write, read):
    huge = "x" * 1_000_000
    row, after = read(write(f"phone,note\n1,{huge}\n2,y\n"))
    assert row.cells == ("1", huge)
    assert after.cells == ("2", "y")


def test_twenty_thousand_columns_survive(write, read):
    names = [f"c{n}" for n in range(20_000)]
    (row,) = read(write(",".join(names) + "\n" + ",".join(str(n) for n in range(20_000)) + "\n"))
    assert len(row.cells) == 20_000
    assert row.cells[-1] == "19999"


def test_rows_and_limit_choose_by_the_sheets_numbers(write, read):
    path = write("phone,note\n" + "".join(f"{n},x\n" for n in range(2, 30)))
    assert numbers(read(path, rows=(5, 7))) == [5, 6, 7]
    assert numbers(read(path, rows=(5, 100), limit=2)) == [5, 6]
    assert numbers(read(path, limit=0)) == []


def test_every_pass_reads_from_the_start(write):
    with open_sheet(write("phone,note\n1,x\n2,y\n"), ReadOptions()) as sheet:
        first = iter(sheet.rows())
        next(first)
        assert numbers(sheet.rows()) == [2, 3]
        assert numbers(first) == [3]


def test_a_header_alone_is_a_sheet_without_rows(write, read):
    assert read(write("phone,note\n")) == []
    assert read(write("phone,note")) == []


def test_a_file_of_ours_loses_the_quote_that_guards_a_cell(write):
    text = "bulk_update_row,phone,note\n7,'+39 x,'=1+1\n8,''quoted,'tis\n9,'-x,'@y\n"
    with open_sheet(write(text), ReadOptions()) as sheet:
        rows = [row.cells[1:] for row in sheet.rows()]
    assert rows == [("+39 x", "=1+1"), ("'quoted", "'tis"), ("-x", "@y")]
    assert "own_file" in [finding.code for finding in sheet.findings]


def test_a_file_of_others_keeps_its_quotes(write, read):
    (row,) = read(write("phone,note\n1,'=1+1\n"))
    assert row.cells == ("1", "'=1+1")


@pytest.mark.parametrize("end", ["", "\r\n", "\0\0"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_end_mark_of_dos_programs_is_no_row(write, read, end, encoding):
    rows = read(write(f"phone,note\r\n1,x\r\n\x1a{end}".encode(encoding)))
    assert [(row.cells, codes(row)) for row in rows[:1]] == [(("1", "x"), [])]
    assert len(rows) == (2 if end == "\0\0" else 1)  # what stands behind it is told


def test_an_end_mark_before_the_end_is_a_control_character(write, read):
    rows = read(write("phone,note\n1,x\n\x1a\n2,y\n\x1a"))
    assert [codes(row) for row in rows] == [
        [],
        ["control_character"],
        [],
        ["cut_off", "control_character"],
    ]


def test_zeros_that_nothing_was_written_over_are_told_as_what_they_are(write, read):
    rows = read(write(b"phone,note\n1,x\n" + bytes(9000)))
    assert [codes(row) for row in rows] == [[], ["cut_off", "control_character"]]


def test_text_written_as_a_formula_is_the_text_that_a_spreadsheet_shows(write):
    text = (
        '="phone",note,zip\n="+39333",="say ""hi""","=""00123"""\n'
        'x,="a" & "b",<a href="q">\n="",= "y",="open\n'
    )
    with open_sheet(write(text), ReadOptions()) as sheet:
        rows = [row.cells for row in sheet.rows()]
        again = [row.cells for row in sheet.rows()]
    assert sheet.header == ("phone", "note", "zip")
    assert rows == again
    assert rows[0] == ("+39333", 'say "hi"', "00123")
    assert rows[1] == ("x", '="a" & "b"', '<a href="q">')
    assert rows[2] == ("", '= "y"', '="open')
    told = {finding.code: finding.message for finding in sheet.findings}
    assert told["formula_text"].startswith("4 cells")


def test_text_written_as_a_formula_stays_so_in_a_report_of_ours(write, read):
    (row,) = read(write('bulk_update_row,note\n2,"\'=""7"""\n'))
    assert row.cells == ("2", '="7"')


def test_nul_and_surrogates_do_not_stop_the_finding_of_the_delimiter(write, read):
    text = b"phone,a;b\n1,x\x00;\n2,y,;z\n3;4;5\n7,\xc3\xa8\n8,\xc3\xa8\n6,\xe9\n"
    rows = read(write(text))
    assert [codes(row) for row in rows] == [
        ["control_character"],
        ["extra_cells"],
        [],
        [],
        [],
        ["undecodable"],
    ]


def test_memory_does_not_grow_with_rows(write):
    """Ten times the rows, and not the room of one row in a hundred more."""

    def peak(count: int) -> int:
        path = write("phone,name,note\n" + "+39333,Ada,a note of some length\n" * count)
        with open_sheet(path, ReadOptions()) as sheet:
            list(zip(sheet.rows(), range(10), strict=False))  # what is built once is built
            tracemalloc.start()
            found = sum(1 for _row in sheet.rows())
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert found == count
        return most

    assert peak(30_000) - peak(3_000) < 30_000


@pytest.mark.parametrize(
    "options",
    [
        {"header_row": 0},
        {"limit": -1},
        {"rows": (5, 2)},
        {"rows": (0, 2)},
        {"hidden": "maybe"},
        {"format": "pdf"},
    ],
)
def test_options_that_can_mean_nothing_are_wrong_usage(options):
    with pytest.raises(UsageError):
        ReadOptions(**options)


_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=12
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_TEXT, _TEXT, _TEXT), max_size=8), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(write, read, rows, delimiter):
    """Any text in any cell: written with quotes where needed, read back byte for byte."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([("key", "a", "b", "c"), *((f"k{n}", *row) for n, row in enumerate(rows))])
    found = read(write("\ufeff" + out.getvalue()), delimiter=delimiter, header_row=1)
    assert [row.cells for row in found] == [(f"k{n}", *row) for n, row in enumerate(rows)]
    assert [row.row for row in found] == list(range(2, len(rows) + 2))
