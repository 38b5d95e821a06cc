"""Planning streams: what it holds does not grow with the rows of the sheet."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bulk_update.account.lookup import Found
from bulk_update.journal import Journal, RunRecord
from bulk_update.model import Account, Contact, Desired, FieldName, Keys, Verdict, Wish
from bulk_update.planning import Planner

WORKERS = 32
FEW, MANY = 1_000, 4_000
MOST_MORE = 512 * 1024
"""Bytes: far less than what 3,000 rows, contacts or changes would take."""


class Everybody:
    """Finds every contact at once, as a listing does."""

    channel = ""

    async def find(self, keys: Keys) -> Found:
        contact = Contact(uuid=keys.uuid, name="Old", custom_fields={"Notes": "n" * 200})
        return Found(contact=contact, read_at=datetime.now(UTC))


class NoBots:
    async def get_bot(self, _uuid: str) -> str | None:
        return None


def verdicts(rows: int) -> Iterator[Verdict]:
    for row in range(2, rows + 2):
        uuid = f"{row:032x}"
        wish = Wish(field=FieldName("name"), value=f"New {row}", raw=f"New {row}")
        desired = Desired(row=row, keys=Keys(shown=uuid, uuid=uuid), wishes=(wish,))
        yield Verdict(row=row, key=uuid, desired=desired)


async def peak(folder: Path, rows: int) -> int:
    """The most bytes that planning so many rows held."""
    record = RunRecord(
        name=f"r{rows}",
        command="plan",
        account=Account(base_url="http://127.0.0.1", name="sandbox"),
        source_sha256="x",
        source_path="sheet.csv",
        binding="b",
        created_at=datetime.now(UTC),
        who="ada",
        host="desk",
    )
    with Journal.open(folder / f"{rows}.db") as journal:
        run = journal.create_run(record, b"")
        planner = Planner(Everybody(), NoBots(), run.plan, workers=WORKERS, on_row=lambda: None)
        gc.collect()
        tracemalloc.start()
        try:
            await planner.plan(verdicts(rows))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


async def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    await peak(tmp_path, 10)  # what is made once is made now
    few, many = await peak(tmp_path, FEW), await peak(tmp_path, MANY)
    assert many - few < MOST_MORE, (few, many)
