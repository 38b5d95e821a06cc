"""``bulk-update plan``."""

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
    f.SINCE_LAST,
    f.product("Save the plan; `apply` takes it."),
    f.STATE,
    f.REPORTS,
    f.DETAILED_EXITCODE,
    f.OUTPUT,
)
def command(
    file: Annotated[str, typer.Argument(help="CSV, TSV, XLSX, XLS or ODS; - is standard input.")],
    flags: f.Flags,
) -> int:
    """Check a sheet, read its contacts and show old -> new. Nothing is sent.

    Examples:

      bulk-update plan clients.csv --sandbox

      bulk-update plan clients.xlsx -o friday.plan --out friday/

      bulk-update apply friday.plan --yes
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.plan import plan
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    result = StopSignals().run(plan(job("plan", file, flags, settings), terminal))
    terminal.show_result(result)
    return result.report.exit_code
