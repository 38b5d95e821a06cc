"""A saved plan: a journal of its own with one whole plan in it, bound to file and account."""

from __future__ import annotations

import hashlib
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import convert

from bulk_update.errors import ConfigError, GuardTripped
from bulk_update.journal import Journal, RunJournal, RunRecord
from bulk_update.journal.seal import Sealed, sealed
from bulk_update.language import _
from bulk_update.quantities import show_duration
from bulk_update.reading import ReadOptions, open_sheet
from bulk_update.runs.job import FLAGS, kept_flags
from bulk_update.runs.kept import SCHEMA
from bulk_update.runs.naming import new_run_name, user_name

if TYPE_CHECKING:
    from bulk_update.model import Account
    from bulk_update.reading import Sheet
    from bulk_update.runs.job import Job

_SQLITE: Final = b"SQLite format 3\x00"


def is_saved_plan(path: str) -> bool:
    """Whether the file is a plan rather than a sheet; by its content. A pipe can be read only
    once, and is none: a plan is a database."""
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False  # reading it as a sheet says what is wrong with it


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """An opened plan file."""

    journal: Journal
    run: RunJournal

    def check(self, account: Account, *, max_age: timedelta) -> None:
        """Raise GuardTripped when the plan is for another account, older than ``max_age``, or
        when the file it was made from has changed since."""
        record = self.run.record
        if record.account.key != account.key:
            raise _stale(
                _("the plan is for the account {planned}, this is {found}").format(
                    planned=record.account.name, found=account.name
                ),
                "other_account",
            )
        self._check_age(max_age)
        self._check_file(Path(record.source_path))

    def _check_age(self, max_age: timedelta) -> None:
        made = self.run.record.planned_at or self.run.record.created_at
        age = datetime.now(UTC) - made
        if age > max_age:
            raise _stale(
                _("the plan was made {age} ago, on {at} (--max-plan-age {limit})").format(
                    age=show_duration(age),
                    at=f"{made.astimezone():%Y-%m-%d %H:%M}",
                    limit=show_duration(max_age),
                ),
                "stale_plan",
            )

    def _check_file(self, path: Path) -> None:
        """The sheet may be gone, the plan has it whole; changed, it no longer says this."""
        try:
            content = path.read_bytes() if path.is_file() else None
        except OSError:
            content = None
        if content is None:
            return
        if hashlib.sha256(content).hexdigest() != self.run.record.source_sha256:
            raise _stale(
                _("the file {path} has changed since the plan was made").format(path=path),
                "stale_plan",
            )

    @contextmanager
    def sheet(self) -> Iterator[Sheet]:
        """The sheet the plan was made from, read as it was then."""
        with sheet_of(self.run.record, self.journal) as sheet:
            yield sheet


@contextmanager
def sheet_of(record: RunRecord, journal: Journal) -> Iterator[Sheet]:
    """The sheet of a run, from the journal alone, read as it was when the run was planned."""
    with tempfile.TemporaryDirectory(prefix="bulk-update-") as folder:
        path = Path(folder) / "source"
        path.write_bytes(journal.source(record.source_sha256))
        with open_sheet(str(path), read_options(record)) as sheet:
            yield sheet


@contextmanager
def open_saved_plan(path: Path) -> Iterator[SavedPlan]:
    """The plan in the file ``path``. Raises StorageError for a damaged or newer one."""
    # A copy: opening a journal writes to it, and a plan may lie where nobody may write.
    with tempfile.TemporaryDirectory(prefix="bulk-update-") as folder:
        copy = Path(folder) / "plan.db"
        copy.write_bytes(path.read_bytes())
        _check_seal(copy, path)
        with Journal.open(copy) as journal:
            runs = journal.runs()
            run = journal.open_run(runs[0].name) if len(runs) == 1 else None
            if run is None or run.record.planned_at is None:
                raise _no_plan(path)
            yield SavedPlan(journal, run)


def _check_seal(copy: Path, path: Path) -> None:
    """Nothing is sent that is not, value for value, what somebody looked at."""
    try:
        found = sealed(copy)
    except sqlite3.Error:
        return  # opening it as a journal says what is wrong with it
    if found is Sealed.NONE:
        raise _no_plan(path)
    if found is Sealed.BROKEN:
        raise _stale(
            _("the plan {path} was changed after it was saved").format(path=path), "plan_changed"
        )


def _no_plan(path: Path) -> ConfigError:
    return ConfigError(
        _("{path} is a database, but no saved plan").format(path=path),
        hint=_("Make one with `bulk-update plan FILE -o PLAN`."),
        code="no_plan",
    )


def adopt(saved: SavedPlan, journal: Journal, job: Job) -> RunJournal:
    """The saved plan as a new run of ``journal``, whole or not at all: the run of whoever applies
    it, for their reason and with their flags."""
    planned = saved.run.record
    now = datetime.now(UTC)
    record = replace(
        planned,
        name=new_run_name(now),
        command="apply",
        created_at=now,
        who=user_name(),
        host=socket.gethostname(),
        reason=job.settings.reason or planned.reason,
        settings={**planned.settings, FLAGS: kept_flags(job.flags)},
    )
    schema = record.settings.get(SCHEMA)
    beside = [saved.journal.source(schema)] if isinstance(schema, str) else []
    content = saved.journal.source(record.source_sha256)
    return journal.adopt(saved.run, record, content, beside=beside)


def read_options(record: RunRecord) -> ReadOptions:
    """How the source of a run was read."""
    return convert(record.settings, ReadOptions)


def _stale(message: str, code: str) -> GuardTripped:
    return GuardTripped(
        message, hint=_("Nothing was sent. Make a new plan and look at it."), code=code
    )
