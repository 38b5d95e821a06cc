"""The account's limit is shared with another program that takes what it wants: work goes on, and
seldom gets refused. On virtual time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from limit_simulation import RATE, Server, jitter, send_for, throttle_on

from bulk_update.account.throttle import FIRST_PAUSE, LOWEST_SHARE

SECONDS = 60


async def another(server: Server, *, rate: float, burst: int, on: float, off: float) -> None:
    """Another program: ``burst`` requests at once, ``rate`` a second in all, for ``on`` seconds;
    then nothing for ``off``."""
    loop = asyncio.get_running_loop()
    while loop.time() < SECONDS:
        if loop.time() % (on + off) < on:
            for _request in range(burst):
                server.take_from_another(loop.time())
        await asyncio.sleep(burst / rate)


@pytest.mark.parametrize("mean", [0.05, 0.2])
@pytest.mark.parametrize(
    ("theirs", "least"),
    [
        ({"rate": 20, "burst": 1, "on": 60, "off": 0}, 170),
        ({"rate": 150, "burst": 1, "on": 60, "off": 0}, 90),
        ({"rate": 250, "burst": 1, "on": 60, "off": 0}, 28),
        ({"rate": 300, "burst": 1, "on": 60, "off": 0}, 25),
        ({"rate": 60, "burst": 300, "on": 60, "off": 0}, 50),
        ({"rate": 150, "burst": 1, "on": 10, "off": 10}, 130),
    ],
    ids=["a little", "half", "most", "all it can get", "all, in bursts", "half, now and then"],
)
def test_what_another_program_leaves_is_used_and_little_is_refused(
    run_virtual, theirs, least, mean
):
    server = Server()
    rates = []

    async def main(loop):
        throttle = throttle_on(loop)

        async def watch():
            while loop.time() < SECONDS:
                rates.append(throttle.current_rate)
                await asyncio.sleep(0.1)

        watching = asyncio.ensure_future(watch())
        other = asyncio.ensure_future(another(server, **theirs))
        await send_for(SECONDS, throttle, server, jitter(mean, mean / 5))
        await asyncio.gather(watching, other)

    run_virtual(main)
    assert len(server.accepted) / SECONDS >= least
    assert server.refused < 0.1 * len(server.accepted)
    assert max(b - a for a, b in pairwise(server.accepted)) <= 2 * FIRST_PAUSE + 2 * mean
    assert min(rates) >= LOWEST_SHARE * RATE


def test_when_the_other_program_is_done_the_whole_rate_is_back(run_virtual):
    """In twenty seconds, from a tenth."""
    server = Server()

    async def main(loop):
        throttle = throttle_on(loop)
        other = asyncio.ensure_future(another(server, rate=300, burst=1, on=20, off=40))
        await send_for(SECONDS, throttle, server, jitter(0.05, 0.01))
        await other
        return throttle.current_rate

    assert run_virtual(main) == RATE
    assert server.goodput(45, 60) >= 0.95
