"""What a run did to a contact, and what of it can be put back. Pure: no network, no journal.

:func:`footprint` says what a run left on a contact; :func:`put_back` holds that against the
contact as it is now. A field goes back when it still is as the run left it. What somebody
changed since is left alone, and what the account has no way to undo is said: a name or a team
cannot be taken away from a contact, and the bot can only go back to a status that was read.
Tags are put back one by one, so that everybody else's stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bulk_update.journal.records import PastChange
from bulk_update.language import _
from bulk_update.model import (
    CUSTOM_PREFIX,
    ChangeState,
    Contact,
    FieldChange,
    FieldName,
    FieldType,
    Finding,
    Level,
    RowStatus,
    TagEdit,
    Target,
    TargetKind,
    Value,
    Wish,
    custom_field,
)
from bulk_update.validation.equality import equal

TAGS: Final = FieldName("tags")
BOT_STATUS: Final = FieldName("bot_status")
_OWNER: Final = FieldName("assigned_user")
_STAYS: Final = frozenset({FieldName("name"), FieldName("team")})
"""What a contact that has it can't lose again (public API reference)."""

_SHOWN: Final = frozenset({ChangeState.UPDATED, ChangeState.MISMATCH})
_DONE_IF_SENT: Final = frozenset(
    {ChangeState.UNKNOWN, ChangeState.DRIFTED, ChangeState.UNCHANGED, ChangeState.NOT_FOUND}
)

Types = Mapping[str, FieldType]
"""The types of the custom fields that are known, by their names in the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One field as a run found it, and as it left it."""

    field: FieldName
    before: Value
    after: Value
    type: FieldType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What a run did to one contact; ``added`` and ``removed`` are tags, ``order`` is all of them
    as they were before."""

    fields: tuple[Left, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def touched(self) -> tuple[FieldName, ...]:
        """The fields of it, tags among them."""
        tags = (TAGS,) if self.added or self.removed else ()
        return (*(each.field for each in self.fields), *tags)

    def only(self, targets: Sequence[Target]) -> Footprint:
        """What of it is meant by ``targets``; all of it where there are none."""
        if not targets:
            return self
        tags = _any_means(targets, TAGS)
        return Footprint(
            fields=tuple(each for each in self.fields if _any_means(targets, each.field)),
            added=self.added if tags else (),
            removed=self.removed if tags else (),
            order=self.order if tags else (),
        )


class Why(StrEnum):
    """Why a field does not go back."""

    CHANGED_SINCE = "changed_since"
    LATER_RUN = "later_run"
    NEVER_EMPTY = "never_empty"
    BOT_UNREAD = "bot_unread"


@dataclass(frozen=True, slots=True)
class Remark:
    """A field that does not go back, and why; ``run`` is the later run that changed it."""

    field: FieldName
    why: Why
    run: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether it could go back, had nobody changed it since."""
        return self.why in (Why.CHANGED_SINCE, Why.LATER_RUN)

    @property
    def reason(self) -> str:
        """The same in words."""
        return {
            Why.LATER_RUN: _("run {run} changed it since").format(run=self.run),
            Why.CHANGED_SINCE: _("somebody changed it since"),
            Why.NEVER_EMPTY: _("there was none, and the account has no way to take it away"),
            Why.BOT_UNREAD: _("the status of the bot could not be read"),
        }[self.why]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What is to be asked of a contact so that it is again as it was before the run, in the
    shape that a plan is made of; ``remarks`` are the fields that stay as they are."""

    wishes: tuple[Wish, ...] = ()
    tags: TagEdit | None = None
    was: tuple[Wish, ...] = ()
    remarks: tuple[Remark, ...] = ()


# -- what a run did ----------------------------------------------------------------------


def footprint(past: PastChange, types: Types) -> Footprint:
    """What the run did to the contact of ``past``, or may have done.

    The answers show it where there were any. Where what became of a request was never settled,
    it is what was asked: whether it was done shows when it is held against the contact.
    """
    lost = tuple(_lost(past, types))
    shown = past.seen if past.state in _SHOWN else None
    if past.state not in _SHOWN and not ((past.sent and past.state in _DONE_IF_SENT) or lost):
        return Footprint()
    named = (_left(each, shown, types) for each in past.change.fields if each.field != TAGS)
    fields = tuple(each for each in named if not _is_as(each, each.after, each.before))
    added, removed = _tags_left(past.change.fields, shown)
    order = past.change.before.tags if added or removed else ()
    return Footprint(fields=(*fields, *lost), added=added, removed=removed, order=order)


def _left(asked: FieldChange, shown: Contact | None, types: Types) -> Left:
    after = asked.new if shown is None else shown.value(asked.field)
    if asked.field == BOT_STATUS and after is None:
        after = asked.new
    kind = asked.type or types.get(asked.field.removeprefix(CUSTOM_PREFIX))
    return Left(field=asked.field, before=asked.old, after=after, type=kind)


def _lost(past: PastChange, types: Types) -> Iterator[Left]:
    """Custom fields that nobody named, and that the account dropped.

    An answer shows which; of a contact that was to get them back, and of which no answer is
    known since, it may be any: whether they are there shows when it is held against the contact.
    """
    restoring = past.change.restoring
    if past.state is ChangeState.UPDATED or not (restoring or _answered_with_loss(past)):
        return
    kept = past.seen.custom_fields if past.seen is not None else {}
    for name, before in past.change.unnamed_fields.items():
        if not kept.get(name):
            after = kept.get(name)
            yield Left(field=custom_field(name), before=before, after=after, type=types.get(name))


def _answered_with_loss(past: PastChange) -> bool:
    """Where custom fields were sent, what the answer lacks of the others was lost by that."""
    is_mismatch = past.state is ChangeState.MISMATCH and past.seen is not None
    return is_mismatch and past.change.names_custom_fields


def _tags_left(
    fields: Sequence[FieldChange], shown: Contact | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tags that were added and those that were removed."""
    asked = next((each for each in fields if each.field == TAGS), None)
    if asked is None:
        return (), ()
    old, new = _names(asked.old), _names(asked.new)
    after = new if shown is None else shown.tags
    added = tuple(tag for tag in new if tag not in old and tag in after)
    removed = tuple(tag for tag in old if tag not in new and tag not in after)
    return added, removed


# -- what of it goes back ------------------------------------------------------------------


def put_back(done: Footprint, contact: Contact, later: Sequence[PastChange] = ()) -> PutBack:
    """What to ask of ``contact``, as it is now, so that ``done`` is undone.

    ``later`` is what runs after that one did to the contact, the oldest first: only to say who
    changed a field.
    """
    wishes: list[Wish] = []
    remarks: list[Remark] = []
    for left in done.fields:
        current = contact.value(left.field)
        why = _why_not(left, current)
        if why is Why.CHANGED_SINCE:
            remarks.append(_changed_by(left, current, later))
        elif why is not None:
            remarks.append(Remark(left.field, why))
        elif not _is_as(left, current, left.before):
            wishes.append(_wish(left))
    return PutBack(wishes=tuple(wishes), tags=_tag_edit(done, contact.tags), remarks=tuple(remarks))


def seems_back(done: Footprint, contact: Contact) -> bool:
    """Whether some of ``done`` is as before the run already: by somebody's doing, or because the
    reading lags behind what was just written."""
    return (
        any(_is_as(each, contact.value(each.field), each.before) for each in done.fields)
        or any(tag not in contact.tags for tag in done.added)
        or any(tag in contact.tags for tag in done.removed)
    )


def _why_not(left: Left, current: Value) -> Why | None:
    if left.field == BOT_STATUS and not (left.before and current):
        return Why.BOT_UNREAD
    if _is_as(left, current, left.before):
        return None
    if not _is_as(left, current, left.after):
        return Why.CHANGED_SINCE
    return Why.NEVER_EMPTY if left.field in _STAYS and not left.before else None


def _changed_by(left: Left, current: Value, later: Sequence[PastChange]) -> Remark:
    """The last later run that touched the field did it, unless it left another value."""
    for past in reversed(later):
        for each in footprint(past, {}).fields:
            if each.field == left.field:
                theirs = _is_as(left, current, each.after)
                why = Why.LATER_RUN if theirs else Why.CHANGED_SINCE
                return Remark(left.field, why, past.run if theirs else "")
    return Remark(left.field, Why.CHANGED_SINCE)


def _wish(left: Left) -> Wish:
    value = left.before or _nothing(left)
    return Wish(field=left.field, value=value, raw=_spelled(value), type=left.type)


def _nothing(left: Left) -> Value:
    """What empties the field."""
    if left.field == _OWNER:
        return None
    is_list = left.type is FieldType.CHECKBOX or isinstance(left.before or left.after, tuple)
    return () if is_list else ""


def _spelled(value: Value) -> str:
    """The value as a cell: never blank for a value that is not, because a cell that is byte for
    byte what the account has asks for nothing."""
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return value or ""


def _tag_edit(done: Footprint, current: tuple[str, ...]) -> TagEdit | None:
    add = tuple(tag for tag in done.removed if tag not in current)
    remove = tuple(tag for tag in done.added if tag in current)
    return TagEdit(add=add, remove=remove, order=done.order) if add or remove else None


def _is_as(left: Left, one: Value, other: Value) -> bool:
    return equal(left.field, left.type, one, other)


def means(target: Target, field: FieldName) -> bool:
    """Whether ``target`` means the field; ``custom_fields`` means all of them."""
    is_custom = field.startswith(CUSTOM_PREFIX)
    return target.field == field or (target.kind is TargetKind.CUSTOM_FIELDS and is_custom)


def _any_means(targets: Sequence[Target], field: FieldName) -> bool:
    return any(means(each, field) for each in targets)


def _names(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


# -- in words ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRemark:
    """What the results say of a row whose contact does not go back whole."""

    status: RowStatus
    code: str
    message: str
    hint: str


def row_remark(remarks: Sequence[Remark]) -> RowRemark | None:
    """``drifted`` where somebody changed a field since, ``failed`` where one can't be put back;
    whatever else goes back, such a row is never called done. None where there is no remark."""
    impossible = [each for each in remarks if not each.is_possible]
    changed = [each for each in remarks if each.is_possible]
    if not remarks:
        return None
    parts = [_("{field} can't be put back: {reason}"), _("{field} is left alone: {reason}")]
    message = "; ".join(
        part.format(field=each.field, reason=each.reason)
        for part, some in zip(parts, (impossible, changed), strict=True)
        for each in some
    )
    return RowRemark(
        status=RowStatus.FAILED if impossible else RowStatus.DRIFTED,
        code="cannot_put_back" if impossible else _code(changed),
        message=message,
        hint=_("Look at the contact, and decide by hand."),
    )


def findings(remarks: Sequence[Remark]) -> tuple[Finding, ...]:
    """The remarks as findings, to be grouped over all rows: ``column`` names the field."""
    return tuple(
        Finding(
            code=_code([each]) if each.is_possible else "cannot_put_back",
            level=Level.WARNING,
            message=(
                _("it is left alone: {reason}") if each.is_possible else _("it stays: {reason}")
            ).format(reason=each.reason),
            column=each.field,
        )
        for each in remarks
    )


def _code(changed: Sequence[Remark]) -> str:
    by_runs = all(each.why is Why.LATER_RUN for each in changed)
    return "later_run" if by_runs else "changed_since"
