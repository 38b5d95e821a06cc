"""Standard output and standard error that never end a run.

Whoever reads our output may go away, or its disk may be full, at any moment: while changes are
sent, too. What can't be written is then remembered and goes nowhere, and the run goes on; how it
ended is in its files and its exit code.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class HarmlessOutput(io.RawIOBase):
    """A file that takes everything. ``fault`` is the first thing that ``inner`` refused."""

    def __init__(self, inner: io.RawIOBase) -> None:
        self._inner = inner
        self.fault: OSError | None = None

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, data: ReadableBuffer, /) -> int | None:
        """Write, as long as that can be done."""
        if self.fault is None:
            try:
                return self._inner.write(data)
            except OSError as error:
                self.fault = error
        return memoryview(data).nbytes

    def isatty(self) -> bool:
        """Whether a person looks."""
        return self.fault is None and self._inner.isatty()

    def fileno(self) -> int:
        """The number of the file behind it."""
        return self._inner.fileno()


@dataclass(frozen=True, slots=True)
class Streams:
    """The two streams of a command."""

    out: HarmlessOutput | None

    @property
    def fault(self) -> OSError | None:
        """Why results were lost: not because nobody wants to read them any more."""
        sys.stdout.flush()
        fault = None if self.out is None else self.out.fault
        return None if fault is None or _has_gone(fault) else fault


@contextmanager
def harmless() -> Iterator[Streams]:
    """Within the block nothing that is printed can fail."""
    before = sys.stdout, sys.stderr
    sys.stdout, out = _harmless(sys.stdout)
    sys.stderr, _errors = _harmless(sys.stderr)
    try:
        yield Streams(out)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _harmless(stream: TextIO | None) -> tuple[TextIO, HarmlessOutput | None]:
    """The same stream, harmless. A sheet may hold what its encoding can't show: that is spelled
    out."""
    if stream is None:  # it was closed by whoever started us, and nothing is expected of it
        return Path(os.devnull).open("w", encoding="utf-8"), None
    binary = getattr(stream, "buffer", None)
    raw = getattr(binary, "raw", binary)  # with PYTHONUNBUFFERED there is no buffer before it
    if not isinstance(stream, io.TextIOWrapper) or not isinstance(raw, io.RawIOBase):
        return stream, None
    stream.flush()
    output = HarmlessOutput(raw)
    text = io.TextIOWrapper(
        io.BufferedWriter(output),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering or raw is binary,
        write_through=stream.write_through,
    )
    return text, output


def _has_gone(error: OSError) -> bool:
    """Whether the reader has: Windows says that otherwise."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)
