"""Which encoding a text file is in: found without guessing, and said.

A byte order mark decides; then strict UTF-8; then cp1252, which spreadsheet programs in western
Europe and the Americas write. Statistical detectors were tried on Italian and Spanish samples and
called them Greek, so none is asked. What cp1252 can't be, or makes nonsense of, is a question.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bulk_update.errors import SheetError, SheetQuestion, UsageError
from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level
from bulk_update.reading.source import Source

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY: Final = "cp1252"
_CANDIDATES: Final = ("cp1252", "mac_roman", "cp850", "cp1250", "cp1251", "cp1253")

_SAMPLES: Final = 3
"""So many cells are shown when the encoding is a question."""

_BETWEEN_CHARACTERS: Final = (b"", 0)
"""The state of a decoder that has no begun character."""

_END_MARK: Final = b"\x1a"
_CONTROLS: Final = bytes(c for c in (*range(32), 127) if c not in b"\t\n\r")
_C1_IN_UTF8: Final = re.compile(rb"\xc2(?:[\x80-\x9f]|\Z)")
_UTF8_SEQUENCE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HALF: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""Half a character, as some programs write those beyond the first 65,536: UTF-8 but for this."""

_UNDEFINED_IN_LEGACY: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_NOT_WESTERN: Final = re.compile(
    rb"[\xa1-\xff]{4,}"  # a word of accented letters and symbols alone: Cyrillic, Greek, Chinese
    rb"|[A-Za-z][\x82-\x8b\x95\x98\x9b\xa2-\xa9\xab-\xaf\xb1\xb5\xb6\xbb][A-Za-z]"
    rb"|[\x82-\x89\x8b\x95\x98\x9b][\x80-\xff]|[\x80-\xff][\x82-\x89\x8b\x95\x98\x9b]"
)
"""What cp1252 makes of other encodings. Symbols between letters are the letters of DOS and
Macintosh, symbols in a row those of Japanese."""

_CELL: Final = re.compile(rb"[^,;\t|\r\n\"]*[\x80-\xff][^,;\t|\r\n\"]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """How to decode a file: ``encoding`` and ``errors`` for ``open``, and what else is known.

    ``suspect`` says that some row may hold a control character or bytes that are no text;
    where it is false, no row needs a look. ``shielded`` says that some cell may be written as
    ``="00123"``, ``ends_marked`` that the file's only ``Ctrl-Z`` is at its end, where DOS programs
    put it.
    """

    encoding: str
    errors: str
    suspect: bool
    shielded: bool
    ends_marked: bool
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Survey:
    """What one pass over the bytes shows."""

    utf8: bool = True
    suspect: bool = False
    shielded: bool = False
    marks: int = 0
    last: bytes = b""


def find_encoding(source: Source, *, chosen: str | None) -> Text:
    """The encoding of ``source``; ``chosen`` is what the person named.

    Raises :class:`UsageError` for a name that is no encoding, :class:`SheetQuestion` where only
    ``--encoding`` can tell, :class:`SheetError` for a file that is no text at all.
    """
    survey, head = _survey(source), source.head()
    if chosen is not None:
        return _text(survey, _lookup(chosen, head), said=_("as --encoding says"))
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _text(survey, name, said=_("by its byte order mark"))
    _refuse_binary(source, head)
    if survey.utf8:
        return _text(survey, "utf-8", said=_("every byte agrees"))
    return _without_mark(source, survey)


def _survey(source: Source) -> _Survey:
    survey = _Survey()
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in source.hashed_chunks():
        survey.utf8 = survey.utf8 and _decodes(decoder, chunk)
        survey.suspect = survey.suspect or _is_suspect(chunk)
        survey.shielded = survey.shielded or _may_shield(chunk)
        if _END_MARK in chunk:  # ten times as fast as to count none
            survey.marks += chunk.count(_END_MARK)
        survey.last = chunk
    survey.utf8 = survey.utf8 and _decodes(decoder, b"", final=True)
    survey.last = survey.last[-8:]
    return survey


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    if chunk.isascii() and decoder.getstate() == _BETWEEN_CHARACTERS:
        return True
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _may_shield(chunk: bytes) -> bool:
    """Whether some cell of a chunk may be written as ``="00123"``; it may go on in the next."""
    return b"=" in chunk and (b'="' in chunk or chunk.endswith(b"="))


def _is_suspect(chunk: bytes) -> bool:
    if len(chunk.translate(None, _CONTROLS)) != len(chunk):
        return True
    return not chunk.isascii() and _C1_IN_UTF8.search(chunk) is not None


def _text(survey: _Survey, encoding: str, *, said: str, more: tuple[Finding, ...] = ()) -> Text:
    errors = _errors(encoding)
    wide = encoding.startswith(("utf-16", "utf-32"))
    return Text(
        encoding=encoding,
        errors=errors,
        suspect=survey.suspect or wide or (errors == "surrogateescape" and not survey.utf8),
        shielded=survey.shielded or wide,
        ends_marked=survey.marks == 1 and survey.last.rstrip(b"\0\r\n").endswith(_END_MARK),
        findings=(
            Finding(
                code="encoding",
                level=Level.INFO,
                message=_("read as {encoding} ({how})").format(encoding=encoding, how=said),
                value=encoding,
            ),
            *more,
        ),
    )


def _errors(encoding: str) -> str:
    """What becomes of bytes that don't fit: half characters, which make a finding for their row."""
    if encoding.startswith("utf-8"):
        return "surrogateescape"
    if encoding.startswith(("utf-16", "utf-32")):
        return "surrogatepass"
    return "strict"


def _lookup(name: str, head: bytes) -> str:
    try:
        found = codecs.lookup(name).name
        io.TextIOWrapper(io.BytesIO(), encoding=found)  # refuses what is no encoding of text
    except LookupError as error:
        raise UsageError(
            _("--encoding {name}: no such encoding").format(name=name),
            hint=_("For example: utf-8, cp1252, utf-16, mac_roman, cp850."),
        ) from error
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), found)
    return marked if found.startswith(marked.removesuffix("-sig")) else found


def _refuse_binary(source: Source, head: bytes) -> None:
    head = head.rstrip(b"\0")  # zeros alone at the end are room that nothing was written to
    nuls = head.count(0)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if nuls > len(head) // 4 and (controls - nuls) * 20 < len(head):
        raise SheetQuestion(
            _("{path}: every other byte is zero, and no byte order mark says why").format(
                path=source.shown
            ),
            hint=_("If it is a CSV file: --encoding {order}").format(order=_wide(head)),
            code="encoding",
        )
    if not head or controls > len(head) // 10:
        raise SheetError(
            _("{path}: not a spreadsheet, but a binary file").format(path=source.shown),
            hint=_("Give a CSV, XLSX, XLS or ODS file."),
            code="not_a_table",
        )


def _wide(head: bytes) -> str:
    """The encoding with two or four bytes for each character that ASCII text begins with."""
    if head[1:4] == b"\0\0\0":
        return "utf-32-le"
    if head[:3] == b"\0\0\0":
        return "utf-32-be"
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _without_mark(source: Source, survey: _Survey) -> Text:
    """Not UTF-8 throughout: a few broken places in it, or cp1252, or a question."""
    good, bad, halves = _balance(source)
    if good >= 2 * bad:
        mixed = _mixed(bad + halves)
        return _text(survey, "utf-8", said=_("but for the places that disagree"), more=(mixed,))
    if 2 * good > bad or _is_not_legacy(source):
        raise _question(source)
    return _text(survey, _LEGACY, said=_("it is not UTF-8"))


def _balance(source: Source) -> tuple[int, int, int]:
    """How many characters are made as UTF-8 makes those beyond ASCII, how many bytes can't be,
    and how many bytes of the former are halves of characters."""
    good = bad = halves = 0
    for chunk in _whole_lines(source):
        rest, found = _UTF8_SEQUENCE.subn(b"", chunk)
        good += found
        halves += sum(map(len, _HALF.findall(chunk)))
        bad += len(rest) - len(rest.translate(None, bytes(range(128, 256))))
    return good, bad, halves


def _whole_lines(source: Source) -> Iterator[bytes]:
    """The file's bytes, cut at line ends, so that no character is cut in two."""
    tail = b""
    for chunk in source.chunks():
        piece = tail + chunk
        cut = piece.rfind(b"\n") + 1 or len(piece)
        yield piece[:cut]
        tail = piece[cut:]
    yield tail


def _mixed(bad: int) -> Finding:
    return Finding(
        code="encoding_mixed",
        level=Level.WARNING,
        message=ngettext(
            "{count} byte is not UTF-8, though the rest of the file is; its row is refused",
            "{count} bytes are not UTF-8, though the rest of the file is; their rows are refused",
            bad,
        ).format(count=bad),
        hint=_("Two exports were joined, or a cell is damaged: see the rows named."),
    )


def _is_not_legacy(source: Source) -> bool:
    """Whether cp1252 can't decode the file, or would make nonsense of it."""
    odd = total = 0
    for chunk in _whole_lines(source):
        if _UNDEFINED_IN_LEGACY.search(chunk):
            return True
        cells = _CELL.findall(chunk)
        total += len(cells)
        odd += sum(_NOT_WESTERN.search(cell) is not None for cell in cells)
    return odd * 5 > total


def _question(source: Source) -> SheetQuestion:
    cells = _sample_cells(source)
    readings = [
        f"  {name}: {', '.join(repr(cell.decode(name, 'replace')) for cell in cells)}"
        for name in _CANDIDATES
    ]
    return SheetQuestion(
        _("{path}: the encoding can't be told: not UTF-8, and not surely cp1252").format(
            path=source.shown
        ),
        hint="\n".join(
            (_("Name the one that reads these cells right, with --encoding:"), *readings)
        ),
        code="encoding",
    )


def _sample_cells(source: Source) -> list[bytes]:
    cells: list[bytes] = []
    for chunk in _whole_lines(source):
        cells += [cell.strip()[:40] for cell in _CELL.findall(chunk)[:_SAMPLES]]
        if len(cells) >= _SAMPLES:
            break
    return cells[:_SAMPLES]
