"""Streams of a compound file, the container of old Office documents.

After Microsoft's published description, [MS-CFB]: sectors in chains, the chains in tables.
"""

from __future__ import annotations

import struct
from typing import Final

_IN_HEADER: Final = 109
"""So many numbers of table sectors fit into the header."""

_SIZES: Final = (512, 4096)
_END: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""

_ENTRY: Final = 128


class BrokenError(Exception):
    """The file does not hang together."""


class CompoundFile:
    """The streams in the bytes of a compound file.

    Raises :class:`BrokenError`, also for what would send another reader round in circles or have
    it ask for more memory than there is: lengths beyond the file, chains that close on themselves.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._read_tables()
        except (struct.error, IndexError, OverflowError) as error:
            raise BrokenError from error

    def _read_tables(self) -> None:
        data = self._data
        self._size = 1 << struct.unpack_from("<H", data, 30)[0]
        self._small = 1 << struct.unpack_from("<H", data, 32)[0]
        if self._size not in _SIZES:
            raise BrokenError
        directory, _signature, self._cutoff, small_table = struct.unpack_from("<4I", data, 48)
        self._check_lengths(len(data) // self._size)
        self._table = self._numbers(self._table_sectors())
        entries = self._chained(directory)
        if len(entries) % _ENTRY:
            raise BrokenError
        self._entries = [entries[at : at + _ENTRY] for at in range(0, len(entries), _ENTRY)]
        self._small_table = self._numbers(self._chain(small_table))
        start, _length = self._place(self._entries[0])
        self._small_data = self._chained(start)
        for entry in self._entries[1:]:
            start, length = self._place(entry)
            if length >= self._cutoff:
                self._chain(start)

    def _check_lengths(self, sectors: int) -> None:
        """The lengths of the tables, in sectors, can't exceed the file's."""
        for at in (44, 64, 72):
            if struct.unpack_from("<I", self._data, at)[0] > sectors:
                raise BrokenError

    def stream(self, *names: str) -> bytes | None:
        """The first stream of one of these names; ``None`` where there is none."""
        for entry in self._entries:
            length = struct.unpack_from("<H", entry, 64)[0]
            if entry[: max(length - 2, 0)].decode("utf-16-le", "replace") in names:
                return self._content(entry)
        return None

    def _content(self, entry: bytes) -> bytes:
        start, length = self._place(entry)
        if length >= self._cutoff:
            return self._whole(self._chained(start), length)
        pieces: list[bytes] = []
        sector = start
        while sector < _END and len(pieces) <= len(self._small_table):
            at = sector * self._small
            pieces.append(self._small_data[at : at + self._small])
            sector = self._next(self._small_table, sector)
        return self._whole(b"".join(pieces), length)

    @staticmethod
    def _whole(data: bytes, length: int) -> bytes:
        if len(data) < length:
            raise BrokenError
        return data[:length]

    def _place(self, entry: bytes) -> tuple[int, int]:
        start, length = struct.unpack_from("<2I", entry, 116)
        return start, length

    def _table_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from(f"<{_IN_HEADER}I", self._data, 76))
        more = struct.unpack_from("<I", self._data, 68)[0]
        while more < _END:
            if len(sectors) * self._size > len(self._data) + _IN_HEADER * self._size:
                raise BrokenError
            numbers = self._numbers([more])
            sectors += numbers[:-1]
            more = numbers[-1]
        return [sector for sector in sectors if sector < _END]

    def _numbers(self, sectors: list[int]) -> list[int]:
        data = b"".join(map(self._sector, sectors))
        if len(data) != len(sectors) * self._size:
            raise BrokenError
        return list(struct.unpack(f"<{len(data) // 4}I", data))

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        if at >= len(self._data):
            raise BrokenError
        return self._data[at : at + self._size]

    def _chain(self, sector: int) -> list[int]:
        found: list[int] = []
        while sector < _END:
            found.append(sector)
            if len(found) > len(self._table):
                raise BrokenError
            sector = self._next(self._table, sector)
        return found

    def _next(self, table: list[int], sector: int) -> int:
        if sector >= len(table):
            raise BrokenError
        return table[sector]

    def _chained(self, sector: int) -> bytes:
        return b"".join(map(self._sector, self._chain(sector)))
