"""Does ``custom_fields`` merge or replace? Nobody published it, so the first answers settle it.

Until then at most one PATCH that bears ``custom_fields`` is in flight, so that at most one
contact is ever touched by a server that drops the fields a body does not name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from bulk_update.applying.body import names_custom_fields
from bulk_update.model import CUSTOM_PREFIX, Change, custom_field

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
        self._holder: int | None = None
        self._moved = asyncio.Condition()

    async def enter(self, seq: int, change: Change) -> None:
        """Wait until the change called ``seq`` may be sent.

        While the question is open, one change that names custom fields is under way, and until
        :meth:`leave` it is that: also while it waits, unknown, for its contact to be read.
        """
        async with self._moved:
            await self._moved.wait_for(lambda: self._may_go(seq, change))
            if self.semantics is Semantics.UNSETTLED and names_custom_fields(change):
                self._holder = seq

    async def leave(self, seq: int) -> None:
        """The change called ``seq`` is no longer under way."""
        async with self._moved:
            if self._holder == seq:
                self._holder = None
            self._moved.notify_all()

    def settle(self, semantics: Semantics) -> None:
        """What an answer showed; the first one counts."""
        if self.semantics is Semantics.UNSETTLED:
            self.semantics = semantics
            self._remember(semantics)

    def _may_go(self, seq: int, change: Change) -> bool:
        settled = self.semantics is not Semantics.UNSETTLED
        return settled or not names_custom_fields(change) or self._holder in (None, seq)


def can_show(change: Change) -> bool:
    """Whether the answer to ``change`` shows merge or replace: only a contact that has other
    fields can lose them."""
    if not names_custom_fields(change):
        return False
    named = {each.field for each in change.fields if each.field.startswith(CUSTOM_PREFIX)}
    filled = (name for name, value in change.before.custom_fields.items() if value)
    return any(custom_field(name) not in named for name in filled)
