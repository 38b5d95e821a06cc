"""Killed anywhere, again and again, and run again: no row is lost, none applied twice, none
reported otherwise than it is.

The short form runs with all tests; ``make chaos`` kills 200 times. ``CHAOS_KILLS`` says how
often, ``CHAOS_SEED`` where the chance begins: a failure names the seed that shows it again.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from campaign import Campaign, Kill, open_sandbox

from bulk_update.sandbox import Latency

KILLS = int(os.environ.get("CHAOS_KILLS", "8"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
MOST = 8
"""Kills of one sheet; then it may end, and another begins."""


def campaign(folder: Path, sandbox, seed: int, **more) -> Campaign:
    folder.mkdir()
    return Campaign(folder, sandbox, Random(seed), **more)


def test_killed_anywhere_it_goes_on_and_tells_the_truth(tmp_path: Path) -> None:
    kills, seed = 0, SEED
    while kills < KILLS:
        with open_sandbox(seed) as sandbox:
            it = campaign(tmp_path / f"{seed}", sandbox, seed)
            assert it.run(min(MOST, KILLS - kills)) == [], f"CHAOS_SEED={seed}"
            kills, seed = kills + len(it.kills), seed + 1
            (reported,) = list(it.reported.values())[-1:]
            assert len(reported) == len(it.rows)


def test_the_same_holds_for_a_journal_in_postgresql(tmp_path: Path, postgresql: str) -> None:
    with open_sandbox(SEED) as sandbox:
        it = campaign(tmp_path / "desk", sandbox, SEED, journal=postgresql, sent=60)
        it._has_ended(it.apply(), Kill("PATCH", 20, 0.0))
        it._has_ended(it.apply(), Kill("PATCH", 10, 0.0))
        assert it.run(2) == []
        assert list(it.reported.values())


@pytest.mark.parametrize(
    ("rule", "caught"), [("proof", "untrue"), ("doubt", "untrue"), ("reading", "twice")]
)
def test_the_verifier_sees_that_a_rule_is_missing(tmp_path: Path, rule: str, caught: str) -> None:
    with open_sandbox(SEED, rate=0.3) as sandbox:
        it = campaign(tmp_path / "desk", sandbox, SEED, without=rule, sent=60)
        assert caught in rules_of(it.run(0))


def test_the_verifier_sees_that_intents_are_missing(tmp_path: Path) -> None:
    """Killed while requests are under way, a run without intents sends them once more."""
    with open_sandbox(SEED, latency=Latency(mean=0.1)) as sandbox:
        it = campaign(tmp_path / "desk", sandbox, SEED, without="intent", sent=60)
        it._has_ended(it.apply(), Kill("PATCH", 30, 0.0))
        assert {"intent", "twice"} <= rules_of(it.run(0))


def rules_of(broken: list[str]) -> set[str]:
    return {each.split(":")[0] for each in broken}
