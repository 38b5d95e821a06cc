"""Both databases a journal can be in."""

from __future__ import annotations

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
    RowStatus,
    Wish,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a journal is to be: the same tests on either database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def new_run():
    """Makes a planned run of two changes, seq 2 and 3."""

    def made(journal: Journal, account: Account = ACCOUNT, name: str = "r1") -> RunJournal:
        run = journal.create_run(record(account, name), b"")
        changes = [(seq, ChangeState.PLANNED, change(seq)) for seq in (2, 3)]
        rows = [
            RowRecord(
                row=seq, key=f"k{seq}", uuid=f"{seq:032x}", status=RowStatus.PLANNED, change_seq=seq
            )
            for seq in (2, 3)
        ]
        run.plan.add(rows, changes)
        run.planned(())
        run.applying()
        return run

    return made


ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NAME = FieldName("name")


def record(account: Account, name: str) -> RunRecord:
    return RunRecord(
        name=name,
        command="apply",
        account=account,
        source_sha256="abc",
        source_path="sheet.csv",
        binding="b",
        created_at=NOON,
        who="ada",
        host="desk",
    )


def change(number: int) -> Change:
    uuid = f"{number:032x}"
    return Change(
        uuid=uuid,
        rows=(number,),
        before=Contact(uuid=uuid, name="Ada"),
        read_at=NOON,
        fields=(FieldChange(field=NAME, old="Ada", new="Eve"),),
        wishes=(Wish(field=NAME, value="Eve"),),
    )
