"""Work that copies of this process do beside each other, each its share."""

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
_MOST_COPIES: Final = 3
"""Each takes about 20 MB of memory, and all together may take 150."""


class CopyLostError(Exception):
    """A copy could not do its share, for whatever reason: the work is to be done without it."""


def worth_making() -> int:
    """How many copies are worth making; 1 where this process is to do everything itself.

    A copy of a process has only one of its threads, and whatever the others held stays held in
    it: so none is made of a process with more than one. On other systems than Linux a copy isn't
    safe, or not to be had.
    """
    if sys.platform != "linux" or len(list(Path("/proc/self/task").iterdir())) > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST_COPIES)


class Copies(Generic[R]):
    """Copies of this process; each does ``work`` for its number, counted from 0.

    What ``work`` gives is handed over one by one, and must be picklable. A copy that is ahead
    waits until it is asked: nothing piles up. A context manager, at whose end no copy is left.
    Where the machine has no room for one more copy, there are fewer: the others count as lost.
    """

    def __init__(self, count: int, work: Callable[[int], Iterable[R]]) -> None:
        self._processes: list[int] = []
        self._pipes: list[IO[bytes]] = []
        gc.freeze()  # or the first collection in a copy would duplicate all of our memory
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
        """The next thing that a copy gives. Raises :class:`CopyLostError`."""
        if number >= len(self._pipes):
            raise CopyLostError
        try:
            given: R = pickle.load(self._pipes[number])  # noqa: S301 - it comes from our own copy
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise CopyLostError from error
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
        # A signal that came now would find a copy that nobody knows of, or one that takes
        # itself for the original.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            process = os.fork()
            if process == 0:
                others = [reading, *(pipe.fileno() for pipe in self._pipes)]
                _be_copy(others, writing, lambda: work(number), before)
            self._processes.append(process)
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
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(process, 0)
        self._processes.clear()


def _be_copy(
    others: Iterable[int],
    end: int,
    given: Callable[[], Iterable[object]],
    signals: Iterable[signal.Signals | int],
) -> NoReturn:
    """Write all that this copy gives, and end it.

    First it lets go of what is the original's: of ``others``, ends of pipes, or nobody would
    notice that a reader is gone; and of signals, which the original answers for both.
    """
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
    except BaseException:  # noqa: BLE001 - the original sees that something is missing
        os._exit(1)
    os._exit(0)
