"""A run that is told to stop: what has left is recorded, and nothing else leaves."""

from __future__ import annotations

import asyncio

import pytest

from bulk_update.account.throttle import Slot, Throttle
from bulk_update.errors import GuardTripped, Stopped
from bulk_update.model import FieldName, RowResult, RowStatus, Wish
from bulk_update.sandbox import Fault, FaultKind, Faults

WHATEVER = range(41, 61)
SOON = 10.0  # seconds; only a hang takes so long


def named(name: str):
    return [Wish(field=FieldName("name"), value=name)], None


def statuses(results: list[RowResult]) -> set[RowStatus]:
    return {each.status for each in results}


async def stopped(it, *, after: int, workers: int) -> list[RowResult]:
    """What became of the rows of a run that is stopped once so many changes have ended."""
    pool = it.make_pool(workers=workers)
    it.ended = _StopAfter(after, pool.stop)
    pool._on_end = it.ended.append
    await pool.run()
    it.run.ended("stopped", exit_code=130)
    return list(it.run.results.rows())


async def test_stopping_finishes_what_is_in_flight_and_takes_no_more(arena) -> None:
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in WHATEVER})
        results = await stopped(it, after=3, workers=2)
        assert statuses(results) == {RowStatus.UPDATED, RowStatus.NOT_SENT}
        applied = {number for number in WHATEVER if it.contact(number).name == f"N{number}"}
        assert len(applied) == sum(each.status is RowStatus.UPDATED for each in results)


async def test_what_waits_for_its_turn_is_withdrawn_when_the_run_is_stopped(arena) -> None:
    """Most workers wait for the rate limit: to stop means that those send nothing, at once."""
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in WHATEVER})
        it.client._transport.throttle = _Turns(5)
        results = await stopped(it, after=5, workers=12)
        assert len(it.patches) == 5
        assert sum(each.status is RowStatus.UPDATED for each in results) == 5
        assert statuses(results) == {RowStatus.UPDATED, RowStatus.NOT_SENT}
        assert not it.run.sending.unknown_changes()


async def test_an_answer_that_does_not_come_is_given_up_when_the_run_is_stopped(arena) -> None:
    """It left: nobody knows what became of it, and that is what the report says."""
    fault = Fault(kind=FaultKind.HANG, on="patch", applied=True, seconds=30)
    async with arena(faults=Faults.of(fault), request_timeout=60) as it:
        await it.plan({41: named("Ours")})
        pool = it.make_pool(workers=2, drain=0.2)
        it.server.account.log.listeners.append(lambda *_entry: pool.stop())
        async with asyncio.timeout(SOON):
            await pool.run()
        it.run.ended("stopped", exit_code=130)
        (result,) = it.run.results.rows()
        assert result.status is RowStatus.UNKNOWN


@pytest.mark.parametrize("again", [False, True])
async def test_a_run_that_is_cancelled_records_what_is_under_way_before_it_ends(
    arena, again: bool
) -> None:
    """Whoever calls it from a program of their own may cancel it, and again where it takes them
    too long; nothing goes on behind them."""
    fault = Fault(kind=FaultKind.HANG, on="patch", applied=True, seconds=30)
    async with arena(faults=Faults.of(fault), request_timeout=60) as it:
        await it.plan({number: named(f"N{number}") for number in WHATEVER})
        run = asyncio.ensure_future(it.make_pool(workers=2).run())
        arrived = asyncio.Event()
        it.server.account.log.listeners.append(lambda *_entry: arrived.set())
        await arrived.wait()
        run.cancel()
        while again and not run.done():
            await asyncio.sleep(0)
            run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(run, SOON)
        assert not [each for each in asyncio.all_tasks() if "Pool" in str(each)]
        under_way = it.run.sending.unknown_changes()
        assert 1 <= len(under_way) <= 2
        it.run.ended("stopped", exit_code=130)
        results = list(it.run.results.rows())
        assert statuses(results) == {RowStatus.UNKNOWN, RowStatus.NOT_SENT}
        assert sum(each.status is RowStatus.UNKNOWN for each in results) == len(under_way)


async def test_a_reading_that_hangs_is_given_up_when_the_run_is_stopped(arena) -> None:
    """The answer alone proves nothing of a bot, and Ctrl-C waits for no reading that follows it."""
    fault = Fault(kind=FaultKind.HANG, on="bot", seconds=30)
    async with arena(faults=Faults.of(fault), request_timeout=60) as it:
        await it.plan({41: ([Wish(field=FieldName("bot_status"), value="bot_end")], None)})
        pool = it.make_pool(workers=2, drain=0.2)
        read = it.client.get_bot

        async def stopped_meanwhile(uuid: str) -> str | None:
            pool.stop()
            return await read(uuid)

        it.client.get_bot = stopped_meanwhile
        async with asyncio.timeout(SOON):
            await pool.run()
        it.run.ended("stopped", exit_code=130)
        (result,) = it.run.results.rows()
        assert len(it.patches) == 1
        assert result.status is RowStatus.UNKNOWN


async def test_a_run_that_is_cancelled_asks_nothing_more(arena) -> None:
    """That nobody waited for their answers says nothing of the account."""
    fault = Fault(kind=FaultKind.HANG, on="patch", applied=True, seconds=30)
    async with arena(faults=Faults.of(fault), request_timeout=60) as it:
        await it.plan({number: named(f"N{number}") for number in WHATEVER})
        run = asyncio.ensure_future(it.make_pool(workers=len(WHATEVER)).run())
        arrived = it.server.account.log.changes
        while len(arrived) < len(WHATEVER):
            await asyncio.sleep(0.001)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(run, SOON)
        assert not [each for each in asyncio.all_tasks() if "Breaker" in str(each)]
        assert len(it.run.sending.unknown_changes()) == len(WHATEVER)


class _Turns(Throttle):
    """So many requests get a turn; whoever comes then waits for ever."""

    def __init__(self, number: int) -> None:
        super().__init__(None)
        self._left = number

    async def acquire(self) -> Slot:
        if not self._left:
            await asyncio.Event().wait()
        self._left -= 1
        return await super().acquire()


async def test_of_two_errors_the_more_urgent_one_ends_the_run(arena) -> None:
    """A guard trips, then somebody presses Ctrl-C: the signal is what the run ends with."""
    async with arena() as it:
        await it.plan({41: named("Ours")})
        pool = it.make_pool(workers=1)
        pool.stop(GuardTripped("a guard"))
        pool.stop(Stopped("Ctrl-C", signal_number=2))
        with pytest.raises(Stopped):
            await pool.run()
        assert it.patches == []


class _StopAfter(list):
    def __init__(self, number: int, stop) -> None:
        super().__init__()
        self.number, self.stop = number, stop

    def append(self, state) -> None:
        super().append(state)
        if len(self) == self.number:
            self.stop()
