"""Whether the assigned user is to be removed: yes or no, in five languages."""

from __future__ import annotations

from typing import Final

from bulk_update.language import _
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.says import Says
from bulk_update.validation.text import folded

_YES: Final = frozenset(
    (
        *("yes", "y", "true", "t", "1", "on", "x", "✓", "✔"),
        *("sì", "si", "s'", "s", "vero", "sí", "verdadero"),
        *("oui", "o", "vrai", "sim", "verdadeiro"),
    )
)
_NO: Final = frozenset(
    ("no", "n", "false", "f", "0", "off", "non", "falso", "faux", "não", "nao"),
)


class UnassignJudge:
    """True removes the assigned user, False asks for nothing."""

    def __init__(self, says: Says) -> None:
        self._says = says

    def __call__(self, text: str, _cell: str) -> Answer[bool]:
        """Whether the assigned user goes."""
        word = folded(text).removesuffix(".0")
        if word in _YES or word in _NO:
            return Answer(word in _YES)
        message = _("'{value}' is neither yes nor no").format(value=text)
        finding = self._says.error(
            Code.BAD_YES_NO,
            message,
            value=text,
            hint=_("write yes to remove the assigned user, no to leave it"),
        )
        return Answer(value=False, findings=(finding,), ok=False)
