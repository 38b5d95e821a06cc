"""The command as it is installed, but that nothing lingers for 30 s: a process to be killed.

``CHAOS_LINGER`` is how many seconds a request without an answer may still be carried out (the
sandbox's own delays are far below). ``CHAOS_WITHOUT`` takes one rule of the protocol away, so
that a test can see whether the verifier notices:

==================  ====================================================================
``intent``          the intent is written with the outcome, not before the request
``proof``           any answer of 200 counts as success
``doubt``           a request without a usable answer counts as refused
``reading``         a request without a usable answer is sent again, unread
==================  ====================================================================
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import Any

from bulk_update.applying import PoolOptions, SenderOptions, sender
from bulk_update.applying.sender import Again, Sender
from bulk_update.cli import run
from bulk_update.journal.sending import SendingPart
from bulk_update.model import ChangeState, Outcome
from bulk_update.runs import work


def shorten(seconds: float) -> None:
    """Let requests linger for ``seconds`` alone."""
    work.PoolOptions = partial(PoolOptions, linger=seconds)  # type: ignore[misc,assignment]
    work.SenderOptions = partial(SenderOptions, linger=seconds)  # type: ignore[misc,assignment]
    sender.STALE = min(sender.STALE, seconds)  # type: ignore[misc]


def without_intent() -> None:
    begin, record = SendingPart.begin, SendingPart.record
    begun: dict[int, tuple[Any, Any]] = {}

    async def remember(_self: SendingPart, seq: int, *args: Any, **more: Any) -> None:
        begun[seq] = (args, more)

    async def both(
        self: SendingPart, seq: int, before: ChangeState, *args: Any, **more: Any
    ) -> Any:
        if before is ChangeState.SENDING:
            intent, named = begun.pop(seq)
            await begin(self, seq, *intent, **named)
        return await record(self, seq, before, *args, **more)

    SendingPart.begin, SendingPart.record = remember, both  # type: ignore[method-assign]


def without_proof() -> None:
    unsettled = Sender._unsettled

    async def trusting(self: Sender, item: Any, answer: Any, **more: Any) -> Any:
        if answer.http_status == 200:
            return await self._ended(item, Outcome(state=ChangeState.UPDATED, http_status=200))
        return await unsettled(self, item, answer, **more)

    Sender._unsettled = trusting  # type: ignore[method-assign]


def without_doubt() -> None:
    async def sure(self: Sender, item: Any, answer: Any, **_more: Any) -> Any:
        del answer
        return await self._ended(item, Outcome(state=ChangeState.REFUSED, code="refused"))

    Sender._unsettled = sure  # type: ignore[method-assign]


def without_reading() -> None:
    async def blind(self: Sender, item: Any, answer: Any, **_more: Any) -> Any:
        await self._planned_again(item, answer)
        return Again(item)

    Sender._unsettled = blind  # type: ignore[method-assign]


RULES = {
    "intent": without_intent,
    "proof": without_proof,
    "doubt": without_doubt,
    "reading": without_reading,
}

if __name__ == "__main__":
    shorten(float(os.environ["CHAOS_LINGER"]))
    missing = os.environ.get("CHAOS_WITHOUT")
    if missing:
        RULES[missing]()
    sys.exit(run(sys.argv[1:]))
