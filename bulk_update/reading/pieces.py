"""A text file by the piece: read at the speed of the CSV reader, as long as nothing is odd.

A reader that remembers the lines of the record at hand, so that a broken one can be mended, and
is asked after each record, takes half as long again as one that is left alone. So a piece of
text is given to a reader of its own, which is strict: it either reads the whole piece or says
that it can't, and then the records from there on are read one by one.

Most pieces have no quote in them at all. They are cut at line ends and separators, which is what
the CSV reader would do, in half its time.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import IO, Final, NamedTuple

from bulk_update.reading.chunks import CHUNK

_PIECE: Final = 1 << 16
"""Characters that are read at a time; larger ones are no faster."""

_MOST_LINES: Final = 1_000
"""A quoted cell with more lines than that is looked for by nobody: its file is read record by
record."""

_QUOTE: Final = '"'

_OTHER_ENDS: Final = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line to :meth:`str.splitlines`, and is a character like others in a table."""

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class RecordGroup(NamedTuple):
    """Some records, and the line of their piece that each ends on."""

    records: Sequence[list[str]]
    ends: Sequence[int]


def pieces(file: IO[str]) -> Iterator[str]:
    """The rest of a file in pieces that end where a line does, and, if the quotes in it are only
    those that they are meant to be, a record."""
    while text := file.read(_PIECE):
        yield _with_rest(text + file.readline(), file.readline)


def pieces_of(text: str) -> Iterator[str]:
    """The same of a text that is at hand."""
    begin = 0

    def line() -> str:
        nonlocal begin
        begun, begin = begin, text.find("\n", begin) + 1 or len(text)
        return text[begun:begin]

    while begin < len(text):
        begun, begin = begin, text.find("\n", begin + _PIECE) + 1 or len(text)
        yield _with_rest(text[begun:begin], line)


def _with_rest(text: str, line: Callable[[], str]) -> str:
    """``text`` with the lines after it that belong to a quoted cell begun in it; ``line`` gives
    the next of them."""
    if _QUOTE not in text:  # ten times as fast as to count none
        return text
    is_open, more = text.count(_QUOTE) % 2, [text]
    while is_open and len(more) <= _MOST_LINES and (after := line()):
        more.append(after)
        is_open ^= after.count(_QUOTE) % 2
    return "".join(more)


def record_groups(piece: str, separator: str) -> Iterator[RecordGroup]:
    """The records of a piece, by the hundred.

    Raises :class:`csv.Error` for a record that is broken, or that doesn't end in this piece:
    whatever was given before it is right.
    """
    if _is_plain(piece):
        return _plain_groups(piece, separator)
    return _read_groups(piece, separator)


def _is_plain(piece: str) -> bool:
    """Whether a piece can be cut at line ends and separators: no cell of it is quoted, or longer
    than cells may be, and the lines that Python sees in it are those of the file."""
    if _QUOTE in piece or len(piece) > csv.field_size_limit():
        return False
    return not any(end in piece for end in _OTHER_ENDS)


def _plain_groups(piece: str, separator: str) -> Iterator[RecordGroup]:
    lines = piece.splitlines()
    for begun in range(0, len(lines), CHUNK):
        records = [line.split(separator) if line else [] for line in lines[begun : begun + CHUNK]]
        yield RecordGroup(records, range(begun + 1, begun + len(records) + 1))


def _read_groups(piece: str, separator: str) -> Iterator[RecordGroup]:
    reader = csv.reader(io.StringIO(piece, newline=""), delimiter=separator, strict=True)
    begun = 0
    while records := list(islice(reader, CHUNK)):
        yield RecordGroup(records, _ends(records, begun, reader.line_num))
        begun = reader.line_num


def _ends(records: Sequence[list[str]], begun: int, ended: int) -> Sequence[int]:
    """The line that each record ends on; the reader is asked once for all of them, as nearly all
    records are one line each. The others have line ends inside of cells."""
    if ended - begun == len(records):
        return range(begun + 1, ended + 1)
    lines = (1 + sum(len(_LINE_END.findall(cell)) for cell in cells) for cells in records)
    return list(accumulate(lines, initial=begun))[1:]
