"""How a count on its way is shown: a bar on a terminal, a plain line now and then in a log; each
with the time that is left, where that can be told."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Never

from bulk_update.language import _
from bulk_update.language import number as count
from bulk_update.reporting.screen import forecast

if TYPE_CHECKING:
    from tqdm import tqdm

PLAIN_EVERY: Final = 10.0
LOOKS_BACK: Final = 20.0
"""Seconds of which the pace is taken: an account that slows down is slow from now on."""

LEAST: Final = 2.0
"""Seconds, after which a pace can be told at all."""

STANDSTILL: Final = 5.0
"""Seconds without progress, after which nothing can be told of the time that is left; what follows
has a pace of its own. A count that is slow by nature takes :data:`FEW` of its usual steps."""

FEW: Final = 5

_GRAIN: Final = 0.5
BAR: Final = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"


class Pace:
    """How fast a count goes on, by its last :data:`LOOKS_BACK` seconds."""

    def __init__(self, total: float | None) -> None:
        self._total = total
        self._paced = True
        self.done = 0
        self._went_on_at = time.monotonic()
        self._seen: deque[tuple[float, int]] = deque([(self._went_on_at, 0)])

    def advance(self, number: int) -> None:
        """So many more are done; none, where only time has passed."""
        now = time.monotonic()
        stood_still = self._stands_still(now)
        self.done += number
        if number:
            self._went_on_at = now
        if stood_still:
            if number:
                self._seen = deque([(now, self.done)])
            return
        if now - self._seen[-1][0] >= _GRAIN:
            self._seen.append((now, self.done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= LOOKS_BACK:  # noqa: PLR2004 - the ends
            self._seen.popleft()

    def afresh(self, *, paced: bool) -> None:
        """What was done so far tells nothing of what is to come; nor does what follows, unless
        ``paced``."""
        self._paced = paced
        self._went_on_at = time.monotonic()
        self._seen = deque([(self._went_on_at, self.done)])

    def _stands_still(self, now: float) -> bool:
        began, before = self._seen[0]
        more = self.done - before
        usual = (self._went_on_at - began) / more if more > 0 else math.inf
        return now - self._went_on_at >= max(STANDSTILL, FEW * usual)

    @property
    def left(self) -> float | None:
        """Seconds until all is done; None where nobody can tell, and when it is done."""
        now = time.monotonic()
        began, before = self._seen[0]
        took, more = now - began, self.done - before
        if self._total is None or not self._paced or took < LEAST or more <= 0:
            return None
        if self.done >= self._total or self._stands_still(now):
            return None
        return (self._total - self.done) / (more / took)


class Nothing:
    """Nobody looks."""

    def advance(self, number: int = 1) -> None:
        """Nobody looks."""

    def afresh(self, *, paced: bool = True) -> None:
        """Nobody looks."""


class Bar:
    """A bar of tqdm."""

    def __init__(self, bar: tqdm[Never]) -> None:
        self._bar = bar
        self._pace = Pace(bar.total)

    def advance(self, number: int = 1) -> None:
        """So many more are done."""
        self._pace.advance(number)
        left = self._pace.left
        said = "" if left is None else _("about {time} left").format(time=forecast(left))
        self._bar.set_postfix_str(said, refresh=False)
        self._bar.update(number)
        if not number:
            self._bar.refresh()

    def afresh(self, *, paced: bool = True) -> None:
        """The pace of what was done so far is not that of the rest."""
        self._pace.afresh(paced=paced)


class Lines:
    """For a log: the first line after ten seconds, then one every ten."""

    def __init__(self, say: Callable[[str], None], what: str, total: int | None) -> None:
        self._say = say
        self._what = what
        self._total = total
        self._pace = Pace(total)
        self._said_at = time.monotonic()

    def advance(self, number: int = 1) -> None:
        """So many more are done."""
        self._pace.advance(number)
        if time.monotonic() - self._said_at >= PLAIN_EVERY:
            self._say(self._line())
            self._said_at = time.monotonic()

    def afresh(self, *, paced: bool = True) -> None:
        """The pace of what was done so far is not that of the rest."""
        self._pace.afresh(paced=paced)

    def _line(self) -> str:
        done, total, left = self._pace.done, self._total, self._pace.left
        if total is None or total < done:
            return _("{what}: {done}").format(what=self._what, done=count(done))
        so_far = f"{count(done)}/{count(total)}"
        if left is None:
            return _("{what}: {done}").format(what=self._what, done=so_far)
        return _("{what}: {done}/{total}, about {time} left").format(
            what=self._what, done=count(done), total=count(total), time=forecast(left)
        )
