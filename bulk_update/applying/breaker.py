"""When the account can't be reached: everybody waits, one call looks whether it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bulk_update.errors import AccountUnreachable
from bulk_update.language import _

PROBE_EVERY: Final = 1.0
GIVE_UP_AFTER: Final = 300.0


class Breaker:
    """Open while the account can't be reached.

    ``probe`` returns once the account answers and raises AccountUnreachable while it does not.
    Times are seconds on the event loop's clock.
    """

    def __init__(
        self, probe: Callable[[], Awaitable[object]], *, give_up_after: float = GIVE_UP_AFTER
    ) -> None:
        self._probe = probe
        self._give_up_after = give_up_after
        self._probing: asyncio.Task[None] | None = None

    async def closed(self) -> None:
        """Return once the account can be reached; AccountUnreachable after five minutes."""
        if self._probing is not None:
            await asyncio.shield(self._probing)

    def trip(self) -> None:
        """A request found no connection: nobody sends until a probe gets through."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.ensure_future(self._wait_until_back())

    async def _wait_until_back(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._give_up_after
        while True:
            try:
                await self._probe()
            except AccountUnreachable as error:
                if loop.time() >= deadline:
                    raise AccountUnreachable(
                        _("the account could not be reached for {minutes} minutes").format(
                            minutes=round(self._give_up_after / 60)
                        ),
                        hint=_("`bulk-update resume` goes on once it is back."),
                    ) from error
                await asyncio.sleep(PROBE_EVERY)
            else:
                return

    def close(self) -> None:
        """Stop probing."""
        if self._probing is not None:
            self._probing.cancel()
