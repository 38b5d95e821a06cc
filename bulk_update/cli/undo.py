"""``bulk-update undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import resolved, row_range


@f.with_flags(f.CONNECTION, f.SENDING, f.STATE, f.REPORTS, f.OUTPUT)
def command(
    run: Annotated[str, typer.Argument(help="The run, by its name; last is the newest.")],
    flags: f.Flags,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Put back only this target; repeats.", metavar="TARGET"),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option("--rows", help="Only these rows of the run's sheet.", metavar="2-500"),
    ] = None,
) -> int:
    """Put back what a run changed: plan, ask, send, prove, report.

    A field goes back when it still is as the run left it. What somebody changed since is left
    alone, and said. An undo is a run: it can be resumed, and undone.

    Examples:

      bulk-update undo 20261120-234905-7f3a

      bulk-update undo last --only tags --only cf:Status --rows 2-500

      bulk-update undo last --sandbox --yes
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.stopping import StopSignals
    from bulk_update.runs.undo import UndoRequest, undo

    terminal = Terminal(resolved(flags))
    asked = UndoRequest(run=run, only=tuple(only or ()), rows=row_range(rows))
    signals = StopSignals()
    result = signals.run(undo(asked, flags.settings(), terminal, signals))
    terminal.show_result(result)
    return result.report.exit_code
