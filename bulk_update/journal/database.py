"""Opening the database: dialect settings, the version of its shape, errors made readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError

from bulk_update.config.places import private_folder
from bulk_update.errors import ConfigError, StorageError
from bulk_update.journal.faults import storage_errors
from bulk_update.journal.local import require_local
from bulk_update.journal.migrations import MIGRATIONS
from bulk_update.journal.tables import SCHEMA_VERSION, meta, metadata
from bulk_update.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from bulk_update.journal.lease import HeldLease

_VERSION: Final = "schema_version"
_WRITES: Final = "bulk_update_writes"


def open_database(where: str | Path) -> Database:
    """The database of the journal at ``where``, its tables made or checked.

    ``hide_parameters`` keeps contact data out of every exception.
    """
    url = _url(where)
    engine = _engine(url)
    try:
        _check_version(engine)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise ConfigError(
            _("for a journal in {database} the package {name} is missing").format(
                database=url.get_backend_name(), name=error.name
            ),
            hint=_("pip install 'bulk-update[postgresql]'"),
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def _url(where: str | Path) -> URL:
    if isinstance(where, str) and "://" in where:
        url = _parsed(where)
        if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
            return url
        where = str(url.database)
    path = Path(where)
    require_local(path)
    _private_file(path)
    return URL.create("sqlite", database=str(path))


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            _("BULK_UPDATE_JOURNAL is no database URL"),
            hint=_("For example postgresql+psycopg://user@host/database"),
        ) from error


def _private_file(path: Path) -> None:
    """Make folder and file readable by their owner alone, before any data is in them."""
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(
            _("the journal {path} can't be opened: {reason}").format(
                path=path, reason=error.strerror
            ),
            hint=_("Choose another folder with --state-dir."),
        ) from error


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling begins late and only for some statements.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # Whoever writes says so at once: a transaction that turns from reading to writing can
    # fail half way when another one wrote in between.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_version(engine: Engine) -> None:
    """Only a journal that has to be made or brought up to date is written to: whoever just looks
    never waits for a run's transaction."""
    with storage_errors(engine.url):
        with engine.connect() as connection:
            found = _version(connection)
        if found is None or found in MIGRATIONS:
            with _writing_engine(engine).begin() as connection:
                found = _made_or_migrated(connection)
    if found != str(SCHEMA_VERSION):
        raise StorageError(
            _("the journal is of version {found}, this program knows {known}").format(
                found=found, known=SCHEMA_VERSION
            ),
            hint=_("Use the newer bulk-update, or another --state-dir."),
            code="journal_version",
        )


def _version(connection: Connection) -> str | None:
    """None where there are no tables yet."""
    if not inspect(connection).has_table(meta.name):
        return None
    return str(connection.execute(select(meta.c.value).where(meta.c.name == _VERSION)).scalar())


def _made_or_migrated(connection: Connection) -> str:
    """The version it then has; another process may have been first."""
    found = _version(connection)
    if found is None:
        found = str(SCHEMA_VERSION)
        metadata.create_all(connection)
        connection.execute(meta.insert().values(name=_VERSION, value=found))
    while found in MIGRATIONS:
        found = _migrate(connection, found)
    return found


def _migrate(connection: Connection, found: str) -> str:
    """One version on; the version after."""
    after, change = MIGRATIONS[found]
    change(connection)
    connection.execute(meta.update().where(meta.c.name == _VERSION).values(value=after))
    return after


class Database:
    """The journal's database: connections to read with, transactions to write in.

    ``lease``, once it is held, is renewed first thing in every transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = _writing_engine(engine)
        self.lease: HeldLease | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with; a snapshot that never waits for the writer."""
        with storage_errors(self.engine.url), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction to write in: all of it becomes durable at the end, or nothing.

        Raises AccountBusy when the lease is another's by now.
        """
        with storage_errors(self.engine.url), self._writing.begin() as connection:
            if self.lease is not None:
                self.lease.renew(connection)
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _writing_engine(engine: Engine) -> Engine:
    return engine.execution_options(**{_WRITES: True})
