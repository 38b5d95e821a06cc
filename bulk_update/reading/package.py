"""The ZIP archive that an XLSX or ODS workbook is, opened only when that is safe."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from bulk_update.errors import SheetError
from bulk_update.language import _
from bulk_update.reading.source import Source, reading

_BOMB_BYTES: Final = 100_000_000
_BOMB_RATIO: Final = 100
"""A part that opens to more bytes than this, at more than this ratio, is no spreadsheet: real
ones, with a million formatted blank rows, shrink to a fifteenth or so."""

_XML_BYTES: Final = 20_000_000
_XML_RATIO: Final = 300
"""The same for XML, of which no part with numbered rows and cells shrinks as much."""

_MOST_BYTES: Final = 8_000_000_000

_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ParseError,
    NotImplementedError,  # a compression that no spreadsheet program uses
    RuntimeError,  # zipfile's word for an encrypted part
    OSError,  # an offset before the file's beginning
    ValueError,  # a number that is none
)


@contextmanager
def opened(source: Source) -> Iterator[zipfile.ZipFile]:
    """The archive, once its directory says that it may be opened.

    Raises :class:`SheetError` for a bomb before one byte of it is inflated, for a damaged or
    cut-off archive, and for XML that declares entities, also when that is met while reading.
    """
    with (
        reading(source.shown),
        translated(source),
        zipfile.ZipFile(source.stand_in or source.path) as archive,
    ):
        _refuse_bomb(source, archive)
        yield archive


@contextmanager
def opened_part(source: Source, name: str) -> Iterator[IO[bytes]]:
    """One part of the archive as a stream. Raises :class:`SheetError`, also for a part that
    the archive should have and has not."""
    with opened(source) as archive:
        if name not in archive.namelist():
            raise damaged(source)
        with archive.open(name) as stream:
            yield stream


@contextmanager
def translated(source: Source) -> Iterator[None]:
    """Translates the faults of archives and of the XML in them."""
    try:
        yield
    except DefusedXmlException as error:
        raise SheetError(
            _("{path}: the workbook's XML declares entities, as no spreadsheet does").format(
                path=source.shown
            ),
            hint=_("Save it again with a spreadsheet program."),
            code="unsafe",
        ) from error
    except (FileNotFoundError, PermissionError):
        raise
    except _DAMAGE as error:
        raise damaged(source) from error


def damaged(source: Source) -> SheetError:
    """The error for a workbook that is cut off or broken."""
    return SheetError(
        _("{path}: the workbook is damaged or cut off").format(path=source.shown),
        hint=_("Copy or export it again; if it opens in a spreadsheet program, save it anew."),
        code="damaged",
    )


def bomb(source: Source, size: int) -> SheetError:
    """The error for a workbook that is small and opens to ``size`` bytes."""
    return SheetError(
        _("{path}: the workbook would open to {size} MB, like no real spreadsheet").format(
            path=source.shown, size=size // 1_000_000
        ),
        hint=_("Save it again with a spreadsheet program, or export it as CSV."),
        code="bomb",
    )


def _refuse_bomb(source: Source, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if total > _MOST_BYTES or any(map(_is_bomb, parts)):
        raise bomb(source, total)


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    ratio = part.file_size // max(part.compress_size, 1)
    if part.filename.endswith(".xml") and part.file_size > _XML_BYTES and ratio > _XML_RATIO:
        return True
    return part.file_size > _BOMB_BYTES and ratio > _BOMB_RATIO
