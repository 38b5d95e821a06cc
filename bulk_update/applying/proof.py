"""The proof of a change: the contact as the account shows it, held against what was asked and
against what was there before.

A row is a success only when they agree. avatarUrl, closedAt, blockedAt, href, conversationHref,
channel and funnelId are not compared: they change by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from bulk_update.language import _
from bulk_update.model import (
    CUSTOM_PREFIX,
    Change,
    ChangeState,
    Contact,
    FieldChange,
    FieldName,
    Outcome,
    TagEdit,
    Target,
    Value,
    custom_field,
)
from bulk_update.planning.undoing import means
from bulk_update.validation.equality import equal, tags_equal

_TEAM: Final = FieldName("team")
_OWN_FIELDS: Final = (*map(FieldName, ("name", "note", "tags", "assigned_user")), _TEAM)
_own_values: Final[Callable[[Contact], tuple[Value, ...]]] = attrgetter(
    "name", "note", "tags", "assigned_user", "team_uuid"
)


class Proof(NamedTuple):
    """What comparing ``seen`` with ``change`` shows: fields not as asked, custom fields lost
    though nobody named them, and other differences (people and automations work meanwhile)."""

    change: Change
    seen: Contact
    wrong: tuple[FieldName, ...] = ()
    lost: tuple[FieldName, ...] = ()
    also_changed: tuple[FieldName, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether everything asked is so, and nothing was lost for it."""
        return not self.wrong and not self.lost


def prove(change: Change, seen: Contact, *, expected: Sequence[Target] = ()) -> Proof:
    """Compare ``seen`` with ``change``. A field among ``expected`` is not lost, whatever became
    of it: the account's own rules change it."""
    wrong = tuple([each.field for each in change.fields if not _as_asked(each, change, seen)])
    lost: list[FieldName] = []
    also_changed: list[FieldName] = []
    named = {each.field for each in change.fields}
    for name, one, other in _differing(change.before, seen):
        if name in named or _equal_untyped(name, one, other):
            continue
        gone = change.names_custom_fields and _is_gone(name, change.before, seen)
        (lost if gone and not is_expected(name, expected) else also_changed).append(name)
    return Proof(
        change=change, seen=seen, wrong=wrong, lost=tuple(lost), also_changed=tuple(also_changed)
    )


def is_expected(field: FieldName, expected: Sequence[Target]) -> bool:
    """Whether ``field`` is one of those that the account's own rules change."""
    return any(means(each, field) for each in expected)


def is_as_before(change: Change, seen: Contact) -> bool:
    """Whether no field of the change has moved: it was not applied."""
    return all(same(each, each.old, seen.value(each.field)) for each in change.fields)


def same(each: FieldChange, one: Value, other: Value) -> bool:
    """Whether two values of the field of ``each`` are equal."""
    if each.field == "tags":
        return tags_equal(_names(one), _names(other))
    return equal(each.field, each.type, one, other)


def outcome_of(proof: Proof, *, http_status: int | None) -> Outcome:
    """The outcome that ``proof`` shows: ``updated``, or ``mismatch`` with what differs."""
    if proof.agrees:
        return Outcome(
            state=ChangeState.UPDATED,
            code="also_changed" if proof.also_changed else "",
            message=_also_changed(proof.also_changed),
            http_status=http_status,
            seen=proof.seen,
        )
    return Outcome(
        state=ChangeState.MISMATCH,
        code="not_as_asked" if proof.wrong else "collateral",
        message=_mismatch(proof),
        http_status=http_status,
        seen=proof.seen,
    )


def _as_asked(each: FieldChange, change: Change, seen: Contact) -> bool:
    if each.field == "tags" and change.tags is not None and change.tags.leaves_others:
        return _edited(change.tags, seen.tags)
    return same(each, each.new, seen.value(each.field))


def _edited(edit: TagEdit, tags: tuple[str, ...]) -> bool:
    """Added tags are there, removed ones are not; every other tag is somebody else's."""
    return set(edit.add) <= set(tags) and not set(edit.remove) & set(tags)


def _differing(before: Contact, seen: Contact) -> Iterator[tuple[FieldName, Value, Value]]:
    """The fields that are not the same to the letter, with what they were and what they are.
    Nearly all are the same, and a contact may bear dozens: those cost one comparison."""
    for name, one, other in zip(_OWN_FIELDS, _own_values(before), _own_values(seen), strict=True):
        if one != other:
            yield name, one, other
    then, now = before.custom_fields, seen.custom_fields
    if then == now:
        return
    for custom in {**then, **now}:
        if (one := then.get(custom)) != (other := now.get(custom)):
            yield custom_field(custom), one, other


def _is_gone(name: FieldName, before: Contact, seen: Contact) -> bool:
    """Whether it is a custom field that held something and holds nothing now."""
    return name.startswith(CUSTOM_PREFIX) and bool(before.value(name)) and not seen.value(name)


def _equal_untyped(name: FieldName, one: Value, other: Value) -> bool:
    if name == "tags":
        return tags_equal(_names(one), _names(other))
    return equal(name, None, one, other)


def _names(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _also_changed(fields: tuple[FieldName, ...]) -> str:
    if not fields:
        return ""
    return _("something else changed meanwhile: {fields}").format(fields=", ".join(fields))


def _mismatch(proof: Proof) -> str:
    seen = proof.seen
    asked = {each.field: each.new for each in proof.change.fields}
    parts = [
        _("{field} is {seen}, asked was {asked}").format(
            field=name,
            seen=shown(seen.value(name) if name != _TEAM else seen.team_name or seen.team_uuid),
            asked=shown(asked[name] if name != _TEAM else _team_asked(proof.change) or asked[name]),
        )
        for name in proof.wrong
    ]
    parts += [_("{field} was lost, nobody named it").format(field=name) for name in proof.lost]
    return "; ".join(parts)


def _team_asked(change: Change) -> str:
    """The team as the sheet names it: nobody knows a team by its uuid."""
    return next((wish.raw.strip() for wish in change.wishes if wish.field == _TEAM), "")


def shown(value: Value) -> str:
    """A value, for people."""
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return f"“{value}”" if value else _("empty")
