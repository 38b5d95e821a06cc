"""The contact's WhatsApp business suite user id."""

from __future__ import annotations

import re

from bulk_update.language import _
from bulk_update.model import TargetKind
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer, Key
from bulk_update.validation.judges.key import KeyJudge, no_key


class BsuidJudge(KeyJudge):
    """Opaque, so only what can't be an id is refused: white space inside it."""

    surely = re.compile(r"[A-Z]{2}\.[0-9]{8,32}")

    def sure(self, cell: str) -> Key:
        """The cell is the key."""
        return _key(cell)

    def judge(self, text: str, _cell: str) -> Answer[Key]:
        """The id, as it stands."""
        if not any(character.isspace() for character in text):
            return Answer(_key(text))
        message = _("'{value}' is not a business suite user id").format(value=text)
        hint = _("an id has no white space, such as US.13491208655302741918")
        return no_key(self.says.error(Code.BAD_BSUID, message, value=text, hint=hint))


def _key(text: str) -> Key:
    """An id that looks like a key of another kind must not be taken for one."""
    identity = text if BsuidJudge.surely.fullmatch(text) else "bsuid " + text
    return Key(TargetKind.BSUID, text, identity, (text,))
