"""``bulk-update retry``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import resolved


@f.with_flags(f.CONNECTION, f.SCHEMA, f.SENDING, f.STATE, f.REPORTS, f.OUTPUT)
def command(
    run: Annotated[str, typer.Argument(help="The run, by its name; last is the newest.")],
    flags: f.Flags,
) -> int:
    """Take the rows again that failed, were refused, mismatched, unknown or never sent.

    A new run, planned from the account as it is now. The file is not needed: it is read, mapped
    and understood as the run did.

    Examples:

      bulk-update retry last

      bulk-update retry 20261120-234905-7f3a --yes --out again
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.retry import retry
    from bulk_update.runs.stopping import StopSignals

    terminal = Terminal(resolved(flags))
    signals = StopSignals()
    result = signals.run(retry(run, flags.settings(), terminal, signals))
    if result is None:
        return terminal.end("retry")
    terminal.show_result(result)
    return result.report.exit_code
