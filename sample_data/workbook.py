"""``clients.xlsx``: real dates, number cells, and two sheets to choose from."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from common import ACCOUNT, RENEWAL, a_year_later, field, next_status

_MOMENT: Final = (2026, 3, 2, 9, 0, 0)
_STAMP: Final = b"2026-03-02T09:00:00Z"
_STAMPED: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

_HEADER: Final = (
    "uuid",
    "name",
    "Status",
    RENEWAL,
    "Birthday 🎂",
    "orderNumber",
    "P/W",
    "zipCode",
    "Features",
)


def clients() -> bytes:
    """The workbook as bytes that are the same each time."""
    book = Workbook()
    current = book.active
    assert isinstance(current, Worksheet)  # noqa: S101 - a new workbook has a sheet
    current.title = "Clients"
    _fill(current, (*range(1, 13), 24, 32))
    archive = book.create_sheet("Archive 2024")
    _fill(archive, tuple(range(41, 47)))
    return _without_clock(book)


def _fill(sheet: Worksheet, numbers: tuple[int, ...]) -> None:
    sheet.append(_HEADER)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row, n in enumerate(numbers, start=2):
        sheet.append(_cells(n))
        for column in ("D", "E"):
            sheet[f"{column}{row}"].number_format = "DD/MM/YYYY"
        # 1003 that shows as 01003: what is seen is not what is stored.
        sheet[f"H{row}"].number_format = "00000"


def _cells(n: int) -> tuple[str | float | date | None, ...]:
    contact = ACCOUNT.contact(n)
    renewal = a_year_later(contact) if field(contact, RENEWAL) else ""
    return (
        contact.uuid,
        contact.name,
        next_status(contact) if n % 2 else field(contact, "Status"),
        date.fromisoformat(renewal) if renewal else None,
        date(1960 + n, n % 12 + 1, n % 28 + 1),
        float(2000 + n),
        n * 1.25,
        f"{n:05d}" if n % 3 else 1_000 + n,
        "Dark Mode; Beta, early access" if n % 4 == 0 else None,
    )


def _without_clock(book: Workbook) -> bytes:
    """What openpyxl saves, with one moment for every time stamp in it."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(fixed, "w") as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, date_time=_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, _STAMPED.sub(rb"\g<1>" + _STAMP, before.read(name)))
    return fixed.getvalue()
