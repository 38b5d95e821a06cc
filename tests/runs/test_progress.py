"""Progress in a log: a plain line now and then, and an honest remaining time."""

from __future__ import annotations

import pytest

from bulk_update.cli import terminal
from bulk_update.cli.terminal import Terminal
from bulk_update.config import resolve


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    return now


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_line_every_ten_seconds_with_what_is_left_by_the_last_stretch(clock, capsys) -> None:
    progress = terminal._Lines(Terminal(resolve({})), "Sending", 1_000)
    progress.advance(100)
    assert lines(capsys) == []
    clock[0] += 10
    progress.advance(100)
    assert lines(capsys) == ["Sending: 200/1,000, about 40 s left"]
    clock[0] += 5
    progress.advance(1)
    assert lines(capsys) == []
    clock[0] += 15  # the account has slowed down
    progress.advance(19)
    assert lines(capsys) == ["Sending: 220/1,000, about 13 min left"]


@pytest.mark.parametrize("total", [None, 10])
def test_what_is_not_known_is_not_foretold(clock, capsys, total) -> None:
    """Without a total, or beyond it."""
    progress = terminal._Lines(Terminal(resolve({})), "Reading contacts", total)
    clock[0] += 10
    progress.advance(50)
    assert lines(capsys) == ["Reading contacts: 50"]
