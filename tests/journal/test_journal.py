"""The journal keeps a run: what goes in comes out, and no state changes outside the table."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bulk_update.errors import BulkUpdateError, StorageError
from bulk_update.journal import Journal, RowRecord, RunJournal, RunRecord, RunState
from bulk_update.model import (
    Account,
    Change,
    ChangeState,
    Contact,
    Desired,
    FieldChange,
    FieldName,
    FieldType,
    Finding,
    FindingGroup,
    Keys,
    Level,
    Outcome,
    RowStatus,
    TagEdit,
    Wish,
    custom_field,
)

ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def record(name: str = "r1") -> RunRecord:
    return RunRecord(
        name=name,
        command="apply",
        account=ACCOUNT,
        source_sha256="abc",
        source_path="sheet.csv",
        binding="b",
        created_at=NOON,
        who="ada",
        host="desk",
        settings={"delimiter": ";"},
    )


def change(number: int, *, other: str = "") -> Change:
    status = custom_field("Status")
    fields = {"Status": "Old", "Features": ("a", "b")} | ({"Other": other} if other else {})
    return Change(
        uuid=f"{number:032x}",
        rows=(number,),
        before=Contact(uuid=f"{number:032x}", name="Ada", tags=("VIP ",), custom_fields=fields),
        read_at=NOON,
        fields=(FieldChange(field=status, old="Old", new="New", type=FieldType.DROPDOWN),),
        wishes=(Wish(field=status, value="New", raw="new", type=FieldType.DROPDOWN),),
        tags=TagEdit(add=("x",), replace=None),
        was=(Wish(field=FieldName("note"), value=None),),
    )


def row(number: int, **more: object) -> RowRecord:
    values = {"row": number, "key": f"k{number}", "status": RowStatus.PLANNED} | more
    return RowRecord(**values)  # type: ignore[arg-type]


@pytest.fixture
def journal(where: str | Path):
    with Journal.open(where) as opened:
        yield opened


@pytest.fixture
def planned(journal: Journal) -> RunJournal:
    run = journal.create_run(record(), b"a;b\n1;2\n")
    run.plan.add(
        [
            row(2, uuid=f"{2:032x}", change_seq=2),
            row(3, uuid=f"{3:032x}", change_seq=3),
            row(4, status=RowStatus.INVALID, code="bad", message="no"),
        ],
        [(2, ChangeState.PLANNED, change(2)), (3, ChangeState.PLANNED, change(3, other="x"))],
    )
    run.planned(())
    run.applying()
    return run


def test_a_change_comes_back_as_it_went_in(planned: RunJournal) -> None:
    assert [each.change for each in planned.sending.planned_changes()] == [
        change(2),
        change(3, other="x"),
    ]


def test_run_record_survives_reopening(where: str | Path) -> None:
    group = FindingGroup(
        finding=Finding(code="c", level=Level.ERROR, message="m", value="v"), rows=(2,), count=1
    )
    with Journal.open(where) as first:
        run = first.create_run(record(), b"content")
        run.planned((group,))
        run.ended(RunState.FINISHED, exit_code=1)
    with Journal.open(where) as second:
        (kept,) = second.runs()
        assert (kept.state, kept.exit_code, kept.findings) == (RunState.FINISHED, 1, (group,))
        assert kept.settings == {"delimiter": ";"}
        assert second.source("abc") == b"content"


def test_journal_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    where = tmp_path / "deep" / "journal.db"
    Journal.open(where).close()
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert stat.S_IMODE(where.parent.stat().st_mode) == 0o700


async def test_intent_then_outcome_is_what_the_results_say(planned: RunJournal) -> None:
    await planned.sending.begin(2, 1)
    outcome = Outcome(state=ChangeState.UPDATED, http_status=200, seen=Contact(uuid=f"{2:032x}"))
    await planned.sending.record(2, ChangeState.SENDING, outcome, number=1)
    planned.ended(RunState.FINISHED, exit_code=1)
    statuses = {each.row: each.status for each in planned.results.rows()}
    assert statuses == {2: RowStatus.UPDATED, 3: RowStatus.NOT_SENT, 4: RowStatus.INVALID}
    assert planned.results.row_counts() == {
        RowStatus.UPDATED: 1,
        RowStatus.NOT_SENT: 1,
        RowStatus.INVALID: 1,
    }


async def test_sent_without_an_outcome_is_unknown(planned: RunJournal) -> None:
    await planned.sending.begin(2, 1)
    planned.ended(RunState.STOPPED, exit_code=130)
    assert next(planned.results.rows()).status is RowStatus.UNKNOWN


async def test_no_transition_outside_the_table(planned: RunJournal) -> None:
    with pytest.raises(StorageError):
        await planned.sending.record(
            2, ChangeState.PLANNED, Outcome(state=ChangeState.MISMATCH), number=1
        )


async def test_a_change_cannot_begin_twice(planned: RunJournal) -> None:
    """The guard is in the statement: another process's state counts, not what we believe."""
    await planned.sending.begin(2, 1)
    with pytest.raises(StorageError):
        await planned.sending.begin(2, 2)


async def test_an_answer_belongs_to_an_attempt_that_was_begun(planned: RunJournal) -> None:
    """Else nothing of it is kept: the change is still under way."""
    await planned.sending.begin(2, 1)
    with pytest.raises(StorageError, match="0 of 1") as told:
        await planned.sending.record(
            2, ChangeState.SENDING, Outcome(state=ChangeState.UPDATED), number=2
        )
    assert told.value.code == "journal_state"
    assert planned.sending.outcome_of(2)[0].state is ChangeState.SENDING


async def test_many_writes_at_once_are_all_there(planned: RunJournal) -> None:
    await asyncio.gather(planned.sending.begin(2, 1), planned.sending.begin(3, 1))
    assert planned.sending.planned_changes() == []


async def test_odd_characters_do_not_end_a_run(planned: RunJournal) -> None:
    """NUL and half a surrogate pair come from damaged cells, and from what an account says."""
    odd = "a\0b\ud800c\n🎂"
    planned.plan.add([row(9, key=odd, status=RowStatus.INVALID, message=odd, hint=odd)], [])
    await planned.sending.begin(2, 1)
    refused = Outcome(state=ChangeState.REFUSED, message=odd)
    await planned.sending.record(2, ChangeState.SENDING, refused, number=1)
    kept = {each.row: each for each in planned.results.rows()}
    plain = "a\ufffdb\ufffdc\n🎂"
    assert [kept[9].key, kept[9].message, kept[9].hint, kept[2].message] == [plain] * 4


async def test_what_can_not_be_written_is_told_to_who_waits(planned: RunJournal) -> None:
    """A value that the database's driver itself chokes on: no write hangs, none comes after."""
    await planned.sending.begin(2, 1)
    broken = Outcome(state=ChangeState.UPDATED, code="\ud800")
    with pytest.raises(BulkUpdateError):
        await planned.sending.record(2, ChangeState.SENDING, broken, number=1)
    with pytest.raises(BulkUpdateError):
        await planned.sending.begin(3, 1)


def test_contested_rows_are_merged_or_rejected(journal: Journal) -> None:
    run = journal.create_run(record(), b"")
    desired = Desired(row=5, keys=Keys(shown="k5"), tags=TagEdit(add=("y",)))
    run.plan.add([row(2, change_seq=2)], [(2, ChangeState.PLANNED, change(2))])
    run.plan.add([row(5, change_seq=2, desired=desired)], [])
    ((stored, others),) = run.plan.contested()
    assert (stored.seq, others) == (2, [desired])
    said = RowRecord(
        row=2, key="", status=RowStatus.DUPLICATE, code="duplicate", message="disagree"
    )
    run.plan.reject_rows(2, said)
    assert [each.status for each in run.results.rows()] == [RowStatus.DUPLICATE] * 2
    assert list(run.plan.contested()) == []


def test_only_a_contact_with_other_fields_can_show_merge_or_replace(planned: RunJournal) -> None:
    assert planned.sending.seq_with_other_fields() == 2  # bears "Features" beside "Status"


def test_facts_of_an_account_are_remembered(journal: Journal) -> None:
    assert journal.fact(ACCOUNT, "custom_fields") is None
    journal.remember(ACCOUNT, "custom_fields", "merge")
    journal.remember(ACCOUNT, "custom_fields", "replace")
    assert journal.fact(ACCOUNT, "custom_fields") == "replace"


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    where = tmp_path / "journal.db"
    Journal.open(where).close()
    engine = create_engine(f"sqlite:///{where}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = '99'"))
    engine.dispose()
    with pytest.raises(StorageError, match="99"):
        Journal.open(where)


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    where = tmp_path / "journal.db"
    where.write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError):
        Journal.open(where)
