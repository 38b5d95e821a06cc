"""Whoever waits for a write is told what became of it, whatever happens in the writer's thread."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bulk_update.errors import BulkUpdateError
from bulk_update.journal import Journal
from bulk_update.model import Account

ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
SOON = 20.0  # seconds; only a hang takes so long


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, MemoryError, ValueError])
def test_every_error_reaches_who_waits_and_all_who_come_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_run, kind: type[BaseException]
) -> None:
    def fails(*_arguments: object) -> None:
        raise kind

    async def write_three_times() -> list[BaseException | None]:
        first = [run.sending.renew_lease(), run.sending.renew_lease()]
        told = await asyncio.wait_for(asyncio.gather(*first, return_exceptions=True), SOON)
        later = [run.sending.renew_lease()]
        return told + await asyncio.wait_for(asyncio.gather(*later, return_exceptions=True), SOON)

    with Journal.open(tmp_path / "journal.db") as journal, journal.hold(ACCOUNT, holder="r1"):
        run = new_run(journal)
        monkeypatch.setattr("bulk_update.journal.writer._execute", fails)
        told = asyncio.run(write_three_times())
    assert [type(each) for each in told] == [BulkUpdateError] * 3
    assert {type(each.__cause__) for each in told} == {kind}
    assert {kind.__name__ in str(each) for each in told} == {True}


def test_a_waiter_whose_loop_is_gone_stops_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_run
) -> None:
    """A second Ctrl-C closes the loop while a write is under way."""
    from bulk_update.journal import writer

    entered, may_go = writer.threading.Event(), writer.threading.Event()
    execute = writer._execute

    def slow(connection: object, group: list[writer._Pending]) -> None:
        entered.set()
        assert may_go.wait(SOON)
        execute(connection, group)

    with Journal.open(tmp_path / "journal.db") as journal, journal.hold(ACCOUNT, holder="r1"):
        run = new_run(journal)
        monkeypatch.setattr(writer, "_execute", slow)

        async def given_up() -> None:
            task = asyncio.ensure_future(run.sending.begin(2, 1))
            await asyncio.to_thread(entered.wait, SOON)
            task.cancel()

        asyncio.run(given_up())
        may_go.set()
        asyncio.run(asyncio.wait_for(run.sending.begin(3, 1), SOON))
        assert not run.sending.planned_changes()
