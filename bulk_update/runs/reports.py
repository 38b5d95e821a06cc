"""The reports of a run, all of them from its journal: as it ended, and again at any time.

The sheet is the journal's copy. What no table of it holds (the requests that were made, the
error that ended the run) is in the run's record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.reporting import RunReport, write_reports
from bulk_update.reporting.report import Circumstances
from bulk_update.runs.choosing import chosen_run
from bulk_update.runs.held import open_journal
from bulk_update.runs.kept import (
    RETRY_OF,
    UNDOES,
    Reported,
    referred,
    reported_of,
)
from bulk_update.runs.listing import entry_of
from bulk_update.runs.naming import run_folder
from bulk_update.runs.people import people_of
from bulk_update.runs.saved_plan import sheet_of
from bulk_update.runs.session import state_folder
from bulk_update.runs.team_names import team_names, with_team_names
from bulk_update.runs.understanding import mending_of

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunJournal, RunRecord
    from bulk_update.reading import Sheet
    from bulk_update.reporting.past import RunEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedAgain:
    """The reports of a run, written again."""

    entry: RunEntry
    report: RunReport
    files: Mapping[str, Path]


def report_again(settings: Settings, name: str) -> ReportedAgain:
    """Write every report of the run called ``name`` again, from the journal alone.

    Into ``settings.out``, else into the run's folder in the user's data folder. Raises
    UsageError for an unknown run, and StorageError for what can't be read or written.
    """
    with open_journal(state_folder(settings)) as journal:
        run = chosen_run(journal, name)
        folder = settings.out or run_folder(settings.runs_dir, run.record.name)
        with sheet_of(run.record, journal) as sheet:
            code = run.record.exit_code or 0
            told = _told(run.record)
            report = journal_report(run, journal, sheet, told, exit_code=code, settings=settings)
            files = write_reports(folder, report)
        return ReportedAgain(entry=entry_of(run.record, journal), report=report, files=files)


def journal_report(
    run: RunJournal,
    journal: Journal,
    sheet: Sheet,
    told: Reported,
    *,
    exit_code: int,
    settings: Settings,
) -> RunReport:
    """The report of a run: its rows, changes and findings from ``journal``, ``told`` beside."""
    results = run.results
    counts = results.row_counts()
    teams = team_names(run.record, journal)
    return RunReport(
        command=told.command,
        run=None if told.command == "plan" else run.record.name,
        account=run.record.account,
        rows=sum(counts.values()),
        counts=counts,
        header=sheet.header,
        results=results.rows,
        sources=sheet.rows,
        changes=lambda: with_team_names(results.field_changes(), teams),
        findings=run.record.findings,
        requests=dict(told.requests),
        saved_by_listing=told.saved_by_listing,
        refused_429=told.refused_429,
        exit_code=exit_code,
        error=told.error,
        person=people_of(sheet.header, run.record, journal),
        about=_circumstances(run.record, told, teams),
        mending=mending_of(settings, run.record, journal, sheet),
        became=results.rows_that_became,
    )


def _circumstances(record: RunRecord, told: Reported, teams: Mapping[str, str]) -> Circumstances:
    return Circumstances(
        file=record.source_path,
        who=record.who,
        host=record.host,
        reason=record.reason,
        began=record.created_at,
        planned=record.planned_at,
        ended=record.ended_at,
        rate=told.rate,
        retry_of=referred(record, RETRY_OF),
        undoes=referred(record, UNDOES),
        teams=teams,
    )


def told_by(report: RunReport) -> Reported:
    """What of a report its run's record must keep, so that it can be written again."""
    return Reported(
        command=report.command,
        requests=dict(report.requests),
        saved_by_listing=report.saved_by_listing,
        refused_429=report.refused_429,
        rate=report.about.rate,
        counts={status.value: count for status, count in report.counts.items()},
        error=report.error,
    )


def _told(record: RunRecord) -> Reported:
    return reported_of(record) or Reported(command=record.command)
