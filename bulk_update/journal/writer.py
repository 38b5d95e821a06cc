"""One thread that writes, and commits in groups.

A commit is what durability costs. Everything that waits when the thread is free goes into the
next transaction together, so the cost is shared; nobody is told "written" before the commit.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bulk_update.errors import BulkUpdateError
from bulk_update.journal.batches import Batch, Values
from bulk_update.journal.database import Database
from bulk_update.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

GROUP_LIMIT: Final = 2_000
"""Waiting writes that go into one transaction, at the most."""

BETWEEN: Final = 0.005
"""Seconds from one commit's beginning to the next one's, at least."""

ENOUGH: Final = 16
PATIENCE: Final = 0.02
"""Seconds, after a commit of more than one write and while fewer than ENOUGH wait: at the account's
limit almost each write would else be a commit of its own, with its own wait for the disk, and those
would be most of what the program does."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row to write."""

    batch: Batch
    values: Values


@dataclass(slots=True)
class _Pending:
    writes: tuple[Write, ...]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class Writer:
    """The writer thread of one journal."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._broken: BulkUpdateError | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    async def write(self, *writes: Write) -> None:
        """Return once ``writes`` are durable, together or not at all; no write renews the lease.

        Raises StorageError when they could not be written, AccountBusy when the lease is
        another's; from then on every write raises.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Pending(writes, loop, done))
        await done

    def close(self) -> None:
        """Write what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        began, patience = 0.0, BETWEEN
        while (first := self._queue.get()) is not None:
            self._let_more_come(began, patience)
            began = time.monotonic()
            group, more = self._group(first)
            self._commit(group)
            if not more:
                return
            patience = PATIENCE if len(group) > 1 else BETWEEN

    def _let_more_come(self, began: float, patience: float) -> None:
        time.sleep(max(0.0, began + BETWEEN - time.monotonic()))
        while self._queue.qsize() < ENOUGH and time.monotonic() < began + patience:
            time.sleep(BETWEEN)

    def _group(self, first: _Pending) -> tuple[list[_Pending], bool]:
        group = [first]
        while len(group) < GROUP_LIMIT:
            try:
                pending = self._queue.get_nowait()
            except queue.Empty:
                break
            if pending is None:
                return group, False
            group.append(pending)
        return group, True

    def _commit(self, group: list[_Pending]) -> None:
        error = self._broken
        if error is None:
            try:
                with self._database.writing() as connection:
                    _execute(connection, group)
            except BulkUpdateError as cause:
                error = self._broken = cause
            except BaseException as cause:  # noqa: BLE001 - who waits must be told, or waits for ever
                error = self._broken = _bug(cause)
        _tell(group, error)


def _bug(cause: BaseException) -> BulkUpdateError:
    """Only the kind of ``cause``: its text may quote what was to be written."""
    error = BulkUpdateError(
        _("the journal can't take this: {kind}").format(kind=type(cause).__name__)
    )
    error.__cause__ = cause
    return error


def _tell(group: list[_Pending], error: BaseException | None) -> None:
    """Wake each loop once for all that wait in it: every call from another thread costs."""
    waiting: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for pending in group:
        waiting.setdefault(pending.loop, []).append(pending.done)
    for loop, futures in waiting.items():
        with suppress(RuntimeError):  # a loop that was closed has nobody in it that waits
            loop.call_soon_threadsafe(_settle, futures, error)


def _settle(futures: list[asyncio.Future[None]], error: BaseException | None) -> None:
    for future in futures:
        if future.done():  # its waiter was cancelled; the write itself stands
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


def _execute(connection: Connection, group: list[_Pending]) -> None:
    """Write the rows of one batch together, in the order in which each batch first came.

    Two writes of one change are never in one group: the second is only made once the first is
    known to be durable. So the order between batches is free.
    """
    rows: dict[Batch, list[Values]] = {}
    for pending in group:
        for write in pending.writes:
            rows.setdefault(write.batch, []).append(write.values)
    for batch, values in rows.items():
        batch.run(connection, values)
