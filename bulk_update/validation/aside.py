"""What is put aside while a sheet is judged: in memory while it is little, in a file else."""

from __future__ import annotations

import os
import pickle
import tempfile
from typing import IO, Final, Generic, TypeVar

from bulk_update.reading.source import storing

T = TypeVar("T")

_MOST_IN_MEMORY: Final = 4 << 20
"""Bytes; a sheet of which less is put aside needs no room on any disk."""


class Aside(Generic[T]):
    """Things that are put aside, and taken back by the place that :meth:`put` gave them.

    The file has no name, so it goes with the process, however that ends. What was put aside can
    also be taken back in a copy of this process. Where there is no room for it,
    :class:`~bulk_update.errors.StorageError` is raised.
    """

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._size = 0

    def put(self, thing: T) -> tuple[int, int]:
        """Put something aside: where it begins and ends."""
        data = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
        begin, self._size = self._size, self._size + len(data)
        if self._file is None:
            self._memory += data
            if self._size > _MOST_IN_MEMORY:
                self._to_file()
        else:
            with storing():
                self._file.write(data)
                self._file.flush()  # or a copy of this process would write it once more
        return begin, self._size

    def take(self, begin: int, end: int) -> T:
        """The thing at a place."""
        data = self._memory[begin:end] if self._file is None else self._read(begin, end)
        thing: T = pickle.loads(data)  # noqa: S301 - it was put there by us
        return thing

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def _to_file(self) -> None:
        with storing():
            # It lives as long as somebody may ask what is in it.
            self._file = tempfile.TemporaryFile(prefix="bulk-update-")  # noqa: SIM115
            self._file.write(self._memory)
            self._file.flush()
        self._memory = bytearray()

    def _read(self, begin: int, end: int) -> bytes:
        assert self._file is not None  # noqa: S101 - for the type alone
        with storing():
            if hasattr(os, "pread"):  # where a file is read on is one place for all copies
                return os.pread(self._file.fileno(), end - begin, begin)
            here = self._file.tell()
            self._file.seek(begin)
            data = self._file.read(end - begin)
            self._file.seek(here)
            return data
