"""What is under way: from the intent to send until the outcome is recorded.

Being told to stop, a run withdraws what has not left yet (it waits for its turn in the rate
limit), lets what has left finish, and gives the rest up after a while: each way its state is
recorded, under cancellation too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Collection
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Withdrawn(Exception):
    """The request never left."""


class GivenUp(Exception):
    """The request left, and its answer was not waited for."""


class InFlight:
    """The changes of one run that are being sent."""

    def __init__(self) -> None:
        self._stopping = False
        self._carrying: set[asyncio.Task[Any]] = set()
        self._requests: set[Request] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def stop(self) -> None:
        """No more of them are to begin."""
        self._stopping = True

    def is_stopping(self) -> bool:
        """Whether none is to begin any more."""
        return self._stopping

    async def carry(self, work: Awaitable[T]) -> T:
        """Run ``work`` to its end: :meth:`dismiss` waits for the task that does."""
        task = _this_task()
        self._carrying.add(task)
        self._idle.clear()
        try:
            return await work
        finally:
            self._carrying.discard(task)
            if not self._carrying:
                self._idle.set()

    def request(self) -> Request:
        """A block in which the task waits to send, then for its answer."""
        return Request(self, self._requests)

    async def read(self, reading: Awaitable[T]) -> T:
        """Wait for what is read while a change is carried, as for the answer to its request.
        Raises GivenUp when it is called off."""
        with self.request() as request:
            request.leaves()
            return await reading

    async def drain(self, seconds: float) -> None:
        """Withdraw what has not left, wait for the rest, give up what takes too long."""
        self.stop()
        self._call_off(left=False)
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            self._call_off(left=True)
            await self._idle.wait()

    async def dismiss(self, tasks: Collection[asyncio.Task[None]]) -> None:
        """Cancel ``tasks`` and wait for their end, also when the caller is cancelled meanwhile. A
        task that carries something is not cancelled: it calls off its request, records what became
        of the change, and finds that all stops."""
        self.stop()
        self._call_off(left=False)
        self._call_off(left=True)
        for task in tasks:
            if task not in self._carrying:
                task.cancel()
        await _end_of(tasks)

    def _call_off(self, *, left: bool) -> None:
        for request in tuple(self._requests):
            if (request.left_at is not None) is left:
                request.call_off()


class Request:
    """One request, from the wait for its turn to its answer. Its block raises Withdrawn or
    GivenUp when it is called off; ``left_at`` is in seconds of the monotonic clock."""

    __slots__ = ("_all", "_in_flight", "_task", "left_at")

    def __init__(self, in_flight: InFlight, all_of_them: set[Request]) -> None:
        self._in_flight = in_flight
        self._all = all_of_them
        self._task = _this_task()
        self.left_at: float | None = None

    def __enter__(self) -> Self:
        self._all.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._all.discard(self)
        if isinstance(error, asyncio.CancelledError):
            # Also where it is the event loop that ends: the state is recorded, and no more begin.
            self._in_flight.stop()
            self._task.uncancel()
            raise (Withdrawn if self.left_at is None else GivenUp) from None

    def leaves(self) -> None:
        """To be called right before it leaves."""
        self.left_at = time.monotonic()

    def call_off(self) -> None:
        """Wait for it no longer."""
        self._task.cancel()

    @property
    def seconds(self) -> float:
        """How long it has been gone; 0 before it left."""
        return 0.0 if self.left_at is None else time.monotonic() - self.left_at


async def _end_of(tasks: Collection[asyncio.Task[None]]) -> None:
    """Nobody else would wait for them: a cancellation is raised once they have ended."""
    cancelled: asyncio.CancelledError | None = None
    while under_way := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(under_way)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("no task")
    return task
