"""How many workers are under way at the same time: as many as the rate can use, and no more.

More would only wait for their turn in the rate limit, with their intent written (each would have
to be read again after a crash) and their contact read ever longer ago.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from types import TracebackType
from typing import Final

LEAST: Final = 2
REQUESTS: Final = 2  # a change may need so many: it is read again, then sent
SLACK: Final = 0.25  # seconds of work in hand, so that the rate is never short of it
WEIGHT: Final = 0.1  # of the newest round trip in the running mean


class Crew:
    """Places for workers: ``async with crew`` waits for one, and has it while the block lasts.

    ``rate`` is in requests a second, None for any number; there are never more than ``most``
    places, and the longer requests take, the more there are.
    """

    def __init__(self, *, rate: float | None, most: int) -> None:
        self._rate = rate
        self._most = most
        self._round_trip = 0.0
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def places(self) -> int:
        """How many may be under way now."""
        if self._rate is None:
            return self._most
        needed = self._rate * (SLACK + REQUESTS * self._round_trip)
        return min(self._most, math.ceil(needed) + LEAST)

    def learn(self, round_trip: float) -> None:
        """How long one request took, in seconds, its wait for the rate limit apart."""
        self._round_trip += WEIGHT * (round_trip - self._round_trip)

    async def __aenter__(self) -> None:
        while self._under_way >= self.places:
            await self._wait()
        self._under_way += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._under_way -= 1
        self._wake(2)  # for the one that left, and one more where places grew

    async def _wait(self) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._waiting.append(woken)
        try:
            await woken
        except asyncio.CancelledError:
            if woken.done() and not woken.cancelled():
                self._wake(1)  # another takes its turn
            raise

    def _wake(self, many: int) -> None:
        while many and self._waiting:
            woken = self._waiting.popleft()
            if not woken.done():
                woken.set_result(None)
                many -= 1
