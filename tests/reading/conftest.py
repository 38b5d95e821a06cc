"""Makers of real files for the reader's tests, byte by byte where the bytes are the point."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from bulk_update.model import SourceRow
from bulk_update.reading import ReadOptions, open_sheet

ODS_SPACES = " ".join(
    f'xmlns:{prefix}="urn:{urn}"'
    for prefix, urn in {
        "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "oasis:names:tc:opendocument:xmlns:style:1.0",
        "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
TYPES = {
    "xl/workbook.xml": "sheet.main",
    "xl/worksheets/sheet1.xml": "worksheet",
    "xl/sharedStrings.xml": "sharedStrings",
    "xl/styles.xml": "styles",
}


def content_types(names):
    """What says of the parts of an XLSX file what each of them is."""
    types = "".join(
        f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-'
        f'officedocument.spreadsheetml.{TYPES[name]}+xml"/>'
        for name in names
        if name in TYPES
    )
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<Types xmlns="{space}">{types}</Types>'


HIDDEN_STYLE = (
    '<style:style style:name="away" style:family="table">'
    '<style:table-properties table:display="false"/></style:style>'
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes ``content`` (text as UTF-8) to a file, and gives its path."""

    def writer(content: str | bytes, name: str = "sheet.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return writer


@pytest.fixture
def read() -> Callable[..., list[SourceRow]]:
    """All rows of a file, read with the options given."""

    def reader(path: str, **options) -> list[SourceRow]:
        with open_sheet(path, ReadOptions(**options)) as sheet:
            return list(sheet.rows())

    return reader


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., str]:
    """An XLSX file of the sheets that ``fill`` makes of a new workbook."""

    def maker(fill: Callable[[openpyxl.Workbook], None], name: str = "book.xlsx") -> str:
        book = openpyxl.Workbook()
        fill(book)
        path = tmp_path / name
        book.save(path)
        return str(path)

    return maker


@pytest.fixture
def raw_xlsx(tmp_path: Path) -> Callable[..., str]:
    """An XLSX file whose one sheet has exactly the XML ``sheet``; other parts may be given."""

    def maker(sheet: str, *, styles: str = "", more: dict[str, str | bytes] | None = None) -> str:
        path = tmp_path / "raw.xlsx"
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        parts: dict[str, str | bytes] = {
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
            "xl/worksheets/sheet1.xml": sheet.replace("MAIN", main),
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            everything = parts | (more or {})
            for name, content in everything.items():
                archive.writestr(name, content)
            archive.writestr("[Content_Types].xml", content_types(everything))
        return str(path)

    return maker


@pytest.fixture
def ods(tmp_path: Path) -> Callable[..., str]:
    """An ODS file, byte by byte: ``tables`` is the XML of its sheets."""

    def maker(tables: str, *, manifest: str = "", doctype: str = "") -> str:
        path = tmp_path / "book.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("mimetype"), ODS_TYPE)
            archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
            archive.writestr(
                "content.xml",
                f'<?xml version="1.0" encoding="UTF-8"?>{doctype}'
                f"<office:document-content {ODS_SPACES}>"
                f"<office:automatic-styles>{HIDDEN_STYLE}</office:automatic-styles>"
                f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
                "</office:document-content>",
            )
        return str(path)

    return maker


@pytest.fixture
def ods_text() -> Callable[..., str]:
    """The XML of a row of text cells."""

    def row(*cells: str, attributes: str = "") -> str:
        inner = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in cells
        )
        return f"<table:table-row {attributes}>{inner}</table:table-row>"

    return row
