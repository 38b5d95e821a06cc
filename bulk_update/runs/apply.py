"""Plan (or take a plan), ask, send, prove, report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.applying import Pool, PoolOptions, Sender, SenderOptions
from bulk_update.applying.breaker import Breaker
from bulk_update.applying.guards import FailureGuard, RetryBudget, guard_not_found
from bulk_update.applying.replacement import FACT, Replacement, Semantics
from bulk_update.config.addresses import is_loopback
from bulk_update.errors import BulkUpdateError, GuardTripped, UsageError
from bulk_update.journal import Journal, RunJournal, RunState
from bulk_update.journal.lock import hold_account
from bulk_update.language import _, ngettext
from bulk_update.model import ChangeState, RowStatus
from bulk_update.reporting import write_reports
from bulk_update.reporting.folder import open_folder
from bulk_update.runs.exit_codes import error_exit_code
from bulk_update.runs.job import CommandResult
from bulk_update.runs.plan import plan_sheet, preview_of, report_of
from bulk_update.runs.preparing import opened
from bulk_update.runs.saved_plan import adopt, is_saved_plan, open_saved_plan
from bulk_update.runs.session import (
    FIELD_TYPES,
    Session,
    open_session,
    require_token,
    use_field_types,
)
from bulk_update.runs.stopping import StopSignals

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.model import Account
    from bulk_update.reading import Sheet
    from bulk_update.reporting.preview import PlanPreview
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job

JOURNAL_FILE: Final = "journal.db"
CONFIRM_ABOVE: Final = 100


async def apply(job: Job, interaction: Interaction, signals: StopSignals) -> CommandResult:
    """Make the account agree with the sheet, or with a saved plan.

    Raises what planning raises, UsageError when nobody agreed, GuardTripped, AccountBusy and
    StorageError. Once sending has begun, what ends it is in the result, with the reports.
    """
    began = datetime.now().astimezone()  # people say --deadline 06:00 by the clock on their wall
    if is_saved_plan(job.file):
        return await _apply_saved(job, interaction, signals, began)
    with opened(job) as sheet:
        require_token(job.settings)
        async with open_session(job.settings, interaction) as session:
            with ExitStack() as stack:
                journal = stack.enter_context(_journal(session.settings))
                _hold(stack, session, interaction)
                run = await plan_sheet(job, sheet, session, journal, interaction)
                work = _Work(job, session, journal, run, sheet, interaction, signals, began)
                return await work.do()


async def _apply_saved(
    job: Job, interaction: Interaction, signals: StopSignals, began: datetime
) -> CommandResult:
    with open_saved_plan(Path(job.file)) as saved:
        require_token(job.settings)
        async with open_session(job.settings, interaction) as session:
            saved.check(session.account, max_age=session.settings.max_plan_age)
            use_field_types(session.client, saved.run.record.settings.get(FIELD_TYPES))
            with ExitStack() as stack:
                journal = stack.enter_context(_journal(session.settings))
                _hold(stack, session, interaction)
                run = adopt(saved, journal)
                sheet = stack.enter_context(saved.sheet())
                work = _Work(job, session, journal, run, sheet, interaction, signals, began)
                return await work.do()


def _journal(settings: Settings) -> Journal:
    url = settings.journal_url
    where = settings.state_dir / JOURNAL_FILE if url is None else url.get_secret_value()
    return Journal.open(where)


def _hold(stack: ExitStack, session: Session, interaction: Interaction) -> None:
    wait = session.settings.wait_lock
    if wait is not None:
        interaction.note(_("Waiting for the account, where another run holds it ..."))
    stack.enter_context(
        hold_account(session.account, run="apply", wait=wait.total_seconds() if wait else 0)
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """One run from its whole plan to its reports."""

    job: Job
    session: Session
    journal: Journal
    run: RunJournal
    sheet: Sheet
    interaction: Interaction
    signals: StopSignals
    began: datetime

    async def do(self) -> CommandResult:
        """Agree on the plan, send it, report."""
        preview = preview_of(self.run, self.session)
        self.interaction.show_plan(preview)
        open_folder(self._folder)  # nothing is sent that could not be reported
        try:
            agreed = self._agreed(preview)
        except UsageError as error:
            self.run.ended(RunState.STOPPED, exit_code=error_exit_code(error))
            raise
        except BulkUpdateError as error:
            # The plan is shown and kept in the reports; nothing was sent.
            return self._report(error, sent=False)
        if not agreed:
            self.interaction.note(_("Nothing was sent."))
            return self._report(None, sent=False)
        return self._report(await self._send(preview), sent=True)

    def _agreed(self, preview: PlanPreview) -> bool:
        """Whether to go on. Raises when a guard or a missing consent says no."""
        settings = self.session.settings
        counts = self.run.results.row_counts()
        if settings.on_invalid == "stop" and _has_invalid(counts):
            self.interaction.note(_("Rows are invalid (--on-invalid stop)."))
            return False
        looked_up = sum(counts.values()) - counts.get(RowStatus.INVALID, 0)
        guard_not_found(counts.get(RowStatus.NOT_FOUND, 0), looked_up, settings.max_not_found)
        if not preview.contacts:
            return True
        return _consent(self.session, preview.contacts, self.interaction)

    async def _send(self, preview: PlanPreview) -> BulkUpdateError | None:
        """Send what is planned; what ended it before its time."""
        self.run.applying()
        with self.interaction.progress(_("Sending"), preview.contacts) as progress:

            def ended(state: ChangeState) -> None:
                progress.advance()
                guard.ended(state)

            pool = self._pool(ended)
            guard = FailureGuard(self.session.settings.max_failures, pool.stop)
            try:
                async with _deadline(self.session.settings, self.began, pool):
                    with self.signals.in_order(pool.stop):
                        await pool.run()
            except BulkUpdateError as error:
                return error
        return None

    def _pool(self, ended: Callable[[ChangeState], None]) -> Pool:
        client, settings = self.session.client, self.session.settings
        rows = sum(self.run.results.row_counts().values())
        sender = Sender(
            client,
            self.run.sending,
            self._replacement(),
            options=SenderOptions(max_age=settings.max_age, if_changed=settings.if_changed),
            may_resend=RetryBudget(rows).take,
        )
        return Pool(
            sender,
            self.run.sending,
            Breaker(client.me),
            PoolOptions(
                workers=self.session.workers,
                waited_429=lambda: client.throttle.waited_429,
            ),
            on_end=ended,
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
        return self.session.settings.out or self.session.settings.runs_dir / self.run.record.name

    def _report(self, error: BulkUpdateError | None, *, sent: bool) -> CommandResult:
        """Write the reports; only then is the run finished."""
        state = RunState.STOPPED if error is not None or not sent else RunState.FINISHED
        code = 0 if error is None else error_exit_code(error)
        self.run.ended(RunState.STOPPED, exit_code=code)
        report = report_of(self.run, self.job, self.sheet, self.session, error=error)
        files = write_reports(self._folder, report)
        self.run.ended(state, exit_code=report.exit_code)
        return CommandResult(report=report, files=files)


def _has_invalid(counts: Mapping[RowStatus, int]) -> bool:
    return any(counts.get(each) for each in (RowStatus.INVALID, RowStatus.DUPLICATE))


def _consent(session: Session, contacts: int, interaction: Interaction) -> bool:
    """Whether somebody agreed: by flag, or asked on the terminal."""
    settings = session.settings
    if settings.confirm_account is not None:
        _check_named(settings.confirm_account, session.account)
    if settings.yes:
        _require_named(session, contacts, interaction)
        return True
    if not interaction.can_ask:
        raise UsageError(
            _("nobody can be asked here, and --yes is missing; nothing was sent"),
            hint=_("Look at the plan, then give --yes."),
            code="yes_missing",
        )
    question = ngettext("Send {n} change to {account}?", "Send {n} changes to {account}?", contacts)
    return interaction.confirm(question.format(n=contacts, account=session.account.name))


def _check_named(named: str, account: Account) -> None:
    if named not in {account.name, account.user_email}:
        raise UsageError(
            _("--confirm-account {named}: this account is {account}").format(
                named=named, account=account.name
            ),
            hint=_("Nothing was sent. Check the token and the profile."),
            code="other_account",
        )


def _require_named(session: Session, contacts: int, interaction: Interaction) -> None:
    """Above 100 changes without a terminal, a real account must be called by its name."""
    settings = session.settings
    real = not session.embedded and not is_loopback(settings.base_url)
    if not real or interaction.can_ask or settings.confirm_account is not None:
        return
    if contacts > CONFIRM_ABOVE:
        raise UsageError(
            _("{n} changes to {account} need --confirm-account; nothing was sent").format(
                n=contacts, account=session.account.name
            ),
            hint=_('Give --confirm-account "{account}".').format(account=session.account.name),
            code="confirm_account_missing",
        )


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
        hint=_("What was not sent is in results.csv; apply the sheet again to go on."),
        code="deadline",
    )
    timer = asyncio.get_running_loop().call_later(max(seconds, 0), pool.stop, error)
    try:
        yield
    finally:
        timer.cancel()
