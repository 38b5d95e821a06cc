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
from dataclasses import replace
from functools import partial
from typing import Any

from bulk_update.account.client import Answer, AnswerKind, CallbellClient
from bulk_update.applying import PoolOptions, SenderOptions
from bulk_update.cli import run
from bulk_update.journal.sending import SendingPart
from bulk_update.model import ChangeState, Contact
from bulk_update.runs import work


def shorten(seconds: float) -> None:
    """Let requests linger for ``seconds`` alone."""
    work.PoolOptions = partial(PoolOptions, linger=seconds)  # type: ignore[misc,assignment]
    work.SenderOptions = partial(SenderOptions, linger=seconds)  # type: ignore[misc,assignment]


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
    """An answer of 200 is taken for the contact as it was asked."""
    patch = CallbellClient.patch_contact

    async def trusting(self: CallbellClient, uuid: str, body: Any, **more: Any) -> Answer:
        before = await self.get_contact(uuid)
        answer = await patch(self, uuid, body, **more)
        if answer.kind is not AnswerKind.UNCLEAR or answer.http_status != 200 or before is None:
            return answer
        contact = _as_asked(before, body)
        return answer._replace(kind=AnswerKind.CONTACT, contact=contact)

    CallbellClient.patch_contact = trusting  # type: ignore[method-assign]


def _as_asked(contact: Contact, body: Any) -> Contact:
    own = {name: body[name] for name in ("name", "note") if name in body}
    tags = tuple(body.get("tags", contact.tags))
    custom = {**contact.custom_fields, **body.get("custom_fields", {})}
    return replace(contact, **own, tags=tags, custom_fields=custom)


def unclear_is(kind: AnswerKind) -> None:
    """Take what is unclear for something that is known."""
    patch = CallbellClient.patch_contact

    async def sure(self: CallbellClient, uuid: str, body: Any, **more: Any) -> Answer:
        answer = await patch(self, uuid, body, **more)
        return answer._replace(kind=kind) if answer.kind is AnswerKind.UNCLEAR else answer

    CallbellClient.patch_contact = sure  # type: ignore[method-assign]


RULES = {
    "intent": without_intent,
    "proof": without_proof,
    "doubt": partial(unclear_is, AnswerKind.REFUSED),
    "reading": partial(unclear_is, AnswerKind.THROTTLED),
}

if __name__ == "__main__":
    shorten(float(os.environ["CHAOS_LINGER"]))
    missing = os.environ.get("CHAOS_WITHOUT")
    if missing:
        RULES[missing]()
    sys.exit(run(sys.argv[1:]))
