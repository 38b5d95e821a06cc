"""What a change shows of an account when it is tried: its targets, the types of its fields, and
whether it empties one. A few changes are chosen so that all of these are among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from bulk_update.model import CUSTOM_PREFIX, CUSTOM_SHORT, Change, FieldChange, TagEdit

if TYPE_CHECKING:
    from bulk_update.journal.records import StoredChange


class Aspect(NamedTuple):
    """One thing to be shown: ``kind`` is ``target``, ``type`` or ``empties``."""

    kind: str
    name: str


def aspects_of(change: Change) -> frozenset[Aspect]:
    """What sending ``change`` would show."""
    return frozenset(each for one in change.fields for each in _aspects(one, change.tags))


def _aspects(one: FieldChange, tags: TagEdit | None) -> Iterator[Aspect]:
    if one.field == "tags" and tags is not None:
        yield from _of_tags(tags)
        return
    yield Aspect("target", one.field)
    kind = str(one.type or "") if one.field.startswith(CUSTOM_PREFIX) else one.field
    yield Aspect("type", kind)
    if not one.new:
        yield Aspect("empties", kind)


def _of_tags(edit: TagEdit) -> Iterator[Aspect]:
    given = {"tags": edit.add, "tags.remove": edit.remove}
    yield from (Aspect("target", name) for name, names in given.items() if names)
    if edit.replace is not None:
        yield Aspect("target", "tags.replace")
        if not edit.replace:
            yield Aspect("empties", "tags")


def named_in(aspects: Iterable[Aspect]) -> str:
    """The targets among them, for people."""
    names = sorted({each.name for each in aspects if each.kind == "target"})
    return ", ".join(each.replace(CUSTOM_PREFIX, CUSTOM_SHORT, 1) for each in names)


class Chooser:
    """Chooses up to ``number`` changes of those it is shown, with as many aspects among them as
    can be that are not ``proven`` yet. ``first`` is one that goes before all others."""

    def __init__(self, number: int, *, proven: Collection[Aspect], first: int | None) -> None:
        self._number = number
        self._proven = frozenset(proven)
        self._first = first
        self._alike: dict[frozenset[Aspect], list[int]] = {}
        self._lead: frozenset[Aspect] | None = None
        self.seen: frozenset[Aspect] = frozenset()

    def see(self, stored: StoredChange) -> None:
        """One more that could be chosen; in the order of the sheet."""
        aspects = aspects_of(stored.change)
        if stored.seq == self._first:
            self._lead = aspects
            return
        alike = self._alike.setdefault(aspects, [])
        if len(alike) < self._number:
            alike.append(stored.seq)

    def chosen(self) -> tuple[int, ...]:
        """Their seqs: the first one, then in the order of the sheet."""
        if self._number <= 0:
            return ()
        self.seen = frozenset().union(*self._alike, self._lead or frozenset())
        missing = set(self.seen - self._proven - (self._lead or frozenset()))
        number = self._number - (self._lead is not None)
        covering = list(self._covering(missing, number))
        others = sorted((*covering, *self._filling(number - len(covering))))
        return tuple(others) if self._lead is None else (self._first or 0, *others)

    def _covering(self, missing: set[Aspect], number: int) -> Iterator[int]:
        """Each time the one that shows most of what is missing."""
        for _turn in range(number):
            best = max(self._alike, key=lambda each: len(each & missing), default=None)
            if best is None or not best & missing:
                return
            missing -= best
            yield self._alike[best].pop(0)

    def _filling(self, number: int) -> Iterator[int]:
        """The rest, from the top of the sheet."""
        for _turn in range(number):
            left = [alike for alike in self._alike.values() if alike]
            if not left:
                return
            yield min(left, key=lambda alike: alike[0]).pop(0)
