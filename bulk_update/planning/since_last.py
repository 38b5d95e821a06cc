"""``--since-last``: what the sheet says as it was last applied is left alone. Pure.

Field by field: what the sheet asks is held against what was last applied, whatever the account has
now. Only what differs is looked at further; of that, a field that the account no longer has as
it was left was changed on both sides, and is not sent. What an undo put back is *held* until the
sheet asks something else, or the undo is released.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bulk_update.journal.records import Asked, LastApplied
from bulk_update.language import _
from bulk_update.model import (
    Contact,
    Desired,
    FieldName,
    Finding,
    Keys,
    Level,
    Policy,
    TagEdit,
    Value,
    Wish,
)
from bulk_update.planning.diff import TAGS, Difference, Wanted, result_tags
from bulk_update.validation.equality import equal, tags_equal

AppliedFields = Mapping[FieldName, LastApplied]
"""What was last applied to one contact, by field."""

_DIGEST: Final = 16
"""Bytes of the hash of a key."""

HELD: Final = "held"
"""The code of what an undo put back, and of its finding."""


class Memory(Protocol):
    """Who knows what was last applied to the contacts of an account."""

    def known(self) -> int:
        """How many keys are known: of so many rows at most it can be told what was applied."""

    def contacts(self, identities: Iterable[str]) -> dict[str, str]:
        """The uuids of the contacts that these keys meant, by :func:`key_identity`."""

    def records(self, uuids: Iterable[str]) -> dict[str, dict[FieldName, LastApplied]]:
        """What was last applied to these contacts, by uuid and field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceLast:
    """What a plan since the last run knows: ``released`` are the names of the undos, or of runs
    that were undone, that hold nothing any more."""

    memory: Memory
    released: frozenset[str] = frozenset()

    def holds(self, record: LastApplied) -> bool:
        """Whether an undo put the field back, and was not released."""
        return bool(record.undone_by) and not self.is_released(record)

    def is_released(self, record: LastApplied) -> bool:
        """Whether the field is to be asked for again, as if it never had been."""
        return bool(record.undone_by) and not self.released.isdisjoint(
            {record.undone_by, record.run}
        )

    def left(self, asked: Wanted, records: AppliedFields) -> Left:
        """The fields of ``asked`` that are as they were last applied."""
        same: list[FieldName] = []
        held: list[FieldName] = []
        for field, is_same in _compared(asked, records):
            if not is_same or self.is_released(records[field]):
                continue
            (held if self.holds(records[field]) else same).append(field)
        fields = len(asked.wishes) + (asked.tags is not None)
        whole = 0 < fields == len(same) + len(held)
        return Left(same=tuple(same), held=tuple(held), whole=whole)

    def changed_on_both_sides(
        self, difference: Difference, asked: Wanted, records: AppliedFields
    ) -> tuple[FieldName, ...]:
        """The fields that would change, and that the account no longer has as they were left."""
        wishes = {wish.field: wish for wish in asked.wishes}
        before = difference.change.before
        return tuple(
            each.field
            for each in difference.change.fields
            if (record := records.get(each.field)) is not None
            and not self.is_released(record)
            and not _is_as_left(record, wishes.get(each.field), each.field, before)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The fields of a row that are left alone: as last applied, or ``held`` as an undo put them
    back. ``whole``: they are all of the row's."""

    same: tuple[FieldName, ...] = ()
    held: tuple[FieldName, ...] = ()
    whole: bool = False

    @property
    def fields(self) -> tuple[FieldName, ...]:
        """All of them."""
        return self.same + self.held


def without(asked: Desired, fields: Iterable[FieldName]) -> Desired:
    """``asked`` less these fields, and what was to be true of them before."""
    left = frozenset(fields)
    if not left:
        return asked
    return replace(
        asked,
        wishes=tuple(each for each in asked.wishes if each.field not in left),
        tags=None if TAGS in left else asked.tags,
        was=tuple(each for each in asked.was if each.field not in left),
    )


def key_identity(keys: Keys, channel: str) -> str:
    """What stands for the keys of a row: the same for the same contact asked for in the same way.

    It is made of what is looked up, and not of the cell: a region changes what a number means,
    a channel whose number it is. A hash, so that who reads it learns no number.
    """
    phones = [channel, *keys.phones] if keys.phones else []
    uuid = keys.uuid.replace("-", "").lower()
    plain = json.dumps([uuid, keys.bsuid, phones], ensure_ascii=False)
    digest = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=_DIGEST)
    return digest.hexdigest()


def held_findings(held: Iterable[FieldName], records: AppliedFields) -> tuple[Finding, ...]:
    """What is held, to be counted over all rows: ``column`` names the field."""
    return tuple(
        Finding(
            code=HELD,
            level=Level.INFO,
            message=_("undo {run} put it back: it is not sent again").format(
                run=records[field].undone_by
            ),
            hint=_("To send it all the same: --release-undo {run}").format(
                run=records[field].undone_by
            ),
            column=field,
        )
        for field in held
    )


# -- comparing -----------------------------------------------------------------------------


def _compared(asked: Wanted, records: AppliedFields) -> Iterable[tuple[FieldName, bool]]:
    """The fields of which it is known what was last applied, and whether that is asked now."""
    for wish in asked.wishes:
        if (record := records.get(wish.field)) is not None:
            yield wish.field, _asks_the_same(wish, record.value)
    if asked.tags is not None and (record := records.get(TAGS)) is not None:
        yield TAGS, isinstance(record.value, TagEdit) and _edits_alike(asked.tags, record.value)


def _asks_the_same(wish: Wish, last: Asked) -> bool:
    return not isinstance(last, TagEdit) and equal(wish.field, wish.type, wish.value, last)


def _edits_alike(one: TagEdit, other: TagEdit) -> bool:
    if one.replace is None or other.replace is None:
        replace_alike = one.replace is other.replace
    else:
        replace_alike = tags_equal(one.replace, other.replace)
    added = tags_equal(one.add, other.add)
    return replace_alike and added and tags_equal(one.remove, other.remove)


def _is_as_left(record: LastApplied, wish: Wish | None, field: FieldName, contact: Contact) -> bool:
    """Whether the account still has what was last applied, or what an undo put back."""
    current = contact.value(field)
    if record.undone_by:
        return agrees(field, record.restored, current, wish)
    return record.raw == current or agrees(field, record.value, current, wish)


def agrees(field: FieldName, asked: Asked, current: Value, wish: Wish | None = None) -> bool:
    """Whether a field that is ``current`` has what was asked of it; ``wish`` says of which type
    it is, and whether it is only added to."""
    if isinstance(asked, TagEdit):
        tags = current if isinstance(current, tuple) else ()
        return tags_equal(result_tags(asked, tags), tags)
    if wish is not None and wish.policy is Policy.ADD and isinstance(asked, tuple):
        return isinstance(current, tuple) and set(asked) <= set(current)
    return equal(field, None if wish is None else wish.type, asked, current)
