"""What a run did, as undoing it begins with, on either database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bulk_update.journal import Journal, RowRecord
from bulk_update.model import Account, ChangeState, Contact, Outcome, RowStatus

OTHER = Account(base_url="http://127.0.0.1/v1", default_team="t2", name="other")
SEEN = Contact(uuid=f"{2:032x}", name="Eve", tags=("VIP",))


async def answered(run, state: ChangeState, *, seq: int = 2, seen: Contact | None = None) -> None:
    """One attempt at a change, and what became of it."""
    await run.sending.begin(seq, 1)
    outcome = Outcome(state=state, seen=seen)
    await run.sending.record(seq, ChangeState.SENDING, outcome, number=1)


async def test_rows_come_with_what_was_done_to_their_contacts(where, new_run) -> None:
    """The before-image, the end, and what the answer showed."""
    with Journal.open(where) as journal:
        run = new_run(journal)
        await answered(run, ChangeState.UPDATED, seen=SEEN)
        first, second = run.past.contacts()
    assert [(each.row, each.key) for each in first.rows] == [(2, "k2")]
    assert first.past is not None
    assert (first.past.run, first.past.state) == ("r1", ChangeState.UPDATED)
    assert first.past.change.before.name == "Ada"
    assert first.past.seen == SEEN
    assert first.past.at is not None
    assert second.past is not None
    assert (second.past.sent, second.past.seen) == (False, None)


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        (ChangeState.UPDATED, True),
        (ChangeState.MISMATCH, True),
        (ChangeState.UNKNOWN, True),
        (ChangeState.REFUSED, False),
        (ChangeState.PLANNED, False),
    ],
)
async def test_sent_is_what_may_have_been_carried_out(where, new_run, state, sent) -> None:
    """Not what was refused, answered 429, or kept from leaving."""
    with Journal.open(where) as journal:
        run = new_run(journal)
        await answered(run, state)
        past, _other = (each.past for each in run.past.contacts())
    assert past is not None
    assert past.sent is sent


async def test_an_attempt_without_an_outcome_counts_as_sent(where, new_run) -> None:
    """The process died in mid-send."""
    with Journal.open(where) as journal:
        run = new_run(journal)
        await run.sending.begin(2, 1)
        past, _other = (each.past for each in run.past.contacts())
    assert past is not None
    assert past.sent


def test_rows_of_one_contact_come_together(where, new_run) -> None:
    """Wherever they stand in the sheet; a row without a change comes alone."""
    with Journal.open(where) as journal:
        run = new_run(journal)
        more = [
            RowRecord(row=4, key="no such", status=RowStatus.NOT_FOUND),
            RowRecord(row=9, key="k9", uuid=SEEN.uuid, status=RowStatus.PLANNED, change_seq=2),
        ]
        run.plan.add(more, [])
        whole = list(run.past.contacts())
        part = list(run.past.contacts((3, 9)))
        assert run.past.bounds() == (2, 9)
    assert [[row.row for row in each.rows] for each in whole] == [[2, 9], [3], [4]]
    assert whole[2].past is None
    assert [[row.row for row in each.rows] for each in part] == [[9], [3], [4]]
    assert part[0].past == whole[0].past


def test_a_run_without_rows_has_no_bounds(where, new_run) -> None:
    """An empty sheet."""
    with Journal.open(where) as journal:
        record = replace(new_run(journal).record, name="empty")
        empty = journal.create_run(record, b"")
        assert empty.past.bounds() is None
        assert list(empty.past.contacts()) == []


async def test_later_runs_of_the_same_account_are_told_in_their_order(where, new_run) -> None:
    """Neither earlier ones nor those of another account; nor other contacts."""
    with Journal.open(where) as journal:
        names = ("earlier", "this", "second", "third", "elsewhere")
        runs = {}
        for name in names:
            runs[name] = new_run(journal, OTHER if name == "elsewhere" else ACCOUNT, name)
            await answered(runs[name], ChangeState.UPDATED, seen=SEEN)
        found = runs["this"].past.later([SEEN.uuid, "f" * 32])
    assert {uuid: [each.run for each in runs] for uuid, runs in found.items()} == {
        SEEN.uuid: ["second", "third"]
    }
    assert all(each.seen == SEEN for each in found[SEEN.uuid])


ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
