"""Numbers under a date format that are no days: a workbook can hold them, no calendar can."""

from __future__ import annotations

import pytest
import xlwt

from bulk_update.model import DateCell, NumberCell
from bulk_update.reading import ReadOptions, open_sheet

STYLES = (
    '<numFmts count="2"><numFmt numFmtId="170" formatCode="[$-409]d\\-mmm\\-yy;@"/>'
    '<numFmt numFmtId="171" formatCode="[h]:mm"/></numFmts>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/>'
    '<xf numFmtId="171"/></cellXfs>'
)
DAYS_OF_1900 = [
    ("1", DateCell("1900-01-01")),
    ("59", DateCell("1900-02-28")),
    ("61", DateCell("1900-03-01")),
    ("6", DateCell("1900-01-06")),
    ("600", DateCell("1901-08-22")),
    ("2958465", DateCell("9999-12-31")),
    ("0", NumberCell("0")),
    ("60", NumberCell("60")),
    ("60.5", NumberCell("60.5")),
    ("-1", NumberCell("-1")),
    ("2958466", NumberCell("2958466")),
]
DAYS_OF_1904 = [
    ("0", DateCell("1904-01-01")),
    ("60", DateCell("1904-03-01")),
    ("-5", NumberCell("-5")),
    ("2957003", DateCell("9999-12-31")),
    ("2957004", NumberCell("2957004")),
]
CALENDARS = pytest.mark.parametrize(
    ("days", "date_1904"), [(DAYS_OF_1900, False), (DAYS_OF_1904, True)]
)


def first_column(path):
    with open_sheet(path, ReadOptions()) as sheet:
        return [row.cells[0] for row in sheet.rows()]


def same(found, expected):
    return [(type(cell), cell) for cell in found] == [(type(cell), cell) for cell in expected]


@CALENDARS
@pytest.mark.parametrize("style", [1, 2])
@pytest.mark.parametrize("plain", [True, False])
def test_what_no_calendar_has_stays_a_number_in_an_xlsx_file(
    raw_xlsx, days, date_1904, style, plain
):
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" s="{style}"><v>{number}</v></c></row>'
        for at, (number, _day) in enumerate(days, 2)
    )
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'
    xml = f'<worksheet xmlns="MAIN"><sheetData>{head}{rows}</sheetData></worksheet>'
    book = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<workbookPr date1904="{int(date_1904)}"/>'
        '<sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    xml = xml if plain else xml.replace("<sheetData>", "<!-- any spelling --><sheetData>")
    path = raw_xlsx(xml, styles=STYLES, more={"xl/workbook.xml": book})
    assert same(first_column(path), [day for _number, day in days])


@CALENDARS
def test_what_no_calendar_has_stays_a_number_in_an_xls_file(tmp_path, days, date_1904):
    book = xlwt.Workbook()
    book.dates_1904 = date_1904
    page = book.add_sheet("Data")
    page.write(0, 0, "phone")
    style = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for at, (number, _day) in enumerate(days, 1):
        page.write(at, 0, float(number), style)
    book.save(str(tmp_path / "book.xls"))
    assert same(first_column(str(tmp_path / "book.xls")), [day for _number, day in days])


def test_times_stay_times(raw_xlsx):
    cells = [("0", "00:00:00"), ("0.5", "12:00:00"), ("1.5", "36:00:00"), ("-0.5", "-0.5")]
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" s="3"><v>{number}</v></c></row>'
        for at, (number, _text) in enumerate(cells, 2)
    )
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'
    xml = f'<worksheet xmlns="MAIN"><sheetData>{head}{rows}</sheetData></worksheet>'
    assert first_column(raw_xlsx(xml, styles=STYLES)) == [text for _number, text in cells]
