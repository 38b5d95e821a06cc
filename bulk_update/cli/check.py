"""``bulk-update check``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import job, resolved


@f.with_flags(f.READING, f.MAPPING, f.MEANING, f.SCHEMA, f.CONNECTION, f.STATE, f.REPORTS, f.OUTPUT)
def command(
    file: Annotated[str, typer.Argument(help="CSV, TSV, XLSX, XLS or ODS; - is standard input.")],
    flags: f.Flags,
) -> int:
    """Read, map and validate a sheet. No contact is looked up, nothing is sent.

    Examples:

      bulk-update check clients.csv --sandbox

      bulk-update check clienti.csv --schema account.schema.toml --region IT

      bulk-update check clients.xlsx --sheet Clients --out report/
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.check import check
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    result = StopSignals().run(check(job("check", file, flags, settings), terminal))
    terminal.show_result(result)
    return result.report.exit_code
