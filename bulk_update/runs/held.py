"""The journal of a command that sends, with the account held for its length."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bulk_update.journal import Journal
from bulk_update.language import _

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal.lease import HeldLease
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session

JOURNAL_FILE: Final = "journal.db"


def open_journal(settings: Settings) -> Journal:
    """The journal that the settings name. Raises StorageError."""
    url = settings.journal_url
    where = settings.state_dir / JOURNAL_FILE if url is None else url.get_secret_value()
    return Journal.open(where)


@contextmanager
def held_journal(
    session: Session, interaction: Interaction, *, holder: str
) -> Iterator[tuple[Journal, HeldLease]]:
    """The journal, while no other run may touch the account. Raises AccountBusy."""
    wait = session.settings.wait_lock
    seconds = wait.total_seconds() if wait else 0.0

    def waiting() -> None:
        interaction.note(_("Waiting for the account, which another run holds ..."))

    with (
        open_journal(session.settings) as journal,
        journal.hold(session.account, holder=holder, wait=seconds, on_wait=waiting) as lease,
    ):
        yield journal, lease
