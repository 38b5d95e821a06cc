"""A contact that can't be read while the account answers: left out, and said, so that all others
are planned."""

from __future__ import annotations

from typing import Final

from bulk_update.errors import AccountGone, AccountUnreachable
from bulk_update.journal.records import RowRecord
from bulk_update.language import _
from bulk_update.model import RowStatus

MOST_UNREAD: Final = 20
"""In a row: then it is not this or that contact."""


class UnreadCount:
    """Counts the contacts that could not be read, one after the other; ``most`` of them are no
    fault of single contacts any more."""

    def __init__(self, most: int = MOST_UNREAD) -> None:
        self._most = most
        self._in_a_row = 0

    def was_read(self) -> None:
        """Another contact could be read."""
        self._in_a_row = 0

    def leave_out(self, error: AccountUnreachable) -> None:
        """One could not; raises ``error`` where that is no fault of a single contact."""
        self._in_a_row += 1
        if isinstance(error, AccountGone) or self._in_a_row >= self._most:
            raise error


def unreadable_row(*, row: int, key: str, uuid: str, error: AccountUnreachable) -> RowRecord:
    """What the plan says of a row whose contact is left out."""
    return RowRecord(
        row=row,
        key=key,
        uuid=uuid,
        status=RowStatus.FAILED,
        code="unreadable",
        message=_("the contact can't be read: {words}").format(words=error.message),
        hint=_("Try it again later; if it stays so, look at the contact in Callbell."),
    )
