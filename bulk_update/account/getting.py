"""Reading, tried again boundedly where that can help.

After 5xx, time-outs, broken connections and answers that are not the API's a call is made again;
a 429 waits through the throttle and is no attempt. Where somebody waits out an outage
(:meth:`Getter.waiting_out`), a reading that failed all the same is made once more after an account
that was away is back. Only what is sure to be an answer ends it: the
thing, that there is none, or an error of :mod:`bulk_update.errors` with the right exit code.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import count
from typing import Final, NoReturn, TypeVar

import stamina
import stamina.instrumentation

from bulk_update.account import bodies, parsing
from bulk_update.account.answers import words_of
from bulk_update.account.bodies import Json
from bulk_update.account.breaker import Breaker
from bulk_update.account.listing import PagingRefused
from bulk_update.account.transport import Family, NoReply, Reply, Token, Transport
from bulk_update.errors import AccountGone, AccountUnreachable, Forbidden, TokenRefused
from bulk_update.language import _

# By default each retry is printed through structlog: on stdout, where results go.
stamina.instrumentation.set_on_retry_hooks(())

PATIENCE_429: Final = 300.0
"""Seconds of nothing but 429 after which a call gives up."""

PATIENCE: Final = 45.0
"""Seconds for which a call is made again, once the account has answered at all."""

FIRST_ATTEMPTS: Final = 3
"""Attempts while the account has never answered: a wrong address is said soon."""

MOST_MISSHAPEN: Final = 3
"""Failed attempts after which an answer of another shape is believed: this is not the API."""

FIRST_WAIT: Final = 0.2
LONGEST_RETRY_AFTER: Final = 30.0
"""Seconds before a call is made again: at first, and at the most where the account says how long.
"""

T = TypeVar("T")
Accept = Callable[[Json], T]
"""Makes of a good answer what is asked for; raises ``Misshapen`` for another shape."""

Missing = Callable[[int, str], T]
"""Says what it means that there is no such thing: by HTTP status, in the account's words."""

_MISSING: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


class _Again(Exception):
    """A reading that failed in a way that may pass; the text is safe to show."""

    def __init__(self, words: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.retry_after = retry_after


class Getter:
    """Reads through one transport; ``patience`` is in seconds."""

    def __init__(self, transport: Transport, token: Token, *, patience: float = PATIENCE) -> None:
        self._transport = transport
        self._token = token
        self._patience = patience
        self._met = False
        self._breaker: Breaker | None = None

    @contextmanager
    def waiting_out(self, breaker: Breaker) -> Iterator[None]:
        """For the length of the block, a reading that fails while the account is away waits until
        ``breaker`` closes, and is made again; then AccountGone says that it did not come back."""
        before, self._breaker = self._breaker, breaker
        try:
            yield
        finally:
            self._breaker = before
            breaker.close()

    async def get(self, kind: str, path: str, accept: Accept[T], *, missing: Missing[T]) -> T:
        """What ``accept`` makes of a good answer, or ``missing`` of 400, 404, 410 and 422."""
        while True:
            try:
                return await self._get(kind, path, accept, missing)
            except AccountUnreachable as error:
                if not await self._was_away(error):
                    raise

    async def _was_away(self, error: AccountUnreachable) -> bool:
        """Whether a reading failed because nothing got through, and something does by now."""
        told = isinstance(error, AccountGone | PagingRefused)
        if self._breaker is None or not self._met or told:
            return False
        self._breaker.trip()
        return await self._breaker.closed()

    async def _get(self, kind: str, path: str, accept: Accept[T], missing: Missing[T]) -> T:
        began = time.monotonic()
        try:
            return await self._attempt(kind, path, accept, missing)
        except _Again as failed:
            first = failed
        try:
            async for attempt in self._attempts(began):
                with attempt:
                    if attempt.num == 1:  # was made above, without the machinery
                        raise first
                    return await self._attempt(kind, path, accept, missing)
        except _Again as failed:
            self._give_up(failed)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def answers(
        self, kind: str, path: str, accept: Accept[object], *, on_send: Callable[[], None] | None
    ) -> bool:
        """Whether one call, tried once, gets an answer that ``accept`` takes. Raises
        TokenRefused."""
        reply = await self._transport.exchange("GET", path, kind=kind, on_send=on_send)
        if isinstance(reply, NoReply) or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return False
        try:
            if reply.family is not Family.SUCCESS:
                self._refuse(reply)
            self._accepted(reply, accept)
        except (_Again, AccountUnreachable):
            return False
        return True

    def _attempts(self, began: float) -> AsyncIterable[stamina.Attempt]:
        failures = count(1)

        def again(error: Exception) -> bool | float:
            over = time.monotonic() - began > self._patience
            if not isinstance(error, _Again) or (over and self._met):
                return False
            if next(failures) >= MOST_MISSHAPEN and error.code == "not_the_api":
                return False  # what is of the wrong shape three times stays so
            if error.retry_after is not None:
                return max(FIRST_WAIT, min(error.retry_after, LONGEST_RETRY_AFTER))
            return True

        return stamina.retry_context(
            on=again,
            attempts=None if self._met else FIRST_ATTEMPTS,
            timeout=None,
            wait_initial=FIRST_WAIT,
            wait_max=2.0,
            wait_jitter=0.2,
        )

    async def _attempt(self, kind: str, path: str, accept: Accept[T], missing: Missing[T]) -> T:
        reply = await self._past_429(kind, path)
        if isinstance(reply, NoReply):
            raise _Again(reply.words)
        if reply.family is Family.SUCCESS:
            result = self._accepted(reply, accept)
        elif reply.status in _MISSING:
            result = missing(reply.status, self._words(reply))
        else:
            self._refuse(reply)
        self._met = True
        if self._breaker is not None:
            self._breaker.answered()
        return result

    def _accepted(self, reply: Reply, accept: Accept[T]) -> T:
        if not reply.whole:
            raise _Again(_("the answer was cut off"), code="not_the_api")
        try:
            said = parsing.load(reply.body)
            if bodies.says_error(said):
                raise _Again(bodies.words_of(said, secret=self._token.reveal()))
            return accept(said)
        except parsing.Misshapen as fault:
            words = _("an answer that is not the API's ({what})").format(what=fault)
            raise _Again(words, code="not_the_api") from None

    def _refuse(self, reply: Reply) -> NoReturn:
        words = self._words(reply)
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            kind = Forbidden if reply.status == HTTPStatus.FORBIDDEN else TokenRefused
            raise kind(
                _("the account refused the token: {words}").format(words=words),
                hint=_("check that it is whole, still valid, and of this account"),
            )
        if reply.family is Family.SERVER or reply.status == HTTPStatus.REQUEST_TIMEOUT:
            raise _Again(words, retry_after=reply.retry_after)
        if reply.family is Family.REDIRECT:
            raise AccountUnreachable(
                f"{self._transport.base_url}: {words}",
                hint=_("check --base-url: the API itself does not redirect"),
                code="redirected",
            )
        raise AccountUnreachable(
            _("the account refused a request (HTTP {status}): {words}").format(
                status=reply.status, words=words
            ),
            code="refused_request",
        )

    def _words(self, reply: Reply) -> str:
        return words_of(reply, secret=self._token.reveal())

    async def _past_429(self, kind: str, path: str) -> Reply | NoReply:
        first = 0.0
        while True:
            reply = await self._transport.exchange("GET", path, kind=kind)
            if isinstance(reply, NoReply) or reply.status != HTTPStatus.TOO_MANY_REQUESTS:
                return reply
            first = first or time.monotonic()
            waited = max(self._transport.throttle.waited_429, time.monotonic() - first)
            if waited >= PATIENCE_429:
                raise AccountGone(
                    _("the account answered nothing but 429 (too many requests) for 5 minutes"),
                    hint=_("is another program using this account? try later, or a lower --rate"),
                    code="rate_limited",
                )

    def _give_up(self, failed: _Again) -> NoReturn:
        raise AccountUnreachable(
            f"{self._transport.base_url}: {failed}",
            hint=_("check --base-url and the network; nothing is lost"),
            code=failed.code,
        ) from failed
