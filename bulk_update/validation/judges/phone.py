"""The contact's phone."""

from __future__ import annotations

import re

from bulk_update.language import _
from bulk_update.model import TargetKind
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer, Key
from bulk_update.validation.judges.key import KeyJudge, no_key
from bulk_update.validation.phones import read_phone
from bulk_update.validation.says import Says


class PhoneJudge(KeyJudge):
    """One number; ``region`` is the country of numbers without one."""

    surely = re.compile(r"\+[1-9][0-9]{5,14}")

    def __init__(self, says: Says, region: str | None) -> None:
        super().__init__(says)
        self._region = region

    def sure(self, cell: str) -> Key:
        """The cell is the key."""
        digits = cell[1:]
        return Key(TargetKind.PHONE, cell, "+" + digits, (digits,))

    def judge(self, text: str, _cell: str) -> Answer[Key]:
        """The digits that the cell may mean."""
        readings = read_phone(text, self._region)
        if readings:
            # Where a sheet has a region, its numbers without a country are those of the region.
            return Answer(Key(TargetKind.PHONE, text, "+" + readings[-1], readings))
        message = _("'{value}' is not one phone number").format(value=text)
        hint = _("write one number in the cell, such as +39 333 1234567")
        return no_key(self.says.error(Code.BAD_PHONE, message, value=text, hint=hint))
