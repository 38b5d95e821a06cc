"""``bulk-update sandbox``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8765,
    contacts: Annotated[int, typer.Option(help="How many contacts it has.", min=0)] = 500,
    faults: Annotated[
        Path | None, typer.Option(help="A TOML file: how it misbehaves.", metavar="FILE")
    ] = None,
) -> int:
    """Serve a make-believe account on loopback, to rehearse with. It forgets everything at its end.

    Examples:

      bulk-update sandbox --contacts 10000

      bulk-update sandbox --faults stormy.toml

    A file of faults says how the account behaves where nothing is published, and what it gets
    wrong:

      [behaviour]
      custom_fields = "replace"

      [latency]
      mean = 0.05

      [[fault]]
      kind = "status"
      status = 500
      rate = 0.05
    """
    from bulk_update.errors import Stopped
    from bulk_update.runs.sandbox import serve_sandbox
    from bulk_update.runs.stopping import StopSignals

    serving = serve_sandbox(port=port, contacts=contacts, faults=faults, say=typer.echo)
    try:
        StopSignals().run(serving)
    except Stopped:
        return 0  # the way it is meant to end
    return 0
