"""Progress in a log: a plain line now and then, and an honest remaining time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bulk_update.cli import progress
from bulk_update.cli.progress import Lines, Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def goes_on(clock) -> Callable[..., None]:
    """Time passes, second by second, and so many a second are done."""

    def go(count: Lines | Pace, seconds: int, each: int) -> None:
        for _second in range(seconds):
            clock[0] += 1
            count.advance(each)

    return go


def test_a_line_every_ten_seconds_with_what_is_left_by_the_last_stretch(goes_on) -> None:
    said: list[str] = []
    lines = Lines(said.append, "Sending", 1_000)
    goes_on(lines, 9, 20)
    assert said == []
    goes_on(lines, 1, 20)
    assert said.pop() == "Sending: 200/1,000, about 40 s left"
    goes_on(lines, 30, 1)  # the account has slowed down
    assert said[-1] == "Sending: 230/1,000, about 13 min left"
    assert len(said) == 3


@pytest.mark.parametrize("total", [None, 10])
def test_what_is_not_known_is_not_foretold(goes_on, total) -> None:
    """Without a total, or beyond it."""
    said: list[str] = []
    goes_on(Lines(said.append, "Reading contacts", total), 10, 5)
    assert said == ["Reading contacts: 50"]


def test_what_goes_first_one_by_one_tells_nothing_of_the_rest(goes_on) -> None:
    """Ten slow changes before thousands of quick ones would make hours of minutes."""
    pace = Pace(1_010)
    pace.afresh(paced=False)
    goes_on(pace, 10, 1)
    assert pace.left is None
    pace.afresh(paced=True)
    goes_on(pace, 1, 50)
    assert pace.left is None
    goes_on(pace, 1, 50)
    assert pace.left == pytest.approx(18)


def test_while_nothing_comes_to_its_end_nothing_is_promised(goes_on) -> None:
    """Time passes all the same, and the line comes. How long it stood still tells nothing of how
    fast it goes on."""
    said: list[str] = []
    lines = Lines(said.append, "Sending", 2_000)
    goes_on(lines, 20, 40)
    assert said[-1] == "Sending: 800/2,000, about 30 s left"
    goes_on(lines, 30, 0)
    assert said[-1] == "Sending: 800/2,000"
    goes_on(lines, 10, 40)
    assert said[-1] == "Sending: 1,200/2,000, about 20 s left"


def test_what_is_slow_by_nature_does_not_stand_still(clock, goes_on) -> None:
    """One every ten seconds."""
    pace = Pace(100)
    for _step in range(6):
        goes_on(pace, 9, 0)
        goes_on(pace, 1, 1)
    assert pace.left == pytest.approx(940, rel=0.1)


def test_when_all_is_done_no_time_is_left(goes_on) -> None:
    pace = Pace(100)
    goes_on(pace, 10, 10)
    assert pace.left is None
