"""One run an account at a time; a dead process holds nothing, and one that was overtaken writes
nothing."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bulk_update.errors import AccountBusy
from bulk_update.journal import Journal, store
from bulk_update.model import Account

ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")
OTHER = Account(base_url="http://127.0.0.1/v1", default_team="t2", name="other")
LONG = 60.0
"""Seconds that are never waited for in full."""

HOLDING = f"""
import sys
from bulk_update.journal import Journal
from bulk_update.model import Account

with Journal.open(sys.argv[1]) as journal, journal.hold({ACCOUNT!r}, holder="the other one"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(where: str | Path):
    """A process that holds the account until its input ends, or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(where)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_two_processes_never_hold_one_account(where: str | Path) -> None:
    with another_process(where), Journal.open(where) as journal:
        with pytest.raises(AccountBusy), journal.hold(ACCOUNT, holder="r"):
            pass
        with journal.hold(OTHER, holder="r"):
            pass  # another account is free


def test_a_dead_process_holds_nothing(where: str | Path) -> None:
    with another_process(where) as process, Journal.open(where) as journal:
        process.kill()
        with journal.hold(ACCOUNT, holder="r", wait=LONG) as lease:
            assert lease.fence == 2


def test_an_account_is_waited_for(where: str | Path) -> None:
    with another_process(where) as process, Journal.open(where) as journal:
        assert process.stdin is not None
        process.stdin.close()
        with journal.hold(ACCOUNT, holder="r", wait=LONG):
            pass


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first guard fails: two runs believe that the other one is dead."""
    monkeypatch.setattr(store, "outer_lock", lambda *_args, **_more: nullcontext())


async def test_who_was_overtaken_writes_nothing_more(no_lock, where, new_run) -> None:
    """Suspended, taken over, woken up: the fence in the database is another's by now."""
    with (
        Journal.open(where) as slow,
        Journal.open(where) as quick,
        slow.hold(ACCOUNT, holder="slow"),
    ):
        run = new_run(slow)
        await run.sending.begin(2, 1)
        with quick.hold(ACCOUNT, holder="quick"):
            with pytest.raises(AccountBusy):
                await run.sending.begin(3, 1)
            with pytest.raises(AccountBusy):
                run.applying()
            taken = quick.open_run(run.record.name)
            assert taken is not None
            assert [each.seq for each in taken.sending.unknown_changes()] == [2]
            assert [each.seq for each in taken.sending.planned_changes()] == [3]


async def test_a_run_whose_connection_was_cut_is_overtaken(postgresql: str, new_run) -> None:
    """The lock goes with its session; the old holder finds out at its next write, and that is
    what it says, not that it could not let go of the lock."""

    async def overtaken(slow: Journal, quick: Journal) -> None:
        with slow.hold(ACCOUNT, holder="slow"):
            run = new_run(slow)
            cut_the_lock(postgresql)
            with quick.hold(ACCOUNT, holder="quick", wait=LONG):
                await run.sending.begin(2, 1)

    with (
        Journal.open(postgresql) as slow,
        Journal.open(postgresql) as quick,
        pytest.raises(AccountBusy),
    ):
        await overtaken(slow, quick)


def test_a_connection_that_was_cut_is_no_error_where_nobody_came(postgresql: str, new_run) -> None:
    with Journal.open(postgresql) as journal:
        with journal.hold(ACCOUNT, holder="r"):
            run = new_run(journal)
            cut_the_lock(postgresql)
            run.applying()
        with journal.hold(ACCOUNT, holder="r", wait=LONG) as lease:
            assert lease.fence == 2


def cut_the_lock(url: str) -> None:
    """End the session that holds the advisory lock, as a firewall does with an idle one."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d"
                " ON d.oid = l.database WHERE l.locktype = 'advisory'"
                " AND d.datname = current_database()"
            )
        )
    engine.dispose()
