"""Workbooks of all three formats: values, what calamine loses, sheets, hidden rows."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from pathlib import Path

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.model import DateCell, FormulaCell, NumberCell
from bulk_update.reading import ReadOptions, open_sheet


def opened(path, **options):
    with open_sheet(path, ReadOptions(**options)) as sheet:
        return sheet


def said(sheet):
    return [finding.code for finding in sheet.findings]


def one_row(xlsx, value, number_format=None):
    """The cell that ``value`` becomes, written by openpyxl beside a text cell."""

    def fill(book):
        sheet = book.active
        sheet.append(["phone", "value"])
        sheet.append(["+39 333 1", value])
        if number_format:
            sheet["B2"].number_format = number_format

    (row,) = opened(xlsx(fill)).rows()
    return row.cells[1]


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (123, "123", NumberCell),
        (123.0, "123", NumberCell),
        (-1.5, "-1.5", NumberCell),
        (0.1 + 0.2, "0.3", NumberCell),
        (1e-7, "0.0000001", NumberCell),
        (393331234567, "393331234567", NumberCell),
        (1234567890123456789, "1234567890123457000", NumberCell),
        (True, "TRUE", str),
        (False, "FALSE", str),
        (dt.date(2026, 3, 3), "2026-03-03", DateCell),
        (dt.datetime(2026, 3, 3, 12, 30), "2026-03-03T12:30:00", DateCell),
        (dt.time(9, 5), "09:05:00", str),
        (dt.timedelta(hours=30), "30:00:00", str),
        ("00123", "00123", str),
        ("  spaced ", "  spaced ", str),
        ("two\nlines", "two\nlines", str),
        ("=1+1", "=1+1", FormulaCell),
        ("#N/A", "#N/A", str),
        ("#REF!", "#REF!", str),
    ],
)
def test_each_kind_of_value_becomes_text_of_its_kind(xlsx, value, text, kind):
    cell = one_row(xlsx, value)
    assert cell == text
    assert type(cell) is kind


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (123, "00000", "00123"),
        (123456, "00000", "123456"),
        (0, "000", "000"),
        (3331234567, '"+39 "0', "+39 3331234567"),
        (393331234567, "+0", "+393331234567"),
        (61234567, "000\\-000\\-0000", "006-123-4567"),
        (5, "00;-00", "05"),
    ],
)
def test_a_format_that_adds_digits_or_a_plus_shows(xlsx, value, number_format, shown):
    assert one_row(xlsx, value, number_format) == shown


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234, "#,##0", "1234"),
        (1234.5, "#,##0.00", "1234.5"),
        (0.15, "0%", "0.15"),
        (9.5, '0.00" EUR"', "9.5"),
        (123, "General", "123"),
        (123, "@", "123"),
        (1.5, "00000", "1.5"),
        (-5, "00000", "-5"),
        (1e17, "00000", "100000000000000000"),
    ],
)
def test_a_format_that_only_groups_rounds_or_marks_does_not_show(xlsx, value, number_format, text):
    cell = one_row(xlsx, value, number_format)
    assert cell == text
    assert type(cell) is NumberCell


def test_what_was_repaired_is_counted_and_said(xlsx):
    def fill(book):
        book.active.append(["phone", "n"])
        for number in (1, 2, 2.5, "x"):
            book.active.append(["p", number])
        book.active.append(["p", 7])
        book.active["B6"].number_format = "000"

    sheet = opened(xlsx(fill))
    list(sheet.rows())
    messages = {finding.code: finding.message for finding in sheet.findings}
    assert messages["number_cells"].startswith("2 ")
    assert messages["number_format"].startswith("1 ")


def test_rows_and_columns_are_numbered_as_shown(xlsx):
    def fill(book):
        sheet = book.active
        sheet["B3"], sheet["C3"] = "phone", "name"
        sheet["B5"], sheet["C5"] = "1", "Ada"
        sheet["B9"], sheet["C9"] = "2", "Eva"

    sheet = opened(xlsx(fill))
    assert sheet.header_row == 3
    assert sheet.header == ("", "phone", "name")
    assert [(row.row, row.line, row.cells) for row in sheet.rows()] == [
        (5, None, ("", "1", "Ada")),
        (9, None, ("", "2", "Eva")),
    ]


def test_a_filled_cell_beyond_the_header_is_an_error_of_its_row(xlsx):
    def fill(book):
        book.active.append(["phone", "name"])
        book.active.append(["1", "Ada"])
        book.active.append(["2", "Eva", None, "lost"])

    first, second = opened(xlsx(fill)).rows()
    assert not first.findings
    assert [finding.code for finding in second.findings] == ["extra_cells"]


def two_sheets(book):
    book.active.title = "Contacts"
    book.active.append(["phone", "name"])
    book.active.append(["1", "Ada"])
    book.create_sheet("Leads").append(["phone", "note"])
    book["Leads"].append(["2", "x"])


def test_two_filled_sheets_are_a_question_that_lists_them(xlsx):
    with pytest.raises(SheetQuestion) as caught:
        opened(xlsx(two_sheets))
    assert "1: 'Contacts'" in caught.value.message
    assert "2: 'Leads'" in caught.value.message
    assert "--sheet" in caught.value.hint


@pytest.mark.parametrize("chosen", ["Leads", "leads", "2"])
def test_a_sheet_is_chosen_by_name_or_number(xlsx, chosen):
    sheet = opened(xlsx(two_sheets), sheet=chosen)
    assert sheet.sheet_name == "Leads"
    assert sheet.header == ("phone", "note")
    assert "sheet" in said(sheet)


@pytest.mark.parametrize("chosen", ["Customers", "3", "0"])
def test_a_sheet_that_is_not_there_is_told_with_those_that_are(xlsx, chosen):
    with pytest.raises(SheetError) as caught:
        opened(xlsx(two_sheets), sheet=chosen)
    assert caught.value.code == "sheet_unknown"
    assert "Leads" in caught.value.message


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_never_taken_by_itself(xlsx, state):
    def fill(book):
        two_sheets(book)
        book["Contacts"].sheet_state = state

    sheet = opened(xlsx(fill))
    assert sheet.sheet_name == "Leads"
    assert opened(xlsx(fill), sheet="1").sheet_name == "Leads"
    assert opened(xlsx(fill), sheet="Contacts").sheet_name == "Contacts"


def test_an_empty_sheet_is_not_asked_about(xlsx):
    def fill(book):
        book.active.title = "Empty"
        book.active["A1"].number_format = "@"
        book.create_sheet("Data").append(["phone", "name"])
        book["Data"].append(["1", "Ada"])

    assert opened(xlsx(fill)).sheet_name == "Data"


def test_a_workbook_with_only_a_hidden_filled_sheet_is_empty_and_names_it(xlsx):
    def fill(book):
        two_sheets(book)
        book["Leads"].delete_rows(1, 9)
        book["Contacts"].sheet_state = "hidden"
        book.active = 1

    with pytest.raises(SheetError) as caught:
        opened(xlsx(fill))
    assert caught.value.code == "empty"
    assert "'Contacts'" in caught.value.hint


def hidden_rows(book):
    book.active.append(["phone", "name"])
    for number in range(2, 7):
        book.active.append([str(number), "x"])
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[5].hidden = True
    book.active.row_dimensions[60].hidden = True  # nothing in it


def test_hidden_rows_are_a_question_with_their_number(xlsx):
    with pytest.raises(SheetQuestion) as caught:
        opened(xlsx(hidden_rows))
    assert caught.value.code == "hidden_rows"
    assert "2 rows" in caught.value.message
    assert "--hidden skip" in caught.value.hint
    assert "--hidden include" in caught.value.hint


def test_hidden_rows_are_skipped_or_included_as_said(xlsx):
    skipped = opened(xlsx(hidden_rows), hidden="skip")
    assert [row.row for row in skipped.rows()] == [2, 4, 6]
    assert "hidden_rows" in said(skipped)
    included = opened(xlsx(hidden_rows), hidden="include")
    assert [row.row for row in included.rows()] == [2, 3, 4, 5, 6]


def test_rows_that_a_filter_left_out_count_as_hidden(raw_xlsx):
    rows = "".join(
        f'<row r="{n}"{hide}><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for n, text, hide in ((1, "phone", ""), (2, "1", ' hidden="1"'), (3, "2", ""))
    )
    path = raw_xlsx(
        f'<worksheet xmlns="MAIN"><sheetData>{rows}</sheetData><autoFilter ref="A1:A3">'
        '<filterColumn colId="0"><filters><filter val="2"/></filters></filterColumn></autoFilter>'
        "</worksheet>"
    )
    with pytest.raises(SheetQuestion, match="1 row"):
        opened(path)
    assert [row.row for row in opened(path, hidden="skip").rows()] == [3]


def test_merged_cells_keep_their_first_value_and_are_said(xlsx):
    def fill(book):
        book.active.append(["phone", "city"])
        book.active.append(["1", "Roma"])
        book.active.append(["2", None])
        book.active.merge_cells("B2:B3")

    sheet = opened(xlsx(fill))
    assert [row.cells for row in sheet.rows()] == [("1", "Roma"), ("2", "")]
    assert "merged_cells" in said(sheet)


def test_a_header_alone_is_a_sheet_without_rows(xlsx):
    assert list(opened(xlsx(lambda book: book.active.append(["phone", "name"]))).rows()) == []


def test_a_million_blank_rows_under_the_data_are_no_rows(raw_xlsx):
    blank = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 1_000_000))
    path = raw_xlsx(
        '<worksheet xmlns="MAIN"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>1</t></is></c></row>'
        f"{blank}</sheetData></worksheet>"
    )
    assert [row.cells for row in opened(path).rows()] == [("1",)]


def test_a_stray_cell_in_the_last_corner_does_not_fill_the_memory(xlsx):
    def fill(book):
        book.active.append(["phone", "n"])
        book.active.append(["1", 7])
        book.active.cell(1_048_576, 16_384).value = "stray"

    first, last = opened(xlsx(fill)).rows()
    assert first.cells == ("1", "7")
    assert type(first.cells[1]) is NumberCell
    assert last.row == 1_048_576
    assert [finding.code for finding in last.findings] == ["extra_cells"]


def test_the_calendar_of_1904_is_known_and_kept(xlsx):
    def fill(book):
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904
        book.active.append(["phone", "day"])
        book.active.append(["1", dt.date(2026, 3, 3)])

    sheet = opened(xlsx(fill))
    assert sheet.date_1904
    (row,) = sheet.rows()
    assert row.cells == ("1", "2026-03-03")


def test_a_control_character_in_a_workbook_is_an_error_of_its_row(raw_xlsx):
    path = raw_xlsx(
        '<worksheet xmlns="MAIN"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a_x0001_b</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    (row,) = opened(path).rows()
    assert [finding.code for finding in row.findings] == ["control_character"]


STYLES = (
    '<numFmts><numFmt numFmtId="170" formatCode="00000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
)
CELLS = (
    '<{p}row {r1}><{p}c {a1} t="inlineStr"><{p}is><{p}t>phone</{p}t></{p}is></{p}c>'
    '<{p}c {b1} t="inlineStr"><{p}is><{p}t>a</{p}t></{p}is></{p}c>'
    '<{p}c {c1} t="inlineStr"><{p}is><{p}t>b</{p}t></{p}is></{p}c>'
    '<{p}c {d1} t="inlineStr"><{p}is><{p}t>c</{p}t></{p}is></{p}c>'
    '<{p}c {e1} t="inlineStr"><{p}is><{p}t>d</{p}t></{p}is></{p}c></{p}row>'
    '<{p}row {r2} hidden="1"><{p}c {a2} s="1"><{p}v>123</{p}v></{p}c>'
    '<{p}c {b2} t="e"><{p}f>1/0</{p}f><{p}v>#DIV/0!</{p}v></{p}c>'
    '<{p}c {c2}><{p}f>A1&amp;"x"</{p}f></{p}c>'
    '<{p}c {d2} t="str"><{p}f>IF(1,"","")</{p}f><{p}v></{p}v></{p}c>'
    '<{p}c {e2} s="1" t="str"><{p}f>TEXT(1,"0")</{p}f><{p}v>1</{p}v></{p}c></{p}row>'
)


def spelled(prefix, *, references):
    places = {f"{column}{row}": f'r="{column.upper()}{row}"' for column in "abcde" for row in "12"}
    places |= {"r1": 'r="1"', "r2": 'r="2"'}
    if not references:
        places = dict.fromkeys(places, "")
    return CELLS.format(p=prefix, **places)


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(
            '<worksheet xmlns="MAIN"><sheetData>'
            + spelled("", references=True)
            + "</sheetData></worksheet>",
            id="plain",
        ),
        pytest.param(
            '<x:worksheet xmlns:x="MAIN"><x:sheetData>'
            + spelled("x:", references=True)
            + "</x:sheetData></x:worksheet>",
            id="prefixed",
        ),
        pytest.param(
            '<worksheet xmlns="MAIN"><sheetData>'
            + spelled("", references=False)
            + "</sheetData></worksheet>",
            id="without references",
        ),
        pytest.param(
            '<worksheet xmlns="MAIN"><sheetData><!-- a comment -->'
            + spelled("", references=True)
            + "</sheetData></worksheet>",
            id="commented",
        ),
    ],
)
def test_every_spelling_of_the_same_sheet_reads_the_same(raw_xlsx, sheet):
    path = raw_xlsx(sheet, styles=STYLES)
    with pytest.raises(SheetQuestion, match="1 row"):
        opened(path)
    (row,) = opened(path, hidden="include").rows()
    assert row.cells == ("00123", "#DIV/0!", '=A1&"x"', "", "1")
    assert type(row.cells[2]) is FormulaCell


def test_a_sheet_that_leaves_the_plain_spelling_late_is_read_all_the_same(raw_xlsx):
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>x{n}</t></is></c></row>'
        for n in range(2, 30_000)
    )
    path = raw_xlsx(
        '<worksheet xmlns="MAIN"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'
        f'{rows}<!-- late --><row r="30000"><c r="A30000" t="e"><v>#REF!</v></c></row>'
        "</sheetData></worksheet>"
    )
    *_others, last = opened(path).rows()
    assert (last.row, last.cells) == (30_000, ("#REF!",))


def test_a_last_row_of_formulas_without_values_is_a_row(xlsx):
    def fill(book):
        book.active.append(["phone", "n"])
        book.active.append(["1", 2])
        book.active.append(["=A2", "=B2"])

    *_first, last = opened(xlsx(fill)).rows()
    assert (last.row, last.cells) == (3, ("=A2", "=B2"))


def test_options_for_text_files_are_said_to_mean_nothing_here(xlsx, write):
    book = xlsx(lambda book: book.active.append(["phone", "name"]))
    assert "option_unused" in said(opened(book, encoding="utf-8"))
    assert "option_unused" in said(opened(book, delimiter=";"))
    assert "option_unused" in said(opened(write("phone,name\n1,x\n"), sheet="Leads"))
    assert "option_unused" not in said(opened(book, sheet="1", hidden="skip"))


# -- XLS ------------------------------------------------------------------------------


@pytest.fixture
def xls(tmp_path):
    """An XLS file with one of everything, and a hidden sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for column, name in enumerate(("phone", "a", "b", "c")):
        sheet.write(2, column, name)
    sheet.write(3, 0, 123, xlwt.easyxf(num_format_str="00000"))
    sheet.write(3, 1, 1.5)
    sheet.write(3, 2, dt.date(2026, 3, 3), xlwt.easyxf(num_format_str="dd/mm/yyyy"))
    sheet.write(3, 3, True)
    sheet.write(4, 0, "hidden")
    sheet.row(4).set_cell_error(1, 0x2A)
    sheet.row(4).hidden = True
    sheet.write(5, 0, "Nicolò Ж")
    sheet.write(5, 1, 7)
    sheet.write(5, 2, 8, xlwt.easyxf(num_format_str="000"))
    sheet.merge(7, 8, 1, 2)
    away = book.add_sheet("Away")
    away.visibility = 1
    away.write(0, 0, "x")

    def maker(*, date_1904=False):
        book.dates_1904 = date_1904
        path = tmp_path / "book.xls"
        book.save(str(path))
        return str(path)

    return maker


def test_an_xls_file_shows_what_a_spreadsheet_shows(xls):
    sheet = opened(xls(), hidden="include")
    assert sheet.format == "xls"
    assert sheet.header_row == 3
    assert [(row.row, row.cells) for row in sheet.rows()] == [
        (4, ("00123", "1.5", "2026-03-03", "TRUE")),
        (5, ("hidden", "#N/A", "", "")),
        (6, ("Nicolò Ж", "7", "008", "")),
    ]
    assert {"merged_cells", "number_format", "hidden_rows", "sheet"} <= set(said(sheet))


def test_hidden_rows_of_an_xls_file_are_a_question(xls):
    with pytest.raises(SheetQuestion, match="1 row"):
        opened(xls())
    assert [row.row for row in opened(xls(), hidden="skip").rows()] == [4, 6]


def test_the_calendar_of_1904_is_known_in_xls(xls):
    assert opened(xls(date_1904=True), hidden="skip").date_1904
    assert not opened(xls(), hidden="skip").date_1904


def test_an_xls_file_under_a_password_says_so(tmp_path, monkeypatch):
    """The mark of an encrypted workbook follows its first record."""
    book = xlwt.Workbook()
    book.add_sheet("Data").write(0, 0, "phone")
    plain = book.get_biff_data()
    first = 4 + int.from_bytes(plain[2:4], "little")
    locked = plain[:first] + b"\x2f\x00\x06\x00" + bytes(6) + plain[first:]
    monkeypatch.setattr(book, "get_biff_data", lambda: locked)
    book.save(str(tmp_path / "locked.xls"))
    with pytest.raises(SheetError) as caught:
        opened(str(tmp_path / "locked.xls"))
    assert caught.value.code == "password"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_off_xls_file_says_so(xls, tmp_path, share):
    whole = Path(xls()).read_bytes()
    path = tmp_path / "cut.xls"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SheetError) as caught:
        opened(str(path), hidden="include")
    assert caught.value.code in {"damaged", "not_a_table"}


# -- ODS ------------------------------------------------------------------------------

TABLE = '<table:table table:name="Data"><table:table-column/>{rows}{below}</table:table>'
BELOW = (
    '<table:table-row table:number-rows-repeated="1048570">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def ods_cell(kind, text, attributes):
    return (
        f'<table:table-cell office:value-type="{kind}" {attributes}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def test_an_ods_file_shows_what_a_spreadsheet_shows(ods, ods_text):
    values = (
        ods_cell("float", "00123", 'office:value="123"')
        + ods_cell("float", "1,50", 'office:value="1.5"')
        + ods_cell("date", "03/03/26", 'office:date-value="2026-03-03"')
        + ods_cell("boolean", "VERO", 'office:boolean-value="true"')
        + ods_cell("string", "#N/A", 'table:formula="of:=NA()" calcext:value-type="error"')
        + '<table:table-cell table:formula="of:=[.A1]+1"/>'
    )
    rows = (
        ods_text("Titolo")
        + '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        + ods_text("phone", "a", "b", "c", "d", "e")
        + f"<table:table-row>{values}</table:table-row>"
        + ods_text("twice", "x", attributes='table:number-rows-repeated="2"')
    )
    sheet = opened(ods(TABLE.format(rows=rows, below=BELOW)))
    assert sheet.format == "ods"
    assert sheet.header_row == 4
    first, *twice = sheet.rows()
    assert first.row == 5
    assert first.cells == ("00123", "1.5", "2026-03-03", "TRUE", "#N/A", "=[.A1]+1")
    assert [type(cell) for cell in first.cells] == [
        str,
        NumberCell,
        DateCell,
        str,
        str,
        FormulaCell,
    ]
    assert [(row.row, row.cells[0]) for row in twice] == [(6, "twice"), (7, "twice")]


@pytest.mark.parametrize("how", ["collapse", "filter"])
def test_hidden_rows_of_an_ods_file_are_a_question(ods, ods_text, how):
    rows = (
        ods_text("phone", "a")
        + ods_text("1", "x", attributes=f'table:visibility="{how}"')
        + ods_text("2", "y")
        + f'<table:table-row table:visibility="{how}" table:number-rows-repeated="900000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    path = ods(TABLE.format(rows=rows, below=""))
    with pytest.raises(SheetQuestion, match="1 row"):
        opened(path)
    assert [row.row for row in opened(path, hidden="skip").rows()] == [3]


def test_a_hidden_sheet_of_an_ods_file_is_never_taken_by_itself(ods, ods_text):
    rows = ods_text("phone", "a") + ods_text("1", "x")
    shown = TABLE.format(rows=rows, below="")
    hidden = shown.replace('table:name="Data"', 'table:name="Away" table:style-name="away"')
    assert opened(ods(hidden + shown)).sheet_name == "Data"
    with pytest.raises(SheetQuestion):
        opened(ods(shown + shown.replace('"Data"', '"More"')))


def test_an_ods_file_that_would_fill_the_memory_is_refused(ods, ods_text):
    """Ten bytes can say that a row comes a million times, a thousand cells wide."""
    wide = ods_text("x").replace(
        'office:value-type="string"',
        'office:value-type="string" table:number-columns-repeated="1024"',
    )
    rows = ods_text("phone") + wide.replace(
        "<table:table-row", '<table:table-row table:number-rows-repeated="1000000"'
    )
    with pytest.raises(SheetError) as caught:
        opened(ods(TABLE.format(rows=rows, below="")))
    assert caught.value.code in {"too_spread", "bomb"}


def test_an_ods_file_under_a_password_says_so(ods, ods_text):
    table = TABLE.format(rows=ods_text("phone"), below="")
    with pytest.raises(SheetError) as caught:
        opened(ods(table, manifest="<manifest:encryption-data/>"))
    assert caught.value.code == "password"


def test_entities_in_an_ods_file_are_refused(ods, ods_text):
    table = TABLE.format(rows=ods_text("phone", "&a;"), below="")
    with pytest.raises(SheetError) as caught:
        opened(ods(table, doctype='<!DOCTYPE x [<!ENTITY a "aaaa">]>'))
    assert caught.value.code == "unsafe"


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_entities_in_an_xlsx_file_are_refused(raw_xlsx, part):
    sheet = (
        '<worksheet xmlns="MAIN"><sheetData><row r="1"><c r="A1"><v>{}</v></c></row></sheetData>'
        "</worksheet>"
    )
    bad = '<!DOCTYPE x [<!ENTITY a "7">]>' + sheet.format("&a;")
    with pytest.raises(SheetError) as caught:
        opened(raw_xlsx(sheet.format("7"), more={part: bad}))
    assert caught.value.code == "unsafe"


def test_a_table_of_texts_that_claims_more_than_it_can_hold_is_refused(raw_xlsx):
    """The quick reader would take room for all of them, and the process would end there."""
    sheet = '<worksheet xmlns="MAIN"><sheetData/></worksheet>'
    texts = '<sst uniqueCount="99999999999"><si><t>x</t></si></sst>'
    with pytest.raises(SheetError) as caught:
        opened(raw_xlsx(sheet, more={"xl/sharedStrings.xml": texts}))
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("extent", [(9, 2, 0, 1), (0, 4_000_000_000, 0, 1), (0, 2, 0, 60_000)])
def test_an_xls_file_that_claims_an_impossible_extent_is_refused(tmp_path, monkeypatch, extent):
    """The quick reader would take room for all of it, and the process would end there."""
    book = xlwt.Workbook()
    book.add_sheet("Data").write(0, 0, "phone")
    plain = book.get_biff_data()
    at = plain.index(b"\x00\x02\x0e\x00") + 4
    changed = plain[:at] + struct.pack("<2I2H", *extent) + plain[at + 12 :]
    monkeypatch.setattr(book, "get_biff_data", lambda: changed)
    book.save(str(tmp_path / "claims.xls"))
    with pytest.raises(SheetError) as caught:
        opened(str(tmp_path / "claims.xls"))
    assert caught.value.code == "damaged"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=12).filter(
                lambda text: "_x" not in text
            ),
            st.integers(-(10**15) + 1, 10**15 - 1),
            st.dates(dt.date(1901, 1, 1), dt.date(2200, 1, 1)),
        ),
        max_size=6,
    )
)
def test_what_a_workbook_writer_writes_is_read_back(xlsx, rows):
    """Text byte for byte, whole numbers digit for digit, days as days. A text of blanks alone is
    blank: the writer does not mark it as one to be kept; ``_x0000_`` it writes as it stands, which
    in a workbook is another text."""

    def fill(book):
        book.active.append(["key", "text", "number", "day"])
        for text, number, day in rows:
            book.active.append(["k", None, number, day])
            cell = book.active.cell(book.active.max_row, 2)
            cell.value, cell.data_type = text, "s"

    found = list(opened(xlsx(fill), header_row=1).rows())
    assert [row.cells for row in found] == [
        ("k", text if text.strip(" ") else "", str(number), day.isoformat())
        for text, number, day in rows
    ]


def test_zip_entries_of_a_workbook_are_read_only_through_the_check(tmp_path):
    """300 MB of blanks in 300 kB: refused by the directory, whatever part it is."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _piece in range(300):
                part.write(b" " * 1_000_000)
    assert path.stat().st_size < 400_000
    with pytest.raises(SheetError) as caught:
        opened(str(path))
    assert caught.value.code == "bomb"
