"""Put back what a run changed: a plan like any other, and a run of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bulk_update.config import resolve
from bulk_update.errors import GuardTripped, UsageError
from bulk_update.journal import Journal, RunJournal, RunRecord, RunState
from bulk_update.language import _
from bulk_update.model import KEY_KINDS, Target
from bulk_update.planning.undoing import means
from bulk_update.runs.apply import supersede
from bulk_update.runs.choosing import chosen_run
from bulk_update.runs.held import held_journal, open_journal
from bulk_update.runs.job import Job
from bulk_update.runs.kept import UNDO_ONLY, UNDO_ROWS, UNDOES, flags_of
from bulk_update.runs.saved_plan import sheet_of
from bulk_update.runs.session import (
    FIELD_TYPES,
    Session,
    open_session,
    state_folder,
    use_field_types,
)
from bulk_update.runs.undo_plan import UndoPlanner
from bulk_update.runs.undo_record import undo_record
from bulk_update.runs.work import Work

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal.lease import HeldLease
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import CommandResult
    from bulk_update.runs.stopping import StopSignals

_CONNECTION: Final = ("profile", "base_url", "proxy", "sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRequest:
    """What is to be put back: what the run called ``run`` did (``last`` is the newest one), of
    that only the targets spelled in ``only`` and the contacts of the sheet rows in ``rows``."""

    run: str
    only: tuple[str, ...] = ()
    rows: tuple[int, int] | None = None

    def targets(self) -> tuple[Target, ...]:
        """The targets of ``only``. Raises UsageError for what is none."""
        return tuple(map(_target, self.only))


async def undo(
    asked: UndoRequest,
    flags: Mapping[str, object],
    interaction: Interaction,
    signals: StopSignals,
) -> CommandResult:
    """Put back what a run changed, where nobody changed it since.

    It works on a run in any state: of one that stopped, what was sent goes back, and what was
    not is never sent. ``flags`` are those of this command; how the account is reached is taken
    from the run where they don't say. Raises UsageError for an unknown run, target or row,
    GuardTripped when the token is another account's, and what applying raises.
    """
    began = datetime.now().astimezone()
    targets = asked.targets()
    record = _record(asked.run, resolve(flags))
    reached = {name: value for name, value in flags_of(record).items() if name in _CONNECTION}
    kept = {**reached, **flags}
    settings = resolve(kept)
    job = Job(command="undo", file=record.source_path, settings=settings, flags=kept)
    async with open_session(settings, interaction) as session:
        _require_account(session, record)
        use_field_types(session.client, record.settings.get(FIELD_TYPES))
        with held_journal(session, interaction, holder="undo") as (journal, lease):
            undoing = _Undoing(asked, targets, job, session, journal, interaction)
            return await undoing.carry_out(record.name, signals, began, lease)


@dataclass(frozen=True, slots=True)
class _Undoing:
    """One ``undo``, with the account held."""

    asked: UndoRequest
    targets: Sequence[Target]
    job: Job
    session: Session
    journal: Journal
    interaction: Interaction

    async def carry_out(
        self, name: str, signals: StopSignals, began: datetime, lease: HeldLease
    ) -> CommandResult:
        """Plan and send; or go on, where the same undo stopped before its end."""
        undone = chosen_run(self.journal, name)
        record = self._new_record(undone.record)
        unfinished = self.journal.unfinished(self.session.account)
        same = [run for run in unfinished if run.record.binding == record.binding]
        run = same[0] if same else await self._planned(undone, record)
        with sheet_of(run.record, self.journal) as sheet:
            work = Work(
                self.job,
                self.session,
                self.journal,
                run,
                sheet,
                self.interaction,
                signals,
                began,
                lease,
            )
            if same:
                self.interaction.note(_going_on(run))
                return await work.go_on(ask=True)
            self._name(undone, unfinished)
            result = await work.do()
            if run.record.state is not RunState.CLOSED:
                supersede(unfinished)
            return result

    def _new_record(self, undone: RunRecord) -> RunRecord:
        asked = {UNDO_ONLY: sorted(map(str, self.targets)), UNDO_ROWS: self.asked.rows}
        return undo_record(undone, self.session, flags=self.job.flags, asked=asked)

    async def _planned(self, undone: RunJournal, record: RunRecord) -> RunJournal:
        """The whole plan, as a new run; none when it can't be whole."""
        rows = self._rows(undone)
        if UNDOES not in undone.record.settings:
            # One that was killed left nothing behind: what goes back is held all the same.
            self.journal.applied(undone.record.account).keep(undone.record.name)
        run = self.journal.create_run(record, self.journal.source(record.source_sha256))
        try:
            with self.interaction.progress(_("Reading contacts"), None) as progress:
                planner = UndoPlanner(
                    self.session.client,
                    undone=undone,
                    undoing=run,
                    targets=self.targets,
                    workers=self.session.workers,
                    on_row=progress.advance,
                )
                with (
                    closing(undone.past.contacts(rows)) as contacts,
                    self.session.client.waiting_out_outages(self.interaction.note),
                ):
                    await planner.plan(contacts)
            self._require_touched(undone, planner)
            run.planned(planner.findings())
        except BaseException:
            run.discard()
            raise
        self.interaction.show_findings(run.record.findings, "results.csv")
        return run

    def _rows(self, undone: RunJournal) -> tuple[int, int] | None:
        """The range that was asked for. Raises UsageError when the run has no row in it."""
        asked, bounds = self.asked.rows, undone.past.bounds()
        if asked is None or bounds is None:
            return asked
        if asked[1] < bounds[0] or asked[0] > bounds[1]:
            raise UsageError(
                _("--rows {first}-{last}: run {run} has none of them").format(
                    first=asked[0], last=asked[1], run=undone.record.name
                ),
                hint=_("Its rows are {first} to {last}.").format(first=bounds[0], last=bounds[1]),
            )
        return asked

    def _require_touched(self, undone: RunJournal, planner: UndoPlanner) -> None:
        """A misspelled target must not pass for one that needs nothing."""
        for spelled, target in zip(self.asked.only, self.targets, strict=True):
            if not any(means(target, each) for each in planner.touched):
                raise UsageError(
                    _("--only {target}: run {run} did not change it").format(
                        target=spelled, run=undone.record.name
                    ),
                    hint=_("It changed: {fields}").format(
                        fields=", ".join(sorted(planner.touched)) or _("nothing")
                    ),
                    code="not_changed",
                )

    def _name(self, undone: RunJournal, unfinished: Sequence[RunJournal]) -> None:
        """Say which runs end here: nothing of them may be sent over what was put back."""
        for run in unfinished:
            if run.record.name == undone.record.name:
                text = _("Run {run} stopped before its end: what it did not send stays unsent.")
            else:
                text = _("Run {run} of {file} stopped before its end; this one takes its place.")
            self.interaction.note(text.format(run=run.record.name, file=run.record.source_path))


def _record(name: str, settings: Settings) -> RunRecord:
    with open_journal(state_folder(settings)) as journal:
        return chosen_run(journal, name).record


def _target(spelled: str) -> Target:
    try:
        target = Target.parse(spelled.strip())
    except ValueError as error:
        raise _no_target(spelled) from error
    if target.was or target.kind in KEY_KINDS:
        raise _no_target(spelled)
    return target


def _no_target(spelled: str) -> UsageError:
    return UsageError(
        _("--only {target}: there is no such target").format(target=spelled),
        hint=_("For example --only tags, --only note, --only cf:Status."),
        code="unknown_target",
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


def _going_on(run: RunJournal) -> str:
    return _("Undo {run} stopped before its end: going on where it was.").format(
        run=run.record.name
    )
