"""One run from its whole plan to its reports: agree, send, report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.account.breaker import Breaker
from bulk_update.applying import Permits, Pool, PoolOptions, Sender, SenderOptions
from bulk_update.applying.canary import CODE as CANARY_STOPPED
from bulk_update.applying.canary import Canary
from bulk_update.applying.crew import Crew
from bulk_update.applying.guards import FailureGuard, RetryBudget, guard_not_found
from bulk_update.applying.pool import DRAIN
from bulk_update.applying.replacement import FACT, Replacement, Semantics
from bulk_update.errors import BulkUpdateError, GuardTripped, InvalidRows, Stopped, more_urgent
from bulk_update.journal import Journal, RunJournal, RunState
from bulk_update.language import _, ngettext
from bulk_update.model import ChangeState, RowStatus
from bulk_update.reporting.folder import open_folder
from bulk_update.runs.canary import (
    PUT_BACK,
    CanaryState,
    RunCanary,
    go_first,
    said_back,
    with_next_step,
)
from bulk_update.runs.consent import has_consent
from bulk_update.runs.ending import Ending
from bulk_update.runs.exit_codes import error_exit_code, stops_at_invalid
from bulk_update.runs.interaction import Quiet
from bulk_update.runs.job import CommandResult
from bulk_update.runs.naming import resuming, run_folder
from bulk_update.runs.plan import report_of
from bulk_update.runs.preview import preview_of
from bulk_update.runs.since_last import remember
from bulk_update.runs.stopping import ended_at_once

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal.lease import HeldLease
    from bulk_update.reading import Sheet
    from bulk_update.reporting import RunReport
    from bulk_update.reporting.preview import PlanPreview
    from bulk_update.runs.interaction import Interaction, Progress
    from bulk_update.runs.job import Job
    from bulk_update.runs.session import Session
    from bulk_update.runs.stopping import StopSignals

_TICK: Final = 1.0
"""Seconds between two looks at the clock while nothing comes to its end."""

_MANY_ROWS: Final = 20_000
"""From so many rows on, writing the reports takes seconds: whoever waits is told."""


@dataclass(frozen=True, slots=True)
class Work:
    """One run from its whole plan to its reports.

    ``sheet`` is the journal's own copy: the user's file is not needed any more, and may change.
    """

    job: Job
    session: Session
    journal: Journal
    run: RunJournal
    sheet: Sheet
    interaction: Interaction
    signals: StopSignals
    began: datetime
    lease: HeldLease

    async def do(self) -> CommandResult:
        """Agree on the plan, send it, report."""
        try:
            preview = await self._shown()
            refusal = self._refusal()
            agreed = refusal is None and (not preview.contacts or self._consents(preview))
        except BaseException as error:
            self._close(error)
            raise
        if not agreed:
            self.interaction.note(_("Nothing was sent."))
            return self._report(refusal, closed=True)
        return await self._carry_out(preview)

    async def go_on(self, *, ask: bool) -> CommandResult:
        """Send what is left of a run that stopped, and report all of it. What a later run has
        touched meanwhile is left to that one.

        ``ask``: it was agreed to once, but whoever stopped it may have had a reason.
        """
        if left := self.run.sending.leave_to_later_runs():
            self.interaction.note(_left_alone(left))
        preview = await self._shown()
        if ask and preview.contacts and not self._consents(preview):
            self.interaction.note(_("Nothing was sent."))
            return self._report(None, closed=True)
        return await self._carry_out(preview)

    async def _carry_out(self, preview: PlanPreview) -> CommandResult:
        """Send and report; whoever ends it at once is told, too, how it goes on."""
        self.signals.last_words = ended_at_once(resuming(self.run.record.name, self.job.settings))
        return self._report(await self._send(preview))

    async def _shown(self) -> PlanPreview:
        """What the plan would do, as it was shown. Raises StorageError for a folder that can't
        be had: nothing is sent that could not be reported."""
        self.interaction.show_run(self.run.record.name)
        preview = await asyncio.to_thread(preview_of, self.run, self.journal, self.session)
        self.interaction.show_plan(preview)
        open_folder(self._folder)
        return preview

    def _refusal(self) -> BulkUpdateError | None:
        """Why nothing may be sent, whoever agrees."""
        settings = self.session.settings
        counts = self.run.results.row_counts()
        if settings.on_invalid == "stop" and (invalid := stops_at_invalid(counts)):
            return _invalid_rows(invalid)
        looked_up = sum(counts.values()) - counts.get(RowStatus.INVALID, 0)
        try:
            guard_not_found(counts.get(RowStatus.NOT_FOUND, 0), looked_up, settings.max_not_found)
        except GuardTripped as error:
            return error
        return None

    def _close(self, error: BaseException) -> None:
        """Nobody wanted it: nothing was sent, and nothing of it may ever go on."""
        ended = error if isinstance(error, BulkUpdateError) else self.signals.stopped
        code = error_exit_code(ended or BulkUpdateError(type(error).__name__))
        with suppress(BulkUpdateError):  # what closes it counts
            self.run.ended(RunState.CLOSED, exit_code=code)

    def _consents(self, preview: PlanPreview) -> bool:
        return has_consent(self.session, preview.contacts, self.interaction)

    async def _send(self, preview: PlanPreview) -> BulkUpdateError | None:
        """Send what is planned; what ended it before its time."""
        try:
            self.run.applying()
            return await self._sent_or_put_back(preview)
        except BulkUpdateError as error:
            return error

    async def _sent_or_put_back(self, preview: PlanPreview) -> BulkUpdateError | None:
        memory = RunCanary(self.run)
        if memory.state is CanaryState.PUTTING_BACK:  # where an earlier process died
            return await self._after_canary(memory.failure(), memory)
        ended_by = await self._sent(preview, memory)
        if ended_by is not None and ended_by.code == CANARY_STOPPED:
            alone = not self.interaction.can_ask
            memory.failed(ended_by, put_back=alone and memory.changed_something)
            return await self._after_canary(ended_by, memory)
        return ended_by

    async def _sent(self, preview: PlanPreview, memory: RunCanary) -> BulkUpdateError | None:
        open_changes = preview.contacts + len(self.run.sending.unknown_changes())
        with self.interaction.progress(_("Sending"), open_changes) as progress:

            def ended(state: ChangeState) -> None:
                progress.advance()
                guard.ended(state)

            canary = self._canary(memory)
            if canary is not None:
                progress.afresh(paced=False)  # one by one: the rest goes at another pace
                memory.on_passed = progress.afresh
            pool = self._pool(ended, canary)
            guard = FailureGuard(self.session.settings.max_failures, pool.stop)
            try:
                async with _deadline(self.session.settings, self.began, pool):
                    with self.signals.in_order(partial(self._stop, pool)):
                        async with _ticking(progress):
                            await pool.run()
            except BulkUpdateError as error:
                return error
        return None

    def _stop(self, pool: Pool, stopped: Stopped) -> None:
        """Whoever waits for what is under way knows that it was heard, and for how long."""
        pool.stop(stopped)
        self.interaction.note(
            _(
                "Stopping: what is under way is finished, in at most {n} seconds. Ctrl-C or "
                "SIGTERM again ends at once."
            ).format(n=round(DRAIN))
        )

    def _canary(self, memory: RunCanary) -> Canary | None:
        """What goes first, if anything does."""
        number = go_first(self.run, self.session)
        if not number:
            return None
        return Canary(
            self.run.sending,
            memory,
            number=number,
            expected=self.session.settings.expect_side_effect,
            first=self.run.sending.seq_with_other_fields(),
            say=self.interaction.note,
        )

    async def _after_canary(self, error: BulkUpdateError, memory: RunCanary) -> BulkUpdateError:
        """Put back what the canary did, or say how, where there is somebody to decide."""
        back = ""
        if memory.state is CanaryState.PUTTING_BACK:
            try:
                back = await self._put_back(memory)
            except BulkUpdateError as fault:
                error = more_urgent(error, fault) or error
        return with_next_step(error, memory, self.run, back=back)

    async def _put_back(self, memory: RunCanary) -> str:
        """Undo what the canary did, as a run of its own; what came of it, in words. Raises what
        kept it from that."""
        undoing = await memory.plan_back(self.journal, self.session)
        settings = self.session.settings
        own = {"canary": 0, "deadline": None, "out": self._folder / PUT_BACK}
        session = replace(self.session, settings=settings.model_copy(update=own))
        job = replace(self.job, command="undo", settings=session.settings)
        way_back = replace(self, job=job, session=session, run=undoing, interaction=Quiet())
        error = await way_back.carry_back()
        memory.take_back(undoing)
        if error is not None:
            raise error
        memory.is_back()
        return said_back(undoing)

    async def carry_back(self) -> BulkUpdateError | None:
        """Send a whole plan that nobody has to agree to, and report it; what ended it before its
        time."""
        open_folder(self._folder)
        ended_by = await self._send(
            await asyncio.to_thread(preview_of, self.run, self.journal, self.session)
        )
        self._report(ended_by)
        return ended_by

    def _pool(self, ended: Callable[[ChangeState], None], canary: Canary | None) -> Pool:
        client, settings = self.session.client, self.session.settings
        rows = sum(self.run.results.row_counts().values())
        budget = RetryBudget(rows, spent=self.run.sending.repeated_attempts())
        sender = Sender(
            client,
            self.run.sending,
            self._replacement(),
            options=SenderOptions(
                max_age=settings.max_age,
                if_changed=settings.if_changed,
                expected=settings.expect_side_effect,
            ),
            permits=Permits(may_resend=budget.take, may_begin=self.lease.require),
            crew=Crew(rate=settings.rate, most=self.session.workers),
        )
        return Pool(
            sender,
            self.run.sending,
            Breaker(client.answers, say=self.interaction.note),
            PoolOptions(workers=self.session.workers),
            on_end=ended,
            canary=canary,
        )

    def _replacement(self) -> Replacement:
        account = self.session.account

        def remember(semantics: Semantics) -> None:
            self.journal.remember(account, FACT, semantics)
            if semantics is Semantics.REPLACE:
                self.interaction.note(
                    _(
                        "This account drops custom fields that a change does not name: from now "
                        "on each contact is read again and all its fields are sent."
                    )
                )

        return Replacement(self.journal.fact(account, FACT), remember)

    @property
    def _folder(self) -> Path:
        settings = self.session.settings
        return settings.out or run_folder(settings.runs_dir, self.run.record.name)

    def _report(self, error: BulkUpdateError | None, *, closed: bool = False) -> CommandResult:
        """Write the reports; only then is the run finished, or closed when nobody wanted it."""

        def report_of_run(error: BulkUpdateError | None) -> RunReport:
            return report_of(
                self.run, self.journal, self.job, self.sheet, self.session, error=error
            )

        if sum(self.run.results.row_counts().values()) > _MANY_ROWS:
            self.interaction.note(_("Writing the reports ..."))
        with self.signals.at_the_end():
            ended_by = more_urgent(error, self.signals.stopped)
            if not closed:
                ended_by = more_urgent(ended_by, remember(self.journal, self.run))
            way_on = "" if closed else resuming(self.run.record.name, self.job.settings)
            ending = Ending(self.run, self._folder, report_of_run, ended_by, way_on)
            return ending.conclude(closed=closed)


def _left_alone(contacts: int) -> str:
    return ngettext(
        "{n} contact was changed by a later run, and is left alone.",
        "{n} contacts were changed by a later run, and are left alone.",
        contacts,
    ).format(n=contacts)


def _invalid_rows(invalid: int) -> InvalidRows:
    return InvalidRows(
        ngettext(
            "{n} row is invalid, so nothing was sent (--on-invalid stop)",
            "{n} rows are invalid, so nothing was sent (--on-invalid stop)",
            invalid,
        ).format(n=invalid),
        hint=_("Mend them in errors.csv, or send the others with --on-invalid skip."),
    )


@asynccontextmanager
async def _ticking(progress: Progress) -> AsyncIterator[None]:
    """Let time show also while nothing comes to its end: the account may be away, and a request
    without an answer is waited for."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(_TICK)
            progress.advance(0)

    ticking = asyncio.ensure_future(tick())
    try:
        yield
    finally:
        ticking.cancel()


@asynccontextmanager
async def _deadline(settings: Settings, began: datetime, pool: Pool) -> AsyncIterator[None]:
    """Stop in order when the time is up; a duration counts from when the command began."""
    if settings.deadline is None:
        yield
        return
    now = datetime.now().astimezone()
    seconds = (settings.deadline.moment(began) - now).total_seconds()
    error = GuardTripped(
        _("the deadline has come (--deadline {deadline})").format(deadline=settings.deadline),
        hint=_("What was not sent is in results.csv."),
        code="deadline",
    )
    timer = asyncio.get_running_loop().call_later(max(seconds, 0), pool.stop, error)
    try:
        yield
    finally:
        timer.cancel()
