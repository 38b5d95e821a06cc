"""``bulk-update explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.answering import answer
from bulk_update.cli.jobs import resolved


@f.with_flags(f.JOURNAL, f.STATE, f.OUTPUT)
def command(
    run: Annotated[str, typer.Argument(help="The run, by its name; last is the newest.")],
    row: Annotated[int, typer.Argument(help="The row, as a spreadsheet program numbers it.")],
    flags: f.Flags,
) -> int:
    """Explain one row: cell, meaning, typed value, difference, request, answers, outcome.

    From the journal alone: no file, no network, no token.

    Examples:

      bulk-update explain last 7

      bulk-update explain 20261120-234905-7f3a 4812 --json
    """
    from bulk_update.reporting.answers import answer_document
    from bulk_update.reporting.past_screen import show_explanation
    from bulk_update.runs.explain import explain

    settings = resolved(flags)
    told = explain(settings, run, row)
    document = answer_document("explain", {"explanation": told}, run=told.run)
    return answer(settings, document, lambda console: show_explanation(console, told))
