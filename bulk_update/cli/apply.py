"""``bulk-update apply``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import job, resolved


@f.with_flags(
    f.READING,
    f.MAPPING,
    f.MEANING,
    f.SCHEMA,
    f.CONNECTION,
    f.SENDING,
    f.SINCE_LAST,
    f.STATE,
    f.REPORTS,
    f.OUTPUT,
)
def command(
    file: Annotated[str, typer.Argument(help="A sheet, or a plan that `plan -o` saved.")],
    flags: f.Flags,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="The same as plan.")] = False,
) -> int:
    """Make the account agree with a sheet: plan, ask, send, prove, report.

    Examples:

      bulk-update apply clients.csv --sandbox

      bulk-update apply clients.xlsx --dry-run

      bulk-update apply clients.xlsx --rate max --yes --confirm-account ops@example.com

      bulk-update apply friday.plan --yes
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.apply import apply
    from bulk_update.runs.plan import plan
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    signals = StopSignals()
    if dry_run:
        result = signals.run(plan(job("plan", file, flags, settings), terminal))
    else:
        result = signals.run(apply(job("apply", file, flags, settings), terminal, signals))
    terminal.show_result(result)
    return result.report.exit_code
