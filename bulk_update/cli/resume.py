"""``bulk-update resume``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import resolved


@f.with_flags(f.CONNECTION, f.SENDING, f.STATE, f.REPORTS, f.OUTPUT)
def command(
    flags: f.Flags,
    run: Annotated[
        str | None, typer.Argument(help="The run; the last unfinished one when left out.")
    ] = None,
) -> int:
    """Go on with a run that stopped: by Ctrl-C, a deadline, a guard, a crash.

    What was proven is not sent again; what nobody knows is read first. The file is not needed.

    Examples:

      bulk-update resume

      bulk-update resume 20261120-234905-7f3a --rate max
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.resume import resume
    from bulk_update.runs.stopping import StopSignals

    terminal = Terminal(resolved(flags))
    signals = StopSignals()
    result = signals.run(resume(run, flags.settings(), terminal, signals))
    if result is None:
        return terminal.end("resume")
    terminal.show_result(result)
    return result.report.exit_code
