"""Old -> new, per field: what a row asks, held against the contact as it is.

Equality is :mod:`bulk_update.validation.equality`'s; before it, a raw cell that is byte for byte
what the account has means "unchanged", whatever typing made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bulk_update.model import (
    Change,
    Contact,
    FieldChange,
    FieldName,
    Policy,
    TagEdit,
    Value,
    Wish,
)
from bulk_update.validation.equality import equal, tags_equal

TAGS = FieldName("tags")


class Wanted(Protocol):
    """What one row, or all the rows of one contact together, ask for."""

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """What is asked of fields other than tags."""

    @property
    def tags(self) -> TagEdit | None:
        """What is asked of the tags."""

    @property
    def was(self) -> tuple[Wish, ...]:
        """What the contact must still have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The change of a contact, and the fields whose other value a policy kept."""

    change: Change
    kept: tuple[FieldName, ...] = ()


def plan_change(
    wanted: Wanted, contact: Contact, *, rows: Sequence[int], read_at: datetime
) -> Difference:
    """What would have to change on ``contact``; no ``fields`` means it is as asked."""
    fields: list[FieldChange] = []
    kept: list[FieldName] = []
    for wish in wanted.wishes:
        found = _field_change(wish, contact)
        if found is None:
            continue
        if _is_kept(wish, found.old):
            kept.append(found.field)
        else:
            fields.append(found)
    fields.extend(_tags_change(wanted.tags, contact.tags))
    change = Change(
        uuid=contact.uuid,
        rows=tuple(rows),
        before=contact,
        read_at=read_at,
        fields=tuple(fields),
        wishes=wanted.wishes,
        tags=wanted.tags,
        was=wanted.was,
    )
    return Difference(change=change, kept=tuple(kept))


def was_differs(was: Sequence[Wish], contact: Contact) -> tuple[FieldName, ...]:
    """The fields that are no longer what the sheet says they were."""
    return tuple(each.field for each in was if not _holds(each, contact.value(each.field)))


def result_tags(edit: TagEdit, current: tuple[str, ...]) -> tuple[str, ...]:
    """The tags a contact has once ``edit`` is done: everybody else's stay, in their order, or in
    that which the edit names for all of them."""
    if edit.replace is not None:
        return edit.replace
    kept = tuple(tag for tag in current if tag not in edit.remove)
    result = kept + tuple(tag for tag in edit.add if tag not in kept)
    return edit.order if sorted(result) == sorted(edit.order) else result


def _field_change(wish: Wish, contact: Contact) -> FieldChange | None:
    old = contact.value(wish.field)
    new = _added(old, wish.value) if wish.policy is Policy.ADD else wish.value
    if wish.raw == old or equal(wish.field, wish.type, old, new):
        return None
    return FieldChange(field=wish.field, old=old, new=new, type=wish.type)


def _added(old: Value, new: Value) -> Value:
    """A list with what is new behind what is there; anything else is simply the new value."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        return old + tuple(each for each in new if each not in old)
    return new


def _is_kept(wish: Wish, old: Value) -> bool:
    return wish.policy is Policy.NEVER or (wish.policy is Policy.FILL_EMPTY and bool(old))


def _holds(wish: Wish, current: Value) -> bool:
    return wish.raw == current or equal(wish.field, wish.type, current, wish.value)


def _tags_change(edit: TagEdit | None, current: tuple[str, ...]) -> Iterator[FieldChange]:
    if edit is None:
        return
    new = result_tags(edit, current)
    if not tags_equal(current, new):
        yield FieldChange(field=TAGS, old=current, new=new)
