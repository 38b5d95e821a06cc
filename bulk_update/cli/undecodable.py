"""What reaches the program as bytes that are no text: in a flag, a name or a variable."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

from bulk_update.errors import UsageError
from bulk_update.language import _

_HALF: Final = re.compile("[\ud800-\udfff]")
"""How Python hands over a byte that is no text in the system's encoding."""

_OURS: Final = ("BULK_UPDATE_", "CALLBELL_TOKEN")  # spelled here: the configuration loads slowly


def refuse_undecodable(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Raises :class:`UsageError` for an argument or a variable of ours that is not text: it could
    neither be sent nor written down. The name of a file that exists may be of any bytes."""
    for argument in arguments:
        if _HALF.search(argument) and not os.path.lexists(argument):
            raise _not_text(_shown(argument))
    for name, value in environ.items():
        if name.startswith(_OURS) and _HALF.search(value):
            raise _not_text(name)  # never its value: it may be the token


def _shown(argument: str) -> str:
    r"""The argument with its undecodable bytes spelt out, as ``\xff``."""
    return os.fsencode(argument).decode("utf-8", "backslashreplace")


def _not_text(what: str) -> UsageError:
    return UsageError(
        _("{what}: not text, for it has bytes that are no UTF-8").format(what=what),
        hint=_("Type it again, in a terminal that is set to UTF-8; a file may be renamed."),
    )
