"""The small parts that keep a run in its bounds."""

from __future__ import annotations

import asyncio

import pytest

from bulk_update.applying.crew import Crew
from bulk_update.applying.guards import FailureGuard, RetryBudget, guard_not_found
from bulk_update.applying.in_flight import GivenUp, InFlight, Withdrawn
from bulk_update.applying.room import Room
from bulk_update.errors import GuardTripped
from bulk_update.model import ChangeState
from bulk_update.quantities import Share

TEN_PERCENT = Share(10, percent=True)


def tripped_after(states: list[ChangeState], limit: Share = TEN_PERCENT) -> int | None:
    """After how many changes the guard trips."""
    trips: list[GuardTripped] = []
    guard = FailureGuard(limit, trips.append)
    for number, state in enumerate(states, start=1):
        guard.ended(state)
        if trips:
            return number
    return None


def test_failures_are_judged_once_twenty_changes_have_ended() -> None:
    assert tripped_after([ChangeState.REFUSED] * 30) == 20


def test_a_share_that_is_reached_is_allowed_and_one_more_is_not() -> None:
    good, bad = [ChangeState.UPDATED], [ChangeState.FAILED]
    assert tripped_after(good * 18 + bad * 2) is None
    assert tripped_after(good * 18 + bad * 2 + bad) == 21


def test_what_was_never_sent_says_nothing_of_the_account() -> None:
    unsent = [ChangeState.DRIFTED, ChangeState.UNCHANGED, ChangeState.NOT_FOUND]
    assert tripped_after(unsent * 50, Share(0)) is None


def test_only_the_last_two_hundred_count() -> None:
    early = [ChangeState.UPDATED] * 20 + [ChangeState.MISMATCH] * 2
    assert tripped_after(early + [ChangeState.UPDATED] * 400, Share(2)) is None
    assert tripped_after([ChangeState.UPDATED] * 400 + [ChangeState.UNKNOWN] * 21) == 421


def test_a_hundred_percent_never_trips() -> None:
    assert tripped_after([ChangeState.REFUSED] * 300, Share(100, percent=True)) is None


def test_too_many_missing_contacts_send_nothing() -> None:
    guard_not_found(2, 10, Share(20, percent=True))
    with pytest.raises(GuardTripped, match=r"2,950 of 3,000 .* check region, channel, account"):
        guard_not_found(2950, 3000, Share(20, percent=True))
    guard_not_found(0, 0, Share(0))


def test_the_retry_budget_is_a_row_each_and_never_under_a_hundred() -> None:
    for rows, spent, allowed in ((5, 0, 100), (150, 0, 150), (150, 40, 110), (5, 200, 0)):
        budget = RetryBudget(rows, spent=spent)
        assert sum(budget.take() for _try in range(500)) == allowed


@pytest.mark.parametrize(
    ("rate", "round_trip", "places"), [(2, 0, 3), (300, 0, 77), (300, 0.2, 197)]
)
def test_there_are_as_many_places_as_the_rate_can_use(rate, round_trip, places) -> None:
    crew = Crew(rate=rate, most=1000)
    for _request in range(200):
        crew.learn(round_trip)
    assert crew.places == places
    assert Crew(rate=rate, most=2).places == 2
    assert Crew(rate=None, most=64).places == 64


async def test_nobody_is_under_way_beyond_the_places() -> None:
    crew = Crew(rate=None, most=3)
    under_way = most = 0

    async def worker() -> None:
        nonlocal under_way, most
        async with crew:
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(worker() for _number in range(20)))
    assert most == 3


async def test_whoever_fills_the_queue_waits_until_half_of_it_is_free() -> None:
    room, taken = Room(4), []

    async def fill() -> None:
        while True:
            await room.take()
            taken.append(True)

    filling = asyncio.ensure_future(fill())
    for given_back, in_use in ((0, 4), (1, 4), (1, 6), (2, 8), (1, 8)):
        for _place in range(given_back):
            room.give_back()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(taken) == in_use
    filling.cancel()


async def test_who_carries_nothing_is_cancelled_and_who_does_comes_to_its_end() -> None:
    in_flight, recorded = InFlight(), asyncio.Event()
    ended: list[str] = []

    async def record() -> None:
        await recorded.wait()
        ended.append("recorded")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("idle")

    work = [in_flight.carry(record()), wait()]
    tasks = [asyncio.ensure_future(each) for each in work]
    await asyncio.sleep(0)
    dismissed = asyncio.ensure_future(in_flight.dismiss(tasks))
    while not ended:
        await asyncio.sleep(0)
    recorded.set()
    await dismissed
    assert ended == ["idle", "recorded"]
    assert in_flight.is_stopping()


@pytest.mark.parametrize(("left", "called_off"), [(False, Withdrawn), (True, GivenUp)])
async def test_a_request_that_is_called_off_leaves_its_task_to_record(left, called_off) -> None:
    """By us, or because the event loop ends: either way no more of them begin."""
    for by_us in (True, False):
        in_flight, recorded = InFlight(), []

        async def work(in_flight: InFlight, recorded: list[type[Exception]]) -> None:
            try:
                with in_flight.request() as request:
                    if left:
                        request.leaves()
                    await asyncio.Event().wait()
            except (Withdrawn, GivenUp) as error:
                await asyncio.sleep(0)
                recorded.append(type(error))

        task = asyncio.ensure_future(in_flight.carry(work(in_flight, recorded)))
        await asyncio.sleep(0)
        if by_us:
            await in_flight.drain(0.0)
        else:
            task.cancel()
            await task
        assert recorded == [called_off]
        assert in_flight.is_stopping()
