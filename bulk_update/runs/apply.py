"""Plan (or take a plan), ask, send, prove, report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.journal import Journal, RunJournal, RunRecord, RunState
from bulk_update.language import _
from bulk_update.runs.held import held_journal
from bulk_update.runs.plan import plan_rows, understood
from bulk_update.runs.plan_flags import refuse_flags_beside_plan
from bulk_update.runs.preparing import opened
from bulk_update.runs.saved_plan import adopt, is_saved_plan, open_saved_plan, sheet_of
from bulk_update.runs.session import FIELD_TYPES, open_session, require_token, use_field_types
from bulk_update.runs.work import Work

if TYPE_CHECKING:
    from bulk_update.reading import Sheet
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import CommandResult, Job
    from bulk_update.runs.session import Session
    from bulk_update.runs.stopping import StopSignals

Planned = Callable[[Journal], Awaitable[RunJournal]]
"""Puts the whole plan into a journal, as a new run."""


async def apply(job: Job, interaction: Interaction, signals: StopSignals) -> CommandResult:
    """Make the account agree with the sheet, or with a saved plan.

    The same job that stopped before its end goes on where it was. Raises what planning raises,
    UsageError when nobody agreed, AccountBusy and StorageError. Once sending has begun, what
    ends it is in the result, with the reports.
    """
    # By the clock on the wall: that is what people mean by --deadline 06:00.
    applying = Applying(job, interaction, signals, datetime.now().astimezone())
    if is_saved_plan(job.file):
        return await applying.from_plan()
    return await applying.from_sheet()


@dataclass(frozen=True, slots=True)
class Applying:
    """One ``apply`` (or ``retry``), whatever its plan comes from."""

    job: Job
    interaction: Interaction
    signals: StopSignals
    began: datetime

    async def from_sheet(self) -> CommandResult:
        """Plan the sheet, then carry it out."""
        with opened(self.job) as sheet:
            require_token(self.job.settings)
            async with open_session(self.job.settings, self.interaction) as session:
                asked = await understood(self.job, sheet, session, self.interaction)

                async def planned(journal: Journal) -> RunJournal:
                    return await plan_rows(asked, session, journal, self.interaction)

                return await self.carry_out(session, sheet, asked.record, planned)

    async def from_plan(self) -> CommandResult:
        """Take a saved plan, if it still may be applied, and carry it out."""
        refuse_flags_beside_plan(self.job)
        with open_saved_plan(Path(self.job.file)) as saved, saved.sheet() as sheet:
            require_token(self.job.settings)
            async with open_session(self.job.settings, self.interaction) as session:
                saved.check(session.account, max_age=session.settings.max_plan_age)
                record = saved.run.record
                use_field_types(session.client, record.settings.get(FIELD_TYPES))

                async def planned(journal: Journal) -> RunJournal:
                    return adopt(saved, journal, self.job)

                return await self.carry_out(session, sheet, record, planned)

    async def carry_out(
        self, session: Session, sheet: Sheet, record: RunRecord, planned: Planned
    ) -> CommandResult:
        """Hold the account, plan (or go on where the same job stopped), and do it."""
        with held_journal(session, self.interaction, holder=self.job.command) as (journal, lease):
            unfinished = journal.unfinished(session.account)
            same = [run for run in unfinished if run.record.binding == record.binding]
            run = same[0] if same else await planned(journal)
            sheet.close()  # from here on the journal's copy counts: the file may be edited
            with sheet_of(run.record, journal) as kept:
                work = Work(
                    self.job,
                    session,
                    journal,
                    run,
                    kept,
                    self.interaction,
                    self.signals,
                    self.began,
                    lease,
                )
                if same:
                    self.interaction.note(_going_on(run))
                    return await work.go_on(ask=True)
                self._name(unfinished)
                result = await work.do()
            if run.record.state is not RunState.CLOSED:
                supersede(unfinished)
            return result

    def _name(self, unfinished: list[RunJournal]) -> None:
        for run in unfinished:
            self.interaction.note(
                _("Run {run} of {file} stopped before its end; this one takes its place.").format(
                    run=run.record.name, file=run.record.source_path
                )
            )


def supersede(unfinished: list[RunJournal]) -> None:
    """Close runs whose place another run has taken; one that was killed came to no exit code."""
    for run in unfinished:
        run.ended(RunState.CLOSED, exit_code=run.record.exit_code)


def _going_on(run: RunJournal) -> str:
    return _("Run {run} stopped before its end: going on where it was.").format(run=run.record.name)
