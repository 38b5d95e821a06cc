"""Go on with a run that stopped: from its journal alone, the file is not needed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from bulk_update.config import resolve
from bulk_update.errors import GuardTripped, UsageError
from bulk_update.journal import RunRecord, RunState
from bulk_update.journal.records import UNFINISHED
from bulk_update.language import _
from bulk_update.runs.choosing import chosen_run, unknown_run
from bulk_update.runs.held import held_journal, open_journal
from bulk_update.runs.job import Job
from bulk_update.runs.kept import flags_of
from bulk_update.runs.saved_plan import sheet_of
from bulk_update.runs.session import FIELD_TYPES, open_session, state_folder, use_field_types
from bulk_update.runs.work import Work

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import CommandResult
    from bulk_update.runs.stopping import StopSignals


async def resume(
    name: str | None,
    flags: Mapping[str, object],
    interaction: Interaction,
    signals: StopSignals,
) -> CommandResult | None:
    """Go on with the run called ``name``, or the last unfinished one; None where there is none.
    One that stopped between its plan and its first request, and that ``--yes`` had agreed to
    beforehand, begins to send now.

    ``flags`` are those of this command; for all others the run's own hold. Nobody is asked: the
    run was agreed to. Raises UsageError for an unknown or finished run, GuardTripped when the
    token is another account's, and what applying raises.
    """
    began = datetime.now().astimezone()
    record = _record(name, resolve(flags))
    if record is None:
        interaction.note(_("There is no run to go on with: every one has ended."))
        return None
    settings = resolve({**flags_of(record), **flags})
    job = Job(command="resume", file=record.source_path, settings=settings)
    async with open_session(settings, interaction) as session:
        if session.account.key != record.account.key:
            raise GuardTripped(
                _("run {run} is for the account {planned}, this is {found}").format(
                    run=record.name, planned=record.account.name, found=session.account.name
                ),
                hint=_("Nothing was sent. Give the token or profile of that account."),
                code="other_account",
            )
        use_field_types(session.client, record.settings.get(FIELD_TYPES))
        with ExitStack() as stack:
            held = held_journal(session, interaction, holder=record.name)
            journal, lease = stack.enter_context(held)
            run = journal.open_run(record.name)
            if run is None:
                raise unknown_run(journal, record.name)
            sheet = stack.enter_context(sheet_of(run.record, journal))
            work = Work(job, session, journal, run, sheet, interaction, signals, began, lease)
            begun = run.record.state is not RunState.PLANNED
            return await (work.go_on(ask=False) if begun else work.do())


def _record(name: str | None, settings: Settings) -> RunRecord | None:
    with open_journal(state_folder(settings)) as journal:
        agreed = _last_agreed(journal)
        if name is None:
            unfinished = journal.unfinished()
            return unfinished[0].record if unfinished else agreed
        record = chosen_run(journal, name).record
    begins = agreed is not None and agreed.name == record.name
    if record.state not in UNFINISHED and not begins:
        raise UsageError(
            _("run {run} is {state}: there is nothing to go on with").format(
                run=name, state=record.state
            ),
            code="run_ended",
        )
    return record


def _last_agreed(journal: Journal) -> RunRecord | None:
    """The newest run, where its process ended between its plan and its first request, and nobody
    need be asked. An older one is none: a run came after it."""
    last = journal.last_run()
    if last is None or last.record.state is not RunState.PLANNED:
        return None
    return last.record if flags_of(last.record).get("yes") is True else None
