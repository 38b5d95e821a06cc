"""Finding a name among the account's own: exactly, without case, or nearly."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

from bulk_update.validation.look_alikes import skeleton
from bulk_update.validation.text import folded

NEAR: Final = 70.0
"""How alike two names must be, of 100, for the one to be proposed for the other."""


class Found(NamedTuple):
    """``name`` is the account's spelling, None where there is none; ``others`` are the names
    that match as well, when only the case would tell them apart."""

    name: str | None = None
    exact: bool = False
    others: tuple[str, ...] = ()


class Names:
    """Names of one kind; what is asked is matched exactly first, then without regard to case,
    composition and runs of white space."""

    def __init__(self, names: Iterable[str]) -> None:
        self.all = tuple(dict.fromkeys(names))
        self._exact = frozenset(self.all)
        self._folded: dict[str, list[str]] = {}
        for name in self.all:
            self._folded.setdefault(folded(name), []).append(name)
        self._keys = list(self._folded)

    @cached_property
    def _skeletons(self) -> dict[str, str]:
        """The folded names by what they look like; asked only of what isn't there."""
        return {skeleton(key): key for key in self._keys}

    def __contains__(self, name: str) -> bool:
        return name in self._exact

    def find(self, text: str, cell: str = "") -> Found:
        """The name that ``text`` means; ``cell`` is the same before it was trimmed, and goes
        first: a name may well end in a space."""
        for spelling in (cell, text):
            if spelling in self._exact:
                return Found(spelling, exact=True)
        matches = self._folded.get(folded(text), [])
        if len(matches) == 1:
            return Found(matches[0])
        return Found(others=tuple(matches))

    def near(self, text: str) -> str | None:
        """The name most like ``text``, if any is like enough to be proposed: the one that looks
        the same, however short, before one with other letters."""
        twin = self._skeletons.get(skeleton(folded(text)))
        if twin is not None:
            return self._folded[twin][0]
        from rapidfuzz import fuzz, process

        best = process.extractOne(folded(text), self._keys, scorer=fuzz.ratio, score_cutoff=NEAR)
        return self._folded[best[0]][0] if best else None
