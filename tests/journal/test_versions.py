"""A journal outlives the program: the version before is brought forward, a newer one refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from bulk_update.errors import ConfigError, StorageError
from bulk_update.journal import Journal, RunState
from bulk_update.journal.tables import SCHEMA_VERSION, metadata
from bulk_update.model import Account, ChangeState, RowStatus

ACCOUNT = Account(base_url="http://127.0.0.1/v1", default_team="t1", name="demo")

VERSION_1 = """
CREATE TABLE meta (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE TABLE source (sha256 TEXT NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (sha256));
CREATE TABLE run (
    id {number} PRIMARY KEY, name TEXT NOT NULL, command TEXT NOT NULL, state TEXT NOT NULL,
    account_key TEXT NOT NULL, account TEXT NOT NULL, who TEXT NOT NULL, host TEXT NOT NULL,
    reason TEXT NOT NULL, source_sha256 TEXT NOT NULL, source_path TEXT NOT NULL,
    binding TEXT NOT NULL, settings TEXT NOT NULL, findings TEXT NOT NULL, planned_at TEXT,
    created_at TEXT NOT NULL, ended_at TEXT, exit_code INTEGER, UNIQUE (name)
);
CREATE INDEX ix_run_account_key ON run (account_key);
CREATE TABLE change (
    run_id INTEGER NOT NULL, seq INTEGER NOT NULL, uuid TEXT NOT NULL, state TEXT NOT NULL,
    document TEXT NOT NULL, other_fields INTEGER NOT NULL, attempts INTEGER NOT NULL,
    code TEXT NOT NULL, message TEXT NOT NULL, http_status INTEGER, seen TEXT, at TEXT,
    PRIMARY KEY (run_id, seq), UNIQUE (run_id, uuid),
    FOREIGN KEY (run_id) REFERENCES run (id) ON DELETE CASCADE
);
CREATE INDEX change_by_state ON change (run_id, state, seq);
CREATE TABLE sheet_row (
    run_id INTEGER NOT NULL, row INTEGER NOT NULL, key TEXT NOT NULL, uuid TEXT NOT NULL,
    status TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL,
    change_seq INTEGER, desired TEXT, PRIMARY KEY (run_id, row),
    FOREIGN KEY (run_id) REFERENCES run (id) ON DELETE CASCADE
);
CREATE INDEX sheet_row_contested ON sheet_row (run_id, change_seq);
CREATE TABLE attempt (
    id {number} PRIMARY KEY, run_id INTEGER NOT NULL, seq INTEGER NOT NULL,
    number INTEGER NOT NULL, intent_at TEXT NOT NULL, answered_at TEXT, outcome TEXT,
    UNIQUE (run_id, seq, number),
    FOREIGN KEY (run_id, seq) REFERENCES change (run_id, seq) ON DELETE CASCADE
);
CREATE TABLE account_fact (
    account_key TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (account_key, name)
);
INSERT INTO meta VALUES ('schema_version', '1');
"""
"""The tables as the first version made them; written out, so that no change of ours changes it."""

VERSION_2 = """
CREATE TABLE lease (
    account_key TEXT NOT NULL, fence INTEGER NOT NULL, holder TEXT NOT NULL,
    expires INTEGER NOT NULL, PRIMARY KEY (account_key)
);
UPDATE meta SET value = '2' WHERE name = 'schema_version';
"""
"""What the second version had beside."""

ROWS = """
INSERT INTO run (name, command, state, account_key, account, who, host, reason, source_sha256,
    source_path, binding, settings, findings, created_at)
VALUES ('old', 'apply', 'applying', '{key}',
    '{{"base_url":"http://127.0.0.1/v1","default_team":"t1","name":"demo"}}',
    'ada', 'desk', '', 'abc', 'sheet.csv', 'b', '{{}}', '[]', '2026-03-03T12:00:00.000+00:00');
INSERT INTO change VALUES (1, 2, 'u2', 'sending', '{document}', -1, 1, '', '', NULL, NULL,
    '2026-03-03T12:00:00.000+00:00');
INSERT INTO sheet_row VALUES (1, 2, 'k2', 'u2', 'planned', '', '', '', 2, NULL);
INSERT INTO attempt (run_id, seq, number, intent_at)
VALUES (1, 2, 1, '2026-03-03T12:00:00.000+00:00');
INSERT INTO account_fact VALUES ('{key}', 'custom_fields', 'merge', '2026-03-03T12:00:00+00:00');
"""

DOCUMENT = (
    '{"uuid":"u2","rows":[2],"before":{"uuid":"u2","name":"Ada","tags":[],"custom_fields":{}},'
    '"read_at":"2026-03-03T12:00:00+00:00",'
    '"fields":[{"field":"name","old":"Ada","new":"Eve","type":null}]}'
)


@contextmanager
def raw(where: str | Path) -> Iterator[Connection]:
    """The database, without the journal's own hands on it."""
    if isinstance(where, Path):
        where.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(where if isinstance(where, str) else f"sqlite:///{where}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def write_version_2(where: str | Path) -> None:
    write_version_1(where)
    with raw(where) as connection:
        for statement in VERSION_2.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def write_version_1(where: str | Path) -> None:
    with raw(where) as connection:
        postgresql = connection.dialect.name == "postgresql"
        types = {"number": "SERIAL", "bytes": "BYTEA"} if postgresql else {}
        tables = VERSION_1.format(**{"number": "INTEGER", "bytes": "BLOB"} | types)
        rows = ROWS.format(key=ACCOUNT.key, document=DOCUMENT)
        for statement in (tables + rows).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def shape(where: str | Path) -> dict[str, set[str]]:
    with raw(where) as connection:
        found = inspect(connection)
        return {
            name: {each["name"] for each in found.get_columns(name)}
            for name in found.get_table_names()
        }


async def test_the_first_version_is_brought_forward_and_goes_on(where: str | Path) -> None:
    """A run that was killed under the program of then: its rows, attempts and facts are there,
    the account can be held, what was in mid-send is unknown, and it can be settled."""
    write_version_1(where)
    with Journal.open(where) as journal, journal.hold(ACCOUNT, holder="r"):
        assert journal.fact(ACCOUNT, "custom_fields") == "merge"
        (run,) = journal.unfinished(ACCOUNT)
        assert run.record.state is RunState.APPLYING
        ((unknown),) = run.sending.unknown_changes()
        assert (unknown.seq, unknown.state, unknown.attempts) == (2, ChangeState.UNKNOWN, 1)
        assert [each.status for each in run.results.rows()] == [RowStatus.UNKNOWN]


@pytest.mark.parametrize("write", [write_version_1, write_version_2], ids=["1", "2"])
def test_what_is_brought_forward_has_the_shape_of_a_new_one(
    where: str | Path, write: Callable[[str | Path], None]
) -> None:
    write(where)
    Journal.open(where).close()
    ours = {name: set(table.columns.keys()) for name, table in metadata.tables.items()}
    assert shape(where) == ours
    with raw(where) as connection:
        found = connection.execute(text("SELECT value FROM meta WHERE name = 'schema_version'"))
        assert found.scalar() == str(SCHEMA_VERSION)


def test_rows_of_the_second_version_are_there_and_nothing_is_known_to_be_applied(
    where: str | Path,
) -> None:
    """What ran before is looked at once more, and then remembered."""
    write_version_2(where)
    with Journal.open(where) as journal:
        run = journal.open_run("old")
        assert run is not None
        assert [each.key for each in run.results.rows()] == ["k2"]
        kept = journal.applied(ACCOUNT)
        assert kept.records(["u2"]) == {}
        kept.keep("old")  # its one change never ended well
        assert kept.records(["u2"]) == {}


def test_it_is_brought_forward_once(where: str | Path) -> None:
    write_version_1(where)
    Journal.open(where).close()
    before = shape(where)
    Journal.open(where).close()
    assert shape(where) == before


def test_a_newer_journal_is_refused_and_left_as_it_is(where: str | Path) -> None:
    Journal.open(where).close()
    with raw(where) as connection:
        connection.execute(text("UPDATE meta SET value = '99'"))
    with pytest.raises(StorageError, match="99") as refused:
        Journal.open(where)
    assert refused.value.code == "journal_version"
    with raw(where) as connection:
        assert connection.execute(text("SELECT value FROM meta")).scalar() == "99"


def test_a_database_whose_driver_is_missing_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match="psycopg") as refused:
        Journal.open("postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert "bulk-update[postgresql]" in refused.value.hint


def test_a_database_that_can_not_be_reached_is_a_storage_error() -> None:
    with pytest.raises(StorageError):
        Journal.open("postgresql+psycopg://nobody:hush@127.0.0.1:9/none")
