"""Makes ``blank.xlsx``, the workbook to start from: ``python templates/make_blank.py``.

Its one visible sheet has the standard columns and no row; each header bears a note. Keys are in
text format, so that Excel leaves a phone's ``+`` and zeros and a uuid's digits alone. The sheet
"Help" says the same at length and is hidden: with two visible sheets that hold something,
``bulk-update`` would have to ask which one is meant.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

PLACE: Final = Path(__file__).with_name("blank.xlsx")
LAST_ROW: Final = 1_048_576  # of any sheet of Excel
TEXT: Final = "@"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the workbook: its header is a target's name, its note says what may stand."""

    header: str
    width: int
    note: str
    text: bool = False
    choices: tuple[str, ...] = ()


COLUMNS: Final = (
    Column("uuid", 36, "Callbell's id of the contact. With it no phone is needed.", text=True),
    Column(
        "phone", 20, "Best with its country: +39 333 123 4567. Used if uuid is blank.", text=True
    ),
    Column("name", 26, "Blank leaves the name as it is. A name can't be emptied."),
    Column("note", 40, "At most 1,000 characters. <clear> empties it."),
    Column("tags", 26, "Added to those that are there. Several: VIP; Lead"),
    Column("tags.remove", 26, "Taken away, where they are there. Several: VIP; Lead"),
    Column("assigned_user", 28, "The e-mail of a user of the account."),
    Column("unassign_user", 16, "yes: nobody is assigned any more.", choices=("yes", "no")),
    Column("team", 24, "Name or uuid of a team of the account."),
    Column("bot_status", 16, "Starts or ends the bot.", choices=("bot_start", "bot_end")),
)

HELP: Final = (
    ("How to fill the sheet", ""),
    ("A row", "is one contact. It must exist: nobody is created."),
    ("A blank cell", "changes nothing. Delete the columns you don't need."),
    ("<clear>", "empties a field: note, tags, assigned_user, custom fields."),
    ("Custom fields", "get a column each: its header is the field's name in the account."),
    ("Then", "bulk-update check FILE.xlsx"),
)


def main() -> None:
    """Writes the workbook beside this script."""
    make_blank().save(PLACE)
    sys.stdout.write(f"{PLACE}\n")


def make_blank() -> Workbook:
    """The workbook; what doesn't change keeps its date, so that only a change is one."""
    book = Workbook()
    sheet = book["Sheet"]
    sheet.title = "Contacts"
    for number, column in enumerate(COLUMNS, start=1):
        _add_column(sheet, number, column)
    sheet.freeze_panes = "A2"
    _add_help(book.create_sheet("Help"))
    book.properties.creator = "bulk-update"
    book.properties.created = book.properties.modified = datetime(2026, 1, 1, tzinfo=UTC).replace(
        tzinfo=None
    )
    return book


def _add_column(sheet: Worksheet, number: int, column: Column) -> None:
    letter = get_column_letter(number)
    cell = sheet.cell(row=1, column=number, value=column.header)
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="DDEBF7")
    cell.comment = Comment(column.note, "bulk-update", height=70, width=280)
    sheet.column_dimensions[letter].width = column.width
    if column.text:
        sheet.column_dimensions[letter].number_format = TEXT
    if column.choices:
        _offer(sheet, f"{letter}2:{letter}{LAST_ROW}", column.choices)


def _offer(sheet: Worksheet, cells: str, choices: tuple[str, ...]) -> None:
    """A drop-down; a blank cell stays allowed, as it changes nothing."""
    rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    rule.add(cells)
    sheet.add_data_validation(rule)


def _add_help(sheet: Worksheet) -> None:
    rows = (*HELP, ("", ""), *((column.header, column.note) for column in COLUMNS))
    for row in rows:
        sheet.append(row)
    for first, second in sheet.iter_rows():
        first.font, second.alignment = Font(bold=True), Alignment(wrap_text=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 80
    sheet.sheet_state = "hidden"


if __name__ == "__main__":
    main()
