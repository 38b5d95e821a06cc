"""The pool: workers that send, readers that settle, and an orderly end.

A fixed number of workers takes changes from a bounded queue; whatever became unknown is settled
by readers of their own, so that it never occupies those that send. One change is in one place at
a time, and a contact has one change: no two requests for one contact are ever in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bulk_update.account.breaker import Breaker
from bulk_update.applying.collecting import rare_collections
from bulk_update.applying.items import Again, Ended, Item, Next, Unsettled
from bulk_update.applying.room import Room
from bulk_update.applying.sender import LINGER, Sender
from bulk_update.errors import AccountUnreachable, BulkUpdateError, more_urgent
from bulk_update.language import _

if TYPE_CHECKING:
    from bulk_update.applying.canary import Canary
    from bulk_update.journal.records import StoredChange
    from bulk_update.journal.sending import SendingPart
    from bulk_update.model import ChangeState

DRAIN: Final = 8.0
"""Seconds that what is in flight has to finish, once the run is told to stop."""

SETTLERS: Final = 8
"""Readers that settle what is unknown."""

MAX_UNREAD: Final = 3
"""Readings in a row that may fail before the change is given up."""

HEARTBEAT: Final = 20.0
"""Seconds between two renewals of the lease; it must outlive several."""

PATIENCE_429: Final = 300.0
"""Seconds of nothing but 429 after which the run stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """``workers`` send at the same time; ``drain`` is how many seconds those in flight have to
    finish once the run is told to stop. ``linger`` is as in SenderOptions."""

    workers: int
    drain: float = DRAIN
    linger: float = LINGER


class Pool:
    """Applies the planned changes of one run.

    ``on_end`` is told of every change that ended, with its final state. ``canary`` are the
    changes that go first, one by one; what it finds may stop the run.
    """

    def __init__(
        self,
        sender: Sender,
        journal: SendingPart,
        breaker: Breaker,
        options: PoolOptions,
        *,
        on_end: Callable[[ChangeState], None],
        canary: Canary | None = None,
    ) -> None:
        self._sender = sender
        self._journal = journal
        self._breaker = breaker
        self._options = options
        self._on_end = on_end
        self._canary = canary
        self._taken_up: set[int] = set()
        self._awaited: dict[int, asyncio.Future[Ended]] = {}
        self._ready: asyncio.Queue[Item] = asyncio.Queue()
        self._unsettled: asyncio.Queue[Item] = asyncio.Queue()
        self._room = Room(4 * options.workers)
        self._open = 0
        self._fed = False
        self._finished = asyncio.Event()
        self._in_flight = sender.in_flight
        self._settling = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._error: BulkUpdateError | None = None
        self._bug: Exception | None = None

    async def run(self) -> None:
        """Send everything that is planned, and settle what became unknown.

        Returns when all of it has ended, or after :meth:`stop`, when what was in flight has.
        Raises the first error that ends a run (TokenRefused, AccountUnreachable, StorageError),
        after the same orderly end.
        """
        with rare_collections():
            await self._work()
        if self._bug is not None:
            raise self._bug
        if self._error is not None:
            raise self._error

    async def _work(self) -> None:
        async with self._at_work():
            await self._finished.wait()
            if self._in_flight.is_stopping():
                await self._drain()

    def stop(self, error: BulkUpdateError | None = None) -> None:
        """Take no more changes; finish what is in flight. Of several errors the most urgent is
        the one that :meth:`run` raises."""
        self._error = more_urgent(self._error, error)
        self._in_flight.stop()
        self._finished.set()

    # -- the tasks --------------------------------------------------------------------

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        work = [self._feed, self._keep_lease]
        work += [self._send_all] * self._options.workers
        work += [self._settle_all] * SETTLERS
        tasks = [asyncio.ensure_future(self._guarded(each)) for each in work]
        try:
            yield
        finally:
            self._breaker.close()
            await self._in_flight.dismiss(tasks)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """An error of one task ends the run for all, in order."""
        try:
            await work()
        except BulkUpdateError as error:
            self.stop(error)
        except Exception as error:  # noqa: BLE001 - a bug must end the run too, never hang it
            self._bug = error
            self.stop()

    async def _keep_lease(self) -> None:
        """Renew the lease while nothing else does: waiting for an account that is gone must not
        look like being dead."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            await self._journal.renew_lease()

    def _take_up_unknown(self) -> set[int]:
        """Changes that an earlier process sent: their requests may linger for a while yet."""
        loop = asyncio.get_running_loop()
        unknown = self._journal.unknown_changes()
        for stored in unknown:
            self._open += 1
            item = Item.of(stored, roomy=False, canary=self._canary is not None)
            self._sender.take_up(item)
            age = (datetime.now(UTC) - (stored.at or datetime.now(UTC))).total_seconds()
            after = max(0.0, self._options.linger - age)
            loop.call_later(after, self._unsettled.put_nowait, item)
        return {stored.seq for stored in unknown}

    async def _feed(self) -> None:
        """Give out what is planned, page by page; first a change that can settle whether the
        account merges or replaces. What was unknown is planned again once it is settled as not
        applied: a page that is read after that holds it too, and it was given out already."""
        given = self._taken_up = self._take_up_unknown()
        if self._canary is not None:
            await self._canary.go_first(self._ended_alone)
        first = self._journal.seq_with_other_fields()
        if first is not None:
            given.add(first)
            await self._give(self._journal.planned_changes(only=first))
        after = -1
        while page := await asyncio.to_thread(self._journal.planned_changes, after=after):
            after = page[-1].seq
            await self._give([each for each in page if each.seq not in given])
        self._fed = True
        self._check_finished()

    async def _give(self, changes: list[StoredChange], *, canary: bool = False) -> None:
        for stored in changes:
            await self._room.take()
            self._open += 1
            self._ready.put_nowait(Item.of(stored, canary=canary))

    async def _ended_alone(self, stored: StoredChange) -> Ended:
        """Send one change, unless it was taken up already, and wait for its end."""
        end: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._awaited[stored.seq] = end
        if stored.seq not in self._taken_up:
            await self._give([stored], canary=True)
        return await end

    async def _send_all(self) -> None:
        while not self._in_flight.is_stopping():
            item = await self._ready.get()
            await self._breaker.closed()
            async with self._sender.crew:
                if self._in_flight.is_stopping():
                    return
                await self._take(item, sent=False)

    async def _settle_all(self) -> None:
        while True:
            item = await self._unsettled.get()
            await self._breaker.closed()
            self._settling += 1
            self._settled.clear()
            try:
                await self._take(item, sent=True)
            finally:
                self._settling -= 1
                if not self._settling:
                    self._settled.set()

    async def _take(self, item: Item, *, sent: bool) -> None:
        """Settle an item that was sent, or send it."""
        step = self._sender.settle if sent else self._sender.send
        try:
            became = await step(item)
            self._tell_breaker(became, sent=sent)
            self._route(became)
        except AccountUnreachable as error:
            # Reading failed, and the client has tried as often as reading may be tried.
            self._breaker.trip()
            item = item._replace(unread=item.unread + 1)
            if item.unread < MAX_UNREAD:
                (self._unsettled if sent else self._ready).put_nowait(item)
            else:  # between the readings the account itself could be reached
                self._route(await self._sender.give_up(item, sent=sent, words=error.message))

    def _tell_breaker(self, became: Next, *, sent: bool) -> None:
        match became:
            case Unsettled():
                self._breaker.failed()
            case Again(no_connection=True):
                self._breaker.trip()
            case Ended():
                self._breaker.answered()
            case Again() if sent:  # its contact was read
                self._breaker.answered()

    def _route(self, became: Next) -> None:
        match became:
            case Ended(item):
                self._open -= 1
                self._give_room(item)
                self._on_end(became.state)
                if (awaited := self._awaited.pop(item.seq, None)) is not None:
                    awaited.set_result(became)
                self._check_finished()
            case Again(item, refused_for=refused_for):
                if refused_for >= PATIENCE_429:
                    self.stop(_nothing_but_429())
                self._ready.put_nowait(item)
            case Unsettled(item, after):
                # Others may be sent while this one lingers.
                self._give_room(item)
                loop = asyncio.get_running_loop()
                unroomy = item._replace(roomy=False)
                loop.call_later(after, self._unsettled.put_nowait, unroomy)

    def _give_room(self, item: Item) -> None:
        if item.roomy:
            self._room.give_back()

    def _check_finished(self) -> None:
        if self._fed and self._open == 0:
            self._finished.set()

    async def _drain(self) -> None:
        """Let what has left be proven and settled; the rest stays as the journal has it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._options.drain
        await self._in_flight.drain(self._options.drain)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._settled.wait()


def _nothing_but_429() -> AccountUnreachable:
    return AccountUnreachable(
        _("the account answered nothing but 429 (too many requests) for 5 minutes"),
        hint=_("Is another program using it? Try later, or with a lower --rate."),
        code="rate_limited",
    )
