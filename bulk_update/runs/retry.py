"""A new run of the rows that a run could not bring through, planned afresh from the account as it
is now.

The sheet is the journal's copy, read, mapped and understood as that run did: whole columns by all
their rows. Drifted rows are not taken again: somebody else's change would be overwritten.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.config import resolve
from bulk_update.errors import GuardTripped, UsageError
from bulk_update.language import _, ngettext
from bulk_update.model import ChangeState, RowStatus
from bulk_update.runs.apply import Applying
from bulk_update.runs.choosing import chosen_run
from bulk_update.runs.held import open_journal
from bulk_update.runs.job import Job
from bulk_update.runs.kept import RETRY_OF, flags_of, mapping_of, schema_text_of, with_meaning
from bulk_update.runs.plan import Understood, plan_rows, understood
from bulk_update.runs.saved_plan import read_options, sheet_of
from bulk_update.runs.session import open_session, state_folder

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunJournal, RunRecord
    from bulk_update.reading import Sheet
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import CommandResult
    from bulk_update.runs.session import Session
    from bulk_update.runs.stopping import StopSignals

RETRIED: Final = frozenset(
    {
        RowStatus.FAILED,
        RowStatus.REFUSED,
        RowStatus.MISMATCH,
        RowStatus.UNKNOWN,
        RowStatus.NOT_SENT,
        RowStatus.PLANNED,
    }
)
"""What is taken again; ``planned`` is what a run that was broken off never sent."""

_STATES: Final = frozenset(
    {
        ChangeState.FAILED,
        ChangeState.REFUSED,
        ChangeState.MISMATCH,
        ChangeState.UNKNOWN,
        ChangeState.PLANNED,
    }
)
_KEPT_FLAGS: Final = ("profile", "base_url", "schema", "sandbox", "proxy", "rate", "workers")
"""The flags of the run that still hold where the retry has no others: which account, and how
fast. What was agreed to then is not agreed to now."""


async def retry(
    name: str, flags: Mapping[str, object], interaction: Interaction, signals: StopSignals
) -> CommandResult | None:
    """Take the rows of a run again that it could not bring through; None where there are none.

    Raises UsageError for an unknown run, or one that cannot be retried, GuardTripped when the
    token is another account's, and what applying raises.
    """
    began = datetime.now().astimezone()
    with _retried(name, flags) as retried:
        if not retried.count:
            interaction.note(
                _("Run {run} has nothing to retry: no row failed, was refused or not sent.").format(
                    run=retried.record.name
                )
            )
            return None
        async with open_session(retried.settings, interaction) as session:
            _require_account(session, retried.record)
            retrying = _Retrying(retried, session, interaction)
            return await retrying.run(signals, began)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Retried:
    """The run that is taken again: what its journal has, copied out of it."""

    record: RunRecord
    sheet: Sheet
    count: int
    flags: Mapping[str, object]
    schema: Path | None

    @property
    def settings(self) -> Settings:
        """Those of the retry, in which a cell means what it meant; with the schema of a run
        that was given one, unless the retry is given another."""
        known = {} if self.schema is None else {"schema": str(self.schema)}
        return with_meaning(resolve({**self.flags, **known}), self.record)


@contextmanager
def _retried(name: str, flags: Mapping[str, object]) -> Iterator[_Retried]:
    with (
        open_journal(state_folder(resolve(flags))) as journal,
        tempfile.TemporaryDirectory(prefix="bulk-update-") as folder,
    ):
        run = chosen_run(journal, name)
        record = run.record
        if mapping_of(record) is None:
            raise UsageError(
                _("run {run} ({command}) cannot be retried: it keeps no mapping").format(
                    run=record.name, command=record.command
                ),
                hint=_("Give its command again: it looks at the account anew."),
                code="no_retry",
            )
        with sheet_of(record, journal) as sheet:
            yield _Retried(
                record=record,
                sheet=sheet,
                count=sum(1 for _row in run.results.row_numbers(RETRIED)),
                flags={**_kept_flags(record), **flags},
                schema=None if "schema" in flags else _schema_file(record, journal, Path(folder)),
            )


def _kept_flags(record: RunRecord) -> Mapping[str, object]:
    return {name: value for name, value in flags_of(record).items() if name in _KEPT_FLAGS}


def _schema_file(record: RunRecord, journal: Journal, folder: Path) -> Path | None:
    """The schema of a run that was given one: it may know what the account does not show."""
    text = schema_text_of(record, journal) if "schema" in flags_of(record) else None
    if text is None:
        return None
    path = folder / "account.schema.toml"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class _Retrying:
    """One ``retry``, connected."""

    retried: _Retried
    session: Session
    interaction: Interaction

    async def run(self, signals: StopSignals, began: datetime) -> CommandResult:
        """Plan, ask, send, report."""
        job = self._job()
        understanding = await understood(job, self.retried.sheet, self.session, self.interaction)
        asked = self._referring(understanding)

        async def planned(journal: Journal) -> RunJournal:
            run = chosen_run(journal, self.retried.record.name)
            self._say_touched(journal, run)
            prepared = replace(asked.prepared, chosen=lambda: run.results.row_numbers(RETRIED))
            chosen = replace(asked, prepared=prepared)
            return await plan_rows(chosen, self.session, journal, self.interaction)

        applying = Applying(job, self.interaction, signals, began)
        return await applying.carry_out(self.session, self.retried.sheet, asked.record, planned)

    def _job(self) -> Job:
        record, settings = self.retried.record, self.session.settings
        return Job(
            command="retry",
            file=record.source_path,
            settings=settings,
            read=read_options(record),
            mapping=mapping_of(record),
            flags=self.retried.flags,
        )

    def _referring(self, asked: Understood) -> Understood:
        """A record that names the run, and is the same job only for the same run."""
        name, record = self.retried.record.name, asked.record
        bound = hashlib.sha256(f"{RETRY_OF}|{name}|{record.binding}".encode()).hexdigest()
        settings = {**record.settings, RETRY_OF: name}
        return replace(asked, record=replace(record, binding=bound, settings=settings))

    def _say_touched(self, journal: Journal, run: RunJournal) -> None:
        """The plan shows what would be changed; who changed it last may still be news."""
        count = journal.history.count_touched_later(run.record.name, _STATES)
        if count:
            self.interaction.note(
                ngettext(
                    "{n} contact of run {run} was changed by a later run: look at the plan.",
                    "{n} contacts of run {run} were changed by later runs: look at the plan.",
                    count,
                ).format(n=count, run=run.record.name)
            )


def _require_account(session: Session, record: RunRecord) -> None:
    if session.account.key != record.account.key:
        raise GuardTripped(
            _("run {run} is for the account {planned}, this is {found}").format(
                run=record.name, planned=record.account.name, found=session.account.name
            ),
            hint=_("Nothing was sent. Give the token or profile of that account."),
            code="other_account",
        )
