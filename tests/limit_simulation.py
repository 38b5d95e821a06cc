"""A strict account, a network and their clock, to hold the throttle against on virtual time."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bulk_update.account.throttle import Slot, Throttle

RATE = 300


@dataclass
class Server:
    """Counts as strictly as a server can: in any rolling second, and in calendar seconds. Of what
    another program sends it keeps count apart."""

    limit: int = RATE
    stamps: deque[float] = field(default_factory=deque)
    calendar: dict[int, int] = field(default_factory=dict)
    accepted: list[float] = field(default_factory=list)
    refused: int = 0
    over_calendar: int = 0

    def take(self, now: float) -> bool:
        while self.stamps and self.stamps[0] <= now - 1.0:
            self.stamps.popleft()
        second = int(now)
        self.calendar[second] = self.calendar.get(second, 0) + 1
        self.over_calendar += self.calendar[second] > self.limit
        if len(self.stamps) >= self.limit:
            self.refused += 1
            return False
        self.stamps.append(now)
        self.accepted.append(now)
        return True

    def take_from_another(self, now: float) -> None:
        """A request of somebody else: it takes up room, where there is some."""
        while self.stamps and self.stamps[0] <= now - 1.0:
            self.stamps.popleft()
        if len(self.stamps) < self.limit:
            self.stamps.append(now)

    def goodput(self, begin: float, end: float) -> float:
        return sum(begin <= at < end for at in self.accepted) / ((end - begin) * self.limit)


Network = Callable[[random.Random, float], tuple[float, float]]


def jitter(mean: float, spread: float, there: float = 0.5) -> Network:
    """A round trip of ``mean`` +- ``spread``: the share ``there`` of it on the way to the
    account's stamp, the rest on the way back, each with its own luck."""

    def legs(dice: random.Random, _now: float) -> tuple[float, float]:
        way, back = (dice.uniform(mean - spread, mean + spread) for _ in range(2))
        return way * there, back * (1 - there)

    return legs


def stalled(network: Network, *, every: float, length: float) -> Network:
    """The network stands still for ``length`` seconds now and then; all arrives at its end."""

    def legs(dice: random.Random, now: float) -> tuple[float, float]:
        there, back = network(dice, now)
        there = _after_stall(now, there, every, length)
        return there, _after_stall(now + there, back, every, length)

    return legs


def _after_stall(begin: float, leg: float, every: float, length: float) -> float:
    into = (begin + leg) % every
    return leg + (length - into if into < length else 0.0)


async def send_for(
    seconds: float,
    throttle: Throttle,
    server: Server,
    network: Network,
    *,
    workers: int = 128,
    retry_after: float | None = None,
    and_vanish: bool = False,
) -> None:
    """Send until the clock shows ``seconds``, and read every answer; or, as a process that is
    killed, go away then: what is on its way arrives, and nobody reads the answers."""
    loop = asyncio.get_running_loop()
    dice = random.Random(7)

    async def under_way(slot: Slot) -> None:
        there, back = network(dice, loop.time())
        await asyncio.sleep(there)
        taken = server.take(loop.time())
        await asyncio.sleep(back)
        slot.answered(refused=not taken)
        if not taken:
            throttle.refused(retry_after, slot=slot)

    async def worker() -> None:
        while loop.time() < seconds:
            slot = await throttle.acquire()
            await asyncio.shield(under_way(slot))

    work = [asyncio.ensure_future(worker()) for _ in range(workers)]
    if and_vanish:
        await asyncio.sleep(seconds - loop.time())
        for each in work:
            each.cancel()
    await asyncio.gather(*work, return_exceptions=and_vanish)


def throttle_on(loop: asyncio.AbstractEventLoop, rate: float | None = RATE) -> Throttle:
    return Throttle(rate, clock=loop.time)
