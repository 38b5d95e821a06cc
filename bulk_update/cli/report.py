"""``bulk-update report``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.answering import answer
from bulk_update.cli.jobs import resolved


@f.with_flags(f.JOURNAL, f.STATE, f.REPORTS, f.OUTPUT)
def command(
    run: Annotated[str, typer.Argument(help="The run, by its name; last is the newest.")],
    flags: f.Flags,
) -> int:
    """Write every report of a run again, from the journal alone: no file, no network, no token.

    Without --out into the run's folder in your data folder.

    Examples:

      bulk-update report last --out again

      bulk-update report 20261120-234905-7f3a
    """
    from bulk_update.reporting.answers import answer_document
    from bulk_update.reporting.past_screen import show_reported
    from bulk_update.runs.reports import report_again

    settings = resolved(flags)
    again = report_again(settings, run)
    document = answer_document(
        "report",
        {},
        run=again.entry.name,
        account=again.entry.account,
        counts=again.report.counts,
        findings=again.report.findings,
        files=again.files,
    )
    return answer(
        settings, document, lambda console: show_reported(console, again.entry, again.files)
    )
