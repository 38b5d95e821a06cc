"""Rows that mean one contact: merged when no field gets two values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bulk_update.model import (
    WAS_PREFIX,
    Desired,
    FieldName,
    Keys,
    Policy,
    TagEdit,
    Value,
    Wish,
)
from bulk_update.validation.equality import equal, tags_equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What several rows ask of one contact, together; ``rows`` are theirs, in their order."""

    rows: tuple[int, ...]
    keys: Keys
    wishes: tuple[Wish, ...] = ()
    tags: TagEdit | None = None
    was: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    """Two rows that ask for different values of ``field`` (``was.…`` where they disagree about
    what the contact must still have), as their cells spell them. Tags are shown as ``+VIP``,
    ``-VIP``, or ``VIP`` where they replace all."""

    field: FieldName
    first: Value
    first_row: int
    second: Value
    second_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why rows can't be merged: the first disagreement about each field, in the fields' order."""

    rows: tuple[int, ...]
    fields: tuple[FieldConflict, ...]


def merge(rows: Sequence[Desired]) -> Merged | Conflict:
    """What ``rows``, which mean one contact, ask for together, or what they disagree about.

    Values are the same by :func:`~bulk_update.validation.equality.equal`; the first row's
    spelling is kept. Tags to add unite, and so do tags to remove, as long as no row contradicts
    another. ``rows`` has at least one element.
    """
    conflicts: list[FieldConflict] = []
    wishes = _united([(row.row, wish) for row in rows for wish in row.wishes], "", conflicts)
    was = _united([(row.row, wish) for row in rows for wish in row.was], WAS_PREFIX, conflicts)
    tags = _tags([(row.row, row.tags) for row in rows if row.tags is not None], conflicts)
    numbers = tuple(row.row for row in rows)
    if conflicts:
        return Conflict(rows=numbers, fields=tuple(conflicts))
    return Merged(rows=numbers, keys=_keys(rows), wishes=wishes, tags=tags, was=was)


def merge_tags(edits: Iterable[TagEdit]) -> TagEdit | None:
    """One edit that does what all of them ask, None where there are none.

    Raises ``ValueError`` where they contradict each other.
    """
    conflicts: list[FieldConflict] = []
    merged = _tags([(0, edit) for edit in edits], conflicts)
    if conflicts:
        raise ValueError(conflicts[0])
    return merged


def _united(
    asked: Sequence[tuple[int, Wish]], prefix: str, conflicts: list[FieldConflict]
) -> tuple[Wish, ...]:
    """The wishes, one a field; a field gets at most one conflict, however many rows differ."""
    first: dict[FieldName, tuple[int, Wish]] = {}
    broken: set[FieldName] = set()
    for row, wish in asked:
        before = first.setdefault(wish.field, (row, wish))
        united = _same(before[1], wish)
        if united is not None:
            first[wish.field] = (before[0], united)
        elif wish.field not in broken:
            broken.add(wish.field)
            conflicts.append(_conflict(FieldName(prefix + wish.field), before, (row, wish)))
    return tuple(wish for _row, wish in first.values())


def _same(a: Wish, b: Wish) -> Wish | None:
    """The wish that grants both, None where one contradicts the other."""
    if equal(a.field, a.type, a.value, b.value):
        return a
    if not a.policy is b.policy is Policy.ADD:
        return None
    if not (isinstance(a.value, tuple) and isinstance(b.value, tuple) and a.value and b.value):
        return None
    return replace(a, value=tuple(dict.fromkeys(a.value + b.value)))


def _conflict(field: FieldName, a: tuple[int, Wish], b: tuple[int, Wish]) -> FieldConflict:
    return FieldConflict(
        field=field,
        first=_as_written(a[1]),
        first_row=a[0],
        second=_as_written(b[1]),
        second_row=b[0],
    )


def _as_written(wish: Wish) -> Value:
    """What the cell says; a cell that clears says nothing."""
    return wish.raw.strip() if wish.value and wish.raw.strip() else wish.value


def _tags(asked: Sequence[tuple[int, TagEdit]], conflicts: list[FieldConflict]) -> TagEdit | None:
    if not asked:
        return None
    first_row, merged = asked[0]
    for row, edit in asked[1:]:
        both = _both(merged, edit)
        if both is None:
            conflicts.append(_tag_conflict((first_row, merged), (row, edit)))
            return None
        merged = both
    return merged


def _both(a: TagEdit, b: TagEdit) -> TagEdit | None:
    """The edit that does both, None where they contradict each other."""
    add = tuple(dict.fromkeys(a.add + b.add))
    remove = tuple(dict.fromkeys(a.remove + b.remove))
    if set(add) & set(remove):
        return None
    if a.replace is None and b.replace is None:
        return TagEdit(add=add, remove=remove)
    return _replacing(a, b, add, remove)


def _replacing(
    a: TagEdit, b: TagEdit, add: tuple[str, ...], remove: tuple[str, ...]
) -> TagEdit | None:
    """A whole list beside additions and removals: they must already be true of it."""
    if a.replace is not None and b.replace is not None and not tags_equal(a.replace, b.replace):
        return None
    wanted = a.replace if a.replace is not None else b.replace
    if wanted is None or not set(add) <= set(wanted) or set(remove) & set(wanted):
        return None
    return TagEdit(replace=wanted)


def _tag_conflict(a: tuple[int, TagEdit], b: tuple[int, TagEdit]) -> FieldConflict:
    return FieldConflict(
        field=FieldName("tags"),
        first=_spelled(a[1]),
        first_row=a[0],
        second=_spelled(b[1]),
        second_row=b[0],
    )


def _spelled(edit: TagEdit) -> tuple[str, ...]:
    if edit.replace is not None:
        return edit.replace
    return (*(f"+{tag}" for tag in edit.add), *(f"-{tag}" for tag in edit.remove))


def _keys(rows: Sequence[Desired]) -> Keys:
    """The first row's keys, and what the others add to them."""
    each = [row.keys for row in rows]
    return Keys(
        shown=each[0].shown,
        uuid=next((keys.uuid for keys in each if keys.uuid), ""),
        bsuid=next((keys.bsuid for keys in each if keys.bsuid), ""),
        phones=next((keys.phones for keys in each if keys.phones), ()),
    )
