"""A seal on a saved plan: whether it is still, value for value, the plan that was looked at.

The seal is a digest of everything in the database, its tables' shape too, and lies in it. It shows
what was edited, cut or damaged meanwhile; it is no signature, for whoever can write a plan file
could as well make a plan.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Final

_SEAL: Final = "plan_seal"
_SHAPE: Final = """SELECT name, type, sql FROM sqlite_master
    WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"""
_META: Final = "meta"


class Sealed(Enum):
    """What a seal says: it is whole, broken, or there is none."""

    WHOLE = "whole"
    BROKEN = "broken"
    NONE = "none"


def seal(path: Path) -> None:
    """Seal the plan in the database at ``path``, which nothing else has open. Raises
    ``sqlite3.Error``, as all of this module does."""
    with closing(sqlite3.connect(path)) as database, database:
        row = (_SEAL, _digest(database))
        database.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", row)


def sealed(path: Path) -> Sealed:
    """Whether the database at ``path`` is as it was sealed."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        if not any(name == _META for name, _kind, _sql in database.execute(_SHAPE)):
            return Sealed.NONE
        wanted = "SELECT value FROM meta WHERE name = ?"
        found = database.execute(wanted, (_SEAL,)).fetchone()
        if found is None:
            return Sealed.NONE
        return Sealed.WHOLE if found[0] == _digest(database) else Sealed.BROKEN


def _digest(database: sqlite3.Connection) -> str:
    digest = hashlib.blake2b(digest_size=32)
    for piece in _content(database):
        digest.update(repr(piece).encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()


def _content(database: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    """Every table and trigger as it was declared, and every row but the seal's own."""
    shape = database.execute(_SHAPE).fetchall()
    yield from shape
    for name, kind, _sql in shape:
        if kind == "table":
            quoted = '"{}"'.format(name.replace('"', '""'))
            rows = database.execute(f"SELECT * FROM {quoted} ORDER BY rowid")  # noqa: S608 - quoted
            yield from (row for row in rows if (name, row[0]) != (_META, _SEAL))
