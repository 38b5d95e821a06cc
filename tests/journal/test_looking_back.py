"""What the journal tells of runs that are over, and how it forgets them; on either database."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from bulk_update.journal import Journal, RowRecord, RunState
from bulk_update.journal.records import ACCOUNT_REPLACES, UNFINISHED
from bulk_update.journal.tables import change
from bulk_update.model import (
    PROBLEM_STATUSES,
    Change,
    ChangeState,
    Contact,
    FieldChange,
    FieldName,
    Outcome,
    RowStatus,
)

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
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


def make_change(number: int) -> Change:
    uuid = f"{number:032x}"
    return Change(
        uuid=uuid,
        rows=(number,),
        before=Contact(uuid=uuid, name="Ada"),
        read_at=NOON,
        fields=(FieldChange(field=FieldName("name"), old="Ada", new="Eve"),),
    )


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


async def test_who_looks_never_waits_for_who_writes(new_run, tmp_path) -> None:
    """A transaction may take its time, and its process may even be stopped in the middle."""
    path = tmp_path / "journal.db"
    with Journal.open(path) as writes:
        new_run(writes)
        with closing(sqlite3.connect(path, isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            with Journal.open(path) as looks:
                assert [each.name for each in looks.list_runs()] == ["r1"]
            busy.execute("ROLLBACK")


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


def test_rows_of_some_statuses_are_those_of_all_that_have_them(where, new_run) -> None:
    """Whatever the plan said of a row and whatever its change came to, while it runs and after."""
    with Journal.open(where) as journal:
        run = new_run(journal)
        said = [status for status in RowStatus if status is not RowStatus.VALID]
        became = [(state, code) for state in ChangeState for code in ("", ACCOUNT_REPLACES)]
        pairs = list(enumerate([(s, b) for s in said for b in became], 10))
        alone = [RowRecord(row=1000 + n, key="k", status=s) for n, s in enumerate(said)]
        rows = [RowRecord(row=n, key="k", status=s, change_seq=n) for n, (s, _b) in pairs]
        changes = [(n, ChangeState.PLANNED, make_change(n)) for n, _pair in pairs]
        run.plan.add([*rows, *alone], changes)
        with journal._database.writing() as connection:
            for n, (_status, (state, code)) in pairs:
                where_it_is = (change.c.run_id == run._id) & (change.c.seq == n)
                connection.execute(update(change).where(where_it_is).values(state=state, code=code))
        for state in (RunState.APPLYING, RunState.FINISHED):
            run.ended(state, exit_code=0)
            every = list(run.results.rows())
            assert len(every) == len(pairs) + len(alone) + 2
            for statuses in (*map(frozenset, zip(RowStatus, strict=True)), PROBLEM_STATUSES):
                wanted = [each for each in every if each.status in statuses]
                assert list(run.results.rows_that_became(statuses)) == wanted
    problems = [each for each in every if each.status in PROBLEM_STATUSES and each.row < 1000]
    assert {each.name for each in problems} == {"Ada"}
