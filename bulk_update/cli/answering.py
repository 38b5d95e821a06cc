"""The end of a command that answers a question: its one document, or what a person reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bulk_update.cli.context import say_document

if TYPE_CHECKING:
    from rich.console import Console

    from bulk_update.config import Settings
    from bulk_update.reporting.summary import Document


def answer(settings: Settings, document: Document, show: Callable[[Console], None]) -> int:
    """Print ``document`` with ``--json``, else ``show`` it. Gives back the exit code."""
    from rich.console import Console

    if settings.json_output:
        say_document(document)
    else:
        # What was asked for is a result: -q has nothing to leave out but messages.
        show(Console(no_color=settings.no_color or None))
    return 0
