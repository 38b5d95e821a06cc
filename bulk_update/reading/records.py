"""The records of a text file, one by one: the broken ones as well as they can be read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from bulk_update.errors import SheetError
from bulk_update.language import _
from bulk_update.reading.dialect import Dialect


class Records:
    """A strict CSV reader of ``lines`` that remembers the lines of the record at hand.

    ``above`` is the number of lines above the first of them.
    """

    def __init__(self, lines: Iterable[str], dialect: Dialect, shown: str, *, above: int) -> None:
        self.lines: list[str] = []
        self.above = above
        self._separator = dialect.separator
        self._shown = shown
        self._reader = csv.reader(self._remembered(lines), delimiter=self._separator, strict=True)

    def __iter__(self) -> Iterator[tuple[list[str], bool]]:
        """Every record, and whether it had to be mended.

        Raises :class:`SheetError` for a quote that never closes.
        """
        while True:
            mended = False
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                cells, mended = self._mended(error), True
            if cells is None:
                return
            yield cells, mended
            self.lines.clear()

    @property
    def line(self) -> int:
        """The line of the file on which the record at hand begins."""
        return self._reader.line_num - len(self.lines) + 1 + self.above

    def at_open_end(self) -> bool:
        """Whether the record at hand is the file's last and has no line end."""
        return not self.lines[-1].endswith(("\n", "\r"))

    def _mended(self, error: csv.Error) -> list[str]:
        """The record at hand, read as spreadsheet programs do that don't mind where a quote
        closes."""
        if "expected after" not in str(error):
            raise self._unclosed() from error
        return next(csv.reader(self.lines, delimiter=self._separator))

    def _remembered(self, lines: Iterable[str]) -> Iterator[str]:
        remember = self.lines.append
        for line in lines:
            remember(line)
            yield line

    def _unclosed(self) -> SheetError:
        return SheetError(
            _(
                "{path}: a quote is opened and never closed, in the row that begins on line {line}"
            ).format(path=self._shown, line=self.line),
            hint=_("Close the quote, or write a quote inside a quoted cell twice."),
            code="unclosed_quote",
        )
