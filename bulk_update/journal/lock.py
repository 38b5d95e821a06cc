"""One run an account at a time, by a lock that a dead process cannot hold.

The lock is the operating system's, on a file in the user's fixed state folder, whatever
``--state-dir`` says: two runs with two journals must still not meet on one account. It counts
on one machine only; a folder that several machines share is no place for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from bulk_update.errors import AccountBusy, StorageError
from bulk_update.language import _
from bulk_update.model import Account


@contextmanager
def hold_account(
    account: Account, *, run: str, wait: float = 0.0, folder: Path | None = None
) -> Iterator[None]:
    """Hold ``account`` for the length of the block; wait up to ``wait`` seconds for it.

    Raises AccountBusy, naming the run that holds it, when it can't be had.
    """
    path = _lock_path(account, folder or user_state_path("bulk-update") / "locks")
    holder = path.with_suffix(".json")
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise AccountBusy(
            _("another run holds the account {account}: {holder}").format(
                account=account.name, holder=_holder(holder)
            ),
            hint=_("Wait for it to end, or give --wait-lock 30m."),
        ) from error
    except OSError as error:
        raise StorageError(
            _("the lock {path} can't be taken: {reason}").format(path=path, reason=error.strerror)
        ) from error
    try:
        _say_who(holder, run)
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _lock_path(account: Account, folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        holder.write_text(json.dumps(label), encoding="utf-8")


def _holder(holder: Path) -> str:
    try:
        label = json.loads(holder.read_text(encoding="utf-8"))
        return _("run {run}, process {process} on {host}").format(**label)
    except (OSError, ValueError, KeyError):
        return _("it does not say which")
