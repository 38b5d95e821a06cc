"""One cell: what every column does before and after its own judge is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bulk_update.language import _
from bulk_update.model import Finding, Level
from bulk_update.validation.codes import Code
from bulk_update.validation.damage import beyond_repair
from bulk_update.validation.garbled import garbled
from bulk_update.validation.judged import NOTHING, Judged, blocking
from bulk_update.validation.lists import names_nothing
from bulk_update.validation.meanings import Meaning
from bulk_update.validation.says import Says
from bulk_update.validation.text import OUTER, trimmed


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOptions:
    """How the cells of a column are to be read, whatever they mean.

    ``clear`` is what a cell says to empty a field; ``blank_clears`` that a blank cell does so
    too; ``values`` says what to read for a cell; ``trim`` that outer white space goes.
    """

    clear: str
    blank_clears: bool = False
    trim: bool = True
    values: Mapping[str, str] = field(default_factory=dict)

    def says_clear(self, text: str) -> bool:
        """Whether a trimmed cell says to empty the field. What stands in ``<>`` is no word of a
        language, and means it in any case: a program may have made it ``<Clear>``."""
        if self.clear.startswith("<"):
            return text.casefold() == self.clear.casefold()
        return text == self.clear


class CellJudge:
    """Judges the cells of one column by their ``meaning``.

    ``light`` cells give no part of the row, only findings: enough where nothing is planned.
    ``surely`` matches cells that are fine beyond doubt, and sent exactly as they stand; None
    where a column has no such cells.
    """

    def __init__(
        self, says: Says, meaning: Meaning, options: CellOptions, *, light: bool = False
    ) -> None:
        self._says = says
        self._meaning = meaning
        self._options = options
        self.light = light
        self.surely = None if options.values else _surely(meaning, options.clear)
        self._trimmed = _white_space_gone(says)

    def __call__(self, cell: str) -> Judged:
        """What becomes of ``cell``, which stands as it is in the sheet."""
        if self.is_sure(cell):
            return NOTHING if self.light else Judged(self._meaning.sure(cell))
        judged = self._judge(cell)
        return _lightened(judged) if self.light else judged

    def is_sure(self, cell: str) -> bool:
        """Whether ``cell`` is fine beyond doubt."""
        surely = self.surely
        return surely is not None and type(cell) is str and surely.fullmatch(cell) is not None

    def read(self, cell: str) -> tuple[str, str]:
        """The text that ``cell`` means, trimmed and composed, and the cell it counts as: a
        value map may put another in its place."""
        text = trimmed(cell)
        if self._options.values:
            mapped = self._options.values.get(cell, self._options.values.get(text))
            if mapped is not None:
                return trimmed(mapped), mapped
        return text, cell

    def _judge(self, cell: str) -> Judged:
        text, cell = self.read(cell)
        if not text or (self._meaning.lists and names_nothing(text)):
            return self._cleared(cell) if self._options.blank_clears else NOTHING
        if self._options.says_clear(text):
            return self._cleared(cell)
        damaged = beyond_repair(self._says, text, cell)
        judged = Judged(None, (damaged,)) if damaged else self._asked(text, cell)
        former = self._meaning.target.was and self._meaning.free_text and type(cell) is str
        return self._as_found(cell, judged) if former else judged

    def _asked(self, text: str, cell: str) -> Judged:
        keeps_space = self._meaning.free_text and not self._options.trim
        value, findings, ok = self._meaning.judge(str(cell) if keeps_space else text, cell)
        if self._meaning.free_text:
            trimmed_away = text != cell and not keeps_space
            odd = () if self._meaning.target.was else garbled(self._says, cell)
            findings = (*findings, *([self._trimmed] if trimmed_away else ()), *odd)
            ok = ok and not blocking(odd)
        return Judged(value if ok else None, findings)

    def _as_found(self, cell: str, judged: Judged) -> Judged:
        """What a contact had may be anything, ``#N/A`` too: that is what gets repaired. Only
        where the contact has something else is it of interest what happened to the cell."""
        if not blocking(judged.findings):
            return judged
        said = (replace(each, level=Level.WARNING, hint="") for each in judged.findings)
        return Judged(self._meaning.sure(cell), tuple(said))

    def _cleared(self, cell: str) -> Judged:
        if self._meaning.clearable:
            return Judged(self._meaning.cleared())
        message = _("{target} can't be cleared").format(target=self._meaning.target)
        hint = _("leave the cell blank to leave the contact as it is")
        finding = self._says.error(Code.CANNOT_CLEAR, message, value=cell, hint=hint)
        return Judged(None, (finding,))


def _lightened(judged: Judged) -> Judged:
    return Judged(None, judged.findings) if judged.findings else NOTHING


def _surely(meaning: Meaning, clear: str) -> re.Pattern[str] | None:
    pattern = meaning.surely
    return None if pattern is None or pattern.fullmatch(clear) else pattern


def _white_space_gone(says: Says) -> Finding:
    message = _("white space around the value was taken away, or its accents were composed")
    return says.info(Code.TRIMMED, message, value=None)


def is_blank(cell: str) -> bool:
    """Whether there is nothing in a cell but white space."""
    return not cell or not cell.strip(OUTER)
