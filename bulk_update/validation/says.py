"""The one place where findings about cells are made."""

from __future__ import annotations

from dataclasses import dataclass

from bulk_update.language import _
from bulk_update.model import Finding, Level
from bulk_update.validation.codes import Code
from bulk_update.validation.options import ValidationOptions


@dataclass(frozen=True, slots=True)
class Says:
    """Makes the findings of one column; ``column`` is its header as the sheet spells it."""

    column: str
    options: ValidationOptions

    def error(
        self, code: Code, message: str, *, value: str | None, hint: str = "", proposal: str = ""
    ) -> Finding:
        """A finding that keeps its row from being sent."""
        return self._finding(Level.ERROR, code, message, value, hint, proposal)

    def warning(
        self, code: Code, message: str, *, value: str | None, hint: str = "", proposal: str = ""
    ) -> Finding:
        """A finding that somebody should look at; the row is sent."""
        return self._finding(Level.WARNING, code, message, value, hint, proposal)

    def info(self, code: Code, message: str, *, value: str | None) -> Finding:
        """Something that was done for the user, and is counted."""
        return self._finding(Level.INFO, code, message, value, "", "")

    def fixed(self, code: Code, *, value: str, proposal: str) -> Finding:
        """``value`` was read as ``proposal``, which is certain; an error where nothing may be
        fixed without asking."""
        if self.options.fix:
            done = _("'{value}' is read as '{proposal}'")
            return self.info(code, done.format(value=value, proposal=proposal), value=value)
        asked = _("'{value}' should be '{proposal}'")
        return self.error(
            code,
            asked.format(value=value, proposal=proposal),
            value=value,
            hint=_("write it so, or let it be fixed with --fix safe"),
            proposal=proposal,
        )

    def _finding(
        self, level: Level, code: Code, message: str, value: str | None, hint: str, proposal: str
    ) -> Finding:
        return Finding(
            code=code.value,
            level=level,
            message=message,
            hint=hint,
            column=self.column,
            value=value,
            proposal=proposal or None,
        )


def did_you_mean(proposal: str | None) -> str:
    """The hint that offers ``proposal``; empty where there is none."""
    return _("did you mean '{proposal}'?").format(proposal=proposal) if proposal else ""


def hints_together(*hints: str) -> str:
    """Several hints as one; a question keeps its own end, the others go on behind a semicolon."""
    return "; ".join(filter(None, hints)).replace("?; ", "? ")
