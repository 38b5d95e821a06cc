"""The pictures that the verifier compares: taken from the sandbox, the journal, the reports."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, select, text
from verifier import Applied, Attempt, KeptChange, KeptRun, Patch, Truth, Values

from bulk_update.journal import Journal
from bulk_update.journal.codec import decode_change
from bulk_update.journal.tables import attempt, change, run
from bulk_update.model import Change, ChangeState
from bulk_update.sandbox import SandboxAccount
from bulk_update.sandbox.contact import ContactState

Reported = Mapping[str, tuple[tuple[int, str], ...]]
"""What the reports say, by the name of their run."""

_AUDIT = (
    "CREATE TABLE chaos_move (run_id INTEGER, seq INTEGER, before TEXT, after TEXT)",
    # While planning, the changes of one contact are merged in place: that moves nothing.
    """
    CREATE TRIGGER chaos_moves AFTER UPDATE OF state ON change
    WHEN (SELECT state FROM run WHERE id = old.run_id) <> 'planning'
    BEGIN INSERT INTO chaos_move VALUES (old.run_id, old.seq, old.state, new.state); END
    """,
)


def audited_journal(path: Path) -> str:
    """A new journal that keeps every step of every change; its URL."""
    Journal.open(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for statement in _AUDIT:
            connection.execute(text(statement))
    engine.dispose()
    return f"sqlite:///{path}"


def truth_of(account: SandboxAccount) -> Truth:
    """What the account went through."""
    log = account.log
    return Truth(
        patches=tuple(
            Patch(seq=each.seq, until=each.until, at=each.at, uuid=each.uuid)
            for each in log.patches()
        ),
        applied=tuple(
            Applied(seq=each.seq, uuid=each.uuid, request=each.request)
            for each in log.changes
            if each.request is not None
        ),
        now={contact.uuid: _values(contact) for contact in account},
    )


def _values(contact: ContactState) -> Values:
    own = {
        "name": contact.name,
        "note": contact.note,
        "tags": frozenset(contact.tags),
        "assigned_user": contact.assigned_user,
        "team": contact.team_uuid,
    }
    custom = {f"custom_fields.{name}": value for name, value in contact.custom_fields.items()}
    return {name: _plain(value) for name, value in {**own, **custom}.items() if value}


def _plain(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def runs_of(url: str, reported: Reported) -> list[KeptRun]:
    """Every run of the journal at ``url``."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execute(select(run.c.id, run.c.name).order_by(run.c.id)).all()
            changes = {number: _changes(connection, number, engine) for number, _name in found}
    finally:
        engine.dispose()
    return [
        KeptRun(
            name=name,
            rows=_rows(url, name),
            changes=tuple(changes[number]),
            reported=reported.get(name),
        )
        for number, name in found
    ]


def _rows(url: str, name: str) -> dict[int, str]:
    with Journal.open(url) as journal:
        kept = journal.open_run(name)
        assert kept is not None
        return {each.row: str(each.status) for each in kept.results.rows()}


def _changes(connection: Connection, number: int, engine: Engine) -> list[KeptChange]:
    attempts = _attempts(connection, number)
    moves = _moves(connection, number) if engine.dialect.name == "sqlite" else {}
    return [
        KeptChange(
            uuid=row.uuid,
            state=ChangeState(row.state),
            attempts=tuple(attempts.get(row.seq, ())),
            asked=_asked(decode_change(row.document)),
            moves=tuple(moves.get(row.seq, ())),
        )
        for row in connection.execute(select(change).where(change.c.run_id == number))
    ]


def _asked(asked: Change) -> Values:
    return {each.field: _plain(each.new) for each in asked.fields}


def _attempts(connection: Connection, number: int) -> dict[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = defaultdict(list)
    wanted = select(attempt).where(attempt.c.run_id == number).order_by(attempt.c.number)
    for row in connection.execute(wanted):
        found[row.seq].append(
            Attempt(
                number=row.number,
                intent_at=datetime.fromisoformat(row.intent_at),
                outcome=ChangeState(row.outcome) if row.outcome else None,
            )
        )
    return found


def _moves(connection: Connection, number: int) -> dict[int, list[tuple[ChangeState, ChangeState]]]:
    found: dict[int, list[tuple[ChangeState, ChangeState]]] = defaultdict(list)
    rows = connection.execute(
        text("SELECT seq, before, after FROM chaos_move WHERE run_id = :run ORDER BY rowid"),
        {"run": number},
    )
    for seq, before, after in rows:
        found[seq].append((ChangeState(before), ChangeState(after)))
    return found


def report_in(folder: Path) -> tuple[tuple[int, str], ...]:
    """The rows of ``results.csv`` and what it says of each."""
    with (folder / "results.csv").open(newline="", encoding="utf-8-sig") as file:
        return tuple((int(each["row"]), each["status"]) for each in csv.DictReader(file))
