"""All that is wrong with one mapping, gathered and raised together."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Final

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.language import _, ngettext

_LONGEST: Final = 100
_LONGEST_FLAG: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps the sheet from being mapped.

    ``question`` says that a flag alone can answer it; ``key`` that the column it is about may
    well have been the key, so that the lack of one is no news.
    """

    code: str
    message: str
    hint: str = ""
    question: bool = False
    key: bool = False


@dataclass(slots=True)
class Problems:
    """A mapping's problems, in the order they were met."""

    found: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Takes a problem, once."""
        if problem not in self.found:
            self.found.append(problem)

    def raise_if_any(self) -> None:
        """Raises one :class:`SheetError` for all; a :class:`SheetQuestion` if all are questions."""
        if not self.found:
            return
        kind = SheetQuestion if all(problem.question for problem in self.found) else SheetError
        if len(self.found) == 1:
            only = self.found[0]
            raise kind(only.message, hint=only.hint, code=only.code)
        raise kind(self._text(), hint=_whole_hint(), code="mapping")

    def _text(self) -> str:
        count = len(self.found)
        head = ngettext(
            "{n} problem keeps the columns from being mapped:",
            "{n} problems keep the columns from being mapped:",
            count,
        ).format(n=count)
        return "\n".join((head, *(f"- {_line(problem)}" for problem in self.found)))


def _line(problem: Problem) -> str:
    return f"{problem.message} -> {problem.hint}" if problem.hint else problem.message


def _whole_hint() -> str:
    return _("give the flags above, or save a mapping once with 'bulk-update map FILE'")


def shown(header: str) -> str:
    """The header in quotes for a message of one line: new lines and the like are escaped, and
    what is over a hundred characters is cut with an ellipsis."""
    text = header if len(header) <= _LONGEST else header[:_LONGEST] + "…"
    return f"'{text}'" if text.isprintable() else repr(text)


def flag(name: str, text: str) -> str:
    """A flag with its value as one types it in a shell: ``-m 'Column=target'``.

    A new line in a header is written as a space, which finds the column just as well.
    """
    typed = text if text.isprintable() else " ".join(text.split())
    quoted = shlex.quote(typed if len(typed) <= _LONGEST_FLAG else typed[:_LONGEST_FLAG] + "…")
    whole = quoted if quoted.startswith("'") else f"'{quoted}'"
    return f"{name} {whole if whole.isprintable() else repr(whole)}"


def listed(names: list[str], *, most: int = 12) -> str:
    """Headers in quotes with commas; what is over ``most`` is counted."""
    more = len(names) - most
    text = ", ".join(shown(name) for name in names[:most])
    if more <= 0:
        return text
    return ngettext("{names} and {n} more", "{names} and {n} more", more).format(names=text, n=more)
