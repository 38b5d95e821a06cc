"""The exit code of a command, from what became of its rows and what ended it.

Where several hold: signal, 8, 4, 6, 5, 1 (the contract of the command line).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from bulk_update.errors import BulkUpdateError
from bulk_update.model import PROBLEM_STATUSES, RowStatus

DONE: Final = 0
ROWS_HAVE_PROBLEMS: Final = 1
THERE_ARE_CHANGES: Final = 10


def error_exit_code(error: BulkUpdateError) -> int:
    """The exit code of an error that ended a command."""
    return error.exit_status


def exit_code(
    counts: Mapping[RowStatus, int],
    *,
    accepted: Collection[RowStatus] = (),
    error: BulkUpdateError | None = None,
    on_invalid: str = "skip",
) -> int:
    """0 when everything asked is so; else the code of what ended it, or 1 for problem rows.

    With ``on_invalid`` as ``stop`` an invalid row is a problem, whatever was ``accepted``.
    """
    if error is not None:
        return error_exit_code(error)
    if on_invalid == "stop" and stops_at_invalid(counts):
        return ROWS_HAVE_PROBLEMS
    problems = PROBLEM_STATUSES - frozenset(accepted)
    return ROWS_HAVE_PROBLEMS if any(counts.get(each) for each in problems) else DONE


def stops_at_invalid(counts: Mapping[RowStatus, int]) -> int:
    """How many rows are such that ``--on-invalid stop`` sends nothing."""
    return counts.get(RowStatus.INVALID, 0) + counts.get(RowStatus.DUPLICATE, 0)
