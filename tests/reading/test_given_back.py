"""A workbook of ours that somebody mended and gave back: whatever was changed counts, once."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import openpyxl
import pytest
from given_back import BAD, Told, mended, rows_of, small, unknown
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.model import DateCell, FormulaCell, Level, NumberCell, SourceRow
from bulk_update.reading import ReadOptions, open_sheet
from bulk_update.reading.cells import forbidden_findings, is_filled, visible
from bulk_update.reading.own_files import OWN_COLUMNS
from bulk_update.reading.row_id import MOST_CHARACTERS, RowId, row_id
from bulk_update.reporting.tables import csv_chunks, errors_table

OWN = ("Phone", "Status", "Note")
CELLS = st.text(max_size=12) | st.sampled_from(
    [
        *(
            "=1+1",
            "'x",
            "_x0041_",
            "a\r\nb",
            "\x00",
            "\x1f",
            "\ufffe",
            "00123",
            "1e5",
            " ",
            "\u00a0",
        ),
        *(
            '="7"',
            '="a',
            '\'="7"',
            "\x1a",
            "\x85",
            "\u2028",
            "\ufeffx",
            "sep=;",
            '"',
            '""',
            "a\tb",
            ";|,",
        ),
        *(
            "bulk_update_row",
            "_x000D_",
            "#N/A",
            "TRUE",
            "\ufffd",
            "MuÃ±oz",
            "<clear>",
            "\r",
            "a\rb",
        ),
    ]
)
KINDS = st.sampled_from([str, str, NumberCell, DateCell, FormulaCell])
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.tuples(
            st.lists(
                st.builds(lambda kind, text: kind(text), KINDS, CELLS),
                min_size=width,
                max_size=width,
            ).filter(is_filled),
            st.lists(CELLS.filter(lambda text: text.strip()), max_size=2).filter(
                lambda cells: all(map(is_filled, [[cell] for cell in cells]))
            ),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    )
)


@pytest.fixture
def workbook(tmp_path):
    """The small report's workbook."""
    return small().written(tmp_path / "annotated.xlsx")


def read(path, **options):
    """The sheet's rows, and the codes of what is wrong with each."""
    with open_sheet(str(path), ReadOptions(**options)) as sheet:
        return {
            row.row: (row.cells[:3], [each.code for each in row.findings]) for row in sheet.rows()
        }


def statuses(path, **options):
    return [cells[1] for cells, _codes in read(path, **options).values()]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES)
def test_any_table_is_read_again_as_it_was(tmp_path, table):
    """Texts, what was a number, a day or a formula, characters that no workbook holds, cells
    beyond the header; good rows and bad ones."""
    header = tuple(f"Column {number}" for number in range(len(table[0][0])))
    rows = [
        SourceRow(number, tuple(cells), None, forbidden_findings(cells, header), tuple(extra))
        for number, (cells, extra, _bad) in enumerate(table, 2)
    ]
    bad = frozenset(number for number, (_c, _e, is_bad) in enumerate(table, 2) if is_bad)
    told = Told(header=header, rows=rows, bad=bad, findings=(unknown("x", ()),))
    with open_sheet(str(told.written(tmp_path / "a.xlsx")), ReadOptions()) as sheet:
        found = list(sheet.rows())
    width = len(header)
    assert [row.row for row in found] == [row.row for row in rows]
    for row, was in zip(found, rows, strict=True):
        assert row.cells[:width] == was.cells
        odd = any(map(_is_odd, (*was.cells, *was.extra)))
        assert odd or row.extra == was.extra
        assert _kinds(row.cells[:width]) == _kinds(was.cells)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.lists(CELLS.filter(lambda name: name not in OWN_COLUMNS), min_size=4, max_size=4))
@example([(["", "", "", "0"], ['"'], False)], ["", "", "", "'0"])
@example([(["0"], [], False)], ["\ufeff", "", "", ""])
def test_any_table_comes_back_from_errors_csv_too(tmp_path, table, names):
    """The same through the other file that is given back, whatever its columns are called."""
    names[0] = names[0].lstrip("\ufeff")  # as no header that was read begins
    header = tuple(visible(name) for name in names[: len(table[0][0])])
    rows = [
        SourceRow(number, tuple(map(str, cells)), None, (), tuple(extra))
        for number, (cells, extra, _bad) in enumerate(table, 2)
    ]
    told = Told(header=header, rows=rows, bad=frozenset(row.row for row in rows))
    report = told.report()
    chunks = csv_chunks(errors_table(header, report.results(), report.sources(), frozenset({BAD})))
    path = tmp_path / "errors.csv"
    path.write_bytes(b"".join(chunks))
    with open_sheet(str(path), ReadOptions()) as sheet:
        found = list(sheet.rows())
    assert sheet.header[: len(header)] == header
    assert [row.cells[: len(header)] for row in found] == [row.cells for row in rows]
    assert [row.extra for row in found] == [row.extra for row in rows]


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TABLES, st.permutations(["errors.csv", "annotated.xlsx", "errors.csv", "annotated.xlsx"]))
def test_any_table_goes_to_and_fro_without_a_change(tmp_path, table, files):
    """Given back and reported again, several times, by either file: texts stay what they are."""
    header = tuple(f"Column {number}" for number in range(len(table[0][0])))
    first = [
        SourceRow(number, tuple(map(str, cells)), 1, forbidden_findings(cells, header))
        for number, (cells, _extra, _bad) in enumerate(table, 2)
    ]
    names, rows = header, first
    for name in files:
        told = Told(header=names, rows=rows, bad=frozenset(row.row for row in rows))
        path = tmp_path / name
        if name == "errors.csv":
            results, sources = told.report().results(), told.report().sources()
            chunks = csv_chunks(errors_table(names, results, sources, frozenset({BAD})))
            path.write_bytes(b"".join(chunks))
        else:
            told.written(path)
        with open_sheet(str(path), ReadOptions()) as sheet:
            names, rows = sheet.header, list(sheet.rows())
    assert names[: len(header)] == header
    shown = [[visible(cell) for cell in row.cells[: len(header)]] for row in rows]
    assert shown == [[visible(cell) for cell in row.cells] for row in first]


def _is_odd(text):
    return any(char in "\x00\ufffe\uffff" for char in text)


def _kinds(cells):
    """What the cells are; of one with odd characters only its text is kept."""
    return [str if _is_odd(cell) else type(cell) for cell in cells]


def test_a_cell_counts_wherever_it_was_changed(workbook):
    """In the sheet, in Fix me, in both alike; an answer is for the mapping."""
    cells = {"Contacts!B3": "Active", "Contacts!B5": "Lost", "Contacts!C2": "mended too"}
    cells |= {"Fix me!B3": "Trial", "Fix me!B4": "Lost", "Values!G2": "Active"}
    mended(workbook, cells)
    assert read(workbook) == {
        2: (("+39 333 1", "Active", "mended too"), []),
        3: (("+39 333 2", "Active", "two"), []),
        4: (("+39 333 3", "Trial", "three"), ["mended_twice"]),
        5: (("+39 333 4", "Lost", "four"), []),
        6: (("+39 333 5", "Trial", "five"), []),
    }
    with open_sheet(str(workbook), ReadOptions()) as sheet:
        assert sheet.answers == {"Status": {"Actve": "Active"}}
        assert sheet.sheet_name == "Contacts"
        given = next(each for each in sheet.findings if each.code == "given_back")
        assert "2 rows mended in another sheet, 1 value answered" in given.message
        wrong = next(row for row in sheet.rows() if row.findings).findings[0]
    assert wrong.level is Level.ERROR
    assert (wrong.column, wrong.value) == ("Status", "Trial")
    assert "answered with 'Active'" in wrong.message


def test_changed_differently_in_both_sheets_is_an_error_of_the_row(workbook):
    mended(workbook, {"Contacts!B3": "Active", "Fix me!B2": "Trial", "Fix me!C2": "else"})
    (cells, codes), *_others = list(read(workbook).values())[1:]
    assert (cells, codes) == (("+39 333 2", "Active", "else"), ["mended_twice"])


def test_sorting_filtering_and_deleting_rows_of_fix_me_does_no_harm(workbook):
    """The id says which row it is, not the place."""
    book = openpyxl.load_workbook(workbook)
    page = book["Fix me"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    rows[0][1], rows[2][1] = "Active", "Trial"
    for number, cells in enumerate([rows[2], rows[0]], 2):
        for column, value in enumerate(cells, 1):
            page.cell(number, column).value = value
    page.delete_rows(4)
    page.row_dimensions[2].hidden = True
    book.save(workbook)
    assert statuses(workbook) == ["Active", "Active", "Actve", "Trial", "Trial"]


def test_a_sorted_sheet_with_columns_inserted_and_a_new_row_is_understood(workbook):
    """Row numbers are those of the sheet as it is now."""
    book = openpyxl.load_workbook(workbook)
    page = book["Contacts"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    rows = [*reversed(rows), ["+39 333 9", "Trial", "new"]]
    for number, cells in enumerate(rows, 2):
        for column, value in enumerate(cells, 1):
            page.cell(number, column).value = value
    page.insert_cols(1)
    page["A1"].value = "Mine"
    book["Fix me"]["B2"].value = "Active"
    book.save(workbook)
    found = rows_of(workbook, *OWN)
    assert [cells[1] for cells in found] == ["Trial", "Wonn", "Actve", "Active", "Active", "Trial"]
    assert list(read(workbook)) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("sheet", "ref", "value", "part"),
    [
        ("Fix me", "A6", "new row", "row 6 of 'Fix me' is new"),
        ("Contacts", "I4", None, "row 3 of 'Fix me' was mended, but its row is no longer"),
        ("Contacts", "B1", "State", "the column 'Status', which 'Contacts' no longer has"),
    ],
)
def test_what_was_mended_and_has_no_place_ends_the_reading(workbook, sheet, ref, value, part):
    """Never left out in silence."""
    mended(workbook, {"Fix me!B3": "Active", f"{sheet}!{ref}": value})
    with pytest.raises(SheetError, match=part) as caught:
        read(workbook)
    assert caught.value.code == "fix_row_unknown"


def test_a_row_that_was_copied_takes_no_changes_from_fix_me(workbook):
    """Which of the two is meant can't be known; unmended, both are rows."""
    book = openpyxl.load_workbook(workbook)
    page = book["Contacts"]
    for column in range(1, 10):
        page.cell(7, column).value = page.cell(3, column).value
    book.save(workbook)
    assert [codes for _cells, codes in read(workbook).values()] == [[]] * 6
    mended(workbook, {"Fix me!B2": "Active"})
    found = read(workbook)
    assert [row for row, (_cells, codes) in found.items() if codes == ["mended_twice"]] == [3, 7]


def test_a_deleted_or_emptied_row_is_no_row(workbook):
    """Also where only the columns of ours are left in it."""
    mended(workbook, {"Contacts!A3": None, "Contacts!B3": None, "Contacts!C3": None})
    assert list(read(workbook)) == [2, 4, 5, 6]


def test_answers_are_taken_once_and_only_to_something(workbook):
    mended(workbook, {"Values!A4": "Status", "Values!B4": "Neww", "Values!G4": "Active"})
    with open_sheet(str(workbook), ReadOptions()) as sheet:
        assert sheet.answers == {"Status": {"Neww": "Active"}}
    mended(workbook, {"Values!A5": "Status", "Values!B5": "Neww", "Values!G5": "Trial"})
    with pytest.raises(SheetError, match="answers 'Neww' with 'Trial'"):
        read(workbook)
    mended(workbook, {"Values!B5": None})
    with pytest.raises(SheetError, match="no column or no value"):
        read(workbook)


def test_without_the_sheet_itself_it_is_asked_which_is_meant(workbook):
    """Only the bad rows are left: they are read as they stand, once it is clear."""
    book = openpyxl.load_workbook(workbook)
    del book["Contacts"]
    book["Fix me"]["B2"].value = "Active"
    book.save(workbook)
    assert statuses(workbook) == ["Active", "Actve", "Wonn"]
    book.create_sheet("Other")["A1"].value = "x"
    book.save(workbook)
    with pytest.raises(SheetQuestion):
        read(workbook)
    assert statuses(workbook, sheet="Fix me") == ["Active", "Actve", "Wonn"]


def test_a_named_sheet_is_read_alone(workbook):
    """Fix me by itself; the sheet itself, named, is still read with what was mended."""
    mended(workbook, {"Fix me!B2": "Active", "Contacts!B4": "Trial"})
    assert statuses(workbook, sheet="Fix me") == ["Active", "Actve", "Wonn"]
    assert statuses(workbook, sheet="Contacts") == ["Active", "Active", "Trial", "Wonn", "Trial"]


def test_a_filtered_sheet_is_asked_about_as_any_other(workbook):
    book = openpyxl.load_workbook(workbook)
    book["Contacts"].row_dimensions[4].hidden = True
    book.save(workbook)
    with pytest.raises(SheetQuestion, match="hidden"):
        read(workbook)
    assert list(read(workbook, hidden="skip")) == [2, 3, 5, 6]


def test_what_a_cell_could_not_hold_is_whole_again_or_says_that_it_is_not(tmp_path):
    """Odd characters come back; a cell that was cut is an error until it is written anew."""
    long = "x" * (MOST_CHARACTERS + 1)
    rows = [SourceRow(2, ("a\0b\ud800", "Actve", long)), SourceRow(3, ("1", "Actve", long))]
    told = replace(small(), rows=rows, bad=frozenset({2, 3}), findings=(unknown("Actve", (2, 3)),))
    path = mended(told.written(tmp_path / "a.xlsx"), {"Fix me!C3": "anew"})
    found = read(path)
    assert found[2][0][0] == "a\0b\ud800"
    assert found[2][1] == ["undecodable", "cut_cell"]
    assert found[3] == (("1", "Actve", "anew"), [])


def test_ids_are_read_again_and_nothing_else_is_one():
    cells = ("a", NumberCell("1.234"), "x\0", "", DateCell("2026-03-03"))
    whole = RowId.parse(row_id(17, cells, ("beyond",), whole=True))
    few = RowId.parse(row_id(17, cells, (), whole=False))
    assert (whole.row, set(whole.cells)) == (17, {0, 1, 2, 3, 4, -1})
    assert set(few.cells) == {1, 2, 4}
    assert few.cells[2].restored("x\ufffd") == "x\0"
    assert type(few.cells[1].restored("1.234")) is NumberCell
    assert [RowId.parse(text) for text in ("", "x", "1 ?", "1 0z00000000x", "-1")] == [None] * 5
    long = row_id(1, ["\0" * 2_000] * 100, (), whole=True)
    assert len(long) < MOST_CHARACTERS


def test_a_damaged_id_or_hidden_sheet_costs_no_more_than_what_it_held(tmp_path):
    """The row as it stands; a workbook like any other, of which the sheet is asked for."""
    rows = [SourceRow(2, ("a\0", "Actve", "x"))]
    told = replace(small(), rows=rows, bad=frozenset({2}), findings=())
    path = told.written(tmp_path / "a.xlsx")
    whole = openpyxl.load_workbook(path)["Contacts"]["I2"].value
    for original in ("====", "/w==", "YWI=", "%"):
        mended(path, {"Contacts!I2": whole.replace("YQA=", original)})
        with open_sheet(str(path), ReadOptions(sheet="Contacts")) as sheet:
            assert [row.cells[0] for row in sheet.rows()] == ["a\ufffd"]
    mended(path, {"Contacts!I2": whole})
    for header, count in (("bulk_update_header", "9" * 30), ("else", "3")):
        book = openpyxl.load_workbook(path)
        for cell in book["bulk_update"][1]:
            if cell.value == "bulk_update_header":
                cell.value = header
                book["bulk_update"].cell(2, cell.column).value = count
        book.save(path)
        with pytest.raises(SheetQuestion, match="several sheets are filled"):
            read(path)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_it_survives_being_saved_by_libreoffice(tmp_path):
    """Every cell, also odd ones, the ids and the hidden sheet; then what was mended. It saves
    line ends as it likes, which is no change."""
    odd = [("=1+1", "Actve", " a\r\nb "), ("00123", "Actve", "_x0041_"), ("1e5", "Wonn", "x\x01")]
    rows = [SourceRow(number, cells) for number, cells in enumerate(odd, 2)]
    told = replace(small(), rows=rows, bad=frozenset({2, 3, 4}))
    path = told.written(tmp_path / "a.xlsx")
    for ending in ("xlsx", "ods"):
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office"]
        command += ["--convert-to", ending, "--outdir", str(tmp_path / "saved"), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    saved = tmp_path / "saved" / "a.xlsx"
    kept = [cells for cells, _codes in read(saved).values()]
    assert kept == [(*odd[0][:2], " a\nb "), *odd[1:]]
    mended(saved, {"Fix me!B3": "Trial", "Values!G2": "Active"})
    assert statuses(saved) == ["Actve", "Trial", "Wonn"]
    with open_sheet(str(saved), ReadOptions()) as sheet:
        assert sheet.answers == {"Status": {"Actve": "Active"}}
    assert statuses(tmp_path / "saved" / "a.ods") == ["Actve", "Actve", "Wonn"]
