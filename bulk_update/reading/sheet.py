"""What every sheet is to the steps that follow, whatever file it lies in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from types import TracebackType
from typing import Final, Self

from bulk_update.language import _, ngettext
from bulk_update.model import Finding, Level, SourceRow
from bulk_update.reading.chunks import Chunk, MixedChunk, grouped
from bulk_update.reading.header import Header
from bulk_update.reading.options import ReadOptions
from bulk_update.reading.parts import NotApartError, Part, Place
from bulk_update.reading.source import Source

EXAMPLE: Final = "<example>"
"""A cell that makes its row the example of a template: no contact of anybody's."""

_EXAMPLES_WITHIN: Final = 1_000
"""An example stands at the top; all rows of a large sheet need not be looked through for one."""


class Sheet(ABC):
    """A table of text cells below a header; a context manager.

    ``path`` is the file as the person named it, ``format`` ``csv``, ``xlsx``, ``xls`` or
    ``ods``. ``sheet_name`` is for workbooks, ``encoding`` and ``delimiter`` for text files
    (``None``: one column). ``header_row`` is the number a spreadsheet program shows, ``header``
    its cells as they stand, without blank ones at the end; names may repeat. ``sha256`` is the
    hash of the file's bytes. ``date_1904`` says from which day a workbook counts its dates.
    ``answers`` are what somebody wrote into a workbook of ours, in its sheet of values: by column
    and value, what is to be read for it everywhere in that column.
    """

    def __init__(self, path: str, kind: str, source: Source, options: ReadOptions) -> None:
        self.path = path
        self.format = kind
        self.sheet_name: str | None = None
        self.encoding: str | None = None
        self.delimiter: str | None = None
        self.header_row = 1
        self.header: tuple[str, ...] = ()
        self.sha256 = ""
        self.date_1904 = False
        self.answers: Mapping[str, Mapping[str, str]] = {}
        self._source = source
        self._options = options
        self._found: list[Finding] = []
        self._repaired: tuple[Finding, ...] = ()
        self._examples: tuple[int, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is said of the whole sheet: what was taken, passed over and repaired. What only
        the rows show is added when a pass over them has ended."""
        examples = (_examples_left_out(self._examples),) if self._examples else ()
        return (*self._found, *self._repaired, *examples)

    def rows(self) -> Iterator[SourceRow]:
        """The rows below the header that have a filled cell, from the start, in their order; the
        example of a template is left out, and said.

        Every call reads the file again. Raises :class:`SheetError` for a quote that never
        closes, and when the file is no longer the one that was opened.
        """
        chunks = self._without_examples(self._chunks())
        rows: Iterator[SourceRow] = chain.from_iterable(chunk.sources() for chunk in chunks)
        if self._options.rows is not None:
            rows = _between(rows, *self._options.rows)
        if self._options.limit is not None:
            rows = islice(rows, self._options.limit)
        return rows

    def chunks(self) -> Iterator[Chunk]:
        """The same rows by the hundred, for who has many of them."""
        if self._options.rows is not None or self._options.limit is not None:
            return grouped(self.rows())
        return self._without_examples(self._chunks())

    def parts(self) -> list[Part]:
        """Where the sheet can be cut into parts, which are read beside each other by
        :meth:`chunks_of`; none for one that is read in one go."""
        return []

    def chunks_of(self, part: Part, at: Place) -> Iterator[Chunk]:
        """The rows of a part, strictly read and counted from ``at``, which is then where the next
        part begins. Raises :class:`NotApartError` for what can only be read in one go."""
        raise NotApartError(part, at)

    def check_unchanged(self) -> None:
        """Raises :class:`SheetError` when the file is no longer the one that was opened."""
        self._source.check_unchanged()

    def _has_examples(self) -> bool:
        rows = chain.from_iterable(chunk.sources() for chunk in self._chunks())
        return any(EXAMPLE in row.cells for row in islice(rows, _EXAMPLES_WITHIN))

    def _without_examples(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        found: list[int] = []
        seen = 0
        for chunk in chunks:
            left = chunk.sources()[: _EXAMPLES_WITHIN - seen] if seen < _EXAMPLES_WITHIN else ()
            examples = [row.row for row in left if EXAMPLE in row.cells]
            seen += len(chunk)
            if not examples:
                yield chunk
                continue
            found += examples
            self._examples = tuple(found)
            if others := [row for row in chunk.sources() if row.row not in examples]:
                yield MixedChunk(others)

    def content(self) -> bytes:
        """The file's bytes, all of them: what a journal keeps so that it never needs the file.
        Raises :class:`SheetError` when it is no longer the file that was opened."""
        self._source.check_unchanged()
        return b"".join(self._source.chunks())

    def close(self) -> None:
        """Lets go of the file, and of the copy of a stream."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take_header(self, header: Header) -> None:
        self.header_row, self.header = header
        if self._options.header_row is None and header.row > 1:
            self._found.append(_header_found(header.row))

    def _say_unused(self, *names: str) -> None:
        """Says which options were given that mean nothing for this kind of file."""
        for name in names:
            if getattr(self._options, name) is not None:
                self._found.append(_option_unused(name, self.format))

    @abstractmethod
    def _chunks(self) -> Iterator[Chunk]:
        """All rows below the header that have a filled cell."""


def _header_found(row: int) -> Finding:
    return Finding(
        code="header_row",
        level=Level.INFO,
        message=_("the column names were found in row {row}; what is above it is left out").format(
            row=row
        ),
        hint=_("If they are in another row, name it with --header-row."),
        value=str(row),
    )


def _examples_left_out(rows: tuple[int, ...]) -> Finding:
    return Finding(
        code="example_row",
        level=Level.INFO,
        message=ngettext(
            "{n} row is the example of a template ({example}), and left out",
            "{n} rows are examples of a template ({example}), and left out",
            len(rows),
        ).format(n=len(rows), example=EXAMPLE),
        hint=_("To use it, write a uuid or a phone in the place of {example}.").format(
            example=EXAMPLE
        ),
        value=EXAMPLE,
    )


def _option_unused(name: str, kind: str) -> Finding:
    return Finding(
        code="option_unused",
        level=Level.WARNING,
        message=_("--{name} means nothing for a {kind} file").format(name=name, kind=kind),
        value=name,
    )


def _between(rows: Iterator[SourceRow], first: int, last: int) -> Iterator[SourceRow]:
    for row in rows:
        if row.row > last:
            return
        if row.row >= first:
            yield row
