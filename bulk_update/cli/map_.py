"""``bulk-update map``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import job, resolved


@f.with_flags(
    f.READING,
    f.MAPPING,
    f.SCHEMA,
    f.CONNECTION,
    f.product("Where to save it (FILE.map.toml)."),
    f.STATE,
    f.OUTPUT,
)
def command(
    file: Annotated[str, typer.Argument(help="CSV, TSV, XLSX, XLS or ODS; - is standard input.")],
    flags: f.Flags,
    accept: Annotated[
        str | None,
        typer.Option(help="Save without asking: what is exact, or near too.", metavar="exact|near"),
    ] = None,
    values: Annotated[
        Path | None,
        typer.Option(help="Take the answers of its sheet of values.", metavar="MENDED.xlsx"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Propose what the columns mean, and save it as FILE.map.toml.

    Examples:

      bulk-update map clients.csv --sandbox

      bulk-update map clients.csv --accept exact -o clients.map.toml

      bulk-update map clients.csv --values out/annotated.xlsx

      bulk-update apply clients.csv --mapping clients.map.toml
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.errors import UsageError
    from bulk_update.language import _
    from bulk_update.runs.map import map_file, said_of
    from bulk_update.runs.stopping import StopSignals

    if accept not in (None, "exact", "near"):
        raise UsageError(_("--accept {accept}: exact or near").format(accept=accept))
    settings = resolved(flags)
    terminal = Terminal(settings)
    asked = job("map", file, flags, settings)
    result = StopSignals().run(map_file(asked, terminal, accept=accept, force=force, mended=values))
    for line in said_of(result):
        terminal.note(line)
    return terminal.end(
        "map",
        findings=result.findings,
        files={} if result.saved is None else {"mapping": result.saved},
    )
