"""When the account can't be reached: on a clock of its own, so that minutes take no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from bulk_update.account.breaker import TRIPS_AT, Breaker
from bulk_update.errors import AccountUnreachable, TokenRefused


class _Clock(asyncio.SelectorEventLoop):
    """An event loop on which waiting takes no time."""

    def __init__(self) -> None:
        super().__init__(_Jumping(self))
        self.now = 1000.0

    def time(self) -> float:
        return self.now


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: _Clock) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.now += timeout or 0.0
        return super().select(0)


def on_the_clock(work: Callable[[], Awaitable[None]]) -> float:
    """Run it; how many seconds it took."""
    with asyncio.Runner(loop_factory=_Clock) as runner:
        before = runner.get_loop().time()
        runner.run(work())  # type: ignore[arg-type]
        return runner.get_loop().time() - before


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
        self.probes.append(loop.time() - 1000.0)
        if loop.time() - 1000.0 >= self.back:
            await asyncio.sleep(0.2)
            return True
        await asyncio.sleep(self.hangs)
        return False


@pytest.mark.parametrize("hangs", [0.0, 30.0], ids=["refused at once", "no answer"])
def test_going_on_begins_within_two_seconds_of_the_end_of_an_outage(hangs: float) -> None:
    account = Account(back=30.3, hangs=hangs)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        breaker.trip()
        assert await asyncio.gather(breaker.closed(), breaker.closed()) == [True, True]
        assert await breaker.closed(), "who comes later does not wait"

    assert 30.3 < on_the_clock(waits) <= 32.3
    gaps = [after - before for before, after in pairwise(account.probes)]
    assert max(gaps) <= 2.0
    assert min(gaps) >= 0.9, "it is not flooded either"


def test_an_account_that_answers_at_once_was_not_away() -> None:
    account = Account(back=0.0)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        assert not await breaker.closed()
        breaker.trip()
        assert not await breaker.closed()

    assert on_the_clock(waits) < 1.0
    assert len(account.probes) == 1


def test_only_five_minutes_without_a_good_answer_end_the_run() -> None:
    account = Account(back=1000.0, hangs=30.0)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        with pytest.raises(AccountUnreachable, match="5 minutes") as gone:
            await breaker.closed()
        assert "resume" in gone.value.hint

    assert on_the_clock(waits) == pytest.approx(300.0)


def test_any_good_answer_closes_it() -> None:
    """Also that to a request which was under way when it opened."""
    account = Account(back=1000.0)

    async def waits() -> None:
        breaker = Breaker(account.probe)
        breaker.trip()
        asyncio.get_running_loop().call_later(7.5, breaker.answered)
        await breaker.closed()

    assert on_the_clock(waits) == pytest.approx(7.5)


def test_failures_in_a_row_open_it_and_a_good_answer_between_them_does_not() -> None:
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

    on_the_clock(counts)


def test_a_token_that_is_refused_meanwhile_ends_the_waiting() -> None:
    async def waits() -> None:
        async def probe(_leaves: Callable[[], None]) -> bool:
            raise TokenRefused("no longer")

        breaker = Breaker(probe)
        breaker.trip()
        with pytest.raises(TokenRefused):
            await breaker.closed()
        breaker.close()

    on_the_clock(waits)


def test_probes_that_wait_for_their_turn_do_not_pile_up() -> None:
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

    on_the_clock(waits)
    assert begun == [1]
