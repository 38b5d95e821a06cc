"""The make-believe account as an aiohttp.web application.

Requests pass, in this order: half of the latency, the token, the rate limit, the faults, the
call itself, the other half of the latency. The API lies under ``/v1``; ``/_sandbox`` beside it
is for whoever rehearses, and answers loopback alone.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from typing import Final

from aiohttp import web

from bulk_update.sandbox.account import SandboxAccount
from bulk_update.sandbox.admin import add_admin
from bulk_update.sandbox.behaviour import Behaviour
from bulk_update.sandbox.calls import Api, Call, Operation
from bulk_update.sandbox.faults import FaultPlan, Faults
from bulk_update.sandbox.limits import NO_LATENCY, Latency, Meter, RateLimit, retry_after
from bulk_update.sandbox.log import RequestRecord
from bulk_update.sandbox.refusals import Answer, Refusal
from bulk_update.sandbox.wire import Closing, Exchange, Unanswered, play, respond

SANDBOX_TOKEN: Final = "test_gYq4sandbox0make0believe0Zw"  # noqa: S105 - opens nothing
"""The token of the make-believe account; it opens nothing else."""

PREFIX: Final = "/v1"

ROUTES: Final = (
    ("GET", "/auth/me", Operation.ME),
    ("GET", "/contacts", Operation.LIST),
    ("GET", "/contacts/phone/{name}", Operation.BY_PHONE),
    ("GET", "/contacts/bsuid/{name}", Operation.BY_BSUID),
    ("GET", "/contacts/{name}/bot", Operation.BOT),
    ("GET", "/contacts/{name}", Operation.GET),
    ("PATCH", "/contacts/{name}", Operation.PATCH),
    ("GET", "/teams", Operation.TEAMS),
    ("GET", "/teams/{name}/members", Operation.MEMBERS),
)
"""Method, path under the prefix, call. Everything else is logged, and answered 404."""

_OF_A_CONTACT: Final = (Operation.GET, Operation.PATCH, Operation.BOT)


def create_app(
    account: SandboxAccount,
    *,
    behaviour: Behaviour | None = None,
    faults: Faults | None = None,
    rate_limit: RateLimit | None = None,
    latency: Latency = NO_LATENCY,
    token: str = SANDBOX_TOKEN,
) -> web.Application:
    """The application that serves ``account``; by default strictly 300 requests a second, no
    faults and no latency."""
    gate = Gate(
        api=Api(account, behaviour or Behaviour()),
        faults=faults or Faults(),
        rate_limit=rate_limit or RateLimit(),
        latency=latency,
        token=token,
    )
    app = web.Application()
    for method, path, operation in ROUTES:
        app.router.add_route(method, PREFIX + path, gate.handler(operation))
    app.router.add_route("*", PREFIX + "{tail:.*}", gate.unknown)
    add_admin(app, account)
    app.on_shutdown.append(gate.close)
    return app


class Gate:
    """What stands between the wire and the calls."""

    def __init__(
        self, *, api: Api, faults: Faults, rate_limit: RateLimit, latency: Latency, token: str
    ) -> None:
        self._api = api
        self._plan = FaultPlan(faults, time.monotonic)
        self._meter = Meter(rate_limit)
        self._latency = latency
        self._chance = Random(faults.seed)  # noqa: S311 - spreads latency
        self._bearer = f"Bearer {token}".encode()
        self._closing = Closing()

    def handler(
        self, operation: Operation
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler of one call."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, operation)

        return handle

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        """A call the API does not have."""
        return await self._serve(request, None)

    async def close(self, _app: web.Application) -> None:
        """The server closes: nothing waits any more, nothing is carried out late."""
        self._closing.close()

    async def _serve(self, request: web.Request, operation: Operation | None) -> web.StreamResponse:
        name = request.match_info.get("name", "")
        record = self._api.account.log.request(
            method=request.method,
            path=request.path_qs,
            uuid=name if operation in _OF_A_CONTACT else "",
        )
        status: int | None = None
        try:
            record.body = await request.read()
            half = self._latency.draw(self._chance) / 2
            await _pass(half)
            response = await self._answer(request, operation, name, record)
            await _pass(half)
            status = None if isinstance(response, Unanswered) else response.status
        except web.HTTPRequestEntityTooLarge:
            status = 413
            raise
        finally:
            self._api.account.log.ended(record, status)
        return response

    async def _answer(
        self, request: web.Request, operation: Operation | None, name: str, record: RequestRecord
    ) -> web.StreamResponse:
        stopped = self._stopped(request)
        if stopped:
            return respond(stopped)
        if operation is None:
            return respond(self._api.refuse(404, Refusal("base", "Not found")))
        call = _call(request, operation, name, record)
        return await self._carry_out(request, call, record)

    def _stopped(self, request: web.Request) -> Answer | None:
        """The answer to a request without the token, or over the limit."""
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._bearer):
            return self._api.refuse(401, Refusal("base", "Unauthorized"))
        if not self._meter.admit():
            answer = self._api.refuse(429, Refusal("base", "Too many requests"))
            return replace(answer, headers=retry_after(self._api.behaviour.retry_after))
        return None

    async def _carry_out(
        self, request: web.Request, call: Call, record: RequestRecord
    ) -> web.StreamResponse:
        target = self._api.target(call) if call.operation in _OF_A_CONTACT else None
        fault = self._plan.choose(
            call.operation,
            request.path,
            number=target.number if target else None,
            uuid=target.uuid if target else "",
        )
        if fault is None:
            return respond(self._api.answer(call))
        record.fault = fault.kind.value
        exchange = Exchange(request=request, call=call, api=self._api, closing=self._closing)
        return await play(fault, exchange)


def _call(request: web.Request, operation: Operation, name: str, record: RequestRecord) -> Call:
    return Call(
        operation=operation,
        name=name,
        query=request.query,
        body=record.body,
        content_type=request.headers.get("Content-Type", ""),
        seq=record.seq,
    )


async def _pass(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)
