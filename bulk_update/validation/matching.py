"""Judging a name against the account's names."""

from __future__ import annotations

from collections.abc import Callable

from bulk_update.language import _
from bulk_update.model import Finding, Level
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.names import Names
from bulk_update.validation.says import Says

Unknown = Callable[[str, str | None], Finding | None]
"""What is said of a name that isn't there: the name and the one most like it, if any."""


class Matcher:
    """Gives the account's own spelling of a name; what isn't there is for ``unknown`` to judge
    (None: it is taken as it stands)."""

    def __init__(self, says: Says, names: Names, unknown: Unknown) -> None:
        self.says = says
        self.names = names
        self._unknown = unknown

    def match(self, name: str, cell: str = "") -> Answer[str]:
        """Judges ``name``; ``cell`` is the same before it was trimmed, where it is a whole cell."""
        found = self.names.find(name, cell)
        if found.name is None:
            return self._unmatched(name, found.others)
        if found.exact and cell in ("", found.name):
            return Answer(found.name)
        written = cell or name  # with the white space that was round it
        finding = self.says.fixed(Code.RESPELLED, value=written, proposal=found.name)
        return Answer(found.name, (finding,), ok=finding.level is not Level.ERROR)

    def _unmatched(self, name: str, others: tuple[str, ...]) -> Answer[str]:
        finding = self._several(name, others) if others else self._asked(name)
        if finding is None:
            return Answer(name)
        return Answer(name, (finding,), ok=finding.level is not Level.ERROR)

    def _asked(self, name: str) -> Finding | None:
        return self._unknown(name, self.names.near(name))

    def _several(self, name: str, others: tuple[str, ...]) -> Finding:
        return self.says.error(
            Code.AMBIGUOUS_NAME,
            _("'{value}' may mean {names}").format(
                value=name, names=", ".join(f"'{other}'" for other in others)
            ),
            value=name,
            hint=_("write the one that is meant, letter by letter"),
            proposal=others[0],
        )


def take_as_it_stands(name: str, near: str | None) -> None:
    """For what a contact must still have: a name that isn't there is simply not there."""
    del name, near
