"""The rate limit and the latency of the make-believe account."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from random import Random
from typing import Annotated, Final

from pydantic import Field

from bulk_update.sandbox.behaviour import RetryAfter


class Window(StrEnum):
    """How requests are counted: in any second that rolls, strictly; in each second of the
    calendar; or not at all."""

    ROLLING = "rolling"
    CALENDAR = "calendar"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most ``per_second`` requests in a window of one second; the rest is answered 429.

    The reference says: over 300 in a second. Whether a request that was refused counts for the
    next ones is not said; ``count_refused`` makes it so.
    """

    per_second: Annotated[int, Field(ge=1)] = 300
    window: Window = Window.ROLLING
    count_refused: bool = False

    @classmethod
    def off(cls) -> RateLimit:
        """No limit."""
        return cls(window=Window.OFF)


class Meter:
    """Counts requests against a limit; ``clock`` gives seconds."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.time) -> None:
        self.limit = limit
        self.refused = 0
        self._clock = clock
        self._counted: deque[float] = deque(maxlen=limit.per_second)

    def admit(self) -> bool:
        """Whether a request that arrives now is within the limit."""
        now = self._clock()
        within = self._within(now)
        if within or self.limit.count_refused:
            self._counted.append(now)
        self.refused += not within
        return within

    def _within(self, now: float) -> bool:
        """The request that came ``per_second`` requests ago must lie in an earlier window."""
        if self.limit.window is Window.OFF or len(self._counted) < self.limit.per_second:
            return True
        oldest = self._counted[0]
        if self.limit.window is Window.CALENDAR:
            return math.floor(oldest) != math.floor(now)
        return now - oldest >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long a request is under way, in seconds: ``mean`` plus or minus ``jitter``, evenly
    spread; half of it before the account sees the request, half of it after."""

    mean: Annotated[float, Field(ge=0)] = 0.0
    jitter: Annotated[float, Field(ge=0)] = 0.0

    def draw(self, chance: Random) -> float:
        """The time one request takes."""
        return max(0.0, chance.uniform(self.mean - self.jitter, self.mean + self.jitter))


NO_LATENCY: Final = Latency()


def retry_after(kind: RetryAfter, *, seconds: int = 1) -> dict[str, str]:
    """The header of a 429, when there is one."""
    match kind:
        case RetryAfter.NONE:
            return {}
        case RetryAfter.SECONDS:
            return {"Retry-After": str(seconds)}
        case RetryAfter.DATE:
            when = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds + 1)
            return {"Retry-After": format_datetime(when, usegmt=True)}
