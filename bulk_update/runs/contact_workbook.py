"""Workbooks of contacts that people fill in: where one may be written, and the writing of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bulk_update.errors import ConfigError, StorageError, UsageError
from bulk_update.language import _
from bulk_update.model import Finding, FindingGroup, Level
from bulk_update.reporting.contact_columns import ContactColumn
from bulk_update.reporting.folder import write_whole
from bulk_update.reporting.sheets_out import ColumnOut, DropDown, RowOut, SheetOut
from bulk_update.reporting.workbook import workbook_chunks
from bulk_update.reporting.workbook_text import MOST_ROWS, sheet_title

SUFFIX: Final = ".xlsx"


def place_for(path: Path | None, *, force: bool) -> Path:
    """Where the workbook is to be written, before anything is asked of the account.

    Raises UsageError where no XLSX file is named, StorageError for a folder there is none of, and
    ConfigError for a file that is there: somebody may have filled it in. ``force`` replaces it.
    """
    if path is None or path.suffix.casefold() != SUFFIX:
        raise UsageError(
            _("the workbook needs a name that ends with {suffix}").format(suffix=SUFFIX),
            hint=_("For example -o contacts.xlsx."),
        )
    if path.exists() and not force:
        raise ConfigError(
            _("{path} is there already, and is left as it is").format(path=path),
            hint=_("Replace it with --force, or name another file with -o."),
            code="file_exists",
        )
    if not path.parent.is_dir():
        reason = _("there is no folder {folder}").format(folder=path.parent)
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason))
    return path


def write_contacts(
    path: Path,
    columns: Sequence[ContactColumn],
    rows: Iterable[RowOut],
    *,
    more: Sequence[ColumnOut] = (),
) -> None:
    """Write a workbook with ``columns``, then ``more``; drop-downs reach over the whole sheet.
    Raises StorageError; whatever was there then still is."""
    sheet = SheetOut(
        name=sheet_title(_("Contacts")),
        columns=[*(column.out for column in columns), *more],
        rows=rows,
        frozen=1,
        drop_downs=[
            DropDown(column=place, first=2, last=MOST_ROWS, choices=column.choices)
            for place, column in enumerate(columns)
            if column.choices
        ],
    )
    write_whole(path.absolute().parent, path.name, workbook_chunks([sheet]))


def notice(code: str, level: Level, message: str, hint: str = "") -> FindingGroup:
    """Something to be said of the whole workbook."""
    finding = Finding(code=code, level=level, message=message, hint=hint)
    return FindingGroup(finding=finding, rows=(), count=0)


def left_out(fields: Sequence[str]) -> list[FindingGroup]:
    """That these custom fields have no column; nothing, where there are none."""
    if not fields:
        return []
    text = _("Without a column, as no header can tell them from another field: {fields}.")
    return [notice("fields_left_out", Level.WARNING, text.format(fields=", ".join(fields)))]
