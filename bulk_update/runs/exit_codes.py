"""The exit code of a command, from what became of its rows and what ended it.

Where several hold: signal, 8, 4, 6, 5, 1 (the contract of the command line).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from bulk_update.errors import BulkUpdateError, Stopped
from bulk_update.model import PROBLEM_STATUSES, RowStatus

DONE: Final = 0
ROWS_HAVE_PROBLEMS: Final = 1
THERE_ARE_CHANGES: Final = 10
_SIGNAL: Final = 128


def error_exit_code(error: BulkUpdateError) -> int:
    """The exit code of an error that ended a command."""
    if isinstance(error, Stopped):
        return _SIGNAL + error.signal_number
    return error.exit_code


def exit_code(
    counts: Mapping[RowStatus, int],
    *,
    accepted: Collection[RowStatus] = (),
    error: BulkUpdateError | None = None,
) -> int:
    """0 when everything asked is so; else the code of what ended it, or 1 for problem rows."""
    if error is not None:
        return error_exit_code(error)
    problems = PROBLEM_STATUSES - frozenset(accepted)
    return ROWS_HAVE_PROBLEMS if any(counts.get(each) for each in problems) else DONE
