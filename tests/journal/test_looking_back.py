"""What the journal tells of runs that are over, and how it forgets them; on either database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bulk_update.journal import Journal, RunState
from bulk_update.journal.records import UNFINISHED
from bulk_update.model import ChangeState, Contact, Outcome, RowStatus

TWO = f"{2:032x}"


@pytest.fixture
def journal(where: str | Path) -> Iterator[Journal]:
    with Journal.open(where) as opened:
        yield opened


async def sent(run, seq: int, state: ChangeState = ChangeState.UPDATED, number: int = 1) -> None:
    """One request, with its intent and its outcome."""
    await run.sending.begin(seq, number)
    seen = Contact(uuid=f"{seq:032x}", name="Eve")
    outcome = Outcome(state=state, http_status=200, seen=seen)
    await run.sending.record(seq, ChangeState.SENDING, outcome, number=number)


async def test_one_row_has_its_attempts_and_what_the_account_showed(journal, new_run) -> None:
    run = new_run(journal)
    await sent(run, 2, ChangeState.PLANNED)
    await sent(run, 2, number=2)
    stored = run.one_row.stored(2)
    assert [each.number for each in stored.attempts] == [1, 2]
    assert [each.outcome for each in stored.attempts] == [
        ChangeState.PLANNED,
        ChangeState.UPDATED,
    ]
    assert all(each.answered_at >= each.intent_at for each in stored.attempts)
    assert stored.seen.name == "Eve"
    assert run.one_row.bounds() == (2, 3)
    assert run.one_row.stored(9) is None


async def test_an_attempt_nobody_saw_the_answer_of_stays_open(journal, new_run) -> None:
    run = new_run(journal)
    await run.sending.begin(2, 1)
    (attempt,) = run.one_row.stored(2).attempts
    assert (attempt.answered_at, attempt.outcome) == (None, None)


async def test_rows_are_found_by_what_became_of_them(journal, new_run) -> None:
    run = new_run(journal)
    await sent(run, 2)
    planned = {RowStatus.PLANNED, RowStatus.NOT_SENT}
    assert list(run.results.row_numbers(planned)) == [3]
    assert list(run.results.row_numbers({RowStatus.UPDATED})) == [2]
    assert run.results.row(2).status is RowStatus.UPDATED
    assert run.results.row(4) is None


async def test_history_goes_over_all_runs_in_their_order(journal, new_run) -> None:
    for name in ("r1", "r2"):
        await sent(new_run(journal, name=name), 2)
    assert journal.history.contacts("k2") == [TWO]
    assert journal.history.contacts(TWO.upper()) == [TWO]
    assert journal.history.contacts("k9") == []
    assert [each.run for each in journal.history.changes(TWO)] == ["r1", "r2"]
    assert {each.key for each in journal.history.changes(TWO)} == {"k2"}


async def test_what_later_runs_sent_to_is_counted(journal, new_run) -> None:
    first = new_run(journal, name="r1")
    await sent(first, 2, ChangeState.REFUSED)
    second = new_run(journal, name="r2")
    refused = frozenset({ChangeState.REFUSED})
    assert journal.history.count_touched_later("r1", refused) == 0
    await sent(second, 2)
    assert journal.history.count_touched_later("r1", refused) == 1
    assert journal.history.count_touched_later("r2", refused) == 0


async def test_a_run_that_guards_an_unfinished_one_is_known(journal, new_run) -> None:
    new_run(journal, name="r1")
    await sent(new_run(journal, name="r2"), 2)
    new_run(journal, name="r3").ended(RunState.CLOSED, exit_code=0)
    assert journal.pruning.guarded(UNFINISHED) == {"r2"}
    assert journal.pruning.guarded([RunState.PLANNING]) == set()


def test_a_source_goes_with_the_last_run_that_has_it(journal, new_run) -> None:
    run = new_run(journal)
    schema = b"the schema"
    name = hashlib.sha256(schema).hexdigest()
    twin = replace(run.record, name="other", source_sha256="def")
    other = journal.create_run(twin, b"x", beside=[schema])
    assert journal.source(name) == schema
    assert journal.pruning.remove_sources({name}) == 0
    other.discard()
    assert journal.pruning.remove_sources(set()) == 2
    assert journal.source(run.record.source_sha256) == b""


def test_room_is_not_given_back_while_a_run_may_be_under_way(journal, new_run, where) -> None:
    run = new_run(journal)
    assert journal.pruning.size() > 0
    assert not journal.pruning.give_back()
    run.ended(RunState.FINISHED, exit_code=0)
    assert journal.pruning.give_back() is isinstance(where, Path)


def test_a_light_list_leaves_findings_out_and_nothing_else(journal, new_run) -> None:
    new_run(journal)
    (listed,) = journal.list_runs()
    assert listed == journal.open_run("r1").record
    assert listed == journal.last_run().record
    assert journal.run_names() == ["r1"]


def test_what_is_kept_with_a_run_survives(journal, new_run) -> None:
    run = new_run(journal)
    run.keep({"mapping": "[columns]\n"})
    assert journal.open_run("r1").record.settings == {"mapping": "[columns]\n"}
