"""How long the sending takes, before it begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bulk_update.account.throttle import Throttle
from bulk_update.config import resolve
from bulk_update.runs.kept import CANARY
from bulk_update.runs.preview import sending_seconds as seconds_at

LATENCY = 0.2


def session(**flags: object) -> Any:
    """One whose account has answered in no less than 200 ms."""
    settings = resolve({"rate": "100", **flags})
    throttle = Throttle(settings.rate)
    throttle._held.answer(0.0, LATENCY, 100)
    workers = settings.workers or 256
    client = SimpleNamespace(throttle=throttle)
    return SimpleNamespace(settings=settings, client=client, workers=workers, embedded=False)


def run(*unknown_since: float, **settings: object) -> Any:
    """One with so many requests of which no answer is known, each so many seconds ago."""
    ago = [datetime.now(UTC) - timedelta(seconds=each) for each in unknown_since]
    unknown = [SimpleNamespace(at=each) for each in ago]
    sending = SimpleNamespace(unknown_changes=lambda: unknown)
    return SimpleNamespace(record=SimpleNamespace(settings=settings), sending=sending)


def sending_seconds(run: Any, session: Any, requests: int, contacts: int, **stale: bool) -> float:
    """At the rate that was asked for."""
    return seconds_at(run, session, requests, contacts, session.settings.rate, **stale)


def test_those_that_go_first_take_their_time_one_by_one() -> None:
    """Each is sent and read back, and read before where that is needed; of fewer changes,
    fewer."""
    assert sending_seconds(run(), session(), 600, 600) == pytest.approx(6 + 10 * 2 * LATENCY)
    assert sending_seconds(run(), session(), 600, 300) == pytest.approx(6 + 10 * 3 * LATENCY)
    late = sending_seconds(run(), session(), 600, 600, stale=True)
    assert late == pytest.approx(6 + 10 * 3 * LATENCY)
    assert sending_seconds(run(), session(), 2, 2) == pytest.approx(0.02 + 2 * 2 * LATENCY)
    assert sending_seconds(run(), session(canary="0"), 600, 600) == pytest.approx(6)
    passed = run(**{CANARY: {"state": "passed", "chosen": (2, 3)}})
    assert sending_seconds(passed, session(), 600, 600) == pytest.approx(6)


def test_few_workers_get_no_more_than_their_answers() -> None:
    one = session(workers="2", canary="0")
    assert sending_seconds(run(), one, 600, 600) == pytest.approx(600 * LATENCY / 2)


def test_a_request_without_an_answer_is_waited_for() -> None:
    """By whoever goes on, until it can no longer be carried out."""
    assert sending_seconds(run(10, 25), session(), 0, 0) == pytest.approx(20, abs=1)
    assert sending_seconds(run(60), session(), 0, 0) == 0.0
    assert sending_seconds(run(10), session(canary="0"), 6_000, 6_000) == pytest.approx(60)
