"""Signals: the first one ends the run in order, the second one at once.

Before anything is sent there is nothing in flight to wait for, so the first signal cancels the
work. While changes are sent, it takes no more of them and lets those in flight be recorded.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from bulk_update.errors import Stopped
from bulk_update.language import _

T = TypeVar("T")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_SIGNAL_BASE: Final = 128


class StopSignals:
    """What a signal does now."""

    def __init__(self) -> None:
        self._orderly: Callable[[Stopped], None] | None = None
        self._task: asyncio.Task[Any] | None = None
        self.stopped: Stopped | None = None

    @contextmanager
    def in_order(self, stop: Callable[[Stopped], None]) -> Iterator[None]:
        """Within the block the first signal calls ``stop`` in place of cancelling."""
        self._orderly = stop
        try:
            yield
        finally:
            self._orderly = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` on an event loop of its own. Raises Stopped when a signal ended it."""
        try:
            return asyncio.run(self._guarded(work))
        except (asyncio.CancelledError, KeyboardInterrupt) as error:
            raise self.stopped or _stopped(signal.SIGINT) from error

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        for number in _SIGNALS:
            try:
                loop.add_signal_handler(number, self._received, number)
            except NotImplementedError:  # Windows has no such handlers; Ctrl-C cancels there
                return await work
        return await work

    def _received(self, number: signal.Signals) -> None:
        if self.stopped is not None:
            os._exit(_SIGNAL_BASE + number)  # the journal is whole at any moment
        self.stopped = _stopped(number)
        if self._orderly is not None:
            self._orderly(self.stopped)
        elif self._task is not None:
            self._task.cancel()


def _stopped(number: signal.Signals) -> Stopped:
    by = _("Ctrl-C") if number is signal.SIGINT else number.name
    return Stopped(_("stopped by {signal}").format(signal=by), signal_number=int(number))
