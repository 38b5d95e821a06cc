"""``--version``, also behind other flags."""

from __future__ import annotations

from typing import Annotated

import typer


def _show(asked: bool) -> None:
    if asked:
        from bulk_update import __version__

        typer.echo(f"bulk-update {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show, is_eager=True),
    ] = False,
) -> None:
    """Make a Callbell account agree with a spreadsheet of contacts.

    It reads the sheet, checks every cell against the account, shows old -> new, sends only that
    inside the rate limit, proves each change from its answer, and writes reports to act on.

    First steps, on a make-believe account:

      bulk-update check clients.csv --sandbox

      bulk-update plan clients.csv --sandbox

      bulk-update apply clients.csv --sandbox

    On your own account (the token is never a flag):

      export BULK_UPDATE_TOKEN_FILE=~/.callbell-token

      bulk-update doctor

      bulk-update apply clients.xlsx -m 'Cliente=name' --region IT
    """
    del version
