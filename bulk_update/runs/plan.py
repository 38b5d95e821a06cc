"""Check, read the contacts, show old -> new; save the plan. The same code plans an apply."""

from __future__ import annotations

import asyncio
import errno
import socket
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.errors import BulkUpdateError, StorageError
from bulk_update.journal import Journal, RunJournal, RunRecord
from bulk_update.journal.seal import seal
from bulk_update.language import _
from bulk_update.model import Verdict
from bulk_update.planning import Planner
from bulk_update.reporting import write_reports
from bulk_update.reporting.preview import PlanPreview
from bulk_update.reporting.summary import error_entry
from bulk_update.runs.exit_codes import THERE_ARE_CHANGES, exit_code
from bulk_update.runs.job import FLAGS, CommandResult, kept_flags
from bulk_update.runs.kept import (
    MAPPING,
    MEANING,
    SCHEMA,
    Reported,
    kept_mapping,
    kept_schema,
)
from bulk_update.runs.listing_contacts import list_if_shorter
from bulk_update.runs.naming import new_run_name, user_name, where
from bulk_update.runs.plan_flags import refuse_flags_beside_plan
from bulk_update.runs.preparing import (
    Prepared,
    all_findings,
    binding,
    meaning_of,
    opened,
    prepare,
)
from bulk_update.runs.preview import preview_of
from bulk_update.runs.reports import journal_report
from bulk_update.runs.saved_plan import is_saved_plan, open_saved_plan
from bulk_update.runs.session import (
    FIELD_TYPES,
    Session,
    account_schema,
    contact_finder,
    field_types,
    open_session,
    require_token,
)
from bulk_update.runs.since_last import looking_back, since_last
from bulk_update.validation import FindingCollector

if TYPE_CHECKING:
    from bulk_update.account.lookup import ContactFinder
    from bulk_update.account.schema import AccountSchema
    from bulk_update.planning import SinceLast
    from bulk_update.reading import Sheet
    from bulk_update.reporting import RunReport
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job


async def plan(job: Job, interaction: Interaction) -> CommandResult:
    """Plan a sheet; nothing is sent. ``job.output`` gets the plan.

    Raises what reading, mapping and the account's client raise, and StorageError when the plan
    can't be written.
    """
    if is_saved_plan(job.file):
        return await _show_saved(job, interaction)
    with opened(job) as sheet, _plan_journal(job.output) as journal:
        require_token(job.settings)
        async with open_session(job.settings, interaction) as session:
            asked = await understood(job, sheet, session, interaction)
            with looking_back(session.settings, journal) as earlier:
                run = await plan_rows(asked, session, journal, interaction, earlier=earlier)
            preview = await asyncio.to_thread(preview_of, run, journal, session)
            interaction.show_plan(preview)
            report = report_of(run, journal, job, sheet, session)
        report = _detailed(job, report, preview)
        products = {"plan": job.output} if job.output else {}
        files = _reports(job, report, products)
    return CommandResult(report=report, files=files, saved=job.output)


def _detailed(job: Job, report: RunReport, preview: PlanPreview) -> RunReport:
    if job.detailed_exitcode and not report.exit_code and preview.contacts:
        return replace(report, exit_code=THERE_ARE_CHANGES)
    return report


def _reports(job: Job, report: RunReport, products: Mapping[str, Path]) -> dict[str, Path]:
    out = job.settings.out
    return write_reports(out, report, products=products) if out else {}


async def _show_saved(job: Job, interaction: Interaction) -> CommandResult:
    """A saved plan once more, as it was made, if it still may be applied."""
    refuse_flags_beside_plan(job)
    with open_saved_plan(Path(job.file)) as saved, saved.sheet() as sheet:
        require_token(job.settings)
        async with open_session(job.settings, interaction) as session:
            saved.check(session.account, max_age=session.settings.max_plan_age)
            preview = await asyncio.to_thread(preview_of, saved.run, saved.journal, session)
            interaction.show_plan(preview)
            report = report_of(saved.run, saved.journal, job, sheet, session)
        report = _detailed(job, report, preview)
        return CommandResult(report=report, files=_reports(job, report, {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A sheet that is understood: what its rows ask, of which account, as a run's record."""

    prepared: Prepared
    finder: ContactFinder
    schema: AccountSchema
    record: RunRecord


async def understood(
    job: Job, sheet: Sheet, session: Session, interaction: Interaction
) -> Understood:
    """Map and survey ``sheet`` by the account's schema. Raises what :func:`prepare` raises."""
    schema = await account_schema(session, interaction)
    finder = contact_finder(session, schema, interaction)
    prepared = prepare(job, sheet, schema, interaction)
    record = _record(job, prepared, session, schema)
    return Understood(prepared=prepared, finder=finder, schema=schema, record=record)


async def plan_rows(
    asked: Understood,
    session: Session,
    journal: Journal,
    interaction: Interaction,
    *,
    earlier: Journal | None = None,
) -> RunJournal:
    """A new run in ``journal`` with the whole plan; none when it can't be whole. ``earlier`` is
    the journal of the runs before, where that is another."""
    since = since_last(session, earlier or journal)
    schema, _name = kept_schema(asked.schema)
    run = journal.create_run(asked.record, asked.prepared.sheet.content(), beside=[schema])
    try:
        collector = FindingCollector()
        with session.client.waiting_out_outages(interaction.note):
            await _plan_rows(asked, collector, session, run, interaction, since)
        findings = all_findings(asked.prepared, collector)
        run.planned(findings)
    except BaseException:
        run.discard()
        raise
    interaction.show_findings(findings, "errors.csv")
    return run


async def _plan_rows(
    asked: Understood,
    collector: FindingCollector,
    session: Session,
    run: RunJournal,
    interaction: Interaction,
    since: SinceLast | None,
) -> None:
    rows = asked.prepared.expected
    # Of a sheet that was applied before, most rows ask for nothing.
    at_least = rows if since is None else max(0, rows - since.memory.known())
    teams = [team.uuid for team in asked.schema.teams]
    await list_if_shorter(session, asked.finder, at_least, teams, interaction)
    with interaction.progress(_("Reading contacts"), rows) as progress:
        planner = Planner(
            asked.finder,
            session.client,
            run.plan,
            workers=session.workers,
            on_row=progress.advance,
            since=since,
            on_findings=collector.add,
        )
        await planner.plan(_collected(asked.prepared, collector))


def _collected(prepared: Prepared, collector: FindingCollector) -> Iterator[Verdict]:
    for verdict in prepared.validator.judge(prepared.rows()):
        if verdict.findings:
            collector.add(verdict.row, verdict.findings)
        yield verdict


def report_of(
    run: RunJournal,
    journal: Journal,
    job: Job,
    sheet: Sheet,
    session: Session,
    *,
    error: BulkUpdateError | None = None,
) -> RunReport:
    """The report of a run, all of it from its journal and its sheet."""
    told = Reported(
        command=job.command,
        requests=dict(session.client.requests),
        saved_by_listing=session.saved.requests,
        refused_429=session.client.refused_429,
        rate=session.settings.rate,
        error=None if error is None else error_entry(error),
    )
    counts = run.results.row_counts()
    settings = job.settings
    code = exit_code(counts, accepted=settings.accept, error=error, on_invalid=settings.on_invalid)
    return journal_report(run, journal, sheet, told, exit_code=code, settings=settings)


def _record(job: Job, prepared: Prepared, session: Session, schema: AccountSchema) -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        name=new_run_name(now),
        command=job.command,
        account=session.account,
        source_sha256=prepared.sheet.sha256,
        source_path=where(job.file),
        binding=binding(job, prepared, session.account),
        created_at=now,
        who=user_name(),
        host=socket.gethostname(),
        reason=job.settings.reason or "",
        settings=_reading_again(prepared.sheet, job) | _understanding(job, prepared, schema),
    )


def _reading_again(sheet: Sheet, job: Job) -> dict[str, object]:
    """What reading the same source again needs: as it was found, not as it was asked."""
    return {
        **asdict(job.read),
        "sheet": sheet.sheet_name,
        "header_row": sheet.header_row,
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
    }


def _understanding(job: Job, prepared: Prepared, schema: AccountSchema) -> dict[str, object]:
    """What understanding it again in the same way needs."""
    return {
        FIELD_TYPES: field_types(schema),
        FLAGS: kept_flags(job.flags),
        MEANING: meaning_of(job.settings),
        MAPPING: kept_mapping(prepared.mapping),
        SCHEMA: kept_schema(schema)[1],
    }


@contextmanager
def _plan_journal(output: Path | None) -> Iterator[Journal]:
    """A journal of its own for one plan; it becomes ``output`` when the plan is whole."""
    parent = output.parent if output is not None else None
    with _plan_errors(output):
        if output is not None and output.is_dir():
            raise IsADirectoryError(errno.EISDIR, _("it is a folder"))
        folder = tempfile.TemporaryDirectory(prefix=".bulk-update-", dir=parent)
    with folder as name:
        path = Path(name) / "plan.db"
        with Journal.open(path) as journal:
            yield journal
        if output is not None:
            with _plan_errors(output):
                seal(path)
                path.replace(output)


@contextmanager
def _plan_errors(output: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            _("the plan can't be written to {path}: {reason}").format(
                path=output or tempfile.gettempdir(),
                reason=getattr(error, "strerror", None) or error,
            ),
            hint=_("Choose another place with -o."),
            code="plan_unwritable",
        ) from error
