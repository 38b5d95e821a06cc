"""What was run, by whom, when, and what became of it: a list, or all of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from bulk_update.journal import RunState
from bulk_update.language import _
from bulk_update.model import RowStatus
from bulk_update.reading import ReadOptions
from bulk_update.reporting.past import RunDetails, RunEntry
from bulk_update.runs.choosing import chosen_run
from bulk_update.runs.held import open_journal
from bulk_update.runs.kept import (
    MAPPING,
    RETRY_OF,
    UNDOES,
    flags_of,
    meaning_kept,
    referred,
    reported_of,
)
from bulk_update.runs.session import state_folder

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunRecord


def list_runs(settings: Settings) -> list[RunEntry]:
    """Every run of the journal, the newest first. Raises StorageError."""
    with open_journal(state_folder(settings)) as journal:
        return [entry_of(record, journal) for record in journal.list_runs()]


def show_run(settings: Settings, name: str) -> RunDetails:
    """All of one run. Raises UsageError for an unknown one, StorageError."""
    with open_journal(state_folder(settings)) as journal:
        record = chosen_run(journal, name).record
        return _details(record, entry_of(record, journal))


def entry_of(record: RunRecord, journal: Journal) -> RunEntry:
    """What a list says of a run."""
    counts = _counts(record, journal)
    return RunEntry(
        name=record.name,
        command=record.command,
        state=record.state.value,
        state_meaning=state_meaning(record.state),
        account=record.account,
        who=record.who,
        host=record.host,
        file=record.source_path,
        reason=record.reason,
        created_at=record.created_at,
        planned_at=record.planned_at,
        ended_at=record.ended_at,
        exit_code=record.exit_code,
        rows=sum(counts.values()),
        counts=counts,
        retry_of=referred(record, RETRY_OF),
        undoes=referred(record, UNDOES),
    )


def state_meaning(state: RunState) -> str:
    """The state of a run in words."""
    return {
        RunState.PLANNING: _("being planned, or broken off (then nothing of it was sent)"),
        RunState.PLANNED: _("planned; nothing of it was sent"),
        RunState.APPLYING: _("under way, or broken off (then resume goes on)"),
        RunState.STOPPED: _("stopped before its end; resume goes on"),
        RunState.FINISHED: _("finished"),
        RunState.CLOSED: _("closed; nothing more of it is sent"),
    }[state]


def _counts(record: RunRecord, journal: Journal) -> Mapping[RowStatus, int]:
    """The rows by status. What the last reports said of a run that has ended is so for good;
    counting a million rows again would make a list slow."""
    reported = reported_of(record)
    if reported is not None and record.state in {RunState.FINISHED, RunState.CLOSED}:
        return {RowStatus(name): count for name, count in reported.counts.items()}
    run = journal.open_run(record.name)
    return {} if run is None else run.results.row_counts()


def _details(record: RunRecord, entry: RunEntry) -> RunDetails:
    reported = reported_of(record)
    read = {each.name for each in fields(ReadOptions)}
    mapping = record.settings.get(MAPPING)
    return RunDetails(
        entry=entry,
        binding=record.binding,
        sha256=record.source_sha256,
        reading={name: value for name, value in record.settings.items() if name in read},
        meaning=meaning_kept(record),
        flags=flags_of(record),
        mapping=mapping if isinstance(mapping, str) else "",
        requests={} if reported is None else reported.requests,
        error=None if reported is None else reported.error,
        findings=record.findings,
    )
