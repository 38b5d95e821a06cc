"""Workbooks as other programs leave them: odd spellings of rows, columns, filters and texts."""

from __future__ import annotations

import pytest
import xlwt

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.reading import ReadOptions, open_sheet
from bulk_update.reading.source import Source
from bulk_update.reading.xls import XlsParts

TABLE = '<table:table table:name="Data">{}</table:table>'


def opened(path, **options):
    with open_sheet(path, ReadOptions(**options)) as sheet:
        return sheet


def told(path, **options):
    """What is said of the sheet, by code."""
    return {each.code: each for each in opened(path, **options).findings}


def text(reference, content):
    return f'<c r="{reference}" t="inlineStr"><is><t>{content}</t></is></c>'


def row(number, *contents, attributes=""):
    cells = "".join(text(f"{'ABC'[at]}{number}", each) for at, each in enumerate(contents))
    return f'<row r="{number}"{attributes}>{cells}</row>'


def sheet(*rows, before="", after=""):
    return (
        f'<worksheet xmlns="MAIN">{before}<sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'
    )


PLAIN = (row(1, "phone", "name"), row(2, "1", "Ada"), row(3, "2", "Bob"))


def prefixed(xml):
    """The same with a prefix on every element, as some libraries write it."""
    named = xml.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    return named.replace('xmlns="MAIN"', 'xmlns:x="MAIN"')


@pytest.fixture(params=[str, prefixed], ids=["plain", "prefixed"])
def spelled(request):
    """Both spellings of the same XML are read alike, each by its own way."""
    return request.param


CRITERIA = (
    '<autoFilter ref="A1:B3"><filterColumn colId="1"><filters><filter val="Ada"/></filters>'
    "</filterColumn></autoFilter>"
)


def test_a_filter_that_was_never_applied_is_a_question(raw_xlsx, spelled):
    """A program may set a filter and hide no row: then nobody can tell which rows are meant."""
    path = raw_xlsx(spelled(sheet(*PLAIN, after=CRITERIA)))
    for options in ({}, {"hidden": "skip"}):
        with pytest.raises(SheetQuestion) as caught:
            opened(path, **options)
        assert caught.value.code == "hidden_rows"
        assert "--hidden include" in caught.value.hint
    assert [row.row for row in opened(path, hidden="include").rows()] == [2, 3]


RANGE = (
    '<table:database-ranges><table:database-range table:target-range-address="{address}">'
    "{filter}</table:database-range></table:database-ranges>"
)
CRITERION = (
    '<table:filter><table:filter-and><table:filter-condition table:field-number="1" '
    'table:value="Ada" table:operator="="/></table:filter-and></table:filter>'
)


@pytest.mark.parametrize(
    ("name", "address"),
    [("Data", "Data.A1:Data.B9"), ("Marco's list", "$'Marco''s list'.A1:$'Marco''s list'.B9")],
)
def test_a_filter_of_an_ods_file_that_was_never_applied_is_a_question(ods, ods_text, name, address):
    rows = ods_text("phone", "name") + ods_text("1", "Ada") + ods_text("2", "Bob")
    table = TABLE.replace("Data", name).format(rows)
    with pytest.raises(SheetQuestion, match="never applied"):
        opened(ods(table + RANGE.format(address=address, filter=CRITERION)))
    assert len(list(opened(ods(table + RANGE.format(address=address, filter=""))).rows())) == 2


def test_a_filter_of_an_xls_file_that_was_never_applied_is_a_question(tmp_path, monkeypatch):
    book = xlwt.Workbook()
    page = book.add_sheet("Data")
    for row_number, name in enumerate(("phone", "1", "2")):
        page.write(row_number, 0, name)
    end = b"\x0a\x00\x00\x00"
    plain = page.get_biff_data().removesuffix(end)
    criterion = b"\x9e\x00\x18\x00" + bytes(24)
    monkeypatch.setattr(page, "get_biff_data", lambda: plain + criterion + end)
    book.save(str(tmp_path / "book.xls"))
    with pytest.raises(SheetQuestion, match="never applied"):
        opened(str(tmp_path / "book.xls"))
    assert len(list(opened(str(tmp_path / "book.xls"), hidden="include").rows())) == 2


@pytest.mark.parametrize(
    "column",
    [
        "",
        '<filterColumn colId="0" hiddenButton="1"/>',
        '<filterColumn colId="0" hiddenButton="1"> </filterColumn>',
    ],
)
def test_a_filter_without_a_criterion_leaves_nothing_out(raw_xlsx, spelled, column):
    buttons = f'<autoFilter ref="A1:B3">{column}</autoFilter>'
    path = raw_xlsx(spelled(sheet(*PLAIN, after=buttons)))
    assert len(list(opened(path).rows())) == 2


@pytest.mark.parametrize("attributes", [' ht="0" customHeight="1"', ' hidden="true"'])
def test_a_row_that_nobody_sees_is_hidden(raw_xlsx, spelled, attributes):
    away = row(4, "3", "Cy", attributes=attributes)
    path = raw_xlsx(spelled(sheet(*PLAIN, away)))
    with pytest.raises(SheetQuestion, match="1 row"):
        opened(path)
    low = row(4, "3", "Cy", attributes=' ht="0.75" customHeight="1"')
    assert len(list(opened(raw_xlsx(spelled(sheet(*PLAIN, low)))).rows())) == 3


@pytest.mark.parametrize(
    "hidden", ['min="2" max="7" width="0" hidden="1"', 'hidden="1" width="13" min="2" max="2"']
)
def test_hidden_columns_are_read_and_told(raw_xlsx, spelled, hidden):
    columns = f'<cols><col min="1" max="1" width="9"/><col {hidden}/></cols>'
    path = raw_xlsx(spelled(sheet(*PLAIN, before=columns)))
    assert [row.cells for row in opened(path).rows()] == [("1", "Ada"), ("2", "Bob")]
    assert told(path)["hidden_columns"].message == "1 hidden column is read like any other: name"


def test_hidden_columns_of_an_xls_file_are_told(tmp_path):
    book = xlwt.Workbook()
    page = book.add_sheet("Data")
    for place, cell in enumerate(("phone", "name")):
        page.write(0, place, cell)
        page.write(1, place, "1")
    page.col(1).hidden = True
    book.save(str(tmp_path / "old.xls"))
    assert told(str(tmp_path / "old.xls"))["hidden_columns"].message.endswith(": name")


def test_hidden_columns_of_an_ods_file_are_told(ods, ods_text):
    columns = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="9"/>'
    )
    rows = ods_text("phone", "name", "note") + ods_text("1", "Ada", "x")
    path = ods(TABLE.format(columns + rows))
    assert told(path)["hidden_columns"].message.endswith(": note")


@pytest.mark.parametrize("third", [3, 2], ids=["twice", "backwards"])
def test_rows_out_of_their_order_are_a_damaged_file(raw_xlsx, spelled, third):
    """One of them would be read in the place of another, or laid over it."""
    rows = (row(1, "phone", "name"), row(3, "1", "Ada"), row(third, "2", "Bob"))
    with pytest.raises(SheetError) as caught:
        opened(raw_xlsx(spelled(sheet(*rows))))
    assert caught.value.code == "damaged"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (r"\+39\ 0", "+39 612345678"),
        (r"\+39\ ###\ ###\ ####", "+39 61 234 5678"),
        (r"&quot;+39 &quot;0", "+39 612345678"),
        ("0000000000", "0612345678"),
        (r"#,##0", "612345678"),
        ("0.00E+00", "612345678"),
    ],
)
def test_digits_that_a_format_adds_are_part_of_the_number(raw_xlsx, code, shown):
    styles = (
        f'<numFmts count="1"><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    )
    rows = (row(1, "phone"), '<row r="2"><c r="A2" s="1"><v>612345678</v></c></row>')
    (found,) = opened(raw_xlsx(sheet(*rows), styles=styles)).rows()
    assert found.cells == (shown,)


def ods_value(inner, attributes=""):
    cell = f"<table:table-cell {attributes}>{inner}</table:table-cell>"
    return f"<table:table-row>{cell}</table:table-row>"


@pytest.mark.parametrize(
    ("attributes", "inner", "shown"),
    [
        ('table:formula="of:=IF(1;&quot;&quot;)"', "<text:p/>", None),
        (
            'office:value-type="time" office:time-value="PT30H05M09S"',
            "<text:p>x</text:p>",
            "30:05:09",
        ),
        (
            'office:value-type="time" office:time-value="PT09H05M00.4S"',
            "<text:p>x</text:p>",
            "09:05:00",
        ),
        ('office:value-type="time" office:time-value="-PT90M"', "<text:p>x</text:p>", "-01:30:00"),
        ('office:value-type="string"', "<text:p>a<text:tab/>b</text:p>", "a\tb"),
        ('office:value-type="string"', "<text:p>a<text:line-break/>b</text:p>", "a\nb"),
        (
            'office:value-type="string"',
            '<text:p>a<text:span>b<text:s text:c="3"/></text:span><text:tab/>c</text:p>',
            "ab   \tc",
        ),
        (
            'office:value-type="string"',
            "<office:annotation><text:p>said</text:p></office:annotation><text:p>a</text:p>",
            "a",
        ),
    ],
)
def test_cells_of_an_ods_file_are_what_is_shown(ods, ods_text, attributes, inner, shown):
    rows = ods_text("phone") + ods_value(inner, attributes) + ods_text("last")
    found = [(row.row, row.cells) for row in opened(ods(TABLE.format(rows))).rows()]
    assert found == [*([(2, (shown,))] if shown else []), (3, ("last",))]


def test_a_long_text_in_a_row_that_is_repeated_is_refused(ods, ods_text):
    """Each of a million rows would have its own copy."""
    long = ods_text("x" * 1000, attributes='table:number-rows-repeated="1000000"')
    with pytest.raises(SheetError) as caught:
        opened(ods(TABLE.format(ods_text("phone") + long)))
    assert caught.value.code == "bomb"


def many_of_one(count, length):
    """A sheet of which all cells name one long text, and the table that has it."""
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(2, count + 2)
    )
    head = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    texts = f"<sst><si><t>phone</t></si><si><t>{'x' * length}</t></si></sst>"
    return sheet(head, cells), {"xl/sharedStrings.xml": texts}


def test_a_long_text_that_all_cells_name_is_a_bomb(raw_xlsx, spelled):
    """In the file it stands once; every cell that is read would have its own copy."""
    xml, more = many_of_one(10_000, 30_000)
    with pytest.raises(SheetError) as caught:
        opened(raw_xlsx(spelled(xml), more=more))
    assert caught.value.code == "bomb"


def test_a_text_that_many_cells_share_is_read(raw_xlsx):
    xml, more = many_of_one(2_000, 1_000)
    assert sum(len(row.cells[0]) for row in opened(raw_xlsx(xml, more=more)).rows()) == 2_000_000


def xls_of(texts, path):
    """An XLS workbook with these texts in its only column; equal ones stand in the file once."""
    book = xlwt.Workbook()
    page = book.add_sheet("A")
    for at, text in enumerate(("phone", *texts)):
        page.write(at, 0, text)
    book.save(str(path))
    return str(path)


@pytest.mark.parametrize("letter", ["x", "ж"])
def test_a_long_text_that_all_cells_of_an_xls_file_name_is_a_bomb(tmp_path, letter):
    path = xls_of([letter * 30_000] * 4_000, tmp_path / "book.xls")
    with pytest.raises(SheetError) as caught:
        opened(path)
    assert caught.value.code == "bomb"
    path = xls_of([letter * 1_000] * 2_000, tmp_path / "book.xls")
    assert sum(len(row.cells[0]) for row in opened(path).rows()) == 2_000_000


def test_shared_texts_of_an_xls_file_are_measured_over_the_borders_of_records(tmp_path):
    """A record has room for 8 KB; where a text is cut, its characters may change their width."""
    texts = [str(n) + ("wide Ж" if n % 3 else "plain") * (n * 37 % 2_000) for n in range(60)]
    look = XlsParts(Source(xls_of(texts, tmp_path / "book.xls")))
    look.copied(0)
    assert look.copied(0) == len("phone")
    found = [look.copied(at) or look.copied(at) for at in range(1, len(texts) + 1)]
    assert found == [len(text) for text in texts]


def test_one_cell_that_opens_to_many_megabytes_is_a_bomb(raw_xlsx):
    path = raw_xlsx(sheet(*PLAIN, row(4, "3", "y" * 30_000_000)))
    with pytest.raises(SheetError) as caught:
        opened(path)
    assert caught.value.code == "bomb"


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B3" t="e"><v>#SPILL!</v></c>',
        '<c r="B3" t="e"><v>#GETTING_DATA</v></c>',
        '<c r="B3" t="e"><v>#N/D</v></c>',
        '<c r="B3" t="n"><v> 7 </v></c>',
    ],
)
def test_one_cell_that_the_quick_reader_does_not_know_costs_no_other(raw_xlsx, spelled, cell):
    rows = (
        row(1, "phone", "name"),
        row(2, "1", "Ada"),
        f'<row r="3">{text("A3", "2")}{cell}</row>',
    )
    found = opened(raw_xlsx(spelled(sheet(*rows)))).rows()
    shown = cell.partition("<v>")[2].partition("<")[0].strip()
    assert [row.cells for row in found] == [("1", "Ada"), ("2", shown)]


@pytest.mark.parametrize("extent", ["", "all", "A1", "C9:D10", "A1:XFD1048576"])
def test_an_extent_that_is_wrong_hides_nothing(raw_xlsx, spelled, extent):
    path = raw_xlsx(spelled(sheet(*PLAIN, before=f'<dimension ref="{extent}"/>')))
    assert [row.cells for row in opened(path).rows()] == [("1", "Ada"), ("2", "Bob")]


@pytest.mark.parametrize("cell", ['<c r="A2" t="s"><v>9</v></c>', '<c r="A2"><v>7</c>'])
def test_what_neither_reader_can_read_is_damaged(raw_xlsx, cell):
    path = raw_xlsx(sheet(row(1, "phone"), f'<row r="2">{cell}</row>'))
    with pytest.raises(SheetError) as caught:
        list(opened(path).rows())
    assert caught.value.code == "damaged"
