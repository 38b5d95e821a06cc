"""The verifier finds each thing it is there to find, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from verifier import Applied, Attempt, KeptChange, KeptRun, Patch, Truth, verify

from bulk_update.model import ChangeState

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
AFTER = NOON + timedelta(seconds=1)
S = ChangeState

WELL = Truth(
    patches=(Patch(seq=1, until=3, at=AFTER, uuid="a"),),
    applied=(Applied(seq=2, uuid="a", request=1),),
    now={"a": {"name": "Ada"}, "b": {"name": "Bob"}},
)
CHANGE = KeptChange(
    uuid="a",
    state=S.UPDATED,
    attempts=(Attempt(number=1, intent_at=NOON, outcome=S.UPDATED),),
    asked={"name": "Ada"},
    moves=((S.PLANNED, S.SENDING), (S.SENDING, S.UPDATED)),
)
RUN = KeptRun(name="r", rows={2: "updated"}, changes=(CHANGE,), reported=((2, "updated"),))


def broken(truth: Truth = WELL, **more: object) -> set[str]:
    change = replace(CHANGE, **{k: v for k, v in more.items() if hasattr(CHANGE, k)})
    run = replace(RUN, **{k: v for k, v in more.items() if hasattr(RUN, k)})
    run = replace(run, changes=(change,))
    return {each.split(":")[0] for each in verify(truth, [run], rows=[2])}


def sent_again(at: int) -> Truth:
    return replace(WELL, patches=(*WELL.patches, Patch(seq=at, until=9, at=AFTER, uuid="a")))


def test_nothing_is_found_where_all_is_well() -> None:
    assert broken() == set()


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"rows": {}}, "lost"),
        ({"rows": {2: "updated", 3: "updated"}}, "lost"),
        ({"reported": ()}, "lost"),
        ({"reported": ((2, "updated"), (2, "updated"))}, "lost"),
        ({"reported": ((2, "failed"),)}, "report"),
        ({"attempts": ()}, "intent"),
        ({"attempts": ()}, "attempts"),
        ({"attempts": (replace(CHANGE.attempts[0], intent_at=NOON + timedelta(1)),)}, "intent"),
        ({"attempts": (replace(CHANGE.attempts[0], number=2),)}, "attempts"),
        ({"attempts": (replace(CHANGE.attempts[0], outcome=S.REFUSED),)}, "attempts"),
        ({"attempts": (*CHANGE.attempts, replace(CHANGE.attempts[0], number=2))}, "attempts"),
        ({"moves": ((S.PLANNED, S.MISMATCH),)}, "transition"),
        ({"moves": ((S.UPDATED, S.PLANNED),)}, "transition"),
        ({"state": S.SENDING}, "unfinished"),
        ({"state": S.REFUSED}, "untrue"),
        ({"state": S.FAILED}, "untrue"),
        ({"state": S.MISMATCH}, "untrue"),
        ({"asked": {"name": "Else"}}, "untrue"),
    ],
)
def test_what_the_journal_says_wrongly_is_found(more: dict, rule: str) -> None:
    assert rule in broken(**more)


@pytest.mark.parametrize(
    ("truth", "rule"),
    [
        (sent_again(5), "twice"),
        (sent_again(2), "in_flight"),
        (replace(WELL, applied=(*WELL.applied, Applied(seq=6, uuid="a", request=1))), "twice"),
        (replace(WELL, applied=(*WELL.applied, Applied(seq=6, uuid="b", request=1))), "untrue"),
        (replace(WELL, now={"a": {"name": "Eve"}}), "untrue"),
    ],
)
def test_what_the_account_shows_otherwise_is_found(truth: Truth, rule: str) -> None:
    assert rule in broken(truth)


def test_a_change_whose_process_died_may_come_to_any_end_that_reading_shows() -> None:
    died = Attempt(number=1, intent_at=NOON, outcome=None)
    assert broken(attempts=(died,)) == set()
