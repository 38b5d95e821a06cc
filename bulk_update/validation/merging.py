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


class Merging:
    """Rows that mean one contact, as they come: of all of them only what they ask for together is
    held, and what they disagree about."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._keys: Keys | None = None
        self._wishes = _United("")
        self._was = _United(WAS_PREFIX)
        self._tags = _UnitedTags()

    def add(self, row: Desired) -> None:
        """Takes one more row."""
        self._rows.append(row.row)
        self._keys = row.keys if self._keys is None else _both_keys(self._keys, row.keys)
        self._wishes.add(row.row, row.wishes)
        self._was.add(row.row, row.was)
        if row.tags is not None:
            self._tags.add(row.row, row.tags)

    @property
    def conflict(self) -> Conflict | None:
        """What the rows disagree about, if anything."""
        tags = () if self._tags.conflict is None else (self._tags.conflict,)
        fields = (*self._wishes.conflicts, *self._was.conflicts, *tags)
        return Conflict(rows=tuple(self._rows), fields=fields) if fields else None

    @property
    def merged(self) -> Merged:
        """What the rows, at least one, ask for together."""
        assert self._keys is not None  # noqa: S101 - for the type alone
        return Merged(
            rows=tuple(self._rows),
            keys=self._keys,
            wishes=self._wishes.wishes,
            tags=self._tags.merged,
            was=self._was.wishes,
        )


def merge(rows: Sequence[Desired]) -> Merged | Conflict:
    """What ``rows``, which mean one contact, ask for together, or what they disagree about.

    Values are the same by :func:`~bulk_update.validation.equality.equal`; the first row's
    spelling is kept. Tags to add unite, and so do tags to remove, as long as no row contradicts
    another. ``rows`` has at least one element.
    """
    merging = Merging()
    for row in rows:
        merging.add(row)
    return merging.conflict or merging.merged


def merge_tags(edits: Iterable[TagEdit]) -> TagEdit | None:
    """One edit that does what all of them ask, None where there are none.

    Raises ``ValueError`` where they contradict each other.
    """
    united = _UnitedTags()
    for edit in edits:
        united.add(0, edit)
    if united.conflict:
        raise ValueError(united.conflict)
    return united.merged


class _United:
    """The wishes, one a field; a field gets at most one conflict, however many rows differ.
    ``prefix`` stands before the names of the fields in ``conflicts``."""

    def __init__(self, prefix: str) -> None:
        self.conflicts: list[FieldConflict] = []
        self._prefix = prefix
        self._first: dict[FieldName, tuple[int, Wish]] = {}
        self._broken: set[FieldName] = set()

    @property
    def wishes(self) -> tuple[Wish, ...]:
        return tuple(wish for _row, wish in self._first.values())

    def add(self, row: int, wishes: Iterable[Wish]) -> None:
        """Takes those of one more row."""
        for wish in wishes:
            field, asked = wish.field, (row, wish)
            before = self._first.setdefault(field, asked)
            united = _same(before[1], wish)
            if united is not None:
                self._first[field] = (before[0], united)
            elif field not in self._broken:
                self._broken.add(field)
                self.conflicts.append(_conflict(FieldName(self._prefix + field), before, asked))


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


class _UnitedTags:
    """The edits of tags, as one; None where they contradict each other."""

    def __init__(self) -> None:
        self.merged: TagEdit | None = None
        self.conflict: FieldConflict | None = None
        self._first_row = 0

    def add(self, row: int, edit: TagEdit) -> None:
        """Takes that of one more row."""
        if self.conflict is not None:
            return
        if self.merged is None:
            self._first_row, self.merged = row, edit
            return
        before = (self._first_row, self.merged)
        self.merged = _both(self.merged, edit)
        if self.merged is None:
            self.conflict = _tag_conflict(before, (row, edit))


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


def _both_keys(a: Keys, b: Keys) -> Keys:
    """The first row's keys, and what the other adds to them."""
    return Keys(
        shown=a.shown,
        uuid=a.uuid or b.uuid,
        bsuid=a.bsuid or b.bsuid,
        phones=a.phones or b.phones,
    )
