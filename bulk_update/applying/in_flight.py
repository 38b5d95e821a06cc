"""What is under way: from the intent to send until the outcome is recorded.

Being told to stop, a run withdraws what has not left yet (it waits for its turn in the rate
limit), lets what has left finish, and gives the rest up after a while: each way its state is
recorded, under cancellation too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Withdrawn(Exception):
    """The request never left."""


class GivenUp(Exception):
    """The request left, and its answer was not waited for."""


class Request:
    """One request, from the wait for its turn to its answer."""

    def __init__(self) -> None:
        self.left_at: float | None = None

    def leaves(self) -> None:
        """To be called right before it leaves."""
        self.left_at = asyncio.get_running_loop().time()

    @property
    def seconds(self) -> float:
        """How long it has been gone; 0 before it left."""
        return 0.0 if self.left_at is None else asyncio.get_running_loop().time() - self.left_at


class InFlight:
    """The changes of one run that are being sent."""

    def __init__(self) -> None:
        self.stopping = False
        self._under_way: set[asyncio.Task[Any]] = set()
        self._requests: dict[asyncio.Task[Any], Request] = {}
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
    def request(self) -> Iterator[Request]:
        """Within the block the task waits to send, then for its answer. Raises Withdrawn or
        GivenUp."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("no task")
        request = self._requests[task] = Request()
        try:
            yield request
        except asyncio.CancelledError:
            task.uncancel()
            raise (Withdrawn if request.left_at is None else GivenUp) from None
        finally:
            del self._requests[task]

    async def drain(self, seconds: float) -> None:
        """Withdraw what has not left, wait for the rest, give up what takes too long."""
        self.stopping = True
        self._cancel(left=False)
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            self._cancel(left=True)
            await self._idle.wait()

    def _cancel(self, *, left: bool) -> None:
        for task, request in tuple(self._requests.items()):
            if (request.left_at is not None) is left:
                task.cancel()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever awaited it has it; nobody may be left
        if not self._under_way:
            self._idle.set()
