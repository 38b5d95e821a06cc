"""The rate limit, on a clock that is set by hand, and at the door of a real server."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.sandbox import Latency, RateLimit, Window
from bulk_update.sandbox.limits import Meter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 0.7), max_size=60), st.integers(1, 5))
def test_a_rolling_window_never_lets_more_in(steps, limit):
    """In no second whatever are there more than the limit, and one is let in when it can be."""
    clock = Clock()
    meter = Meter(RateLimit(per_second=limit), clock)
    admitted = []
    for step in steps:
        clock.now += step
        recent = sum(1 for at in admitted if clock.now - at < 1.0)
        assert meter.admit() is (recent < limit)
        if recent < limit:
            admitted.append(clock.now)


def test_a_calendar_window_begins_anew_each_second():
    """Twice the limit may pass within a moment, at the turn of a second."""
    clock = Clock()
    meter = Meter(RateLimit(per_second=3, window=Window.CALENDAR), clock)
    clock.now = 1000.99
    assert [meter.admit() for _ in range(4)] == [True, True, True, False]
    clock.now = 1001.0
    assert [meter.admit() for _ in range(4)] == [True, True, True, False]
    assert meter.refused == 2


def test_refused_requests_count_where_that_is_so():
    """A client that never pauses is then never let in again."""
    for counted in (True, False):
        clock = Clock()
        meter = Meter(RateLimit(per_second=1, count_refused=counted), clock)
        results = []
        for _ in range(5):
            results.append(meter.admit())
            clock.now += 0.5
        assert results == (
            [True, False, False, False, False] if counted else [True, False] * 2 + [True]
        )


def test_off_lets_everything_in():
    """As many as come."""
    meter = Meter(RateLimit.off(), Clock())
    assert all(meter.admit() for _ in range(1000))


async def test_over_the_limit_is_429_and_not_applied(talk):
    """It is 300 a second unless another limit is set; the log counts both."""
    assert RateLimit() == RateLimit(per_second=300, window=Window.ROLLING)
    api = await talk(rate_limit=RateLimit(per_second=3))
    statuses = [(await api.patch(number, {"name": "x"})).status for number in range(1, 9)]
    assert statuses[:3] == [200, 200, 200]
    assert 429 in statuses
    assert len(api.account.log.changes) == statuses.count(200)
    assert api.account.log.statuses()[429] == statuses.count(429)


async def test_a_request_without_the_token_does_not_count(talk):
    """Nobody can use up the limit of an account that is not theirs."""
    api = await talk(rate_limit=RateLimit(per_second=1))
    for _ in range(5):
        url = f"{api.server.base_url}/teams"
        async with api.session.get(url, headers={"Authorization": "x"}) as response:
            assert response.status == 401
    assert (await api.get("/teams")).status == 200


@pytest.mark.parametrize("latency", [Latency(), Latency(mean=0.05, jitter=0.01), Latency(mean=1)])
def test_latency_is_even_around_its_mean(latency):
    """And the same for the same seed."""
    draws = [latency.draw(Random(seed)) for seed in range(200)]
    assert all(abs(draw - latency.mean) <= latency.jitter + 1e-9 for draw in draws)
    assert draws == [latency.draw(Random(seed)) for seed in range(200)]


async def test_requests_overlap_under_latency(talk):
    """A slow account is still asked in parallel; the answers are right."""
    api = await talk(latency=Latency(mean=0.01, jitter=0.01))
    assert (await api.get("/teams")).status == 200
