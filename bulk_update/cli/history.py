"""``bulk-update history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.answering import answer
from bulk_update.cli.jobs import resolved

if TYPE_CHECKING:
    from rich.console import Console


@f.with_flags(f.JOURNAL, f.STATE, f.OUTPUT)
def command(
    key: Annotated[str, typer.Argument(help="A uuid, or a phone or BSUID as a sheet spelled it.")],
    flags: f.Flags,
) -> int:
    """Show every change made to one contact, over all runs: when, by whom, old -> new.

    Phones are compared by their digits.

    Examples:

      bulk-update history 9dd7a1e8d54c4e0ba9a39e7b5c8c0f21

      bulk-update history '+39 06 5550 1234' --json
    """
    from bulk_update.language import _
    from bulk_update.reporting.answers import answer_document
    from bulk_update.reporting.past_screen import show_history
    from bulk_update.runs.history import history

    settings = resolved(flags)
    changes = history(settings, key)

    def show(console: Console) -> None:
        if not changes:
            console.print(
                _(
                    "No run has changed a contact with this key. Runs know a contact by its uuid, "
                    "and by the keys that their sheets gave."
                )
            )
        show_history(console, changes)

    return answer(settings, answer_document("history", {"changes": changes}), show)
