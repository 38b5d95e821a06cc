"""The end of a run: its state, its reports and its exit code, whatever can't be written by then.

What was sent was sent. So a disk that is full now costs a file, or the journal's last word, and
the exit code; it never costs the account of what was done, as far as that can still be given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.errors import BulkUpdateError, SheetError, StorageError, more_urgent
from bulk_update.journal import RunState
from bulk_update.language import _
from bulk_update.reporting.files import SUMMARY, write_summary, write_tables
from bulk_update.reporting.summary import error_entry
from bulk_update.runs.exit_codes import DONE, error_exit_code
from bulk_update.runs.job import CommandResult
from bulk_update.runs.reports import told_by
from bulk_update.runs.stopping import goes_on

if TYPE_CHECKING:
    from bulk_update.journal import RunJournal
    from bulk_update.model import SourceRow
    from bulk_update.reporting import RunReport


@dataclass(slots=True)
class Ending:
    """How one run ends. ``report_of`` gives its report, for what ended it before its time;
    ``folder`` is where the files go; ``way_on`` is the command that goes on with it; ``at`` is
    when it ended, as its reports and its record say alike."""

    run: RunJournal
    folder: Path
    report_of: Callable[[BulkUpdateError | None], RunReport]
    error: BulkUpdateError | None = None
    way_on: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._meet(None)

    def conclude(self, *, closed: bool) -> CommandResult:
        """Write the reports; only then is the run finished. ``closed``: nobody wanted it, and
        nothing of it may ever go on.

        What can't be written is the error of the report, unless there is a more urgent one.
        Raises it when the journal can't be read: then there is nothing to tell.
        """
        self._try(lambda: self._enter(RunState.CLOSED if closed else RunState.STOPPED))
        report = self._report()
        self._try(lambda: self.run.keep(told_by(report).as_settings()))
        written = write_tables(self.folder, report)
        self._meet(written.error)
        files = written.files | self._summary(report, written.files)
        before = self.error
        self._try(lambda: self._leave(report, closed=closed))
        if self.error is not before:  # only the last word of the journal was refused
            files |= self._summary(report, written.files)
        return CommandResult(report=self._amended(report), files=files)

    def _enter(self, state: RunState) -> None:
        code = DONE if self.error is None else error_exit_code(self.error)
        self.run.ended(state, exit_code=code, at=self.at)

    def _leave(self, report: RunReport, *, closed: bool) -> None:
        state = RunState.FINISHED if self.error is None else RunState.STOPPED
        code = self._amended(report).exit_code
        self.run.ended(RunState.CLOSED if closed else state, exit_code=code, at=self.at)

    def _report(self) -> RunReport:
        try:
            report = self.report_of(self.error)
        except StorageError as fault:
            self._meet(fault)
            raise (self.error or fault) from fault
        return replace(report, sources=lambda: _from_the_journal(report.sources()))

    def _summary(self, report: RunReport, tables: dict[str, Path]) -> dict[str, Path]:
        try:
            return {SUMMARY: write_summary(self.folder, self._amended(report), tables)}
        except StorageError as fault:
            self._meet(fault)
            return {}

    def _amended(self, report: RunReport) -> RunReport:
        """The report with what is known by now to have ended the run."""
        if self.error is None:
            return report
        return replace(report, error=error_entry(self.error), exit_code=error_exit_code(self.error))

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BulkUpdateError as fault:
            self._meet(fault)

    def _meet(self, fault: BulkUpdateError | None) -> None:
        self.error = more_urgent(self.error, fault)
        if self.error is not None and self.way_on:
            _say_way_on(self.error, self.way_on)


def _say_way_on(error: BulkUpdateError, command: str) -> None:
    """Whoever finds a run that stopped gets the command to copy, unless one is named already."""
    if "`bulk-update" not in error.hint:
        error.hint = " ".join(filter(None, (error.hint, goes_on(command))))


def _from_the_journal(rows: Iterator[SourceRow]) -> Iterator[SourceRow]:
    """The rows of a sheet that is the journal's own copy: what is wrong with that is no fault
    of a file of the user's."""
    try:
        yield from rows
    except SheetError as error:
        raise StorageError(
            _("the journal's copy of the sheet can't be read: {reason}").format(
                reason=error.message
            ),
            hint=_("`bulk-update report RUN` writes the reports again."),
            code="source_unreadable",
        ) from error
