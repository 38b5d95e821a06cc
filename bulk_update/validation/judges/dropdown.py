"""Custom fields of type dropdown: one of the options, exactly as the account spells it."""

from __future__ import annotations

from bulk_update.language import _
from bulk_update.model import Finding, Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge
from bulk_update.validation.matching import Matcher, Unknown, take_as_it_stands
from bulk_update.validation.names import Names
from bulk_update.validation.says import Says, did_you_mean
from bulk_update.validation.text import shown


def unknown_option(says: Says, names: Names, field: str) -> Unknown:
    """Says of a value that it is no option of ``field``: an error, as options come whole."""

    def say(name: str, near: str | None) -> Finding:
        listed = shown(", ".join(names.all), 300)
        return says.error(
            Code.UNKNOWN_OPTION,
            _("'{value}' is not an option of {field}").format(value=name, field=field),
            value=name,
            hint=did_you_mean(near) or _("the options are: {options}").format(options=listed),
            proposal=near or "",
        )

    return say


class DropdownJudge(Judge):
    """``field`` is the custom field's name; without ``options`` any value is taken, and so it
    is when ``lenient`` (what a contact must still have)."""

    def __init__(
        self, says: Says, field: str, options: tuple[str, ...], *, lenient: bool = False
    ) -> None:
        super().__init__(says)
        names = Names(options)
        free = lenient or not options
        unknown = take_as_it_stands if free else unknown_option(says, names, field)
        self._matcher = Matcher(says, names, unknown)

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """One of the options."""
        value, findings, ok = self._matcher.match(text, cell)
        return Answer(value, findings, ok)
