"""The plan of an undo: which contacts are read, when, and what the journal then holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bulk_update.journal import Journal, RowRecord, RunJournal, RunRecord
from bulk_update.model import (
    Account,
    Change,
    ChangeState,
    Contact,
    FieldChange,
    FieldName,
    Outcome,
    RowStatus,
)
from bulk_update.runs.undo_plan import UndoPlanner

ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
NAME, NOTE = FieldName("name"), FieldName("note")
LINGER, STALE = 30.0, 5.0


def contact(number: int, **values: str) -> Contact:
    return Contact(uuid=f"{number:032x}", **{"name": "Old", "note": "Old", **values})


def change(number: int, *fields: FieldName) -> Change:
    return Change(
        uuid=contact(number).uuid,
        rows=(number,),
        before=contact(number),
        read_at=datetime.now(UTC),
        fields=tuple(FieldChange(field=each, old="Old", new="New") for each in fields),
    )


def new_run(journal: Journal, name: str) -> RunJournal:
    record = RunRecord(
        name=name,
        command="apply",
        account=ACCOUNT,
        source_sha256="abc",
        source_path="sheet.csv",
        binding=name,
        created_at=datetime.now(UTC),
        who="ada",
        host="desk",
    )
    return journal.create_run(record, b"uuid\n")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal.db") as opened:
        yield opened


async def past_run(
    journal: Journal, states: dict[int, Outcome | None], *fields: FieldName, name: str = "r1"
) -> RunJournal:
    """A run whose changes became what is given; None is one that was never sent."""
    run = new_run(journal, name)
    changes = [(number, ChangeState.PLANNED, change(number, *fields)) for number in states]
    rows = [
        RowRecord(
            row=number,
            key=f"k{number}",
            uuid=contact(number).uuid,
            status=RowStatus.PLANNED,
            change_seq=number,
        )
        for number in states
    ]
    run.plan.add(rows, changes)
    for number, outcome in states.items():
        if outcome is not None:
            await run.sending.begin(number, 1)
            await run.sending.record(number, ChangeState.SENDING, outcome, number=1)
    return run


class Shown:
    """An account that shows, one after the other, what it is given; and which were asked for."""

    def __init__(self, *shown: Contact) -> None:
        self.shown: dict[str, list[Contact]] = {}
        for each in shown:
            self.shown.setdefault(each.uuid, []).append(each)
        self.asked: list[str] = []
        self.field_types: dict[str, object] = {}

    async def get_contact(self, uuid: str) -> Contact | None:
        self.asked.append(uuid)
        shown = self.shown.get(uuid, [])
        return shown.pop(0) if len(shown) > 1 else next(iter(shown), None)

    async def get_bot(self, _uuid: str) -> str | None:
        return None


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept; nobody really sleeps."""
    naps: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            naps.append(seconds)
        await really(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return naps


async def planned(journal: Journal, undone: RunJournal, account: Shown) -> RunJournal:
    undoing = new_run(journal, "undo")
    planner = UndoPlanner(
        account,
        undone=undone,
        undoing=undoing,
        targets=(),
        workers=2,
        on_row=lambda _number: None,
    )
    await planner.plan(undone.past.contacts())
    return undoing


def taken(number: int, **values: str) -> Outcome:
    return Outcome(state=ChangeState.UPDATED, seen=contact(number, **{"name": "New", **values}))


async def test_only_contacts_that_the_run_may_have_changed_are_read(journal, slept) -> None:
    """What was refused, or never sent, costs no request and is not in the way."""
    refused = Outcome(state=ChangeState.REFUSED)
    undone = await past_run(journal, {2: taken(2), 3: refused, 4: None}, NAME)
    account = Shown(contact(2, name="New"))
    undoing = await planned(journal, undone, account)
    assert account.asked == [contact(2).uuid]
    results = list(undoing.results.rows())
    assert [(each.row, each.status, each.code) for each in results] == [
        (2, RowStatus.PLANNED, ""),
        (3, RowStatus.UNCHANGED, "not_changed"),
        (4, RowStatus.UNCHANGED, "not_changed"),
    ]
    (back,) = undoing.sending.planned_changes()
    assert [(each.old, each.new) for each in back.change.fields] == [("New", "Old")]
    assert slept == []


async def test_a_request_without_an_answer_may_still_come(journal, slept) -> None:
    """Its contact is read only when it can no longer be carried out."""
    unknown = Outcome(state=ChangeState.UNKNOWN, code="no_proof")
    undone = await past_run(journal, {2: unknown}, NAME)
    undoing = await planned(journal, undone, Shown(contact(2, name="New")))
    assert len(undoing.sending.planned_changes()) == 1
    assert len(slept) == 1
    assert LINGER - 5 < slept[0] <= LINGER


async def test_what_seems_back_a_moment_later_is_read_once_more(journal, slept) -> None:
    """A reading may lag behind: what is not back must not be called so."""
    undone = await past_run(journal, {2: taken(2)}, NAME)
    account = Shown(contact(2), contact(2, name="New"))
    undoing = await planned(journal, undone, account)
    assert len(undoing.sending.planned_changes()) == 1
    assert len(account.asked) == 2
    assert len(slept) == 1
    assert 0 < slept[0] <= STALE


async def test_a_row_of_which_a_part_stays_is_not_done_when_the_rest_is(journal, slept) -> None:
    """However well the sending goes."""
    undone = await past_run(journal, {2: taken(2, note="New")}, NAME, NOTE)
    undoing = await planned(journal, undone, Shown(contact(2, name="New", note="Theirs")))
    assert [each.status for each in undoing.results.rows()] == [RowStatus.DRIFTED]
    await undoing.sending.begin(2, 1)
    also = Outcome(state=ChangeState.UPDATED, code="also_changed", message="something else")
    await undoing.sending.record(2, ChangeState.SENDING, also, number=1)
    (result,) = undoing.results.rows()
    assert (result.status, result.code) == (RowStatus.DRIFTED, "changed_since")
    assert result.changed == (NAME,)
    assert "note" in result.message
    assert "something else" in result.message
    assert undoing.results.row_counts() == {RowStatus.DRIFTED: 1}
    assert slept == []


async def test_what_became_of_the_rest_goes_before_what_stays(journal, slept) -> None:
    """A refusal is what to look at; that a part was left alone is said behind it."""
    undone = await past_run(journal, {2: taken(2, note="New")}, NAME, NOTE)
    undoing = await planned(journal, undone, Shown(contact(2, name="New", note="Theirs")))
    await undoing.sending.begin(2, 1)
    refused = Outcome(state=ChangeState.REFUSED, code="refused", message="not like this")
    await undoing.sending.record(2, ChangeState.SENDING, refused, number=1)
    (result,) = undoing.results.rows()
    assert (result.status, result.code) == (RowStatus.REFUSED, "refused")
    assert "not like this" in result.message
    assert "note" in result.message
    assert slept == []


async def test_a_contact_that_is_gone_is_not_found(journal, slept) -> None:
    """And nothing is planned for it."""
    undone = await past_run(journal, {2: taken(2)}, NAME)
    undoing = await planned(journal, undone, Shown())
    assert undoing.results.row_counts() == {RowStatus.NOT_FOUND: 1}
    assert slept == []


async def test_later_runs_are_told_from_earlier_ones(journal, slept) -> None:
    """Only what came after can have changed what the run left."""
    await past_run(journal, {2: taken(2)}, NAME, name="earlier")
    undone = await past_run(journal, {2: taken(2)}, NAME, name="this")
    await past_run(journal, {2: taken(2, name="Newer")}, NAME, name="later")
    found = undone.past.later([contact(2).uuid, contact(3).uuid])
    assert {uuid: [each.run for each in runs] for uuid, runs in found.items()} == {
        contact(2).uuid: ["later"]
    }
    undoing = await planned(journal, undone, Shown(contact(2, name="Newer")))
    (result,) = undoing.results.rows()
    assert (result.status, result.code) == (RowStatus.DRIFTED, "later_run")
    assert "later" in result.message
    assert slept == []
