"""One run an account at a time, by a lock that a dead process cannot hold.

With SQLite the lock is the operating system's, on a file in the user's fixed state folder,
whatever ``--state-dir`` says: two runs with two journals must still not meet on one account. It
counts on one machine only. With PostgreSQL it is an advisory lock of the database's session, which
every machine that uses this journal sees, and which ends with its connection.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout
from platformdirs import user_state_path
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bulk_update.config.places import private_folder
from bulk_update.errors import AccountBusy, StorageError
from bulk_update.language import _
from bulk_update.model import Account

if TYPE_CHECKING:
    from bulk_update.journal.database import Database

POLL: Final = 0.5
"""Seconds between two looks at a lock that another holds."""


@contextmanager
def outer_lock(
    database: Database,
    account: Account,
    *,
    holder: str,
    wait: float,
    on_wait: Callable[[], None],
) -> Iterator[None]:
    """Hold ``account`` for the length of the block; wait up to ``wait`` seconds for it, after
    a call of ``on_wait``. A signal ends the waiting.

    Raises AccountBusy, naming who holds it where that is known, when it can't be had.
    """
    if database.engine.dialect.name == "postgresql":
        with _advisory_lock(database, account, wait, on_wait):
            yield
    else:
        with _file_lock(account, holder, wait, on_wait):
            yield


@contextmanager
def _advisory_lock(
    database: Database, account: Account, wait: float, on_wait: Callable[[], None]
) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(account.key.encode()).digest()[:8], signed=True)
    # A connection of its own: the lock is its session's, and goes with it.
    with database.reading() as connection:

        def taken() -> bool:
            got = bool(connection.execute(select(func.pg_try_advisory_lock(number))).scalar())
            connection.commit()  # who waits for minutes must not hold a snapshot
            return got

        if not _waited_for(taken, wait, on_wait):
            raise _busy(account, _("another machine or process"))
        try:
            yield
        finally:
            # Where the connection was cut, the lock went with it. What was done meanwhile is
            # guarded by the lease, and is no worse for that.
            with suppress(SQLAlchemyError):
                connection.execute(select(func.pg_advisory_unlock(number)))


@contextmanager
def _file_lock(
    account: Account, run: str, wait: float, on_wait: Callable[[], None]
) -> Iterator[None]:
    path = _lock_path(account, user_state_path("bulk-update") / "locks")
    holder = path.with_suffix(".json")
    lock = FileLock(path, mode=0o600)
    if not _waited_for(lambda: _taken(lock, path), wait, on_wait):
        raise _busy(account, _holder(holder))
    try:
        _say_who(holder, run)
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _taken(lock: FileLock, path: Path) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        raise StorageError(
            _("the lock {path} can't be taken: {reason}").format(path=path, reason=error.strerror)
        ) from error
    return True


def _waited_for(taken: Callable[[], bool], wait: float, on_wait: Callable[[], None]) -> bool:
    """Whether it was taken at last. It is asked for, and not waited for: a wait inside the
    system or the database would not see a signal."""
    if taken():
        return True
    until = time.monotonic() + wait
    if wait:
        on_wait()
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(POLL, left))
        if taken():
            return True
    return False


def _busy(account: Account, holder: str) -> AccountBusy:
    return AccountBusy(
        _("another run holds the account {account}: {holder}").format(
            account=account.name, holder=holder
        ),
        hint=_("Wait for it to end, or give --wait-lock 30m."),
    )


def _lock_path(account: Account, folder: Path) -> Path:
    try:
        private_folder(folder)
    except OSError as error:
        raise StorageError(
            _("the folder {path} can't be made: {reason}").format(
                path=folder, reason=error.strerror
            )
        ) from error
    # A hash: an account's name must not be able to leave the folder.
    return folder / (hashlib.sha256(account.key.encode()).hexdigest()[:32] + ".lock")


def _say_who(holder: Path, run: str) -> None:
    with suppress(OSError):  # the lock counts; its label is a courtesy
        label = {"run": run, "process": os.getpid(), "host": socket.gethostname()}
        number = os.open(holder, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(label, file)


def _holder(holder: Path) -> str:
    try:
        label = json.loads(holder.read_text(encoding="utf-8"))
        return _("run {run}, process {process} on {host}").format(**label)
    except (OSError, ValueError, KeyError):
        return _("it does not say which")
