"""The file itself: opened safely, hashed, held still, and recognised by what is in it."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from bulk_update.errors import SheetError, StorageError
from bulk_update.language import _

if TYPE_CHECKING:
    from concurrent.futures import Future

CHUNK: Final = 1 << 18
"""Bytes read at a time; four times as many no longer fit the processor's cache."""

_BEHIND: Final = 2
"""Chunks that may wait for their hash: with fewer, each would be looked at only after the one
before it is hashed."""

STANDARD_INPUT: Final = "-"

MOST_PIPED: Final = 4 << 30
"""Bytes that are taken from a pipe: an endless one would fill the disk."""

WRITER_SECONDS: Final = 10
"""So long a named pipe may have nobody who writes to it."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What changes when a file does: its place on the disk, its size and its times."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> _Stamp:
        found = path.stat()
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class Source:
    """A file that can be read again and again, and is the same each time.

    ``shown`` is its name for messages, ``path`` where its bytes are: standard input and pipes
    are copied to a temporary file, which :meth:`close` removes. ``stand_in`` is a copy of it in
    another layout, for a reader that knows no other; it goes with it. Raises :class:`SheetError`
    for anything that can't be read, :class:`StorageError` where there is no room for a copy.
    """

    def __init__(self, path: str) -> None:
        self.shown = _("standard input") if path == STANDARD_INPUT else path
        self.stand_in: Path | None = None
        self._spooled = False
        self._hash = ""
        with reading(self.shown):
            self.path = self._readable(path)
            self._stamp = _Stamp.of(self.path)
        if self._stamp.size == 0:
            self.close()
            raise SheetError(
                _("{path}: the file is empty").format(path=self.shown),
                hint=_("Export the sheet again; not one byte arrived."),
                code="empty",
            )

    @property
    def size(self) -> int:
        """The file's bytes, how many."""
        return self._stamp.size

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The file's bytes from the start, in pieces of at most ``size``."""
        with reading(self.shown), self.path.open("rb", buffering=0) as file:
            while chunk := file.read(size):
                yield chunk

    def head(self, size: int = 4096) -> bytes:
        """The first ``size`` bytes."""
        with reading(self.shown), self.path.open("rb") as file:
            return file.read(size)

    def sha256(self) -> str:
        """The hash of the file's bytes as they were when it was asked first, in hexadecimal."""
        if not self._hash:
            self._hash = self._hash_now()
        return self._hash

    def hashed_chunks(self) -> Iterator[bytes]:
        """The same as :meth:`chunks`; :meth:`sha256` is known, at no more cost, when they end:
        a thread hashes each piece of a large file while its reader looks at it."""
        digest = hashlib.sha256()
        if self.size <= CHUNK:
            for chunk in self.chunks():
                digest.update(chunk)
                yield chunk
        else:
            yield from self._hashed_beside(digest.update)
        self._hash = digest.hexdigest()

    def _hashed_beside(self, update: Callable[[bytes], None]) -> Iterator[bytes]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=1) as beside:
            begun: deque[Future[None]] = deque()
            for chunk in self.chunks():
                begun.append(beside.submit(update, chunk))
                if len(begun) > _BEHIND:
                    begun.popleft().result()  # or chunks would pile up
                yield chunk

    def _hash_now(self) -> str:
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Raises :class:`SheetError` when the file no longer holds what it held: what one pass
        found would be used for the rows of another file. Bytes are compared only where the
        disk says that something happened; a touched file is still the same."""
        with reading(self.shown):
            now = _Stamp.of(self.path)
        if now != self._stamp and self._hash != self._hash_now():
            raise SheetError(
                _("{path}: the file changed while it was being read").format(path=self.shown),
                hint=_("Wait until nothing writes to it any more, then start again."),
                code="file_changed",
            )

    def close(self) -> None:
        """Removes the copies of the file; itself is left alone."""
        if self._spooled:
            self.path.unlink(missing_ok=True)
        if self.stand_in is not None:
            self.stand_in.unlink(missing_ok=True)

    def _readable(self, path: str) -> Path:
        if path == STANDARD_INPUT:
            return self._spool(_standard_input())
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(path)
        if stat.S_ISREG(mode):
            Path(path).open("rb").close()
            return Path(path)
        if not stat.S_ISFIFO(mode):
            raise OSError(_("it is a device, not a file"))
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(number, "rb", buffering=0) as pipe:
            first = _first_piece(pipe)
            os.set_blocking(number, True)
            return self._spool(pipe, first)

    def _spool(self, stream: IO[bytes], first: bytes = b"") -> Path:
        with tempfile.NamedTemporaryFile(prefix="bulk-update-", delete=False) as copy:
            self._spooled = True
            self.path = Path(copy.name)
            try:
                for chunk in chain((first,), iter(lambda: stream.read(CHUNK), b"")):
                    _check_piped(copy.tell())
                    with storing():
                        copy.write(chunk)
                with storing():
                    copy.flush()
            except BaseException:
                self.close()
                raise
        return self.path


def _check_piped(size: int) -> None:
    if size > MOST_PIPED:
        raise OSError(_("more comes than any sheet has, and no end of it"))


def _first_piece(pipe: IO[bytes]) -> bytes:
    """What a pipe holds by now, once somebody writes to it; opened to be read without waiting, or
    the program would hang for ever on one that nobody ever opens."""
    import select

    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    while (piece := pipe.read(CHUNK)) == b"":
        came = waiting.poll(WRITER_SECONDS * 1000)
        if not came:
            raise OSError(_("it is a pipe that nobody writes to"))
        if not came[0][1] & select.POLLIN:
            break  # the writer came, and went without a word
    return piece or b""  # none yet: however long a writer takes, it is waited for


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:  # a parent may start a process without one
        raise OSError(_("it is closed"))
    return sys.stdin.buffer


@contextmanager
def storing() -> Iterator[None]:
    """Translates what the operating system says of a temporary file that can't be written."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(
                path=tempfile.gettempdir(), reason=error.strerror or type(error).__name__
            ),
            hint=_("Make room there, or name another folder for temporary files in TMPDIR."),
            code="disk_full",
        ) from error


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """Translates what the operating system says of a file that can't be read."""
    try:
        yield
    except FileNotFoundError as error:
        raise SheetError(
            _("{path}: no such file").format(path=shown),
            hint=_("Check the spelling; a name with spaces needs quotes."),
            code="file_missing",
        ) from error
    except IsADirectoryError as error:
        raise SheetError(
            _("{path}: a folder, not a file").format(path=shown),
            hint=_("Name the spreadsheet inside it."),
            code="file_is_folder",
        ) from error
    except PermissionError as error:
        raise SheetError(
            _("{path}: this user may not read the file").format(path=shown),
            hint=_("Close it where it is open, or change its permissions."),
            code="file_unreadable",
        ) from error
    except (OSError, ValueError) as error:
        raise SheetError(
            _("{path}: the file can't be read: {reason}").format(
                path=shown, reason=getattr(error, "strerror", None) or error
            ),
            code="file_unreadable",
        ) from error
