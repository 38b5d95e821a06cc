"""Text as a workbook's XML takes it: any text whatever, so that nothing of a sheet can raise.

Facts of the format (ECMA-376, 22.9.2.19 ``ST_Xstring``): a character that XML can't hold is
written ``_xHHHH_``, and an underscore that would begin such a thing by chance ``_x005F_``. A
sheet has 1,048,576 rows and 16,384 columns, its name 31 characters.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Final

MOST_ROWS: Final = 1_048_576

_ODD: Final = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x)")
_CHANCE_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL: Final = re.compile("[\r\x01-\x08\x0b\x0c\x0e-\x1f]")
_IMPOSSIBLE: Final = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_NOT_IN_A_TITLE: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TITLE: Final = 31


def xml_text(text: str) -> str:
    """``text`` for the content of an element; every program gives it back as it was, as far as
    it is :func:`~bulk_update.reading.row_id.holdable`."""
    if _ODD.search(text) is None:
        return text
    text = _CHANCE_ESCAPE.sub("_x005F_", _IMPOSSIBLE.sub("\ufffd", text))
    return _CONTROL.sub(lambda odd: f"_x{ord(odd[0]):04X}_", text).translate(_MARKUP)


def text_element(text: str) -> str:
    """A ``<t>`` with the text in it, whose outer white space stays."""
    kept = "" if text == text.strip() and "\n" not in text else ' xml:space="preserve"'
    return f"<t{kept}>{xml_text(text)}</t>"


def sheet_title(name: str, taken: Collection[str] = ()) -> str:
    """The name as a sheet may have it, and numbered where ``taken`` has it already."""
    plain = _NOT_IN_A_TITLE.sub(" ", name).strip().strip("'")[:_LONGEST_TITLE].strip() or "Sheet"
    used = {each.casefold() for each in taken}
    title, number = plain, 2
    while title.casefold() in used:
        suffix = f" ({number})"
        title, number = plain[: _LONGEST_TITLE - len(suffix)] + suffix, number + 1
    return title


@cache
def letters(column: int) -> str:
    """The letters of a column that counts from 0: ``A``, ``Z``, ``AA``."""
    text, number = "", column + 1
    while number:
        number, letter = divmod(number - 1, 26)
        text = chr(65 + letter) + text
    return text
