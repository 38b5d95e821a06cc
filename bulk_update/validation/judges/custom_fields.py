"""Several custom fields in one cell: an object, JSON or with single quotes."""

from __future__ import annotations

import json
from collections.abc import Callable

from bulk_update.language import _
from bulk_update.model import Finding, Wish
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.lists import BadList, literal
from bulk_update.validation.matching import Matcher
from bulk_update.validation.names import Names
from bulk_update.validation.says import Says, did_you_mean, hints_together
from bulk_update.validation.text import shown

JudgeCell = Callable[[str, str], Answer[Wish | None]]
"""Judges the value of one field, by the field's name; None where it is blank."""


class CustomFieldsJudge:
    """``{"Billing Address": "Main Street 1"}``, also with single quotes. Blank values and null
    leave their field as it is."""

    def __init__(self, says: Says, fields: tuple[str, ...], judge_cell: JudgeCell) -> None:
        self._says = says
        self._matcher = Matcher(says, Names(fields), self._unknown)
        self._judge_cell = judge_cell

    def __call__(self, text: str, _cell: str) -> Answer[tuple[Wish, ...]]:
        """The wishes of all fields that the object names."""
        try:
            parsed = literal(text)
        except BadList:
            parsed = None
        if not isinstance(parsed, dict) or not all(isinstance(name, str) for name in parsed):
            return Answer((), (self._bad(text),), ok=False)
        return _together([self._field(name, value) for name, value in parsed.items()])

    def _field(self, name: str, value: object) -> Answer[Wish | None]:
        known, findings, ok = self._matcher.match(name)
        cell = _as_cell(value)
        if cell is None:
            return Answer(None, (*findings, self._bad_value(name)), ok=False)
        wish, said, fine = self._judge_cell(known, cell)
        return Answer(wish, findings + said, ok and fine)

    def _unknown(self, name: str, near: str | None) -> Finding:
        message = _("the account has no custom field '{value}', as far as is known")
        say = self._says.error if near or self._says.options.strict else self._says.warning
        known = _("if it is a field: bulk-update schema add field '{value}' --schema FILE").format(
            value=name
        )
        return say(
            Code.UNKNOWN_FIELD,
            message.format(value=name),
            value=name,
            hint=hints_together(did_you_mean(near), known),
            proposal=near or "",
        )

    def _bad(self, text: str) -> Finding:
        message = _("'{value}' is not an object of custom fields").format(value=shown(text))
        hint = _("""write {"Name of the field": "its value"}""")
        return self._says.error(Code.BAD_OBJECT, message, value=text, hint=hint)

    def _bad_value(self, name: str) -> Finding:
        message = _("the value of '{name}' is neither text, nor a number, nor a list of texts")
        return self._says.error(Code.BAD_OBJECT, message.format(name=name), value=name)


def _as_cell(value: object) -> str | None:
    """The cell that says the same as a value of the object; None for what no cell can say."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return repr(value)
        case list() if all(isinstance(item, str) for item in value):
            return json.dumps(value, ensure_ascii=False)
    return None


def _together(answers: list[Answer[Wish | None]]) -> Answer[tuple[Wish, ...]]:
    return Answer(
        tuple(answer.value for answer in answers if answer.value is not None),
        tuple(finding for answer in answers for finding in answer.findings),
        all(answer.ok for answer in answers),
    )
