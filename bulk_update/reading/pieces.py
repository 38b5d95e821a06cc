"""A text file by the piece: read at the speed of the CSV reader, as long as nothing is odd.

A reader that remembers the lines of the record at hand, so that a broken one can be mended, and
is asked after each record, takes half as long again as one that is left alone. So a piece of
text is given to a reader of its own, which is strict: it either reads the whole piece or says
that it can't, and then the records from there on are read one by one.

Most lines have no quote in them at all. They are cut at line ends and separators, which is what
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

_SPARSE: Final = 256
"""Characters, one quote in which is few: with more it takes less to have all read."""

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
    if not _can_be_cut(piece):
        return _grouped(_by_reader(piece, separator, 0))
    return _grouped(_by_cutting(piece, separator))


def _can_be_cut(piece: str) -> bool:
    """Whether the records of a piece are to be cut at line ends and separators where no quote is:
    the lines that Python sees in it are those of the file, no cell may be longer than cells are,
    and quotes are few."""
    if len(piece) > csv.field_size_limit() or any(end in piece for end in _OTHER_ENDS):
        return False
    return _QUOTE not in piece or piece.count(_QUOTE) * _SPARSE <= len(piece)


def _grouped(runs: Iterator[RecordGroup]) -> Iterator[RecordGroup]:
    """The records of all runs, as many at a time as make a chunk."""
    records: list[list[str]] = []
    ends: list[int] = []
    for run in runs:
        if not records and len(run.records) == CHUNK:
            yield run
            continue
        records += run.records
        ends += run.ends
        while len(records) >= CHUNK:
            yield RecordGroup(records[:CHUNK], ends[:CHUNK])
            del records[:CHUNK], ends[:CHUNK]
    if records:
        yield RecordGroup(records, ends)


def _by_cutting(piece: str, separator: str) -> Iterator[RecordGroup]:
    """The records between quotes by the run, those with quotes in them as the reader reads them."""
    begin = line = 0
    while begin < len(piece):
        quote = piece.find(_QUOTE, begin)
        start = len(piece) if quote < 0 else piece.rfind("\n", begin, quote) + 1 or begin
        for run in _cut(piece[begin:start], separator, line):
            yield run
            line = run.ends[-1]
        begin = _end_of_quotes(piece, start)
        try:
            runs = list(_by_reader(piece[start:begin], separator, line))
        except csv.Error:  # the quotes may be none that it was cut by
            yield from _by_reader(piece[start:], separator, line)
            return
        yield from runs
        line = runs[-1].ends[-1] if runs else line


def _cut(run: str, separator: str, above: int) -> Iterator[RecordGroup]:
    """The records of a run of lines without quotes; ``above`` are the lines above it."""
    lines = run.splitlines()
    for begun in range(0, len(lines), CHUNK):
        records = [line.split(separator) if line else [] for line in lines[begun : begun + CHUNK]]
        first = above + begun + 1
        yield RecordGroup(records, range(first, first + len(records)))


def _end_of_quotes(piece: str, start: int) -> int:
    """Where the lines end that begin at ``start`` and belong together by their quotes."""
    end, quotes = start, 0
    while end < len(piece) and (end == start or quotes % 2):
        begun, end = end, piece.find("\n", end) + 1 or len(piece)
        quotes += piece.count(_QUOTE, begun, end)
    return end


def _by_reader(piece: str, separator: str, above: int) -> Iterator[RecordGroup]:
    """All records of a piece as the CSV reader reads them; ``above`` are the lines above it."""
    reader = csv.reader(io.StringIO(piece, newline=""), delimiter=separator, strict=True)
    begun = 0
    while records := list(islice(reader, CHUNK)):
        ends = _ends(records, begun, reader.line_num)
        yield RecordGroup(records, [above + end for end in ends])
        begun = reader.line_num


def _ends(records: Sequence[list[str]], begun: int, ended: int) -> Sequence[int]:
    """The line that each record ends on; the reader is asked once for all of them, as nearly all
    records are one line each. The others have line ends inside of cells."""
    if ended - begun == len(records):
        return range(begun + 1, ended + 1)
    lines = (1 + sum(len(_LINE_END.findall(cell)) for cell in cells) for cells in records)
    return list(accumulate(lines, initial=begun))[1:]
