"""From flags to settings and a job."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update import language
from bulk_update.errors import UsageError
from bulk_update.language import _

if TYPE_CHECKING:
    from bulk_update.cli.flags import Flags
    from bulk_update.config import Settings
    from bulk_update.runs import Job


def resolved(flags: Flags) -> Settings:
    """The settings of a command line; messages speak the language they name from here on."""
    from bulk_update.config import resolve

    settings = resolve(flags.settings())
    if settings.lang is not None:
        language.use(settings.lang)
    return settings


def job(command: str, file: str, flags: Flags, settings: Settings) -> Job:
    """What a command line asks for."""
    from bulk_update.reading import ReadOptions
    from bulk_update.runs import Job

    read = ReadOptions(
        sheet=flags.get("sheet"),
        header_row=flags.get("header_row"),
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        hidden=settings.hidden,
        rows=row_range(flags.get("rows")),
        limit=flags.get("limit"),
        format=flags.get("format"),
    )
    return Job(
        command=command,
        file=file,
        settings=settings,
        read=read,
        columns=tuple(flags.get("map_column") or ()),
        constants=tuple(flags.get("set_value") or ()),
        skip=tuple(flags.get("skip") or ()),
        mapping_file=_path(flags.get("mapping")),
        output=_path(flags.get("output")),
        detailed_exitcode=bool(flags.get("detailed_exitcode")),
        flags=flags.settings(),
    )


def product_of(flags: Flags) -> Path | None:
    """Where the product of a command goes."""
    return _path(flags.get("output"))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text).expanduser()


def row_range(text: str | None) -> tuple[int, int] | None:
    """The range of sheet rows that ``--rows`` asks for. Raises UsageError for anything else."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text.strip())
    if found is None:
        raise UsageError(
            _("--rows {text}: not a range of rows").format(text=text),
            hint=_("For example --rows 2-500, or --rows 7."),
        )
    first = int(found[1])
    return first, int(found[2] or first)
