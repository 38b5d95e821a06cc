"""What is known of the command under way, for whoever has to say how it failed.

An error ends a command wherever it comes up; the one document of ``--json`` still names the
account and the run, as far as they were known by then.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bulk_update.model import Account
    from bulk_update.reporting.summary import Document


@dataclass(slots=True)
class UnderWay:
    """The account that answered, and the run that was made; ``answered``: the command has begun
    to say its one document."""

    account: Account | None = None
    run: str | None = None
    answered: bool = False

    def begin(self) -> None:
        """A command begins: nothing is known yet."""
        self.account = self.run = None
        self.answered = False


under_way: Final = UnderWay()
"""A process runs one command at a time."""


def say_document(content: Document) -> None:
    """Say the one document of ``--json``; a signal comes too late from here on."""
    from bulk_update.reporting import render

    rendered = render(content)
    under_way.answered = True
    sys.stdout.buffer.write(rendered)
