"""An ODS whose XML is indented is no damaged one, and its texts stay as they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

from bulk_update.reading import ReadOptions, open_sheet

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)

MANIFEST = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def write(path: Path, rows: list[list[str]], indent: str) -> None:
    def cell(text: str) -> str:
        inside = f"{indent}".join(f"<text:p>{line}</text:p>" for line in text.split("\n"))
        opened = f'<table:table-cell office:value-type="string">{indent}'
        return f"{opened}{inside}{indent}</table:table-cell>"

    lines = [
        f"<table:table-row>{indent}{indent.join(map(cell, row))}{indent}</table:table-row>"
        for row in rows
    ]
    content = indent.join(
        [
            f'<?xml version="1.0"?><office:document-content {NAMES} office:version="1.2">',
            '<office:body><office:spreadsheet><table:table table:name="Contacts">',
            *lines,
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        ]
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", MANIFEST)


def test_white_space_between_elements_means_nothing(tmp_path: Path) -> None:
    rows = [["uuid", "note"], ["a" * 32, "one <text:span>two</text:span> <text:s/>three\nfour"]]
    read = []
    for name, indent in (("plain.ods", ""), ("indented.ods", "\n    ")):
        write(tmp_path / name, rows, indent)
        with open_sheet(str(tmp_path / name), ReadOptions()) as sheet:
            read.append((sheet.header, [row.cells for row in sheet.rows()]))
    assert read[0] == read[1]
    assert read[0][0] == ("uuid", "note")
    assert read[0][1][0][1].endswith("three\nfour")
