"""The throttle on virtual time: the limiter's own code, a simulated clock, network and server."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from limit_simulation import Server, jitter, send_for, stalled, throttle_on

from bulk_update.account.throttle import LONGEST_PAUSE, Throttle


@pytest.mark.parametrize("there", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("mean", "spread", "least"),
    [(0.05, 0.01, 0.975), (0.2, 0.04, 0.935), (0.003, 0.002, 0.98), (0.0, 0.0, 0.98)],
)
def test_at_the_limit_nothing_is_refused_and_the_rate_is_used(
    run_virtual, mean, spread, least, there
):
    """A strict window, rolling or on the calendar, sees no request too many, from the first
    second on, and nearly all of the rate is used."""
    server = Server()

    async def main(loop):
        await send_for(20, throttle_on(loop), server, jitter(mean, spread, there))

    run_virtual(main)
    assert (server.refused, server.over_calendar) == (0, 0)
    assert server.goodput(2, 20) >= least


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.2])
def test_a_network_that_stalls_gets_nothing_refused(run_virtual, mean):
    """Answers and requests that arrive in a heap after 150 ms do not add up to too many."""
    server = Server()
    network = stalled(jitter(mean, mean / 5), every=1.7, length=0.150)

    async def main(loop):
        await send_for(20, throttle_on(loop), server, network)

    run_virtual(main)
    assert (server.refused, server.over_calendar) == (0, 0)
    assert server.goodput(2, 20) >= 0.85


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.2])
def test_a_machine_that_stalls_gets_nothing_refused(run_virtual, mean):
    """Everything that was due while this process had no turn happens at once when it has: it
    must not leave at once."""
    server = Server()

    async def main(loop):
        def stall():
            loop.stand_still(0.150)
            loop.call_later(1.7, stall)

        loop.call_later(0.9, stall)
        await send_for(20, throttle_on(loop), server, jitter(mean, mean / 5))

    run_virtual(main)
    assert (server.refused, server.over_calendar) == (0, 0)
    assert server.goodput(2, 20) >= 0.8


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.2])
def test_a_pause_between_two_phases_gives_no_burst(run_virtual, mean):
    """From look-ups to the canary to sending: a while of nothing, or of one request at a time,
    leaves nothing saved up that could leave in a heap afterwards."""
    server = Server()

    async def main(loop):
        throttle = throttle_on(loop)
        await send_for(3.3, throttle, server, jitter(mean, mean / 5))
        await send_for(5.1, throttle, server, jitter(mean, mean / 5), workers=1)
        await asyncio.sleep(2.05)
        await send_for(12, throttle, server, jitter(mean, mean / 5), workers=256)

    run_virtual(main)
    assert (server.refused, server.over_calendar) == (0, 0)
    assert server.goodput(9, 12) >= 0.9


@pytest.mark.parametrize("gap", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("mean", [0.0, 0.05, 0.2])
def test_another_process_that_goes_on_at_once_gets_nothing_refused(run_virtual, mean, gap):
    """It knows nothing of what the one before has sent in this second: paced from its first
    request on, both together are no more than the rate. It begins by asking who it is, so what
    was still on its way has arrived by then."""
    server = Server()

    async def main(loop):
        await send_for(4, throttle_on(loop), server, jitter(mean, mean / 5), and_vanish=True)
        await asyncio.sleep(gap)
        throttle = throttle_on(loop)
        for _question in range(2):
            await send_for(loop.time() + 0.001, throttle, server, jitter(mean, mean / 5), workers=1)
        await send_for(loop.time() + 6, throttle, server, jitter(mean, mean / 5), workers=256)

    run_virtual(main)
    assert (server.refused, server.over_calendar) == (0, 0)


def test_a_network_that_becomes_faster_gets_little_refused(run_virtual):
    """A new shortest round trip takes back what was given on the old one."""
    server = Server()

    def legs(dice, now):
        return jitter(0.2 if now < 5 else 0.03, 0.005)(dice, now)

    async def main(loop):
        await send_for(12, throttle_on(loop), server, legs)

    run_virtual(main)
    assert server.refused <= 60
    assert server.goodput(8, 12) >= 0.5


@pytest.mark.parametrize("rate", [1, 2, 30])
def test_low_rates_are_kept_too(run_virtual, rate):
    """One or two requests a second: as strict, and not stuck."""
    server = Server(limit=rate)

    async def main(loop):
        await send_for(30, throttle_on(loop, rate), server, jitter(0.02, 0.01), workers=8)

    run_virtual(main)
    assert (server.refused, server.over_calendar) == (0, 0)
    assert server.goodput(2, 30) >= 0.92


def test_a_rate_below_one_is_kept(run_virtual):
    """Half a request a second is one every two seconds."""

    async def main(loop):
        throttle = throttle_on(loop, 0.5)
        times = []
        for _ in range(4):
            slot = await throttle.acquire()
            times.append(loop.time())
            slot.answered()
        return times

    times = run_virtual(main)
    assert all(b - a >= 1.999 for a, b in pairwise(times))


def test_without_answers_no_more_than_the_slots_leave(run_virtual):
    """A request that nobody answers holds its slot, so the next one waits for an answer."""

    async def main(loop):
        throttle = throttle_on(loop, 3)
        slots = [await throttle.acquire() for _ in range(3)]
        waiting = asyncio.ensure_future(throttle.acquire())
        await asyncio.sleep(50)
        assert not waiting.done()
        slots[1].answered()
        began = loop.time()
        await waiting
        return loop.time() - began

    assert run_virtual(main) == pytest.approx(1.0, abs=0.002)


def test_a_lost_request_holds_its_slot_until_its_time_out_and_a_second(run_virtual):
    """It may still arrive and be counted as late as that."""

    async def main(loop):
        throttle = throttle_on(loop, 1)
        slot = await throttle.acquire()
        slot.lost(after=4.0)
        await throttle.acquire()
        return loop.time()

    assert run_virtual(main) == pytest.approx(5.0, abs=0.002)


def test_a_request_that_never_left_holds_nothing(run_virtual):
    """Only the pacing remembers it."""

    async def main(loop):
        throttle = throttle_on(loop, 100)
        for _ in range(1000):
            (await throttle.acquire()).never_left()
        return loop.time()

    assert run_virtual(main) == pytest.approx(10.0, abs=0.1)


def test_a_slot_is_given_back_once(run_virtual):
    """Whatever is said of a request after the first time is not counted."""

    async def main(loop):
        throttle = throttle_on(loop, 1)
        slot = await throttle.acquire()
        for _ in range(5):
            slot.never_left()
            slot.answered()
        await throttle.acquire()
        waiting = asyncio.ensure_future(throttle.acquire())
        await asyncio.sleep(5)
        assert not waiting.done()
        waiting.cancel()

    run_virtual(main)


def test_one_who_stops_waiting_takes_no_slot(run_virtual):
    """Cancelled while waiting, in the queue or at its head: the next one gets the slot."""

    async def main(loop):
        throttle = throttle_on(loop, 1)
        slot = await throttle.acquire()
        waiting = [asyncio.ensure_future(throttle.acquire()) for _ in range(4)]
        await asyncio.sleep(0.1)
        waiting[0].cancel()
        waiting[2].cancel()
        slot.answered()
        (await waiting[1]).answered()
        (await waiting[3]).answered()
        return loop.time()

    assert run_virtual(main) == pytest.approx(2.1, abs=0.1)


class TestRefused:
    """After a 429."""

    def test_everybody_rests_as_long_as_the_account_says(self, run_virtual):
        """The Retry-After of one is a pause for all."""

        async def main(loop):
            throttle = throttle_on(loop, 100)
            slot = await throttle.acquire()
            slot.answered(refused=True)
            throttle.refused(7.0, slot=slot)
            await asyncio.gather(*(throttle.acquire() for _ in range(5)))
            return loop.time()

        assert 7.0 <= run_virtual(main) <= 7.2

    @pytest.mark.parametrize("rate", [100, None])
    def test_without_a_word_the_pause_doubles_only_while_nothing_gets_through(
        self, run_virtual, rate
    ):
        """1, 2, 4 … 30 seconds, and 1 again after a request got through."""

        async def main(loop):
            throttle = throttle_on(loop, rate)
            pauses = []
            for refused in [True] * 7 + [False, True]:
                slot = await throttle.acquire()
                began = loop.time()
                slot.answered(refused=refused)
                if refused:
                    throttle.refused(None, slot=slot)
                    (await throttle.acquire()).never_left()
                    pauses.append(round(loop.time() - began))
            return pauses

        assert run_virtual(main) == [1, 2, 4, 8, 16, 30, 30, 1]

    def test_the_echo_of_a_429_makes_nothing_slower(self, run_virtual):
        """Ten requests in flight are refused together: that is one sign, not ten."""

        async def main(loop):
            throttle = throttle_on(loop, 100)
            slots = [await throttle.acquire() for _ in range(10)]
            for slot in slots:
                slot.answered(refused=True)
                throttle.refused(None, slot=slot)
            began = loop.time()
            await throttle.acquire()
            return throttle.current_rate, loop.time() - began

        rate, waited = run_virtual(main)
        assert rate == 50
        assert waited == pytest.approx(1.0, abs=0.01)

    def test_what_left_before_the_pause_does_not_count_as_getting_through(self, run_virtual):
        """An answer to an earlier request says nothing of what the account does now."""

        async def main(loop):
            throttle = throttle_on(loop, 100)
            early = await throttle.acquire()
            slot = await throttle.acquire()
            throttle.refused(5.0, slot=slot)
            await asyncio.sleep(3)
            early.answered()
            return throttle.waited_429

        assert run_virtual(main) == pytest.approx(3.0)

    def test_the_rate_creeps_back_and_never_falls_under_a_tenth(self, run_virtual):
        """Refused for a minute the rate is a tenth; after twenty good seconds it is whole."""

        async def main(loop):
            throttle = throttle_on(loop, 100)
            for _ in range(8):
                slot = await throttle.acquire()
                slot.answered(refused=True)
                throttle.refused(1.0, slot=slot)
            lowest, rates = throttle.current_rate, []
            await asyncio.sleep(1)
            for _ in range(25):
                (await throttle.acquire()).answered()
                rates.append(throttle.current_rate)
                await asyncio.sleep(1)
            return lowest, rates

        lowest, rates = run_virtual(main)
        assert lowest == 10
        assert rates == sorted(rates)
        assert rates[3] < 50
        assert rates[-1] == 100

    def test_waiting_is_counted_until_something_gets_through(self, run_virtual):
        """``waited_429`` is what a caller needs to end after five minutes of nothing but 429."""

        async def main(loop):
            throttle = throttle_on(loop)
            assert throttle.waited_429 == 0.0
            while throttle.waited_429 < 300:
                slot = await throttle.acquire()
                slot.answered(refused=True)
                throttle.refused(1.0, slot=slot)
                assert loop.time() < 400
            slot = await throttle.acquire()
            slot.answered()
            return throttle.waited_429

        assert run_virtual(main) == 0.0

    def test_time_without_requests_is_not_time_refused(self, run_virtual):
        """A pause that is long over does not grow."""

        async def main(loop):
            throttle = throttle_on(loop)
            throttle.refused(2.0, slot=await throttle.acquire())
            await asyncio.sleep(1000)
            return throttle.waited_429

        assert run_virtual(main) == pytest.approx(2.0)

    @pytest.mark.parametrize("said", [0.0, -5.0])
    def test_a_retry_after_in_the_past_is_none(self, run_virtual, said):
        """It must not become a hot loop."""

        async def main(loop):
            throttle = throttle_on(loop)
            throttle.refused(said, slot=await throttle.acquire())
            began = loop.time()
            await throttle.acquire()
            return loop.time() - began

        assert run_virtual(main) == pytest.approx(1.0, abs=0.01)

    def test_an_absurd_retry_after_is_asked_again_in_time(self, run_virtual):
        """A week is longer than anybody waits; the account is asked again after the longest
        pause, and who only ever gets that answer can still end after five minutes."""

        async def main(loop):
            throttle = throttle_on(loop)
            throttle.refused(604800.0, slot=await throttle.acquire())
            began = loop.time()
            await throttle.acquire()
            return loop.time() - began

        assert run_virtual(main) == pytest.approx(LONGEST_PAUSE, abs=0.01)

    def test_a_long_rest_is_told_once_and_a_short_one_not_at_all(self, run_virtual):
        """Ten requests in flight are refused within a moment: that is one rest."""
        told: list[float] = []

        async def main(loop):
            throttle = Throttle(100, clock=loop.time, on_rest=told.append)
            for seconds in (7.0, 2.0, 7.0):
                for slot in [await throttle.acquire() for _ in range(10)]:
                    slot.answered(refused=True)
                    throttle.refused(seconds, slot=slot)
                    await asyncio.sleep(0.01)
                await asyncio.sleep(seconds)

        run_virtual(main)
        assert told == pytest.approx([7.0, 7.0])

    def test_a_smaller_limit_than_the_rate_is_lived_with(self, run_virtual):
        """Somebody else uses the account: refused now and then, but work goes on."""
        server = Server(limit=100)

        async def main(loop):
            await send_for(60, throttle_on(loop), server, jitter(0.05, 0.01))

        run_virtual(main)
        assert server.goodput(5, 60) >= 0.4
        assert server.refused < 0.1 * len(server.accepted)


def test_an_unthrottled_one_lets_everything_leave_at_once(run_virtual):
    """``rate=None``: no pacing, no slots."""

    async def main(loop):
        throttle = throttle_on(loop, None)
        for _ in range(10_000):
            (await throttle.acquire()).answered()
        return loop.time()

    assert run_virtual(main) < 0.001


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate):
    """There is no such rate."""
    with pytest.raises(ValueError, match="rate"):
        Throttle(rate)
