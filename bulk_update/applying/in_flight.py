"""What is under way: from the intent to send until the outcome is recorded.

Being told to stop, a run withdraws what has not left yet (it waits for its turn in the rate
limit), lets what has left finish, and gives the rest up after a while: each way its state is
recorded, under cancellation too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Withdrawn(Exception):
    """The request never left."""


class GivenUp(Exception):
    """The request left, and its answer was not waited for."""


class InFlight:
    """The changes of one run that are being sent."""

    def __init__(self) -> None:
        self.stopping = False
        self._under_way: set[asyncio.Task[Any]] = set()
        self._not_left: set[asyncio.Task[Any]] = set()
        self._left: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def carry(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` to its end, also when its caller is cancelled meanwhile."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        self._idle.clear()
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    @contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """Within the block the task waits to send, then for its answer; what the block gives is
        to be called right before the request leaves. Raises Withdrawn or GivenUp."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("no task")

        def leaves() -> None:
            self._not_left.discard(task)
            self._left.add(task)

        self._not_left.add(task)
        try:
            yield leaves
        except asyncio.CancelledError:
            task.uncancel()
            raise (GivenUp if task in self._left else Withdrawn) from None
        finally:
            self._not_left.discard(task)
            self._left.discard(task)

    async def drain(self, seconds: float) -> None:
        """Withdraw what has not left, wait for the rest, give up what takes too long."""
        self.stopping = True
        for task in tuple(self._not_left):
            task.cancel()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            for task in tuple(self._left):
                task.cancel()
            await self._idle.wait()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever awaited it has it; nobody may be left
        if not self._under_way:
            self._idle.set()
