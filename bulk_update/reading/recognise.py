"""What kind of file it is, by its content: endings lie."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NoReturn

from bulk_update.errors import SheetError
from bulk_update.language import _
from bulk_update.reading.source import Source

if TYPE_CHECKING:
    import zipfile


class Kind(StrEnum):
    """The kinds of file that can be read."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"


_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NUMBERS: Final = "Index/Document.iwa"
_ODS_TYPES: Final = (
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.spreadsheet-template",
)
_ENCRYPTED_OOXML: Final = "EncryptedPackage".encode("utf-16-le")
_BIFF_STREAMS: Final = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "Book"))

_OTHER_FILES: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
)
_TEXT_FILES: Final = (
    (b"BEGIN:VCARD", "vCard"),
    (b"ID;PWXL", "SYLK"),
    (b"ID;PSCALC", "SYLK"),
    (b"ID;PCALC", "SYLK"),
    (b"TABLE\n0,1\n", "DIF"),
)
_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|table|meta)(?=[\s/>])", re.IGNORECASE
)
_WEB_ARCHIVE: Final = re.compile(rb"(?:[\w-]+:.*\n)*content-type:\s*multipart/", re.IGNORECASE)
_JSON: Final = re.compile(rb"\{\s*\"|\[\s*[\[{\]]")


def recognise(source: Source, *, named: str | None) -> Kind:
    """The kind of ``source``; ``named`` is what the person called it, and must agree.

    Raises :class:`SheetError` for what is no table: another kind of document, a workbook that is
    protected by a password, a damaged one.
    """
    kind = _kind(source)
    if named is not None and (named == "csv") != (kind is Kind.CSV):
        raise SheetError(
            _("{path}: --format {named}, but the content is {kind}").format(
                path=source.shown, named=named, kind=kind.value
            ),
            hint=_("Leave --format out, or name what the file is."),
            code="format",
        )
    return kind


def _kind(source: Source) -> Kind:
    head = source.head()
    if head.startswith(_ZIP):
        return _kind_of_archive(source)
    if head.startswith(_OLE):
        return _kind_of_compound(source)
    _refuse_others(source, head)
    return Kind.CSV


def _kind_of_archive(source: Source) -> Kind:
    # Only here: a text file is known without what opens archives.
    from bulk_update.reading.package import opened
    from bulk_update.reading.xlsx_layout import WORKBOOK, document

    with opened(source) as archive:
        names = set(archive.namelist())
        named = document(archive)
        if WORKBOOK in names or _is_workbook(named, "xml"):
            return Kind.XLSX
        if "xl/workbook.bin" in names or _is_workbook(named, "bin"):
            raise _refusal(source, _("a binary workbook (XLSB)"), _("Save it as XLSX."))
        if "mimetype" in names and archive.read("mimetype").strip() in _ODS_TYPES:
            return _unprotected_ods(source, archive)
        if _NUMBERS in names:
            raise _refusal(source, _("a {name} file").format(name="Numbers"), _save_as())
    raise _refusal(source, _("a ZIP archive or another kind of document"))


def _is_workbook(name: str, ending: str) -> bool:
    return re.fullmatch(rf"xl[/\\]workbook\d*\.{ending}", name, re.IGNORECASE) is not None


def _unprotected_ods(source: Source, archive: zipfile.ZipFile) -> Kind:
    manifest = "META-INF/manifest.xml"
    if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
        refuse_password(source)
    return Kind.ODS


def _kind_of_compound(source: Source) -> Kind:
    found = _first_in(source, (_ENCRYPTED_OOXML, *_BIFF_STREAMS))
    if _ENCRYPTED_OOXML in found:
        refuse_password(source)
    if not found:
        raise _refusal(
            source, _("an old Office document without a workbook in it, or a part of one")
        )
    return Kind.XLS


def _first_in(source: Source, marks: tuple[bytes, ...]) -> set[bytes]:
    """Which of ``marks`` the file's bytes hold; names in a compound file are UTF-16."""
    found: set[bytes] = set()
    tail = b""
    for chunk in source.chunks():
        piece = tail + chunk
        found.update(mark for mark in marks if mark in piece)
        tail = piece[-64:]
    return found


def _refuse_others(source: Source, head: bytes) -> None:
    for magic, name in _OTHER_FILES:
        if head.startswith(magic):
            raise _refusal(source, _("a {name} file").format(name=name))
    text = _as_text(head).lstrip()
    lines = text.replace(b"\r\n", b"\n")
    for start, name in _TEXT_FILES:
        if lines.startswith(start):
            raise _refusal(source, _("a {name} file").format(name=name), _save_as())
    if _WEB_ARCHIVE.match(lines):
        raise _refusal(source, _("an HTML page, whatever its name says"), _save_as())
    if _HTML.match(text) or (text.startswith(b"<") and _HTML.search(text)):
        raise _refusal(
            source,
            _("an HTML page, whatever its name says"),
            _save_as(),
        )
    if text.startswith((b"<?xml", b"<Workbook")):
        raise _refusal(
            source,
            _("an XML document"),
            _save_as(),
        )
    if _JSON.match(text):
        raise _refusal(source, _("a JSON document"))


def _as_text(head: bytes) -> bytes:
    """The file's start as UTF-8, without its mark."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8)


def _save_as() -> str:
    return _("Open it in a spreadsheet program and save it as XLSX or CSV.")


def refuse_password(source: Source) -> NoReturn:
    """Raises the :class:`SheetError` for a workbook that a password protects."""
    raise SheetError(
        _("{path}: the workbook is protected by a password").format(path=source.shown),
        hint=_("Open it, save it without a password, and give that file."),
        code="password",
    )


def _refusal(source: Source, what: str, hint: str = "") -> SheetError:
    return SheetError(
        _("{path}: not a spreadsheet, but {what}").format(path=source.shown, what=what),
        hint=hint or _("Give a CSV, XLSX, XLS or ODS file."),
        code="not_a_table",
    )
