"""What the parts of an XLSX archive say: its sheets, its formats, its calendar, its cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Final
from xml.etree.ElementTree import Element

from bulk_update.reading.day_formats import DayFormat
from bulk_update.reading.formats import Mask
from bulk_update.reading.overlay import Facts, Part
from bulk_update.reading.package import bomb, opened, opened_part
from bulk_update.reading.source import CHUNK, Source
from bulk_update.reading.xlsx_layout import WORKBOOK, lay_out
from bulk_update.reading.xlsx_scan import NotPlainError, last_column, parsed, searched

_STYLES: Final = "xl/styles.xml"
_STRINGS: Final = "xl/sharedStrings.xml"

_SHORTEST_TEXT: Final = len("<si/>")

_TEXT_END: Final = b"</si>"
_TEXT: Final = re.compile(rb"<(?:\w+:)?si(?: [^>]*)?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_NAMED_TEXT: Final = re.compile(
    rb' t="s"[^>]*>(?:<f(?:>| [^>]*>)[^<]*(?:</f>)?)?<(?:\w+:)?v>(\d+)<'
)

_MOST_TEXT: Final = 200_000_000
_MOST_TIMES: Final = 20
"""More bytes of text than this, and so many times the XML of the sheet, come of no real sheet."""

_VALUE: Final = re.compile(rb"<(?:\w+:)?(?:v|t|f)(?: [^>]*)?>[^<]")
"""A cell's value, text or formula; ``<f>`` is in nothing but cells."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are: the path of each sheet's XML by its name, and the workbook's calendar."""

    sheets: dict[str, str]
    date_1904: bool


class XlsxParts:
    """The second look at an XLSX file; every method opens the archive anew.

    Raises :class:`SheetError` for archives that are damaged or unsafe.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        lay_out(source)
        with opened(source) as archive:
            self._layout = _layout(archive)
            self._masks = _masks(archive, date_1904=self._layout.date_1904)
            self._longest = _longest_text(archive)
        self._plain: set[str] = set()

    @property
    def date_1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        return self._layout.date_1904

    def facts(self, sheet: str) -> Facts:
        """What the whole XML of ``sheet`` shows; asked before :meth:`parts`."""
        try:
            with self._opened(sheet) as stream:
                facts = Facts.of(searched(stream, self._masks, survey=True))
                self._plain.add(sheet)
        except NotPlainError:
            facts = Facts.of(self.parts(sheet))
        if facts.values * self._longest > _MOST_TEXT:
            self._require_few(sheet)
        return facts

    def parts(self, sheet: str) -> Iterator[Part]:
        """What the XML of ``sheet`` holds beyond plain values, in the order of rows."""
        with self._opened(sheet) as stream:
            if sheet in self._plain:
                yield from searched(stream, self._masks, survey=False)
            else:
                yield from parsed(stream, self._masks)

    def _require_few(self, sheet: str) -> None:
        """Refuses a sheet whose cells name a few long texts so often that they fill the memory:
        in the file each text stands once, in memory each cell has its own."""
        with opened(self._source) as archive:
            lengths = _lengths(archive)
            written = archive.getinfo(self._layout.sheets[sheet]).file_size
        total = 0
        with self._opened(sheet) as stream:
            while chunk := stream.read(CHUNK):  # what is cut at its end is too little to matter
                named = map(int, _NAMED_TEXT.findall(chunk))
                total += sum(lengths[number] for number in named if number < len(lengths))
        if total > max(_MOST_TEXT, _MOST_TIMES * written):
            raise bomb(self._source, total)

    def last_column(self, sheet: str, facts: Facts) -> int:
        """The last column of ``sheet`` exactly; ``facts`` have a bound that is cheap to find."""
        if sheet not in self._plain:
            return facts.last_column
        with self._opened(sheet) as stream:
            return last_column(stream)

    def is_filled(self, sheet: str) -> bool:
        """Whether ``sheet`` has a cell with a value; stops at the first."""
        with self._opened(sheet) as stream:
            tail = b""
            while chunk := stream.read(1 << 16):
                piece = tail + chunk
                if _VALUE.search(piece):
                    return True
                tail = piece[-256:]
        return False

    def _opened(self, sheet: str) -> AbstractContextManager[IO[bytes]]:
        return opened_part(self._source, self._layout.sheets.get(sheet, ""))


def _layout(archive: zipfile.ZipFile) -> _Layout:
    root = _tree(archive, WORKBOOK)
    targets = _targets(archive)
    sheets: dict[str, str] = {}
    date_1904 = False
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name == "workbookPr":
            date_1904 = element.get("date1904") in {"1", "true", "on"}
        elif name == "sheet":
            link = next((v for k, v in element.items() if k.endswith("}id")), "")
            if link in targets:
                sheets[element.get("name", "")] = targets[link]
    return _Layout(sheets, date_1904)


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    root = _tree(archive, "xl/_rels/workbook.xml.rels")
    return {
        link.get("Id", ""): posixpath.normpath(posixpath.join("/xl", link.get("Target", "")))[1:]
        for link in root
    }


def _masks(archive: zipfile.ZipFile, *, date_1904: bool) -> dict[int, Mask | DayFormat]:
    """The formats that show a number differently, and those of days, by the style's number."""
    if _STYLES not in archive.namelist():
        return {}
    root = _tree(archive, _STYLES)
    codes = {
        element.get("numFmtId", ""): element.get("formatCode", "")
        for element in root.iter()
        if element.tag.endswith("}numFmt")
    }
    styles = next((e for e in root if e.tag.endswith("}cellXfs")), None)
    numbers = [style.get("numFmtId", "0") for style in (() if styles is None else styles)]
    found = ((at, _format(number, codes, date_1904)) for at, number in enumerate(numbers))
    return {at: one for at, one in found if one is not None}


def _format(number: str, codes: dict[str, str], date_1904: bool) -> Mask | DayFormat | None:  # noqa: FBT001
    code = codes.get(number)
    mask = Mask.of(code) if code is not None else None
    return mask or DayFormat.of(int(number), code, date_1904=date_1904)


def _longest_text(archive: zipfile.ZipFile) -> int:
    """Bytes of the longest text in the table of texts, as a bound.

    The table is read by calamine alone, so it is looked at here: calamine takes room for as many
    texts as its head says, and the shortest has five bytes; and a directory that lies about sizes
    is found out.
    """
    from defusedxml.ElementTree import iterparse

    if _STRINGS not in archive.namelist():
        return 0
    with archive.open(_STRINGS) as stream:
        _event, root = next(iter(iterparse(stream, events=("start",), forbid_dtd=True)))
        said = int(root.get("uniqueCount") or 0)
        if said * _SHORTEST_TEXT > archive.getinfo(_STRINGS).file_size:
            raise zipfile.BadZipFile(_STRINGS)
    longest = begun = 0
    with archive.open(_STRINGS) as stream:
        while chunk := stream.read(CHUNK):
            first, *others = map(len, chunk.split(_TEXT_END))
            longest, begun = (
                max(longest, begun + first, *others),
                others[-1] if others else begun + first,
            )
    return longest


def _lengths(archive: zipfile.ZipFile) -> list[int]:
    """Bytes of each text in the table of texts."""
    return [len(found[1] or b"") for found in _TEXT.finditer(archive.read(_STRINGS))]


def _tree(archive: zipfile.ZipFile, name: str) -> Element:
    from defusedxml.ElementTree import parse

    if name not in archive.namelist():
        raise zipfile.BadZipFile(name)
    with archive.open(name) as stream:
        root = parse(stream, forbid_dtd=True).getroot()
    if root is None:
        raise zipfile.BadZipFile(name)
    return root
