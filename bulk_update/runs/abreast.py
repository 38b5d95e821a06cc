"""Work that several cores do beside each other, each for its share."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Generic, NoReturn, Self, TypeVar

R = TypeVar("R")

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_MOST_WORKERS: Final = 3
"""Each takes about 20 MB of memory, and all together may take 150."""


class WorkerLostError(Exception):
    """A child could not do its share, for whatever reason: the work is to be done without it."""


def workers() -> int:
    """How many processes are worth starting; 1 where this one is to do everything itself.

    A copy of a process has only one of its threads, and whatever the others held stays held in
    it: so none is made of a process with more than one. On other systems than Linux a copy isn't
    safe, or not to be had.
    """
    if sys.platform != "linux" or len(list(Path("/proc/self/task").iterdir())) > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST_WORKERS)


class Copies(Generic[R]):
    """Child processes, copies of this one; each does ``work`` for its number, counted from 0.

    What ``work`` gives is handed over one by one, and must be picklable. A child that is ahead
    waits until it is asked: nothing piles up. A context manager, at whose end no child is left.
    Where the machine has no room for one more child, there are fewer: the others count as lost.
    """

    def __init__(self, count: int, work: Callable[[int], Iterable[R]]) -> None:
        self._children: list[int] = []
        self._pipes: list[IO[bytes]] = []
        gc.freeze()  # or the first collection in a child would copy all of our memory
        try:
            with suppress(OSError):  # a limit on processes, memory or open files
                for number in range(count):
                    self._start(number, work)
        except BaseException:
            self._end()
            raise
        finally:
            gc.unfreeze()

    def next(self, number: int) -> R:
        """The next thing that a child gives. Raises :class:`WorkerLostError`."""
        if number >= len(self._pipes):
            raise WorkerLostError
        try:
            given: R = pickle.load(self._pipes[number])  # noqa: S301 - it comes from our own copy
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise WorkerLostError from error
        return given

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _start(self, number: int, work: Callable[[int], Iterable[R]]) -> None:
        reading, writing = os.pipe()
        # A signal that came now would find a child that nobody knows of, or one that takes
        # itself for its parent.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            child = os.fork()
            if child == 0:
                others = [reading, *(pipe.fileno() for pipe in self._pipes)]
                _be_child(others, writing, lambda: work(number), before)
            self._children.append(child)
            self._pipes.append(os.fdopen(reading, "rb"))
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _end(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        for child in self._children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
        self._children.clear()


def _be_child(
    others: Iterable[int],
    end: int,
    given: Callable[[], Iterable[object]],
    signals: Iterable[signal.Signals | int],
) -> NoReturn:
    """Writes all that a child gives, and ends it. It cuts it off from what is its parent's:
    ``others`` are the ends of pipes, or nobody would notice that a reader is gone; signals the
    parent answers for both."""
    try:
        for each in others:
            os.close(each)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        with os.fdopen(end, "wb") as pipe:
            for thing in given():
                pickle.dump(thing, pipe, pickle.HIGHEST_PROTOCOL)
                pipe.flush()
    except BaseException:  # noqa: BLE001 - the parent sees that something is missing
        os._exit(1)
    os._exit(0)
