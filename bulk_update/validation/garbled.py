"""Text that went through a wrong encoding on its way: what it was, or that it is lost.

UTF-8 that was read as cp1252 shows two or three odd characters for each letter (``MuÃ±oz`` for
``Muñoz``). Turned back it is UTF-8 again, which no text that was meant so is, but by a rare chance.
A replacement character stands where a program met bytes that it could not read.
"""

from __future__ import annotations

import re
from typing import Final

from bulk_update.language import _
from bulk_update.model import Finding
from bulk_update.validation.codes import Code
from bulk_update.validation.says import Says
from bulk_update.validation.text import shown, trimmed

_LOST: Final = "\ufffd"
_LIKELY: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u2122]")
"""What the first two bytes of a letter look like as characters of cp1252."""


def garbled(says: Says, cell: str) -> tuple[Finding, ...]:
    """What is said of a cell whose letters are not those that were typed; nothing of others."""
    if cell.isascii():
        return ()
    if _LOST in cell:
        message = _("'{value}' has lost letters: a program met bytes that it couldn't read")
        return (_finding(says, cell, message.format(value=shown(cell)), None),)
    meant = _turned_back(cell) if _LIKELY.search(cell) else None
    if meant is None:
        return ()
    message = _("'{value}' looks like '{meant}' that was read in a wrong encoding")
    return (_finding(says, cell, message.format(value=shown(cell), meant=shown(meant)), meant),)


def _turned_back(cell: str) -> str | None:
    try:
        return trimmed(cell.encode("cp1252").decode("utf-8"))
    except UnicodeError:
        return None


def _finding(says: Says, cell: str, message: str, meant: str | None) -> Finding:
    says_so = says.error if says.options.strict else says.warning
    return says_so(
        Code.GARBLED_TEXT,
        message,
        value=cell,
        hint=_("export the sheet again as UTF-8, or type these cells again"),
        proposal=meant or "",
    )
