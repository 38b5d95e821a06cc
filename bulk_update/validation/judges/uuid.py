"""The contact's uuid: 32 hexadecimal digits."""

from __future__ import annotations

import re
from typing import Final

from bulk_update.language import _
from bulk_update.model import TargetKind
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer, Key
from bulk_update.validation.judges.key import KeyJudge, no_key
from bulk_update.validation.says import did_you_mean

SURELY_UUID: Final = re.compile(r"[0-9a-f]{32}")
_DASHED: Final = re.compile(
    r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")


def canonical_uuid(text: str) -> str | None:
    """``text`` as the account spells uuids (small, without dashes), or None if it is none."""
    match = _DASHED.fullmatch(text)
    return "".join(match.groups()).lower() if match else None


class UuidJudge(KeyJudge):
    """Dashes, braces and capitals are nothing."""

    surely = SURELY_UUID

    def sure(self, cell: str) -> Key:
        """The cell is the key."""
        return Key(TargetKind.UUID, cell, cell, (cell,))

    def judge(self, text: str, _cell: str) -> Answer[Key]:
        """A uuid, small and without dashes."""
        uuid = canonical_uuid(text)
        if uuid is not None:
            return Answer(Key(TargetKind.UUID, text, uuid, (uuid,)))
        inside = _INSIDE.search(text)
        proposal = inside[0].lower() if inside else ""
        message = _("'{value}' is not the uuid of a contact").format(value=text)
        hint = did_you_mean(proposal) or _("a uuid has 32 digits and letters from a to f")
        return no_key(
            self.says.error(Code.BAD_UUID, message, value=text, hint=hint, proposal=proposal)
        )
