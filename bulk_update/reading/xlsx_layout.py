"""XLSX archives whose parts lie elsewhere than nearly all programs put them.

Where a part lies is said by relations, in the archive's own small XML files; case and the kind
of slash in names are forgiven by spreadsheet programs. Quick readers look in the usual places
alone. So an archive with another layout is read by a copy in which its parts lie there.
"""

from __future__ import annotations

import posixpath
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

from bulk_update.reading.package import opened
from bulk_update.reading.source import Source, reading

WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_SINGLE: Final = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
_SHEETS: Final = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet")
_NAMESPACE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
_DOCUMENT: Final = (
    "r1",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
    WORKBOOK,
)


class _Link(NamedTuple):
    """A relation of the workbook: its id, its type, its last word; the path as it is spelled from
    the archive's root, and the name that the archive has for it."""

    id: str
    type: str
    kind: str
    spelled: str
    name: str


class _Archive:
    """An archive whose names are found whatever their case and their slashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self._names = {_key(name): name for name in reversed(archive.namelist())}

    def find(self, path: str) -> str:
        """The archive's own name for ``path``; ``""`` where it has none."""
        return self._names.get(_key(path), "")

    def links(self, part: str) -> Iterator[_Link]:
        """The relations of a part to others of the archive; ``""`` is the archive itself."""
        from defusedxml.ElementTree import parse

        folder, base = posixpath.split(part.replace("\\", "/"))
        name = self.find(f"{folder}/_rels/{base}.rels")
        if not name:
            return
        with self.archive.open(name) as stream:
            root = parse(stream, forbid_dtd=True).getroot()
        for link in root if root is not None else ():
            target = link.get("Target", "").replace("\\", "/")
            spelled = posixpath.join("/", folder, target)[1:]
            kind = link.get("Type", "")
            found = _Link(
                link.get("Id", ""), kind, kind.rpartition("/")[2], spelled, self.find(spelled)
            )
            if found.name:
                yield found


def document(archive: zipfile.ZipFile) -> str:
    """The name of the part that is the document itself, by the archive's relations; ``""`` where
    they name none. Raises what zipfile, defusedxml and expat raise."""
    links = _Archive(archive).links("")
    return next((link.name for link in links if link.kind == "officeDocument"), "")


def lay_out(source: Source) -> None:
    """Gives ``source`` a stand-in with the usual layout, where it has another. Raises
    :class:`SheetError`."""
    with opened(source) as archive:
        workbook = WORKBOOK if WORKBOOK in archive.namelist() else document(archive)
        found = _Archive(archive)
        links = [link for link in found.links(workbook) if _usual_name(link, 0)]
        if workbook != WORKBOOK or not all(_is_usual(link) for link in links):
            source.stand_in = _copied(source, archive, workbook, links)


def _is_usual(link: _Link) -> bool:
    return link.spelled == link.name and _SINGLE.get(link.kind, link.name) == link.name


def _usual_name(link: _Link, number: int) -> str:
    """Where the part of a link lies usually; ``""`` for parts that nobody reads."""
    if link.kind in _SHEETS:
        return f"xl/{link.kind}s/sheet{number}.xml"
    return _SINGLE.get(link.kind, "")


def _copied(source: Source, archive: zipfile.ZipFile, workbook: str, links: list[_Link]) -> Path:
    places = [(link, _usual_name(link, number)) for number, link in enumerate(links, 1)]
    with (
        reading(source.shown),
        tempfile.NamedTemporaryFile(prefix="bulk-update-", suffix=".xlsx", delete=False) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        source.stand_in = Path(file.name)  # so that it goes, whatever happens
        copy.writestr("[Content_Types].xml", _types([(WORKBOOK, "sheet.main"), *_typed(places)]))
        copy.writestr("_rels/.rels", _relations([_DOCUMENT]))
        copy.writestr(_RELATIONS, _relations([(link.id, link.type, to) for link, to in places]))
        for name, place in [(workbook, WORKBOOK), *((link.name, to) for link, to in places)]:
            with archive.open(name) as old, copy.open(place, "w", force_zip64=True) as new:
                shutil.copyfileobj(old, new)
    return source.stand_in


def _relations(places: list[tuple[str, str, str]]) -> str:
    """The XML of relations: the id, the type and the place of each."""
    links = "".join(
        f"<Relationship Id={quoteattr(name)} Type={quoteattr(kind)} "
        f"Target={quoteattr('/' + place)}/>"
        for name, kind, place in places
    )
    return f'<Relationships xmlns="{_NAMESPACE}">{links}</Relationships>'


def _typed(places: list[tuple[_Link, str]]) -> Iterator[tuple[str, str]]:
    return ((place, link.kind) for link, place in places)


def _types(parts: list[tuple[str, str]]) -> str:
    """The XML that says what each part is."""
    types = "".join(
        f'<Override PartName="/{place}" ContentType="{_TYPE.format(kind)}"/>'
        for place, kind in parts
    )
    return f'<Types xmlns="{_NAMESPACE.replace("relationships", "content-types")}">{types}</Types>'


def _key(path: str) -> str:
    return posixpath.normpath("/" + path.replace("\\", "/").casefold()).lstrip("/")
