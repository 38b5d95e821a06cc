"""Faults of the tool, of its surroundings and of its use.

Faults in the *data* are values (:class:`bulk_update.model.Finding`); these are the rest. Each is
translated once, at the border where it comes in (``raise ... from``), and knows the exit code
of the command line's contract::

    BulkUpdateError                     70  a bug, unless a subclass says otherwise
    +-- InvalidRows                      1  rows are invalid, and then nothing was to be sent
    +-- UsageError                       2  flags, configuration, a missing confirmation
    |   +-- ConfigError                  2  a configuration, mapping or schema file
    |   +-- SchemaMissing                2  neither a schema nor a token to read one
    +-- SheetError                       3  the file can't be read or mapped
    |   +-- SheetQuestion                3  only a flag can answer what the file asks
    +-- TokenRefused                     4  401
    |   +-- Forbidden                    4  403
    +-- GuardTripped                     5  a guard stopped it; nothing is lost
    +-- AccountUnreachable               6  no connection, or it kept failing
    |   +-- AccountGone                  6  it was waited for, as long as anybody waits
    +-- AccountBusy                      7  another run holds the account
    +-- StorageError                     8  a journal or report can't be written or read
    +-- Stopped                    130, 143  by a signal, with everything in flight recorded

Where several come together, :func:`more_urgent` says which one a command ends with,
and :func:`single` does so for tasks that failed side by side.
"""

from __future__ import annotations

from typing import ClassVar, Final

SIGNALLED: Final = 128
"""A process that a signal ended has this and the signal's number as its exit code."""


class BulkUpdateError(Exception):
    """The root. ``message`` says what happened and where, ``hint`` what to do next; ``requests``
    how many had been made by then, by kind, where that is known."""

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "bug"

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.requests: dict[str, int] = {}

    @property
    def exit_status(self) -> int:
        """The exit code that a command ends with when this ended it."""
        return self.exit_code


class InvalidRows(BulkUpdateError):
    """Rows are invalid, and the user wants nothing sent then (``--on-invalid stop``)."""

    exit_code = 1
    default_code = "invalid_rows"


class UsageError(BulkUpdateError):
    """Wrong flags, or a confirmation that is missing; nothing was sent."""

    exit_code = 2
    default_code = "usage"


class ConfigError(UsageError):
    """A configuration, mapping or schema file that can't be read or understood."""

    default_code = "config"


class SchemaMissing(UsageError):
    """Neither a schema nor a token to read one with."""

    default_code = "schema_missing"


class SheetError(BulkUpdateError):
    """The file can't be read or mapped; nothing was sent."""

    exit_code = 3
    default_code = "sheet"


class SheetQuestion(SheetError):
    """The file asks what only a flag can answer; ``hint`` names the flag."""

    default_code = "question"


class TokenRefused(BulkUpdateError):
    """The account refused the token (401, 403)."""

    exit_code = 4
    default_code = "token_refused"


class Forbidden(TokenRefused):
    """The token may not do this (403): perhaps this alone, perhaps nothing any more."""


class GuardTripped(BulkUpdateError):
    """A guard stopped the run: failures, a stale plan, another account."""

    exit_code = 5
    default_code = "guard"


class AccountUnreachable(BulkUpdateError):
    """The API could not be reached, or kept failing."""

    exit_code = 6
    default_code = "unreachable"


class AccountGone(AccountUnreachable):
    """Nothing got through for minutes: it is not this or that reading that fails."""


class AccountBusy(BulkUpdateError):
    """Another run holds this account."""

    exit_code = 7
    default_code = "account_busy"


class StorageError(BulkUpdateError):
    """A journal, plan or report can't be written, or is damaged or newer than this program."""

    exit_code = 8
    default_code = "storage"


class Stopped(BulkUpdateError):
    """Stopped by a signal; what was in flight is recorded."""

    default_code = "stopped"

    def __init__(self, message: str, *, signal_number: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.signal_number = signal_number

    @property
    def exit_status(self) -> int:
        """As a shell tells it: 128 and the signal's number."""
        return SIGNALLED + self.signal_number


_URGENCY: Final = {
    kind: rank
    for rank, kind in enumerate(
        (
            Stopped,
            StorageError,
            BulkUpdateError,
            TokenRefused,
            AccountUnreachable,
            GuardTripped,
            InvalidRows,
        )
    )
}
"""The order of the contract: signal, 8, 4, 6, 5, 1. What it does not name (a bug, a lost lease)
hides neither a signal nor a fault of the journal, and is hidden by nothing else."""


def more_urgent(
    first: BulkUpdateError | None, second: BulkUpdateError | None
) -> BulkUpdateError | None:
    """Which of two errors a command ends with; the first where they weigh the same. None is no
    error."""
    if first is None or second is None:
        return first or second
    return second if _rank(second) < _rank(first) else first


def single(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Which error of tasks that ran side by side a command ends with: one that is none of ours,
    for that is a bug; else the most urgent."""
    ours = [error for error in group.exceptions if isinstance(error, BulkUpdateError)]
    others = [error for error in group.exceptions if not isinstance(error, BulkUpdateError)]
    return others[0] if others else min(ours, key=_rank)


def _rank(error: BulkUpdateError) -> int:
    return next(_URGENCY[kind] for kind in type(error).__mro__ if kind in _URGENCY)
