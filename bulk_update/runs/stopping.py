"""Signals: the first one ends the run in order, the second one at once.

Before anything is sent there is nothing in flight to wait for, so the first signal cancels the
work, also where it computes or waits for an answer without ever yielding to the event loop.
While changes are sent, it takes no more of them and lets those in flight be recorded.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, TypeVar

from bulk_update.errors import SIGNALLED, Stopped
from bulk_update.language import _

T = TypeVar("T")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """What a signal does now. ``stopped`` says which one came, once one has; ``last_words`` are
    said when a second one ends the process."""

    def __init__(self) -> None:
        self._orderly: Callable[[Stopped], None] | None = None
        self._task: asyncio.Task[Any] | None = None
        self.stopped: Stopped | None = None
        self.last_words = ""

    @contextmanager
    def in_order(self, stop: Callable[[Stopped], None]) -> Iterator[None]:
        """Within the block the first signal has the event loop call ``stop``, in place of
        cancelling."""
        before, self._orderly = self._orderly, stop
        try:
            yield
        finally:
            self._orderly = before

    @contextmanager
    def at_the_end(self) -> Iterator[None]:
        """Within the block the first signal is only noted: what the block does is finished."""
        with self.in_order(lambda _stopped: None):
            yield

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` on an event loop of its own. Raises Stopped when a signal ended it."""
        try:
            with self._listening():
                return asyncio.run(self._guarded(work))
        except (asyncio.CancelledError, KeyboardInterrupt) as error:
            raise self.stopped or stopped_by(signal.SIGINT) from error

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.current_task()
        return await work

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Take the signals ourselves: the event loop would only see them between two steps, and
        judging a sheet, or waiting for an answer, is one step."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._received) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _received(self, number: int, _frame: FrameType | None) -> None:
        if self.stopped is not None:
            self._end_at_once(number)
        self.stopped = stopped_by(number)
        if self._task is None:
            raise KeyboardInterrupt
        loop = self._task.get_loop()
        if self._orderly is not None:
            loop.call_soon_threadsafe(self._orderly, self.stopped)
        elif asyncio.current_task(loop) is self._task:
            # In the middle of its own code: it would not see a cancellation before it waits.
            raise asyncio.CancelledError
        elif not self._task.done():
            loop.call_soon_threadsafe(self._task.cancel)

    def _end_at_once(self, number: int) -> None:
        """The journal is whole at any moment. The words go past every buffer: whatever is being
        written may be in the middle of it."""
        if self.last_words:
            with suppress(OSError):
                os.write(sys.stderr.fileno(), f"\n{self.last_words}\n".encode())
        os._exit(SIGNALLED + number)


def ended_at_once(way_on: str) -> str:
    """What is to be said when a second signal ends a run that the command ``way_on`` goes on
    with."""
    ended = _("Ended at once; what was under way is settled when the run goes on.")
    return f"{ended} {goes_on(way_on)}"


def goes_on(way_on: str) -> str:
    """That the command ``way_on`` goes on with a run."""
    return _("`{command}` goes on with it.").format(command=way_on)


def stopped_by(number: int) -> Stopped:
    """The error for a signal that ended the command."""
    by = _("Ctrl-C") if number == signal.SIGINT else signal.Signals(number).name
    return Stopped(_("stopped by {signal}").format(signal=by), signal_number=int(number))
