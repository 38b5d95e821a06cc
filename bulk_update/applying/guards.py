"""Guards: what stops a run before more harm is done. Nothing is lost by them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from bulk_update.errors import GuardTripped
from bulk_update.language import _, number
from bulk_update.model import ChangeState
from bulk_update.quantities import Share

WINDOW: Final = 200
"""Changes, the last that ended, of which too many may have failed."""

JUDGED_FROM: Final = 20
"""Changes that must have ended before failures are judged."""

_SENT: Final = frozenset(
    {
        ChangeState.UPDATED,
        ChangeState.MISMATCH,
        ChangeState.REFUSED,
        ChangeState.FAILED,
        ChangeState.UNKNOWN,
    }
)


class FailureGuard:
    """Watches the last 200 changes that were sent and ended, once 20 have.

    ``limit`` as a count is held against those 200 as well. ``trip`` is called once.
    """

    def __init__(self, limit: Share, trip: Callable[[GuardTripped], None]) -> None:
        self._limit = limit
        self._trip = trip
        self._window: deque[bool] = deque(maxlen=WINDOW)
        self._tripped = False

    def ended(self, state: ChangeState) -> None:
        """A change ended; one that was never sent says nothing of the account."""
        if state not in _SENT:
            return
        self._window.append(state is not ChangeState.UPDATED)
        failures, judged = sum(self._window), len(self._window)
        if self._tripped or judged < JUDGED_FROM:
            return
        if self._limit.exceeded_by(failures, of=judged):
            self._tripped = True
            self._trip(_too_many(failures, judged, self._limit))


def _too_many(failures: int, judged: int, limit: Share) -> GuardTripped:
    return GuardTripped(
        _("{failures} of the last {judged} changes failed (--max-failures {limit})").format(
            failures=failures, judged=judged, limit=limit
        ),
        hint=_("See errors.csv for the account's own words before you go on."),
        code="max_failures",
    )


def guard_not_found(not_found: int, looked_up: int, limit: Share) -> None:
    """Raise GuardTripped when so many contacts are missing that the keys must be wrong."""
    if looked_up and limit.exceeded_by(not_found, of=looked_up):
        raise GuardTripped(
            _(
                "{missing} of {rows} contacts were not found (--max-not-found {limit}): "
                "check region, channel, account"
            ).format(missing=number(not_found), rows=number(looked_up), limit=limit),
            hint=_("Nothing was sent. --region and --channel say what phones mean."),
            code="max_not_found",
        )


class RetryBudget:
    """How many second and later PATCHes a run may send: one for each row, never under 100.
    ``spent`` of them were sent by earlier processes."""

    LEAST: Final = 100

    def __init__(self, rows: int, *, spent: int = 0) -> None:
        self._left = max(rows, self.LEAST) - spent

    def take(self) -> bool:
        """Whether one more may be sent; it is counted."""
        if self._left <= 0:
            return False
        self._left -= 1
        return True
