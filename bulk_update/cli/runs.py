"""``bulk-update runs list|show|prune``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.answering import answer
from bulk_update.cli.jobs import resolved

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="What was run, by whom, when.", no_args_is_help=True)

_SHOWN = 20


@app.command("list")
@f.with_flags(f.JOURNAL, f.STATE, f.OUTPUT)
def list_(
    flags: f.Flags,
    every: Annotated[bool, typer.Option("--all", help="All of them, not the newest 20.")] = False,
) -> int:
    """List the runs of the journal, the newest first: what became of them, who ran them, on what.

    Examples:

      bulk-update runs list

      bulk-update runs list --all --json
    """
    from bulk_update.language import _
    from bulk_update.reporting.answers import answer_document
    from bulk_update.reporting.past_screen import show_runs
    from bulk_update.runs.listing import list_runs

    settings = resolved(flags)
    entries = list_runs(settings)
    shown = entries if every or settings.json_output else entries[:_SHOWN]

    def show(console: Console) -> None:
        if not entries:
            console.print(_("No run yet."))
        show_runs(console, shown, older=len(entries) - len(shown))

    return answer(settings, answer_document("runs list", {"runs": shown}), show)


@app.command("show")
@f.with_flags(f.JOURNAL, f.STATE, f.OUTPUT)
def show(
    run: Annotated[str, typer.Argument(help="The run, by its name; last is the newest.")],
    flags: f.Flags,
) -> int:
    """Show all of one run: times, settings, mapping, counts, findings.

    Examples:

      bulk-update runs show last

      bulk-update runs show 20261120-234905-7f3a --json
    """
    from bulk_update.reporting.answers import answer_document
    from bulk_update.reporting.past_screen import show_run
    from bulk_update.runs import listing

    settings = resolved(flags)
    details = listing.show_run(settings, run)
    entry = details.entry
    document = answer_document(
        "runs show",
        {"details": details},
        run=entry.name,
        account=entry.account,
        counts=entry.counts,
        findings=details.findings,
    )
    return answer(settings, document, lambda console: show_run(console, details))


@app.command("prune")
@f.with_flags(f.JOURNAL, f.AGREEING, f.STATE, f.OUTPUT)
def prune(
    flags: f.Flags,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", help="Runs begun longer ago.", metavar="90d"),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", help="All but the newest N.", metavar="N", min=0),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Unfinished runs too.")] = False,
) -> int:
    """Remove runs that are over from the journal: their sheets, rows, changes and attempts.

    They can then not be undone, retried, reported or explained, and are no longer listed. With
    both flags, only what both mean goes.

    Examples:

      bulk-update runs prune --older-than 90d

      bulk-update runs prune --keep 20 --yes
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.errors import UsageError
    from bulk_update.quantities import parse_duration
    from bulk_update.reporting.answers import answer_document
    from bulk_update.reporting.past_screen import show_pruned
    from bulk_update.runs import pruning

    settings = resolved(flags)
    try:
        age = None if older_than is None else parse_duration(older_than)
    except ValueError as error:
        raise UsageError(f"--older-than: {error}") from error
    asked = pruning.PruneRequest(older_than=age, keep=keep, force=force)
    pruned = pruning.prune(asked, settings, Terminal(settings))
    document = answer_document("runs prune", {"pruned": pruned})
    return answer(settings, document, lambda console: show_pruned(console, pruned))
