"""``bulk-update export``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import product_of, resolved

INCOMPLETE = 1


@f.with_flags(
    f.CONNECTION, f.SCHEMA, f.product("The workbook to write.", or_out=True), f.STATE, f.OUTPUT
)
def command(  # noqa: PLR0917 - typer's, by name
    flags: f.Flags,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only contacts with this tag (repeats: any).")
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", help="Only contacts of this team.", metavar="NAME|UUID")
    ] = None,
    assigned_user: Annotated[
        str | None,
        typer.Option("--assigned-user", help="Only contacts of this user.", metavar="EMAIL"),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Only contacts from here, such as whatsapp."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="So many contacts at most.", min=1)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Write contacts of the account as a workbook: change what is to change, and apply it.

    Beside each field stands a was. column: a contact that somebody changed meanwhile is left
    alone. Ends with 1 when the account stopped listing before all were read.

    Examples:

      bulk-update export -o clients.xlsx --tag Cliente

      bulk-update export -o sales.xlsx --team Sales --limit 500
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.language import ngettext
    from bulk_update.runs.export import Wanted, export
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    wanted = Wanted(
        tags=tuple(tag or ()), team=team, assigned_user=assigned_user, source=source, limit=limit
    )
    made = StopSignals().run(
        export(settings, terminal, wanted=wanted, path=product_of(flags), force=force)
    )
    terminal.show_notices(made.notices)
    saved = ngettext(
        "{n} contact saved as {path}", "{n} contacts saved as {path}", made.contacts
    ).format(n=made.contacts, path=made.path)
    terminal.note(saved)
    return terminal.end(
        "export",
        account=made.account,
        findings=made.notices,
        files={"export": made.path},
        requests=made.requests,
        exit_code=0 if made.complete else INCOMPLETE,
    )
