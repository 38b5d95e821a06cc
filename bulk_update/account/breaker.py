"""When the account can't be reached: everybody waits, and one call now and then looks whether it
is back.

A probe that gets no answer does not keep the next one from leaving: what was sent into an outage
may hang for as long as its time-out, long after the outage is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from bulk_update.errors import AccountGone, BulkUpdateError
from bulk_update.language import _

PROBE_EVERY: Final = 1.0
"""Seconds from one probe to the next."""

GIVE_UP_AFTER: Final = 300.0
"""Seconds that an account is waited for."""

TRIPS_AT: Final = 5
"""So many requests in a row without a usable answer."""

Probe = Callable[[Callable[[], None]], Awaitable[bool]]
"""Asks once whether the account answers; is given what to call right before it leaves."""


class Breaker:
    """Open while the account can't be reached; it begins closed.

    A good answer to any request closes it. Times are seconds on the event loop's clock. Errors of
    ``probe``, such as TokenRefused, go to whoever waits. ``say`` is told once an outage that it
    is one, by a probe that failed.
    """

    def __init__(
        self,
        probe: Probe,
        *,
        give_up_after: float = GIVE_UP_AFTER,
        say: Callable[[str], object] = lambda _message: None,
    ) -> None:
        self._probe = probe
        self._give_up_after = give_up_after
        self._say = say
        self._opening: asyncio.Task[bool] | None = None
        self._watch: _Watch | None = None
        self._is_over = False
        self._back = asyncio.Event()
        self._in_a_row = 0

    async def closed(self) -> bool:
        """Return once the account can be reached; whether it could not when it was last asked.
        Raises AccountGone after five minutes without a good answer."""
        if self._opening is None:
            return False
        return await asyncio.shield(self._opening)

    def failed(self) -> None:
        """A request got no usable answer; several in a row open the breaker."""
        self._in_a_row += 1
        if self._in_a_row >= TRIPS_AT:
            self.trip()

    def answered(self) -> None:
        """A request got a good answer."""
        self._in_a_row = 0
        self._back.set()

    def trip(self) -> None:
        """Nobody sends until the account answers."""
        self._in_a_row = 0
        if self._is_over:
            return
        if self._opening is None or self._opening.done():
            self._back.clear()
            self._opening = asyncio.ensure_future(self._wait_until_back())

    def close(self) -> None:
        """Stop probing, at once and for good: the connections are closed next, and a probe would
        open them again. Whoever waits is cancelled."""
        self._is_over = True
        self._back.set()
        if self._watch is not None:
            self._watch.call_off()
        opening, self._opening = self._opening, None
        if opening is not None and not opening.cancel() and not opening.cancelled():
            opening.exception()  # whoever waited has it; nobody may have

    async def _wait_until_back(self) -> bool:
        """Whether the first probe failed."""
        self._watch = watch = _Watch(self._probe, self._back, self._say_away)
        try:
            await asyncio.wait_for(watch.run(), self._give_up_after)
        except TimeoutError as error:
            raise self._gone() from error
        return watch.was_away

    def _say_away(self) -> None:
        self._say(
            _(
                "The account does not answer: waiting until it is back, {minutes} minutes at most."
            ).format(minutes=round(self._give_up_after / 60))
        )

    def _gone(self) -> AccountGone:
        return AccountGone(
            _("the account could not be reached for {minutes} minutes").format(
                minutes=round(self._give_up_after / 60)
            ),
            hint=_("`bulk-update resume` goes on once it is back."),
        )


class _Watch:
    """Probes until one gets a good answer, or somebody else does."""

    def __init__(self, probe: Probe, back: asyncio.Event, on_away: Callable[[], None]) -> None:
        self._probe = probe
        self._back = back
        self._on_away = on_away
        self._on_their_way: set[asyncio.Task[None]] = set()
        self._waits_to_leave = False
        self._error: BulkUpdateError | None = None
        self.was_away = False

    async def run(self) -> None:
        try:
            while not self._back.is_set():
                if not self._waits_to_leave:
                    self._begin()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._back.wait(), PROBE_EVERY)
        finally:
            self.call_off()
        if self._error is not None:
            raise self._error

    def call_off(self) -> None:
        """Wait for no probe that is on its way."""
        for task in self._on_their_way:
            task.cancel()

    def _begin(self) -> None:
        self._waits_to_leave = True
        task = asyncio.ensure_future(self._ask())
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)

    async def _ask(self) -> None:
        try:
            if await self._probe(self._leaves):
                self._back.set()
            elif not self.was_away:
                self.was_away = True
                self._on_away()
        except BulkUpdateError as error:
            self._error = error
            self._back.set()
        finally:
            self._waits_to_leave = False

    def _leaves(self) -> None:
        self._waits_to_leave = False
