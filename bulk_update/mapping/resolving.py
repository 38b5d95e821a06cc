"""Written targets against an account's fields: what they mean, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bulk_update.language import _
from bulk_update.mapping.mapping_file import ColumnRule
from bulk_update.mapping.names import FieldNames, parse_or_none
from bulk_update.mapping.problems import Problem, Problems, flag, shown
from bulk_update.mapping.targets import near_field, possible_targets, short, suggestion
from bulk_update.model import Finding, Level, Policy, Target, TargetKind

CLEARABLE: Final = frozenset(
    {
        TargetKind.NOTE,
        TargetKind.TAGS,
        TargetKind.TAGS_REPLACE,
        TargetKind.ASSIGNED_USER,
        TargetKind.CUSTOM_FIELD,
    }
)
"""What a blank cell may be made to empty; name, keys, team and bot can't be emptied."""

_ADDABLE: Final = frozenset({TargetKind.TAGS, TargetKind.CUSTOM_FIELD})

Answer = Callable[[Target], str]
"""The flag that would give a column, or a constant, another target."""


class Resolver:
    """Settles targets one by one; what is wrong or worth saying goes to the two lists."""

    def __init__(
        self, fields: FieldNames, problems: Problems, findings: list[Finding], *, strict: bool
    ) -> None:
        self.fields, self.strict = fields, strict
        self.problems, self.findings = problems, findings

    def written(
        self, text: str, *, where: str, column: str | None, answer: Answer
    ) -> Target | None:
        """The target somebody wrote, with a custom field in the account's spelling.

        None, and a problem, where there is no such target.
        """
        target = parse_or_none(text)
        if target is None:
            self.problems.add(self._unknown(text, where))
            return None
        return self.settled(target, where=where, column=column, answer=answer)

    def settled(
        self, target: Target, *, where: str, column: str | None, answer: Answer
    ) -> Target | None:
        """The target with its custom field, if it has one, as the account spells it."""
        if not target.custom:
            return target
        found = self.fields.match(target.custom)
        if len(found) > 1:
            self.problems.add(self.ambiguous(target, found, where, answer))
            return None
        if not found:
            return self._unseen(target, where, column, answer)
        if found[0] != target.custom:
            self.findings.append(_spelled(target, found[0], column))
        return replace(target, custom=found[0])

    def ambiguous(
        self, target: Target, found: tuple[str, ...], where: str, answer: Answer
    ) -> Problem:
        """Says that several custom fields differ by no more than case."""
        message = _("{where}: the account has the custom fields {names}; which one is meant?")
        flags = (answer(replace(target, custom=name)) for name in found)
        return Problem(
            code="custom_field_ambiguous",
            message=message.format(where=where, names=", ".join(map(shown, found))),
            hint=_(" or ").join(flags),
            question=True,
        )

    def _unknown(self, text: str, where: str) -> Problem:
        message = _("{where}: there is no target '{target}'").format(where=where, target=text)
        likely = suggestion(text, self.fields)
        hint = (
            _("did you mean '{target}'?").format(target=short(likely))
            if likely
            else _("the targets are {targets}").format(targets=possible_targets())
        )
        key = likely is None or likely.is_key
        return Problem(code="unknown_target", message=message, hint=hint, key=key)

    def _unseen(
        self, target: Target, where: str, column: str | None, answer: Answer
    ) -> Target | None:
        """A custom field that isn't in the schema: the account may have it all the same."""
        near = near_field(target.custom, self.fields)
        message = _("{where}: no contact read so far has a custom field '{name}'").format(
            where=where, name=target.custom
        )
        if near:
            self.problems.add(self._near(message, target, near, answer))
            return None
        hint = _("if the account has it: bulk-update schema add field {name} --schema FILE").format(
            name=shown(target.custom)
        )
        if self.strict:
            self.problems.add(Problem(code="custom_field_unseen", message=message, hint=hint))
            return None
        self.findings.append(
            Finding(
                code="custom_field_unseen",
                level=Level.WARNING,
                message=message,
                hint=hint,
                column=column,
            )
        )
        return target

    def _near(self, message: str, target: Target, near: str, answer: Answer) -> Problem:
        hint = _(
            "did you mean '{near}'? Then {flag}; else: bulk-update schema add field {name} "
            "--schema FILE"
        )
        return Problem(
            code="custom_field_near",
            message=message,
            hint=hint.format(
                near=near, flag=answer(replace(target, custom=near)), name=shown(target.custom)
            ),
            question=True,
        )


def _spelled(target: Target, found: str, column: str | None) -> Finding:
    return Finding(
        code="custom_field_spelling",
        level=Level.INFO,
        message=_("'{name}' is the account's custom field '{found}'").format(
            name=target.custom, found=found
        ),
        column=column,
    )


def unfit(rule: ColumnRule, target: Target, *, where: str) -> Problem | None:
    """What a rule asks that its target can't do: a policy or a blank setting."""
    if rule.policy is not None and not _policy_fits(rule.policy, target):
        setting = f'policy = "{rule.policy.value}"'
    elif rule.blank_clears and (target.was or target.kind not in CLEARABLE):
        setting = 'blank = "clear"'
    else:
        return None
    message = _("{where}: {setting} can't be used with {target}").format(
        where=where, setting=setting, target=short(target)
    )
    return Problem(code="setting_unfit", message=message, hint=_instead(rule.policy, target))


def _instead(policy: Policy | None, target: Target) -> str:
    edits_tags = target.field == "tags" and not target.was
    if edits_tags and policy is Policy.NEVER:
        return _('to leave the tags alone, leave the column out: skip = ["…"], or --skip')
    if edits_tags and policy is Policy.FILL_EMPTY:
        return _(
            'leave the setting out: target = "{target}" only adds, what is there stays'
        ).format(target=TargetKind.TAGS)
    if policy is Policy.OVERWRITE:
        return _('leave the setting out; to replace all tags: target = "{target}"').format(
            target=TargetKind.TAGS_REPLACE
        )
    return _("leave the setting out")


def _policy_fits(policy: Policy, target: Target) -> bool:
    if policy is Policy.OVERWRITE:  # a column that adds tags would do no such thing
        return target != Target(TargetKind.TAGS)
    if target.is_key or target.was:
        return False
    if target.field == "tags":  # an edit of a list: there is no value to keep or to fill
        return policy is Policy.ADD and target.kind in _ADDABLE
    return policy is not Policy.ADD or target.kind in _ADDABLE


def column_answer(header: str) -> Answer:
    """``-m 'Column=target'`` for this column."""
    return lambda target: flag("-m", f"{header}={short(target)}")


def constant_answer(value: str) -> Answer:
    """``--set 'target=value'`` for this value."""
    return lambda target: flag("--set", f"{short(target)}={value}")
