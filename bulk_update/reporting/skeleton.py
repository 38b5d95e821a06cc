"""All of a workbook but its rows, as openpyxl makes it, taken apart so that rows can come between.

What openpyxl wrote is looked at once more: each sheet's XML is cut where its rows go, and a part
with one note in it is cut round that note, which is the mould of all others.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bulk_update.reporting.sheets_out import ColumnOut, DropDown, Look, SheetOut
from bulk_update.reporting.workbook_text import MOST_ROWS, letters

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_AUTHOR: Final = "bulk-update"
_TEXT: Final = "@"
_NOTE_SIZE: Final = {"height": 110, "width": 300}  # in points
_FAR_DOWN: Final = 20
"""A header below this row is not frozen: nothing else would be seen."""

_FILLS: Final = {
    Look.HEADER: "FFDDE6F0",
    Look.OUR_HEADER: "FFEDEDED",
    Look.BAD: "FFFFC7CE",
    Look.DOUBT: "FFFFEB9C",
    Look.ANSWER: "FFE2F0D9",
    Look.OLD: "FFFCE4E4",
    Look.NEW: "FFE2F0D9",
}
_GREY: Final = "FF595959"
_FORMATS: Final = {Look.DAY: "yyyy-mm-dd", Look.COUNT: "#,##0"}

_BOOK: Final = "xl/workbook.xml"
_CORE: Final = "docProps/core.xml"
_TIMES: Final = re.compile(rb"<(dcterms:(?:created|modified)) .*?</\1>")
_DATA: Final = re.compile(rb"<sheetData ?(?:/>|>.*</sheetData>)", re.DOTALL)
_DIMENSION: Final = re.compile(rb"<dimension [^>]*/>")
_COMMENT: Final = re.compile(rb"<comment .*</comment>", re.DOTALL)
_SHAPE: Final = re.compile(rb"<(\w+):shape .*</\1:shape>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mould:
    """A part with notes: what is before and after them, and one, with names in braces for what
    differs."""

    name: str
    before: bytes
    one: str
    after: bytes

    def made(self, number: int, row: int, column: int, ref: str, text: str) -> bytes:
        """The note at ``ref``: rows count from 1, columns from 0; ``text`` is XML."""
        made = self.one.replace("{ref}", ref).replace("{number}", str(1026 + number))
        made = made.replace("{row}", str(row - 1)).replace("{column}", str(column))
        return made.replace("{text}", text).encode()


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet's XML before and after its rows, and the parts that hold its notes."""

    name: str
    before: bytes
    after: bytes
    notes: tuple[Mould, ...]


class Skeleton:
    """A workbook with ``sheets``, without their rows; ``lists`` are what drop-downs offer, the
    first columns of the sheet called ``lists_in``.

    ``styles`` are the numbers of the looks, ``parts`` the sheets in their order, and ``others``
    the parts that are written as they are, once every sheet has ended.
    """

    def __init__(
        self, sheets: Sequence[SheetOut], lists: Sequence[tuple[str, ...]], lists_in: str
    ) -> None:
        book = _book(sheets, lists, lists_in)
        self.styles = {look: _style(book, look, row) for row, look in enumerate(Look, 1)}
        self.others = _contents(book)
        noted = [place for place, sheet in enumerate(sheets) if sheet.is_noted]
        self.parts = [
            self._part(place, noted.index(place) + 1 if place in noted else 0)
            for place in range(len(sheets))
        ]

    def end(self, place: int, *, last_row: int) -> bytes:
        """What comes after the rows of a sheet, now that its filter can be told where they end."""
        unknown, known = f"{_unknown_end(place)}".encode(), f"{last_row}".encode()
        self.others[_BOOK] = self.others[_BOOK].replace(b"$" + unknown + b"<", b"$" + known + b"<")
        filtered = rb'(<autoFilter ref="[A-Z0-9]+:[A-Z]+)' + unknown + rb'"'
        return re.sub(filtered, rb"\g<1>" + known + rb'"', self.parts[place].after)

    def _part(self, place: int, notes: int) -> SheetPart:
        name = f"xl/worksheets/sheet{place + 1}.xml"
        before, after = _DATA.split(_DIMENSION.sub(b"", self.others.pop(name)))
        moulds = (self._comments(notes), self._shapes(notes)) if notes else ()
        return SheetPart(name, before + b"<sheetData>", b"</sheetData>" + after, moulds)

    def _comments(self, number: int) -> Mould:
        name = f"xl/comments/comment{number}.xml"
        before, one, after = _cut(_COMMENT, self.others.pop(name))
        one = re.sub(r"<t>.*</t>", '<t xml:space="preserve">{text}</t>', one)
        return Mould(name, before, one.replace('ref="A1"', 'ref="{ref}"'), after)

    def _shapes(self, number: int) -> Mould:
        name = f"xl/drawings/commentsDrawing{number}.vml"
        before, one, after = _cut(_SHAPE, self.others.pop(name))
        one = re.sub(r"_x0000_s\d+", "_x0000_s{number}", one)
        one = re.sub(r"(:Row>)\d+<", r"\1{row}<", one)
        return Mould(name, before, re.sub(r"(:Column>)\d+<", r"\1{column}<", one), after)


def _cut(pattern: re.Pattern[bytes], content: bytes) -> tuple[bytes, str, bytes]:
    found = pattern.search(content)
    if found is None:  # an openpyxl that writes notes otherwise
        raise LookupError(pattern.pattern)
    return content[: found.start()], found[0].decode(), content[found.end() :]


def _contents(book: Workbook) -> dict[str, bytes]:
    content = io.BytesIO()
    book.save(content)
    with zipfile.ZipFile(content) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[_CORE] = _TIMES.sub(b"", parts[_CORE])  # the same content gives the same bytes
    return parts


def _book(sheets: Sequence[SheetOut], lists: Sequence[tuple[str, ...]], lists_in: str) -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for place, sheet in enumerate(sheets):
        page = book.create_sheet(sheet.name)
        _set_up(page, place, sheet)
        for drop_down in sheet.drop_downs:
            column = letters(lists.index(drop_down.choices))
            last = len(drop_down.choices) + 1
            _add_drop_down(page, drop_down, f"'{lists_in}'!${column}$2:${column}${max(last, 2)}")
    return book


def _set_up(page: Worksheet, place: int, sheet: SheetOut) -> None:
    from openpyxl.comments import Comment
    from openpyxl.worksheet.properties import PageSetupProperties

    page.sheet_state = "veryHidden" if sheet.hidden else "visible"
    page.page_setup.orientation = "landscape"
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToHeight = 0  # as many pages as it takes
    for number, column in enumerate(sheet.columns):
        _set_up_column(page, number, column)
    if sheet.header_row <= _FAR_DOWN:
        page.freeze_panes = f"{letters(sheet.frozen)}{sheet.header_row + 1}"
    if sheet.filtered and sheet.columns:
        last = letters(len(sheet.columns) - 1)
        page.auto_filter.ref = f"A{sheet.header_row}:{last}{_unknown_end(place)}"
    if sheet.is_noted:
        page["A1"].comment = Comment("-", _AUTHOR, **_NOTE_SIZE)


def _set_up_column(page: Worksheet, number: int, column: ColumnOut) -> None:
    dimension = page.column_dimensions[letters(number)]
    dimension.width = column.width or 12
    dimension.hidden = column.hidden
    dimension.number_format = _FORMATS.get(column.look, _TEXT)


def _add_drop_down(page: Worksheet, drop_down: DropDown, offered: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    at = letters(drop_down.column)
    validation = DataValidation(
        type="list", formula1=offered, allow_blank=True, showErrorMessage=False
    )
    validation.add(f"{at}{drop_down.first}:{at}{drop_down.last}")
    page.add_data_validation(validation)


def _unknown_end(place: int) -> int:
    """Stands for the last row of a sheet until that is known."""
    return MOST_ROWS - place


def _style(book: Workbook, look: Look, row: int) -> int:
    """The number of a style, which openpyxl gives to a cell that has it: one for each ``row``."""
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = book.worksheets[-1].cell(row, 1)
    cell.number_format = _FORMATS.get(look, _TEXT)
    cell.fill = PatternFill("solid", fgColor=_FILLS[look]) if look in _FILLS else PatternFill()
    is_title = look in {Look.HEADER, Look.OUR_HEADER}
    is_ours = look in {Look.OURS, Look.OUR_HEADER, Look.EXAMPLE}
    cell.font = Font(bold=is_title, italic=look is Look.EXAMPLE, color=_GREY if is_ours else None)
    centred = "center" if look is Look.COUNT else None
    cell.alignment = Alignment(horizontal=centred, vertical="top", wrap_text=look is Look.WRAPPED)
    return cell.style_id
