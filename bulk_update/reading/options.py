"""What a person may say about how a file is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bulk_update.errors import UsageError
from bulk_update.language import _

HIDDEN_ANSWERS: Final = ("skip", "include")
"""What may be said of rows that are hidden or left out by a filter."""

STREAM_FORMATS: Final = ("csv", "xlsx")
"""The formats that can be named for standard input; the content must agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a file is to be read; what is ``None`` is found out, and said.

    ``sheet`` is a name, or the number of a visible sheet counted from 1. ``header_row`` and
    both ends of ``rows`` are numbers as a spreadsheet program shows them. ``limit`` is the most
    rows that are handed on. ``hidden`` is ``skip`` or ``include``. ``format`` is ``csv`` or
    ``xlsx``. Raises :class:`UsageError` for values that can't mean anything.
    """

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    hidden: str | None = None
    rows: tuple[int, int] | None = None
    limit: int | None = None
    format: str | None = None

    def __post_init__(self) -> None:
        _one_of("--hidden", self.hidden, HIDDEN_ANSWERS)
        _one_of("--format", self.format, STREAM_FORMATS)
        if self.header_row is not None and self.header_row < 1:
            raise UsageError(
                _("--header-row {row}: rows are counted from 1").format(row=self.header_row)
            )
        if self.limit is not None and self.limit < 0:
            raise UsageError(_("--limit {limit}: it can't be negative").format(limit=self.limit))
        if self.rows is not None and not 1 <= self.rows[0] <= self.rows[1]:
            raise UsageError(
                _(
                    "--rows {first}-{last}: the first row must be 1 or more, and not after the last"
                ).format(first=self.rows[0], last=self.rows[1])
            )


def _one_of(flag: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise UsageError(
            _("{flag} {value}: not one of {allowed}").format(
                flag=flag, value=value, allowed=", ".join(allowed)
            )
        )
