"""What ``doctor`` makes of what it sees, where no account would show it on demand."""

from __future__ import annotations

from datetime import timedelta

from bulk_update.model import Level
from bulk_update.runs.doctor import CLOCK_TOLERANCE, clock_of


def test_a_clock_that_is_off_is_no_failure() -> None:
    """Times in reports are wrong then; every run goes all the same."""
    assert clock_of(CLOCK_TOLERANCE).level is Level.INFO
    late = clock_of(CLOCK_TOLERANCE + timedelta(seconds=1))
    assert (late.level, late.error) == (Level.WARNING, None)
    assert clock_of(-2 * CLOCK_TOLERANCE).level is Level.WARNING
    assert late.finding.finding.hint


def test_an_account_that_tells_no_time_is_no_warning() -> None:
    assert clock_of(None).level is Level.INFO
