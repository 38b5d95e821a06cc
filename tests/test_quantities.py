"""Shares, durations, deadlines and rates mean what people write."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.quantities import (
    Deadline,
    Share,
    parse_deadline,
    parse_duration,
    parse_rate,
    parse_share,
    show_duration,
)


@pytest.mark.parametrize(
    ("text", "part", "of", "trips"),
    [
        ("0", 0, 100, False),
        ("0", 1, 100, True),
        ("5", 5, 10, False),
        ("5", 6, 10, True),
        ("10%", 20, 200, False),
        ("10%", 21, 200, True),
        ("0%", 1, 200, True),
        ("2.5%", 5, 200, False),
        ("2.5%", 6, 200, True),
        ("100%", 200, 200, False),
        ("10%", 0, 0, False),
    ],
)
def test_a_limit_trips_when_it_is_passed(text: str, part: int, of: int, trips: bool) -> None:
    """Not when it is reached: 100% is never."""
    assert parse_share(text).exceeded_by(part, of=of) is trips


@given(st.integers(0, 999_999_999), st.booleans())
def test_a_share_reads_what_it_writes(amount: int, percent: bool) -> None:
    """The text of a share is the share again."""
    share = Share(amount % 101 if percent else amount, percent)
    assert parse_share(str(share)) == share


@pytest.mark.parametrize("text", ["", "-1", "101%", "1e3", "ten", "5 %%", "1.5", "%", "True"])
def test_what_is_no_share(text: str) -> None:
    """The message quotes it and shows both forms."""
    with pytest.raises(ValueError, match=r"\(50\).*\(10%\)"):
        parse_share(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(hours=24)),
        ("2d", timedelta(days=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1d 2H", timedelta(hours=26)),
        ("0", timedelta()),
        (0, timedelta()),
    ],
)
def test_durations(text: object, expected: timedelta) -> None:
    """Units from days to seconds, joined in that order."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "15", "m", "15 min", "-5m", "1.5h", "30m1h", "15m!"])
def test_what_is_no_duration(text: str) -> None:
    """A bare number has no unit, and nobody guesses one."""
    with pytest.raises(ValueError, match="15m, 24h"):
        parse_duration(text)


@given(st.integers(0, 9999 * 86400))
def test_a_duration_reads_what_it_shows(seconds: int) -> None:
    """What a message says can be typed again."""
    duration = timedelta(seconds=seconds)
    assert parse_duration(show_duration(duration)) == duration


@pytest.mark.parametrize("text", ["06:00", "1h30m", "2d"])
def test_a_deadline_shows_as_it_was_written(text: str) -> None:
    """A message about it quotes the user's own spelling."""
    assert str(parse_deadline(text)) == text


def test_a_time_of_day_is_the_next_one() -> None:
    """06:00 said at 22:00 is tomorrow's, said at 05:00 today's, said at 06:00 tomorrow's."""
    deadline = parse_deadline("6:00")
    assert deadline == Deadline(at=time(6))
    for hour, day in ((22, 11), (5, 10), (6, 11)):
        start = datetime(2026, 3, 10, hour, tzinfo=UTC)
        assert deadline.moment(start) == datetime(2026, 3, day, 6, tzinfo=UTC)


def test_a_time_of_day_is_the_clocks_on_the_wall() -> None:
    """Over the night that the clocks change it is still six in the morning."""
    rome = ZoneInfo("Europe/Rome")
    moment = parse_deadline("06:00").moment(datetime(2026, 3, 28, 22, tzinfo=rome))
    assert (moment.day, moment.hour) == (29, 6)


def test_a_deadline_may_be_a_duration() -> None:
    """Counted from the start."""
    start = datetime(2026, 3, 10, 22, tzinfo=UTC)
    assert parse_deadline("2h").moment(start) == start + timedelta(hours=2)


@pytest.mark.parametrize("text", ["24:00", "12:60", "6", "noon", "06:00:00", ""])
def test_what_is_no_deadline(text: str) -> None:
    """The message shows both forms."""
    with pytest.raises(ValueError, match=r"\(06:00\)"):
        parse_deadline(text)


@pytest.mark.parametrize(
    ("text", "rate"), [("max", 300), ("MAX", 300), ("300", 300), (30, 30), ("0.5", 0.5)]
)
def test_rates(text: object, rate: float) -> None:
    """Requests a second; the account's own limit is the most."""
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "301", "-1", "1e2", "nan", "inf", "", "fast", True])
def test_what_is_no_rate(text: object) -> None:
    """More than the account takes is refused, not lowered in silence."""
    with pytest.raises(ValueError, match="up to 300, or max"):
        parse_rate(text)
