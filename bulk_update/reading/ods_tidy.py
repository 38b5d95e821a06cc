"""ODS workbooks whose XML is indented, as some programs and scripts write them.

The format allows white space between its elements, and calamine does not: it takes such a workbook
for a damaged one. So the white space that can mean nothing is taken away, in memory.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from bulk_update.reading.source import Source

_CONTENT: Final = "content.xml"
_BEFORE: Final = re.compile(rb">\s+(?=</?(?:office|table|style|number|config|form):)")
_AFTER: Final = re.compile(rb"((?:<(?:office|table):[^<>]*|</text:p)>)\s+(?=<)")


def tidied_ods(source: Source) -> io.BytesIO | None:
    """The workbook without white space between the elements of its tables; None for what is no
    ODS. Its size was looked at before: nothing grows here. Text inside a cell stays as it is."""
    try:
        with zipfile.ZipFile(source.path) as book:
            names = set(book.namelist())
            if "mimetype" not in names or _CONTENT not in names:
                return None
            content = _AFTER.sub(rb"\1", _BEFORE.sub(b">", book.read(_CONTENT)))
            return _packed(book, content)
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return None


def _packed(book: zipfile.ZipFile, content: bytes) -> io.BytesIO:
    tidied = io.BytesIO()
    with zipfile.ZipFile(tidied, "w") as archive:
        for name in book.namelist():
            if name in ("mimetype", "META-INF/manifest.xml"):
                archive.writestr(name, book.read(name))
        archive.writestr(_CONTENT, content)
    tidied.seek(0)
    return tidied
