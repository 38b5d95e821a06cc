"""``bulk-update schema pull|show|diff|add``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import product_of, resolved

app = typer.Typer(
    help="The account's fields, options, tags, teams and users.", no_args_is_help=True
)


@app.command("pull")
@f.with_flags(f.CONNECTION, f.product("Where to save it.", or_out=True), f.STATE, f.OUTPUT)
def pull(
    flags: f.Flags,
    full: Annotated[bool, typer.Option("--full", help="Read every contact.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is no schema of this account.")
    ] = False,
) -> int:
    """Read the schema from the account, and save it as TOML. At most 25 requests, unless --full.

    No call of the API lists fields or tags: they show on contacts. Complete the file by hand, or
    with `schema add`, and keep it with your sheets. A schema that is there is brought up to date,
    and keeps what only it knows of.

    Examples:

      bulk-update schema pull -o account.schema.toml

      bulk-update schema pull --full -o account.schema.toml
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.language import _
    from bulk_update.runs import schema as runs
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    path = product_of(flags)
    pulled = StopSignals().run(runs.pull(settings, terminal, full=full, path=path, force=force))
    if path is None:
        terminal.show_schema(pulled.schema)
    else:
        terminal.show_schema_size(pulled.schema)
        terminal.show_notices(pulled.notices)
        terminal.note(_("Saved as {path}").format(path=path))
    return terminal.end(
        "schema pull",
        account=pulled.schema.account,
        findings=pulled.notices,
        files={} if path is None else {"schema": path},
        requests=pulled.requests,
    )


@app.command("show")
@f.with_flags(f.CONNECTION, f.SCHEMA, f.STATE, f.OUTPUT)
def show(flags: f.Flags) -> int:
    """Show the schema: of the account, or of a file.

    Examples:

      bulk-update schema show --sandbox

      bulk-update schema show --schema account.schema.toml
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs import schema as runs
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    shown = StopSignals().run(runs.shown(settings, terminal))
    terminal.show_schema(shown.schema)
    return terminal.end("schema show", account=shown.schema.account, requests=shown.requests)


@app.command("diff")
@f.with_flags(f.CONNECTION, f.STATE, f.OUTPUT)
def diff(
    file: Annotated[Path, typer.Argument(help="A schema that `pull` saved.")], flags: f.Flags
) -> int:
    """Compare a saved schema with the account as it is now.

    Example:

      bulk-update schema diff account.schema.toml
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.language import _
    from bulk_update.runs import schema as runs
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)
    compared = StopSignals().run(runs.differences(settings, terminal, file))
    lines = compared.lines or (_("The account is as {path} says.").format(path=file),)
    terminal.show_lines(lines)
    return terminal.end(
        "schema diff",
        account=compared.account,
        findings=[runs.as_finding(line) for line in compared.lines],
        requests=compared.requests,
    )


@app.command("add")
@f.with_flags(f.OUTPUT)
def add(
    kind: Annotated[str, typer.Argument(help="What it is.", metavar="tag|field|user")],
    name: Annotated[str, typer.Argument(help="Its name, as the account spells it.")],
    flags: f.Flags,
    schema: Annotated[Path, typer.Option(help="The schema's file.", metavar="FILE")],
    type: Annotated[
        str | None,
        typer.Option(
            help="The type of a field.", metavar="text|email|number|date|dropdown|checkbox"
        ),
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="An option of the field; repeats.")
    ] = None,
) -> int:
    """Add what you know of the account and no contact shows.

    Examples:

      bulk-update schema add tag 'VIP 2027' --schema account.schema.toml

      bulk-update schema add field Status --type dropdown --option Active --schema a.schema.toml
    """
    from bulk_update.account.schema_diff import Part
    from bulk_update.cli.terminal import Terminal
    from bulk_update.language import _
    from bulk_update.runs import schema as runs

    terminal = Terminal(resolved(flags))
    news = runs.complete(schema, kind=kind, name=name, field_type=type, options=option or [])
    said = (
        _("{kind} {name}: added to {path}") if news else _("{kind} {name}: {path} has it already")
    )
    terminal.note(said.format(kind=Part(kind).word, name=name, path=schema))
    return terminal.end("schema add", files={"schema": schema})
