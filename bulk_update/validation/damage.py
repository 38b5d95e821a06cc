"""What spreadsheet programs do to cells that can't be undone."""

from __future__ import annotations

import re
from typing import Final

from bulk_update.language import _
from bulk_update.model import Finding, FormulaCell
from bulk_update.reading.cells import CERTAIN_DIGITS, has_lost_digits
from bulk_update.validation.codes import Code
from bulk_update.validation.says import Says

_ERRORS: Final = frozenset(
    # English, and what Excel and LibreOffice write instead in Italian, Spanish, French, Portuguese
    (
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"),
        *("#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#GETTING_DATA"),
        *("#N/D", "#ND", "#RIF!", "#VALORE!", "#NOME?", "#NULLO!"),
        *("#¡REF!", "#¡VALOR!", "#¡DIV/0!", "#¿NOMBRE?", "#¡NULO!", "#¡NUM!"),
        *("#VALEUR!", "#NOM?", "#NUL!", "#NOMBRE!", "#VALOR!", "#NULO!", "#NÚM!"),
    )
)
_CALC_ERROR: Final = re.compile(r"Err:\d{3}")
_EXPONENT: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?[Ee]\+\d{2,3}")
POINT_ZERO: Final = re.compile(r"([+-]?[0-9]+)[.,]0")
"""A whole number to which a program added a decimal; ``1.000`` may be a thousand."""


def beyond_repair(says: Says, text: str, cell: str) -> Finding | None:
    """The finding for a cell whose value is lost, or None: error values, formulas without a
    value, numbers in exponent form, number cells of too many digits."""
    if isinstance(cell, FormulaCell):
        return says.error(
            Code.FORMULA_WITHOUT_VALUE,
            _("'{value}' is a formula that was saved without its value").format(value=text),
            value=cell,
            hint=_("open the workbook, let it calculate, and save it again"),
        )
    if (text[:1] == "#" and text.upper() in _ERRORS) or _CALC_ERROR.fullmatch(text):
        return says.error(
            Code.ERROR_CELL,
            _("'{value}' is an error of the spreadsheet program, not a value").format(value=text),
            value=cell,
            hint=_("repair the formula, or empty the cell"),
        )
    return _exponent(says, text, cell) if _EXPONENT.fullmatch(text) else _cut(says, text, cell)


def _exponent(says: Says, text: str, cell: str) -> Finding:
    return says.error(
        Code.EXPONENT_CELL,
        _("'{value}' is a number that a spreadsheet program cut short: its digits are gone").format(
            value=text
        ),
        value=cell,
        hint=_("take the value from its source again, into a column formatted as text"),
    )


def _cut(says: Says, text: str, cell: str) -> Finding | None:
    """The finding for a number cell with more digits than a workbook can keep."""
    if not has_lost_digits(cell):
        return None
    return says.error(
        Code.DIGITS_LOST,
        _(
            "'{value}' was a number cell of over {most} digits: the last ones are not the true ones"
        ).format(value=text, most=CERTAIN_DIGITS),
        value=cell,
        hint=_("take the value from its source again, into a column formatted as text"),
    )


def without_point_zero(says: Says, text: str) -> tuple[str, tuple[Finding, ...]]:
    """``text`` without the ``.0`` that a spreadsheet program appends to whole numbers, and the
    finding that counts it."""
    match = POINT_ZERO.fullmatch(text)
    if match is None:
        return text, ()
    message = _("the '.0' of a whole number was taken away: {value}")
    whole = match[1]
    return whole, (says.info(Code.POINT_ZERO, message.format(value=whole), value=text),)
