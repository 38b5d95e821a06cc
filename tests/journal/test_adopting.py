"""A saved plan goes into a journal whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from bulk_update.errors import StorageError
from bulk_update.journal import Journal, RunState


def test_a_plan_is_adopted_whole(where, new_run, tmp_path: Path) -> None:
    with Journal.open(tmp_path / "plan.db") as saved, Journal.open(where) as journal:
        plan = new_run(saved)
        run = journal.adopt(plan, replace(plan.record, name="r2"), b"")
        assert run.record.state is RunState.PLANNED
        assert list(run.results.changes()) == list(plan.results.changes())
        assert list(run.results.rows()) == list(plan.results.rows())
        opened = journal.open_run("r2")
        assert opened is not None
        assert opened.record.state is RunState.PLANNED
        assert opened.record.findings == plan.record.findings


def test_a_plan_that_cannot_be_read_to_its_end_leaves_nothing(
    where, new_run, tmp_path: Path
) -> None:
    """Its changes were copied by then: they are gone with the run they would belong to."""
    path = tmp_path / "plan.db"
    with Journal.open(path) as saved, Journal.open(where) as journal:
        plan = new_run(saved)
        with sqlite3.connect(path) as damaging:
            damaging.execute("DROP TABLE sheet_row")
        damaging.close()
        with pytest.raises(StorageError):
            journal.adopt(plan, replace(plan.record, name="r2"), b"")
        assert journal.runs() == []
        assert new_run(journal).results.row_counts()


def test_a_run_has_ended_even_when_the_journal_cannot_take_it(new_run, tmp_path: Path) -> None:
    """What still waited is told as never sent, not as what will be."""
    with Journal.open(tmp_path / "journal.db") as journal:
        run = new_run(journal)
        with sqlite3.connect(tmp_path / "journal.db") as damaging:
            damaging.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON run BEGIN SELECT RAISE(FAIL, 'full'); END"
            )
        damaging.close()
        with pytest.raises(StorageError):
            run.ended(RunState.STOPPED, exit_code=8)
        assert {each.status.value for each in run.results.rows()} == {"not_sent"}
