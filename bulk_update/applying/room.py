"""How many changes may be in the hands of the pool, that have not ended yet."""

from __future__ import annotations

import asyncio


class Room:
    """So many places, for one task that takes them.

    Once all are taken, it waits until half of them are free: to wake it for each would cost a
    turn of the event loop with every request.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._half = max(1, places // 2)
        self._enough = asyncio.Event()

    async def take(self) -> None:
        """Take a place, or wait for some."""
        if not self._free:
            self._enough.clear()
            await self._enough.wait()
        self._free -= 1

    def give_back(self) -> None:
        """A place is free again."""
        self._free += 1
        if self._free >= self._half:
            self._enough.set()
