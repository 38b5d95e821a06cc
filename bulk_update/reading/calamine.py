"""The border to calamine, and to the row-by-row reader that stands in for it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from bulk_update.reading.cells import Value
from bulk_update.reading.choice import SheetName
from bulk_update.reading.ods_tidy import tidied_ods
from bulk_update.reading.package import damaged, translated
from bulk_update.reading.recognise import refuse_password
from bulk_update.reading.source import Source, reading


def opened_book(source: Source) -> CalamineWorkbook:
    """The workbook in calamine's hands. Raises :class:`SheetError`."""
    with _translated(source):
        try:
            return CalamineWorkbook.from_path(source.stand_in or source.path)
        except CalamineError:
            if (tidied := tidied_ods(source)) is None:
                raise
            return CalamineWorkbook.from_filelike(tidied)


def sheet_names(book: CalamineWorkbook) -> list[SheetName]:
    """The worksheets in the workbook's order; charts and macro sheets are none."""
    names: list[SheetName] = []
    visible = 0
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            shown = sheet.visible == SheetVisibleEnum.Visible
            visible += shown
            names.append(SheetName(sheet.name, visible if shown else 0))
    return names


def whole_sheet(source: Source, book: CalamineWorkbook, name: str) -> CalamineSheet:
    """One sheet, all of it in memory: 32 bytes for each place in its rectangle."""
    with _translated(source):
        return book.get_sheet_by_name(name)


def values_of(sheet: CalamineSheet) -> Iterator[Sequence[Value]]:
    """The values of a sheet's rows, from row 1 and column A."""
    left = [""] * (sheet.start or (0, 0))[1]
    for values in sheet.iter_rows():
        yield [*left, *values] if left else values


def values_row_by_row(source: Source, name: str) -> Iterator[Sequence[Value]]:
    """The same for an XLSX sheet whose cells lie far apart, or which calamine does not read:
    slower, and memory stays flat. Raises :class:`SheetError`, also in the midst of the rows."""
    import openpyxl

    with (
        reading(source.shown),
        translated(source),
        _damage_met(source),
        warnings.catch_warnings(),
        (source.stand_in or source.path).open("rb") as file,
    ):
        warnings.simplefilter("ignore")  # of styles and extensions, which no cell needs
        with closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
            sheet = book[name]
            sheet.reset_dimensions()
            for values in sheet.iter_rows(values_only=True):
                yield [value if isinstance(value, Value) else "" for value in values]


@contextmanager
def _damage_met(source: Source) -> Iterator[None]:
    """Translates what openpyxl runs into where a workbook lacks what it refers to."""
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise damaged(source) from error


@contextmanager
def _translated(source: Source) -> Iterator[None]:
    try:
        yield
    except PasswordError:
        refuse_password(source)
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(source) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault in Rust comes to Python
            raise
        raise damaged(source) from error
