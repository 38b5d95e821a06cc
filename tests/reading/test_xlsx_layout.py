"""XLSX archives with their parts in other places, as some servers and libraries leave them."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.reading import ReadOptions, open_sheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Data" sheetId="1" '
    'r:id="a"/></sheets></workbook>'
)
SHEET = (
    f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    '<row r="2"><c r="A2" s="1"><v>7</v></c></row>{}</sheetData></worksheet>'
)
TEXTS = f'<sst xmlns="{MAIN}"><si><t>phone</t></si></sst>'
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="0000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


def relations(**targets):
    links = "".join(
        f'<Relationship Id="{kind[0]}" Type="{OFFICE}/{kind[1:]}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>'


USUAL = {
    "book": "xl/workbook.xml",
    "sheet": "xl/worksheets/sheet1.xml",
    "texts": "xl/sharedStrings.xml",
    "styles": "xl/styles.xml",
    "links": "xl/_rels/workbook.xml.rels",
    "root": "_rels/.rels",
}
LAYOUTS = {
    "another workbook": {"book": "xl/workbook2.xml", "links": "xl/_rels/workbook2.xml.rels"},
    "capitals in the names": {
        "book": "xl/Workbook.xml",
        "links": "xl/_rels/Workbook.xml.rels",
        "sheet": "xl/Worksheets/Sheet1.xml",
        "texts": "xl/SharedStrings.xml",
    },
    "other slashes": {part: path.replace("/", "\\") for part, path in USUAL.items()},
    "other names": {"texts": "xl/strings/all.xml", "styles": "xl/look.xml", "sheet": "xl/one.xml"},
}
SPELLINGS = {
    "as it lies": lambda path: path.removeprefix("xl/"),
    "from the root": lambda path: f"/{path}",
    "with dots": lambda path: f"./../xl/./{path.removeprefix('xl/')}",
    "in small letters": lambda path: path.removeprefix("xl/").lower(),
}


@pytest.fixture
def laid_out(tmp_path):
    """An XLSX file with its parts in ``places``, its relations spelled by ``spell``."""

    def maker(places, spell=SPELLINGS["as it lies"], *, more=""):
        at = USUAL | places
        targets = {
            part: spell(at[part].replace("\\", "/")) for part in ("sheet", "texts", "styles")
        }
        contents = {
            "root": relations(rofficeDocument=at["book"]),
            "links": relations(
                aworksheet=targets["sheet"],
                bsharedStrings=targets["texts"],
                cstyles=targets["styles"],
                dtheme="theme/none.xml",
            ),
            "book": BOOK,
            "sheet": SHEET.format(more),
            "texts": TEXTS,
            "styles": STYLES,
        }
        path = tmp_path / "laid_out.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for part, content in contents.items():
                archive.writestr(at[part], content)
        return path

    return maker


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("layout", ["usual", *LAYOUTS])
def test_parts_are_found_where_the_archive_says_that_they_lie(laid_out, layout, spelling):
    """Texts and formats too; and the hash is that of the file, not of a copy."""
    path = laid_out(LAYOUTS.get(layout, {}), SPELLINGS[spelling])
    with open_sheet(str(path), ReadOptions()) as sheet:
        assert [(row.row, row.cells) for row in sheet.rows()] == [(2, ("0007",))]
        assert (sheet.header, sheet.sheet_name) == (("phone",), "Data")
        assert sheet.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert sheet.content() == path.read_bytes()


def test_a_copy_goes_with_the_sheet_whatever_happens(laid_out, tmp_path, monkeypatch):
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    hidden = '<row r="3" hidden="1"><c r="A3"><v>8</v></c></row>'
    with pytest.raises(SheetQuestion, match="1 row"):
        open_sheet(str(laid_out(LAYOUTS["other names"], more=hidden)), ReadOptions())
    assert list(copies.iterdir()) == []
    with open_sheet(str(laid_out(LAYOUTS["other names"])), ReadOptions()) as sheet:
        assert len(list(copies.iterdir())) == 1
        list(sheet.rows())
    assert list(copies.iterdir()) == []


@pytest.mark.parametrize("part", ["root", "links", "sheet", "book"])
def test_an_archive_without_a_part_that_it_needs_is_no_workbook(laid_out, part):
    path = Path(laid_out(LAYOUTS["capitals in the names"]))
    missing = (USUAL | LAYOUTS["capitals in the names"])[part]
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != missing}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    with pytest.raises(SheetError) as caught:
        open_sheet(str(path), ReadOptions())
    assert caught.value.code in {"damaged", "not_a_table"}
