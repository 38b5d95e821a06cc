"""What is known of the command under way, for whoever has to say how it failed.

An error ends a command wherever it comes up; the one document of ``--json`` still names the
account and the run, as far as they were known by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bulk_update.model import Account


@dataclass(slots=True)
class UnderWay:
    """The account that answered, and the run that was made."""

    account: Account | None = None
    run: str | None = None

    def begin(self) -> None:
        """A command begins: nothing is known yet."""
        self.account = self.run = None


under_way: Final = UnderWay()
"""A process runs one command at a time."""
