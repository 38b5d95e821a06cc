"""Does ``custom_fields`` merge or replace? Nobody published it, so the first answers settle it.

Until then at most one PATCH that bears ``custom_fields`` is under way, so that at most one
contact is ever touched by a server that drops the fields a body does not name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from bulk_update.model import Change

FACT: Final = "custom_fields"


class Semantics(StrEnum):
    """What the account does with custom fields that a body does not name."""

    UNSETTLED = "unsettled"
    MERGE = "merge"
    REPLACE = "replace"


class Replacement:
    """What is known of one account, and the turn to find it out.

    ``remember`` is called once, with what the account turned out to do.
    """

    def __init__(self, known: str | None, remember: Callable[[Semantics], None]) -> None:
        self.semantics = Semantics(known) if known else Semantics.UNSETTLED
        self._remember = remember
        self._under_way: set[int] = set()
        self._moved = asyncio.Condition()

    def sends_whole(self, change: Change) -> bool:
        """Whether ``change`` must bring along what it does not name."""
        replaces = self.semantics is Semantics.REPLACE
        return change.restoring or (replaces and change.names_custom_fields)

    async def enter(self, seq: int, change: Change) -> None:
        """Wait until the change called ``seq`` may be sent.

        While the question is open, one change that names custom fields is under way, and until
        :meth:`leave` it is that: also while it waits, unknown, for its contact to be read.
        """
        if self.semantics is not Semantics.UNSETTLED:
            return
        async with self._moved:
            await self._moved.wait_for(lambda: self._may_go(seq, change))
            self.take_up(seq, change)

    def take_up(self, seq: int, change: Change) -> None:
        """The change called ``seq`` is under way already: an earlier process sent it."""
        if self.semantics is Semantics.UNSETTLED and change.names_custom_fields:
            self._under_way.add(seq)

    async def leave(self, seq: int) -> None:
        """The change called ``seq`` is no longer under way."""
        if seq not in self._under_way:
            return
        async with self._moved:
            self._under_way.discard(seq)
            self._moved.notify_all()

    def settle(self, semantics: Semantics) -> None:
        """What an answer showed; the first one counts."""
        if self.semantics is Semantics.UNSETTLED:
            self.semantics = semantics
            self._remember(semantics)

    def _may_go(self, seq: int, change: Change) -> bool:
        settled = self.semantics is not Semantics.UNSETTLED
        return settled or not change.names_custom_fields or self._under_way <= {seq}
