"""The journal as a whole: opening it, its runs, its sources, what it knows of accounts."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Row, Select, delete, insert, literal, select, update

from bulk_update.errors import StorageError
from bulk_update.journal import codec
from bulk_update.journal.applied import AppliedPart
from bulk_update.journal.database import Database, open_database
from bulk_update.journal.history import HistoryPart
from bulk_update.journal.lease import HeldLease
from bulk_update.journal.lock import outer_lock
from bulk_update.journal.one_row import OneRowPart
from bulk_update.journal.past import PastPart
from bulk_update.journal.plan import PlanPart
from bulk_update.journal.pruning import PruningPart
from bulk_update.journal.records import UNFINISHED, RunRecord, RunState
from bulk_update.journal.results import ResultsPart
from bulk_update.journal.sending import PAGE, SendingPart
from bulk_update.journal.tables import (
    Params,
    account_fact,
    attempt,
    change,
    parse_time,
    run,
    sheet_row,
    source,
    time_text,
)
from bulk_update.journal.writer import Writer
from bulk_update.language import _
from bulk_update.model import ChangeState

if TYPE_CHECKING:
    from types import TracebackType

    from bulk_update.model import Account, FindingGroup


class Journal:
    """The journal at ``where``: a file's path, or a database URL.

    Raises StorageError when it can't be opened, is damaged, or newer than this program.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = Writer(database)

    @classmethod
    def open(cls, where: str | Path) -> Journal:
        """Open the journal, making it (and its folder) where there is none."""
        return cls(open_database(where))

    def create_run(
        self, record: RunRecord, content: bytes, *, beside: Sequence[bytes] = ()
    ) -> RunJournal:
        """Begin a run; ``content`` are the bytes of its source. ``beside`` is what else it
        needs, kept in the same way under its SHA-256."""
        with self._database.writing() as connection:
            number = _insert_run(connection, record, content, beside)
        return RunJournal(self._database, self._writer, number, record)

    @contextmanager
    def hold(
        self,
        account: Account,
        *,
        holder: str,
        wait: float = 0.0,
        on_wait: Callable[[], None] = lambda: None,
    ) -> Iterator[HeldLease]:
        """Hold ``account`` for the length of the block, and settle what a dead run left.

        ``on_wait`` is called once when another run holds it and this one begins to wait. Raises
        AccountBusy when that takes longer than ``wait`` seconds.
        """
        with outer_lock(self._database, account, holder=holder, wait=wait, on_wait=on_wait):
            with self._database.writing() as connection:
                held = HeldLease.take(connection, account_key=account.key, holder=holder)
                _take_over(connection, account)
            self._database.lease = held
            try:
                yield held
            finally:
                self._database.lease = None

    def unfinished(self, account: Account | None = None) -> list[RunJournal]:
        """The runs that can go on (of one account), newest first."""
        wanted = select(run).where(run.c.state.in_(UNFINISHED)).order_by(run.c.id.desc())
        if account is not None:
            wanted = wanted.where(run.c.account_key == account.key)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return [RunJournal(self._database, self._writer, row.id, _run_record(row)) for row in rows]

    def adopt(
        self,
        other: RunJournal,
        record: RunRecord,
        content: bytes,
        *,
        beside: Sequence[bytes] = (),
    ) -> RunJournal:
        """The whole plan of a run of another journal, as a run called ``record.name`` here; all
        of it or, when that raises, nothing."""
        whole = replace(record, state=RunState.PLANNED)
        with self._database.writing() as connection:
            number = _insert_run(connection, whole, content, beside)
            other.copy_plan(connection, number)
        return RunJournal(self._database, self._writer, number, whole)

    def runs(self) -> list[RunRecord]:
        """Every run, newest first."""
        with self._database.reading() as connection:
            found = connection.execute(select(run).order_by(run.c.id.desc()))
            return [_run_record(row) for row in found]

    def last_run(self) -> RunJournal | None:
        """The newest run whose plan is whole."""
        whole = select(run.c.name).where(run.c.state != RunState.PLANNING)
        with self._database.reading() as connection:
            name = connection.execute(whole.order_by(run.c.id.desc()).limit(1)).scalar()
        return None if name is None else self.open_run(name)

    def run_names(self) -> list[str]:
        """The names of all runs, newest first."""
        with self._database.reading() as connection:
            return list(connection.execute(select(run.c.name).order_by(run.c.id.desc())).scalars())

    def list_runs(self) -> list[RunRecord]:
        """Every run, newest first, each without its findings: they may be many."""
        columns = [each for each in run.c if each is not run.c.findings]
        light: Select[*tuple[Any, ...]] = select(*columns, literal("[]").label("findings"))
        with self._database.reading() as connection:
            return [_run_record(row) for row in connection.execute(light.order_by(run.c.id.desc()))]

    @property
    def history(self) -> HistoryPart:
        """What was done to contacts, over all runs."""
        return HistoryPart(self._database)

    def applied(self, account: Account) -> AppliedPart:
        """What was last applied to the contacts of ``account``."""
        return AppliedPart(self._database, account.key)

    @property
    def pruning(self) -> PruningPart:
        """The room that runs which are gone leave."""
        return PruningPart(self._database)

    def open_run(self, name: str) -> RunJournal | None:
        """The run called ``name``."""
        with self._database.reading() as connection:
            row = connection.execute(select(run).where(run.c.name == name)).first()
        return (
            None
            if row is None
            else RunJournal(self._database, self._writer, row.id, _run_record(row))
        )

    def source(self, sha256: str) -> bytes:
        """The bytes of a run's source."""
        with self._database.reading() as connection:
            wanted = select(source.c.content).where(source.c.sha256 == sha256)
            packed = connection.execute(wanted).scalar_one()
        content: bytes = zlib.decompress(packed)
        return content

    def fact(self, account: Account, name: str) -> str | None:
        """What was learnt of an account in an earlier run (``custom_fields``: ``replace``)."""
        wanted = select(account_fact.c.value).where(
            account_fact.c.account_key == account.key, account_fact.c.name == name
        )
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def remember(self, account: Account, name: str, value: str) -> None:
        """Keep what was learnt of an account."""
        key = (account_fact.c.account_key == account.key, account_fact.c.name == name)
        with self._database.writing() as connection:
            connection.execute(delete(account_fact).where(*key))
            connection.execute(
                insert(account_fact).values(
                    account_key=account.key, name=name, value=value, at=time_text(datetime.now(UTC))
                )
            )

    def close(self) -> None:
        """Write what is queued and let go of the database."""
        self._writer.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class RunJournal:
    """One run's part of the journal: its ``plan``, the ``sending`` of it, its ``results``, and
    what of it is ``past`` and may be undone."""

    def __init__(self, database: Database, writer: Writer, number: int, record: RunRecord) -> None:
        self._database = database
        self._id = number
        self.record = record
        self.plan = PlanPart(database, number)
        self.sending = SendingPart(database, writer, number)
        self.past = PastPart(database, number)

    @property
    def results(self) -> ResultsPart:
        """What became of it, as far as it got."""
        return ResultsPart(self._database, self._id, ended=self.record.has_ended)

    @property
    def one_row(self) -> OneRowPart:
        """All that is known of single rows."""
        return OneRowPart(self._database, self._id)

    def planned(self, findings: tuple[FindingGroup, ...]) -> None:
        """The plan is whole."""
        now = datetime.now(UTC)
        self._become(
            replace(self.record, state=RunState.PLANNED, findings=findings, planned_at=now)
        )

    def applying(self) -> None:
        """From now on changes are sent."""
        self._become(replace(self.record, state=RunState.APPLYING))

    def ended(self, state: RunState, *, exit_code: int | None, at: datetime | None = None) -> None:
        """The run ended (``at``, else now); it is ``FINISHED`` only once its reports are written.

        For this process it has ended even when the journal can't take that any more: what then
        still waits is reported as never sent.
        """
        ended = at or datetime.now(UTC)
        self.record = replace(self.record, state=state, exit_code=exit_code, ended_at=ended)
        self._become(self.record)

    def keep(self, facts: Mapping[str, object]) -> None:
        """Add to what the run's record keeps under ``settings``."""
        self._become(replace(self.record, settings={**self.record.settings, **facts}))

    def copy_plan(self, there: Connection, number: int) -> None:
        """Put every row and change into another journal, as those of its run ``number``."""
        with self._database.reading() as here:
            for table in (change, sheet_row):
                wanted = select(table).where(table.c.run_id == self._id)
                streamed = here.execution_options(yield_per=PAGE).execute(wanted)
                for rows in streamed.mappings().partitions():
                    there.execute(insert(table), [{**row, "run_id": number} for row in rows])

    def discard(self) -> None:
        """Forget a plan that did not become whole."""
        with self._database.writing() as connection:
            for table in (attempt, sheet_row, change):
                connection.execute(delete(table).where(table.c.run_id == self._id))
            connection.execute(delete(run).where(run.c.id == self._id))

    def _become(self, record: RunRecord) -> None:
        with self._database.writing() as connection:
            connection.execute(update(run).where(run.c.id == self._id).values(_run_values(record)))
        self.record = record


def _insert_run(
    connection: Connection, record: RunRecord, content: bytes, beside: Sequence[bytes]
) -> int:
    _keep_source(connection, record.source_sha256, content)
    for each in beside:
        _keep_source(connection, hashlib.sha256(each).hexdigest(), each)
    key = connection.execute(insert(run).values(_run_values(record))).inserted_primary_key
    if key is None:
        raise StorageError(_("the journal did not take the run"))
    return int(key[0])


def _keep_source(connection: Connection, sha256: str, content: bytes) -> None:
    known = select(source.c.sha256).where(source.c.sha256 == sha256)
    if connection.execute(known).first() is None:
        packed = zlib.compress(content, level=6)
        connection.execute(insert(source).values(sha256=sha256, content=packed))


def _take_over(connection: Connection, account: Account) -> None:
    """What was under way in a run whose process is dead: sent changes are unknown, a plan that
    was not whole never was."""
    runs = select(run.c.id).where(run.c.account_key == account.key)
    connection.execute(
        update(change)
        .where(change.c.run_id.in_(runs), change.c.state == ChangeState.SENDING)
        .values(state=ChangeState.UNKNOWN, code="no_proof", message=_("the run ended in mid-send"))
    )
    torn = runs.where(run.c.state == RunState.PLANNING)
    for table in (sheet_row, change):
        connection.execute(delete(table).where(table.c.run_id.in_(torn)))
    connection.execute(
        delete(run).where(run.c.account_key == account.key, run.c.state == RunState.PLANNING)
    )


def _run_values(record: RunRecord) -> Params:
    return {
        "name": record.name,
        "command": record.command,
        "state": record.state,
        "account_key": record.account.key,
        "account": codec.encode(record.account),
        "who": record.who,
        "host": record.host,
        "reason": record.reason,
        "source_sha256": record.source_sha256,
        "source_path": record.source_path,
        "binding": record.binding,
        "settings": codec.encode(record.settings),
        "findings": codec.encode(record.findings),
        "planned_at": record.planned_at and time_text(record.planned_at),
        "created_at": time_text(record.created_at),
        "ended_at": record.ended_at and time_text(record.ended_at),
        "exit_code": record.exit_code,
    }


def _run_record(row: Row[tuple[object, ...]]) -> RunRecord:
    return RunRecord(
        name=row.name,
        command=row.command,
        state=RunState(row.state),
        account=codec.decode_account(row.account),
        who=row.who,
        host=row.host,
        reason=row.reason,
        source_sha256=row.source_sha256,
        source_path=row.source_path,
        binding=row.binding,
        settings=codec.decode_mapping(row.settings),
        findings=codec.decode_findings(row.findings),
        planned_at=parse_time(row.planned_at),
        created_at=datetime.fromisoformat(row.created_at),
        ended_at=parse_time(row.ended_at),
        exit_code=row.exit_code,
    )
