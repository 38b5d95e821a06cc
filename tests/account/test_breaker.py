"""When the account can't be reached: on a clock of its own, so that minutes take no time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from bulk_update.account.breaker import TRIPS_AT, Breaker
from bulk_update.errors import AccountUnreachable, TokenRefused

Seconds = Callable[[Callable[[], Awaitable[None]]], float]
"""Runs something; how many seconds it took."""


@pytest.fixture
def seconds(run_virtual) -> Seconds:
    def took(work: Callable[[], Awaitable[None]]) -> float:
        async def main(loop: asyncio.AbstractEventLoop) -> float:
            before = loop.time()
            await work()
            return loop.time() - before

        return run_virtual(main)

    return took


@dataclass
class Account:
    """One that is away until ``back`` and then answers; while away it hangs for ``hangs``
    seconds, whatever becomes of it meanwhile. ``probes`` are when it was asked."""

    back: float
    hangs: float = 0.0
    probes: list[float] = field(default_factory=list)

    async def probe(self, leaves: Callable[[], None]) -> bool:
        loop = asyncio.get_running_loop()
        leaves()
        self.probes.append(loop.time())
        if loop.time() >= self.back:
            await asyncio.sleep(0.2)
            return True
        await asyncio.sleep(self.hangs)
        return False


@pytest.mark.parametrize("hangs", [0.0, 30.0], ids=["refused at once", "no answer"])
def test_going_on_begins_within_two_seconds_of_the_end_of_an_outage(
    hangs: float, seconds: Seconds
) -> None:
    account = Account(back=30.3, hangs=hangs)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        breaker.trip()
        assert await asyncio.gather(breaker.closed(), breaker.closed()) == [True, True]
        assert await breaker.closed(), "who comes later does not wait"

    assert 30.3 < seconds(waits) <= 32.3
    gaps = [after - before for before, after in pairwise(account.probes)]
    assert max(gaps) <= 2.0
    assert min(gaps) >= 0.9, "it is not flooded either"


def test_an_account_that_answers_at_once_was_not_away(seconds: Seconds) -> None:
    account = Account(back=0.0)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        assert not await breaker.closed()
        breaker.trip()
        assert not await breaker.closed()

    assert seconds(waits) < 1.0
    assert len(account.probes) == 1


def test_only_five_minutes_without_a_good_answer_end_the_run(seconds: Seconds) -> None:
    account = Account(back=1000.0, hangs=30.0)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        with pytest.raises(AccountUnreachable, match="5 minutes") as gone:
            await breaker.closed()
        assert "resume" in gone.value.hint

    assert seconds(waits) == pytest.approx(300.0)


def test_any_good_answer_closes_it(seconds: Seconds) -> None:
    """Also that to a request which was under way when it opened."""
    account = Account(back=1000.0)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        asyncio.get_running_loop().call_later(7.5, breaker.answered)
        await breaker.closed()

    assert seconds(waits) == pytest.approx(7.5)


def test_failures_in_a_row_open_it_and_a_good_answer_between_them_does_not(
    seconds: Seconds,
) -> None:
    account = Account(back=0.0)

    async def counts() -> None:
        breaker = Breaker(account.probe)
        for _time in range(3):
            for _failure in range(TRIPS_AT - 1):
                breaker.failed()
            breaker.answered()
        await asyncio.sleep(10)
        assert account.probes == []
        for _failure in range(TRIPS_AT):
            breaker.failed()
        await breaker.closed()
        assert len(account.probes) == 1

    seconds(counts)


def test_a_token_that_is_refused_meanwhile_ends_the_waiting(seconds: Seconds) -> None:
    async def waits() -> None:
        async def probe(_leaves: Callable[[], None]) -> bool:
            raise TokenRefused("no longer")

        breaker = Breaker(probe)
        breaker.trip()
        with pytest.raises(TokenRefused):
            await breaker.closed()
        breaker.close()

    seconds(waits)


def test_probes_that_wait_for_their_turn_do_not_pile_up(seconds: Seconds) -> None:
    """The rate limit may hold them back for minutes."""
    begun: list[int] = []

    async def waits() -> None:
        async def probe(_leaves: Callable[[], None]) -> bool:
            begun.append(1)
            await asyncio.sleep(60)
            return True

        breaker = Breaker(probe)
        breaker.trip()
        await breaker.closed()

    seconds(waits)
    assert begun == [1]


def test_nothing_is_asked_once_it_is_closed(seconds: Seconds) -> None:
    """Whoever closes it closes the connections next: a probe would open them again."""
    account = Account(back=1_000.0, hangs=30.0)

    async def ends() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        breaker.close()
        await asyncio.sleep(5)
        breaker.trip()
        breaker.close()
        await asyncio.sleep(5)
        assert not await breaker.closed()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    seconds(ends)
    assert account.probes == []


def test_a_probe_that_is_on_its_way_is_called_off_at_once(seconds: Seconds) -> None:
    account = Account(back=1_000.0, hangs=30.0)

    async def ends() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        while not account.probes:
            await asyncio.sleep(0)
        breaker.close()
        for _turn in range(5):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    seconds(ends)
