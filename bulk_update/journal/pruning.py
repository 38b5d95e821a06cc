"""What is left to be thrown away when runs are gone, and giving the room back."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, text

from bulk_update.journal.database import Database
from bulk_update.journal.records import RunState
from bulk_update.journal.tables import attempt, run, source

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LIVE = (RunState.PLANNING, RunState.PLANNED, RunState.APPLYING)


class PruningPart:
    """The journal's room."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def guarded(self, unfinished: Collection[RunState]) -> set[str]:
        """The names of the runs that sent something after a run of the same account began that
        still is ``unfinished``: what they touched, that one must never send."""
        waiting = (
            select(run.c.account_key, func.min(run.c.id).label("first"))
            .where(run.c.state.in_(unfinished))
            .group_by(run.c.account_key)
            .subquery()
        )
        sent = select(attempt.c.run_id).distinct()
        wanted = (
            select(run.c.name)
            .join(waiting, waiting.c.account_key == run.c.account_key)
            .where(run.c.id > waiting.c.first, run.c.id.in_(sent))
        )
        with self._database.reading() as connection:
            return set(connection.execute(wanted).scalars())

    def remove_sources(self, kept: Collection[str]) -> int:
        """Remove every source that no run has as its own, nor ``kept`` names; how many."""
        orphan = source.c.sha256.not_in(select(run.c.source_sha256))
        with self._database.writing() as connection:
            gone = [
                sha256
                for sha256 in connection.execute(select(source.c.sha256).where(orphan)).scalars()
                if sha256 not in kept
            ]
            for sha256 in gone:
                connection.execute(delete(source).where(source.c.sha256 == sha256))
        return len(gone)

    def size(self) -> int:
        """How many bytes the database takes, what is free inside of it included."""
        with self._database.reading() as connection:
            return _size(connection)

    def give_back(self) -> bool:
        """Give the free room back to the disk, where that keeps nobody waiting: not while a run
        may be under way, as rewriting the file would hold up its writes. Whether it was done.

        PostgreSQL uses free room again by itself; there is nothing to do.
        """
        engine = self._database.engine
        if engine.dialect.name != "sqlite" or self._has_live_run():
            return False
        with closing(engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True

    def _has_live_run(self) -> bool:
        live = select(func.count()).where(run.c.state.in_(_LIVE))
        with self._database.reading() as connection:
            return bool(connection.execute(live).scalar_one())


def _size(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        return int(
            connection.execute(text("select pg_database_size(current_database())")).scalar_one()
        )
    pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
    return pages * int(connection.execute(text("PRAGMA page_size")).scalar_one())
