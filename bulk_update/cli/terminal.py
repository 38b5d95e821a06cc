"""A terminal, a log or nobody: how a command says, shows and asks.

Results go to standard output; progress and messages to standard error. A bar only on a terminal,
otherwise a plain line now and then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bulk_update.cli.context import say_document, under_way
from bulk_update.cli.progress import BAR, Bar, Lines, Nothing
from bulk_update.language import _
from bulk_update.model import Level
from bulk_update.reporting import RunReport
from bulk_update.reporting import terminal as screen
from bulk_update.reporting.findings_screen import show_findings
from bulk_update.reporting.preview import MappingOverview
from bulk_update.reporting.screen import clipped, visible

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.errors import BulkUpdateError
    from bulk_update.mapping import Mapping as ColumnMapping
    from bulk_update.mapping import Proposal
    from bulk_update.model import Account, FindingGroup
    from bulk_update.reading import Sheet
    from bulk_update.reporting.preview import PlanPreview
    from bulk_update.runs import CommandResult, Progress
    from bulk_update.runs.doctor import Examined

_EXAMINED: Final = {
    Level.INFO: ("ok", "green"),
    Level.WARNING: ("look", "yellow"),
    Level.ERROR: ("wrong", "bold red"),
}


class Terminal:
    """Implements :class:`bulk_update.runs.Interaction` on the process's streams."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        silent = settings.quiet or settings.json_output
        no_color = settings.no_color or None
        self._results = Console(no_color=no_color, quiet=silent, soft_wrap=False)
        self._errors = Console(stderr=True, no_color=no_color)
        self._messages = Console(stderr=True, no_color=no_color, quiet=silent)
        self._beside_the_bar: Callable[[], AbstractContextManager[object]] = nullcontext

    def note(self, message: str) -> None:
        """One line on standard error; above the bar, where there is one."""
        with self._beside_the_bar():
            self._messages.print(Text(visible(message, lines=True)))

    def show_account(self, account: Account) -> None:
        """Which account this is."""
        under_way.account = account
        screen.show_account(self._messages, account)

    def show_run(self, name: str) -> None:
        """Which run this is: the reports and the document of ``--json`` name it."""
        under_way.run = name

    def show_mapping(self, sheet: Sheet, mapping: ColumnMapping) -> None:
        """What the columns mean."""
        del sheet
        overview = MappingOverview.of(
            [(column.header, column.target) for column in mapping.columns],
            constants=mapping.constants,
            unmapped=mapping.unmapped,
        )
        screen.show_mapping(self._results, overview)

    def show_findings(self, groups: Sequence[FindingGroup], rest_in: str) -> None:
        """What was found; all of it with ``-v``."""
        limit = None if self._settings.verbose else 10
        show_findings(self._results, groups, limit=limit, rest_in=rest_in)

    def show_plan(self, preview: PlanPreview) -> None:
        """What would change."""
        screen.show_preview(self._results, preview)

    def show_proposal(self, proposal: Proposal) -> None:
        """What the columns could mean, and why."""
        from bulk_update.mapping.targets import short

        table = Table(box=None, pad_edge=False)
        for title in (_("column"), _("for example"), "", _("target"), _("because")):
            table.add_column(title)
        for column in proposal.columns:
            table.add_row(
                Text(clipped(column.header)),
                Text(clipped(", ".join(column.samples))),
                "->",
                Text(clipped(short(column.target) if column.target else "-")),
                Text(visible(column.reason)),
            )
        self._results.print(table)

    def show_result(self, result: CommandResult) -> None:
        """The end: the one document, or what a person reads."""
        if self._settings.json_output:
            from bulk_update.reporting import document

            say_document(document(result.report, _files(result)))
            return
        report = result.report
        screen.show_summary(self._results, replace(report, error=None), result.files)
        if result.saved is not None:
            self.note(_("The plan is in {path}").format(path=result.saved))
        if report.error is not None:
            screen.show_error(self._errors, report.error["message"], report.error["hint"])

    def show_schema(self, schema: AccountSchema) -> None:
        """The schema as it would be saved: the one form people complete and commit."""
        from bulk_update.account.schema_file import schema_text

        self._results.print(
            schema_text(schema), markup=False, highlight=False, soft_wrap=True, end=""
        )

    def show_schema_size(self, schema: AccountSchema) -> None:
        """How much of the account a schema knows."""
        known = sum(field.known for field in schema.fields.values())
        self._results.print(
            _(
                "{known} fields known, {observed} only by name; {tags} tags, {teams} teams, "
                "{users} users, from {contacts} contacts."
            ).format(
                known=known,
                observed=len(schema.fields) - known,
                tags=len(schema.tags),
                teams=len(schema.teams),
                users=len(schema.users),
                contacts=schema.contacts_read,
            ),
            markup=False,
            highlight=False,
        )

    def show_lines(self, lines: Sequence[str]) -> None:
        """Results that are a line each."""
        for line in lines:
            self._results.print(Text(visible(line, lines=True)), soft_wrap=True)

    def show_notices(self, notices: Sequence[FindingGroup]) -> None:
        """What is to be known of something that was done, a line each."""
        for each in notices:
            self.note(" ".join(filter(None, (each.finding.message, each.finding.hint))))

    def show_examined(self, examined: Examined) -> None:
        """One thing that was looked at; over the terminal's width, so that a path can be
        copied."""
        word, style = _EXAMINED[examined.level]
        found = visible(examined.found, lines=True)
        line = Text.assemble((f"{word:<6}", style), f"{examined.what}: {found}")
        self._results.print(line, soft_wrap=True)
        if examined.hint:
            self._results.print(Text(f"      {visible(examined.hint, lines=True)}"), soft_wrap=True)

    def end(
        self,
        command: str,
        *,
        account: Account | None = None,
        findings: Sequence[FindingGroup] = (),
        files: Mapping[str, Path] | None = None,
        requests: Mapping[str, int] | None = None,
        error: BulkUpdateError | None = None,
        exit_code: int = 0,
    ) -> int:
        """The end of a command without rows: with ``--json`` its one document, in which
        ``error`` is what ``exit_code`` is for. Gives back ``exit_code``."""
        if self._settings.json_output:
            from bulk_update.reporting import document
            from bulk_update.reporting.summary import error_entry

            report = RunReport(
                command=command,
                run=None,
                account=account,
                rows=0,
                counts={},
                header=(),
                results=lambda: iter(()),
                sources=lambda: iter(()),
                findings=tuple(findings),
                requests=dict(requests or {}),
                exit_code=exit_code,
                error=None if error is None else error_entry(error),
            )
            say_document(document(report, files or {}))
        return exit_code

    @property
    def can_ask(self) -> bool:
        """Whether both ends of a question are a terminal."""
        asked = not (self._settings.no_input or self._settings.json_output)
        if sys.stdin is None:  # it was closed by whoever started us
            return False
        return asked and sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str:
        """A line from the terminal."""
        return _answer(f"{question}: ")

    def confirm(self, question: str) -> bool:
        """Ask; only a clear yes is one."""
        return _answer(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Progress]:
        """A bar on a terminal; a plain line now and then elsewhere."""
        if self._messages.quiet or self._settings.no_progress:
            yield Nothing()
        elif sys.stderr.isatty():
            from tqdm import tqdm as bar_of

            with bar_of(
                total=total,
                desc=what,
                file=sys.stderr,
                dynamic_ncols=True,
                bar_format=BAR if total else None,
            ) as bar:
                self._beside_the_bar = lambda: bar.external_write_mode(file=sys.stderr)
                try:
                    yield Bar(bar)
                finally:
                    self._beside_the_bar = nullcontext
        else:
            yield Lines(self.note, what, total)


def _answer(prompt: str) -> str:
    """A line from the terminal. A signal ends the waiting, and begins a new line."""
    sys.stderr.write(visible(prompt, lines=True))
    sys.stderr.flush()
    try:
        return sys.stdin.readline()
    except BaseException:
        sys.stderr.write("\n")
        raise


def _files(result: CommandResult) -> dict[str, Path]:
    saved = {} if result.saved is None else {"plan": result.saved}
    return {**result.files, **saved}
