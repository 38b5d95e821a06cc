"""``bulk-update template``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import product_of, resolved


@f.with_flags(
    f.CONNECTION, f.SCHEMA, f.product("The workbook to write.", or_out=True), f.STATE, f.OUTPUT
)
def command(
    flags: f.Flags,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Make a workbook to fill in: the account's fields as columns, its options as drop-downs.

    Its headers map by themselves, in the language of --lang; its example row is never applied.

    Examples:

      bulk-update template -o contacts.xlsx

      bulk-update template -o contatti.xlsx --schema account.schema.toml --lang it
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.language import _
    from bulk_update.runs.stopping import StopSignals
    from bulk_update.runs.template import template

    settings = resolved(flags)
    terminal = Terminal(settings)
    made = StopSignals().run(template(settings, terminal, path=product_of(flags), force=force))
    terminal.show_notices(made.notices)
    terminal.note(_("Saved as {path}").format(path=made.path))
    return terminal.end(
        "template",
        account=made.account,
        findings=made.notices,
        files={"template": Path(made.path)},
        requests=made.requests,
    )
