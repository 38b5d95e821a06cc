"""What was last applied outlives its run, and the latest word counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bulk_update.journal import Journal, RowRecord, RunJournal, RunRecord
from bulk_update.journal.records import LastApplied, UndoneMark
from bulk_update.model import (
    Account,
    Change,
    ChangeState,
    Contact,
    FieldName,
    RowStatus,
    TagEdit,
    Wish,
)

ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
NAME, TAGS = FieldName("name"), FieldName("tags")
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def journal(where: str | Path):
    with Journal.open(where) as opened:
        yield opened


def planned(journal: Journal, name: str, value: str, state: ChangeState) -> RunJournal:
    """A run whose one row asks for a name and a tag."""
    record = RunRecord(
        name=name,
        command="apply",
        account=ACCOUNT,
        source_sha256=name,
        source_path="sheet.csv",
        binding=name,
        created_at=NOON,
        who="ada",
        host="desk",
    )
    run = journal.create_run(record, b"")
    change = Change(
        uuid="u1",
        rows=(2,),
        before=Contact(uuid="u1"),
        read_at=NOON,
        fields=(),
        wishes=(Wish(field=NAME, value=value, raw=f" {value}"),),
        tags=TagEdit(add=("VIP",)),
    )
    row = RowRecord(
        row=2, key="k", uuid="u1", status=RowStatus(state), change_seq=2, identity="by-key"
    )
    run.plan.add([row], [(2, state, change)])
    run.planned(())
    return run


def test_what_a_run_applied_is_kept_by_field_and_its_keys_with_it(journal: Journal) -> None:
    planned(journal, "r1", "Ada", ChangeState.UNCHANGED)
    kept = journal.applied(ACCOUNT)
    kept.keep("r1")
    assert kept.contacts(["by-key", "another"]) == {"by-key": "u1"}
    assert kept.records(["u1"]) == {
        "u1": {
            NAME: LastApplied(value="Ada", raw=" Ada", run="r1"),
            TAGS: LastApplied(value=TagEdit(add=("VIP",)), run="r1"),
        }
    }


@pytest.mark.parametrize("state", [ChangeState.PLANNED, ChangeState.DRIFTED, ChangeState.NOT_FOUND])
def test_what_did_not_end_well_is_not_kept(journal: Journal, state: ChangeState) -> None:
    planned(journal, "r1", "Ada", state)
    journal.applied(ACCOUNT).keep("r1")
    assert journal.applied(ACCOUNT).records(["u1"]) == {}
    assert journal.applied(ACCOUNT).contacts(["by-key"]) == {}


def test_another_account_knows_nothing_of_it(journal: Journal) -> None:
    planned(journal, "r1", "Ada", ChangeState.UNCHANGED)
    journal.applied(ACCOUNT).keep("r1")
    other = journal.applied(Account(base_url="http://127.0.0.1/v1", default_team="t2"))
    assert other.records(["u1"]) == {}
    assert other.contacts(["by-key"]) == {}


def test_an_earlier_run_that_is_reported_later_takes_nothing_back(journal: Journal) -> None:
    """One that stopped is gone on with after another one has run."""
    planned(journal, "r1", "Ada", ChangeState.UNCHANGED)
    planned(journal, "r2", "Eve", ChangeState.UNCHANGED)
    first, second = (journal.open_run(name) for name in ("r1", "r2"))
    assert first is not None
    assert second is not None
    assert first.record.planned_at <= second.record.planned_at
    kept = journal.applied(ACCOUNT)
    kept.keep("r2")
    kept.keep("r1")
    assert kept.records(["u1"])["u1"][NAME].value == "Eve"


def test_what_an_undo_put_back_is_marked_until_the_field_is_applied_again(
    journal: Journal,
) -> None:
    planned(journal, "r1", "Ada", ChangeState.UNCHANGED)
    kept = journal.applied(ACCOUNT)
    kept.keep("r1")
    kept.mark([UndoneMark(uuid="u1", field=NAME, by="r2", restored="Ida")], datetime.now(UTC))
    marked = kept.records(["u1"])["u1"]
    assert (marked[NAME].undone_by, marked[NAME].restored) == ("r2", "Ida")
    assert marked[TAGS].undone_by == ""
    kept.keep("r1")  # the run is reported again: the undo came after it
    assert kept.records(["u1"])["u1"][NAME].undone_by == "r2"
    later = datetime.now(UTC) + timedelta(seconds=1)
    kept.mark([UndoneMark(uuid="u1", field=NAME)], later)
    cleared = kept.records(["u1"])["u1"][NAME]
    assert (cleared.value, cleared.undone_by, cleared.restored) == ("Ada", "", None)


def test_it_outlives_the_run(journal: Journal) -> None:
    run = planned(journal, "r1", "Ada", ChangeState.UNCHANGED)
    journal.applied(ACCOUNT).keep("r1")
    run.discard()
    assert journal.applied(ACCOUNT).records(["u1"])["u1"][NAME].value == "Ada"
    assert journal.applied(ACCOUNT).contacts(["by-key"]) == {"by-key": "u1"}


def test_rows_of_one_key_are_one_key(journal: Journal) -> None:
    """Several rows may bear it; a skipped row knows its contact too."""
    run = planned(journal, "r1", "Ada", ChangeState.UNCHANGED)
    again = [
        RowRecord(row=3, key="k", uuid="u1", status=RowStatus.UNCHANGED, change_seq=2,
                  identity="by-key"),
        RowRecord(row=4, key="x", uuid="u9", status=RowStatus.SKIPPED, identity="skipped"),
    ]  # fmt: skip
    run.plan.add(again, [])
    kept = journal.applied(ACCOUNT)
    kept.keep("r1")
    assert kept.contacts(["by-key", "skipped"]) == {"by-key": "u1", "skipped": "u9"}
