"""What separates the cells of a text file: ``, ; tab |``, or nothing."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Final

from bulk_update.errors import UsageError
from bulk_update.language import _
from bulk_update.model import Finding, Level
from bulk_update.reading.cells import without_forbidden
from bulk_update.reading.own_files import REPORT_COLUMNS

DELIMITERS: Final = (",", ";", "\t", "|")

NO_DELIMITER: Final = "\x1f"
"""Given to the CSV reader for one-column files: a character that no text has."""

_NAMES: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_SHOWN: Final = {"\t": "tab"}

_SEP_LINE: Final = re.compile(r"\"?sep=(.)\"?\s*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)

_OUR_COLUMNS: Final = re.compile('"?([,;\t|])"?'.join(REPORT_COLUMNS[:2]))
"""Two columns that a report of ours has side by side, whatever its other cells hold."""

_SNIFFED: Final = 8_000
"""Characters given to the sniffer, which takes longer than in proportion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text file is cut into cells. ``delimiter`` is ``None`` for one column;
    ``sep_line`` says that the first line names it, as Excel writes and hides it."""

    delimiter: str | None
    sep_line: bool
    findings: tuple[Finding, ...]

    @property
    def separator(self) -> str:
        """What the CSV reader is told."""
        return self.delimiter or NO_DELIMITER


def find_dialect(sample: str, *, chosen: str | None) -> Dialect:
    """The dialect of a file that begins with ``sample``; ``chosen`` is what the person named.

    Raises :class:`UsageError` for a delimiter that can't be one.
    """
    sep_line = _SEP_LINE.match(sample)
    if chosen is not None:
        return _dialect(_parse(chosen), sep_line, _("as --delimiter says"))
    if sep_line:
        return _dialect(sep_line[1], sep_line, _("by the line sep= at its top"))
    if ours := _OUR_COLUMNS.search(sample):
        return _dialect(ours[1], None, _("as in every report of bulk-update"))
    return _dialect(_sniff(sample), None, _("found"))


def _parse(chosen: str) -> str:
    delimiter = _NAMES.get(chosen.lower(), chosen)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise UsageError(
            _("--delimiter {given}: it must be one character").format(given=chosen),
            hint=_("For example: ',', ';', '|' or tab."),
        )
    return delimiter


def _dialect(delimiter: str | None, sep_line: re.Match[str] | None, how: str) -> Dialect:
    shown = _("one column") if delimiter is None else _SHOWN.get(delimiter, delimiter)
    return Dialect(
        delimiter=delimiter,
        sep_line=sep_line is not None,
        findings=(
            Finding(
                code="delimiter",
                level=Level.INFO,
                message=_("cells are separated by: {delimiter} ({how})").format(
                    delimiter=shown, how=how
                )
                if delimiter is not None
                else _("read as one column: nothing separates cells"),
                value=shown,
            ),
        ),
    )


def _sniff(sample: str) -> str | None:
    """The delimiter that cuts every row alike, where there is one; the sniffer in doubt."""
    widths = {one: _widths(sample, one) for one in DELIMITERS if one in sample}
    alike = [one for one, found in widths.items() if len(set(found)) == 1 and found[0] > 1]
    if len(alike) == 1:
        return alike[0]
    found = _by_library(sample, list(widths)) if widths else None
    return found if found is not None and _cuts(widths[found]) else None


def _widths(sample: str, delimiter: str) -> list[int]:
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    return [len(cells) for cells in rows if cells]


def _cuts(widths: list[int]) -> bool:
    """Whether a delimiter cuts most rows; the commas in a column of names cut only some."""
    return sum(width > 1 for width in widths) * 2 > len(widths)


def _by_library(sample: str, delimiters: list[str]) -> str | None:
    from clevercsv import Sniffer
    from clevercsv.exceptions import Error as ClevercsvError

    text = without_forbidden(sample[:_SNIFFED])  # it can't bear NUL and half characters
    try:
        found = Sniffer().sniff(text, delimiters=delimiters)
    except ClevercsvError:
        return None
    return found.delimiter if found is not None and found.delimiter in delimiters else None
