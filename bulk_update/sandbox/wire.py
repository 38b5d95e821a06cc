"""Playing a fault on a real connection.

Each player gets an :class:`Exchange` and does what its kind says; ``carry_out`` is the only way
to apply the request, so that the log shows what was really done.
"""

from __future__ import annotations

import asyncio
import gzip
import math
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson
from aiohttp import web

from bulk_update.sandbox.behaviour import RetryAfter
from bulk_update.sandbox.calls import Api, Call, Operation
from bulk_update.sandbox.contact import Json
from bulk_update.sandbox.faults import Fault, FaultKind
from bulk_update.sandbox.limits import retry_after
from bulk_update.sandbox.refusals import HTML_TYPE, Answer, Refusal

_HANG: Final = 30.0
_LATE: Final = 1.0
_DRIP: Final = 0.1
_GIGABYTE: Final = 1 << 30
_CHUNK: Final = 1 << 16


class Unanswered(web.Response):
    """Stands for no answer: the connection is gone already."""


@dataclass(slots=True)
class Closing:
    """What is still going on when the server closes: ``event`` ends waits, ``late`` are
    requests that are yet to be carried out, and then never are."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    late: list[asyncio.Handle] = field(default_factory=list)

    def close(self) -> None:
        """End every wait, and forget what was to be carried out late."""
        self.event.set()
        for handle in self.late:
            handle.cancel()

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until the server closes."""
        try:
            await asyncio.wait_for(self.event.wait(), seconds)
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request on its connection, and what is needed to answer it."""

    request: web.Request
    call: Call
    api: Api
    closing: Closing

    def carry_out(self) -> Answer:
        """Apply the request, and give the true answer."""
        return self.api.answer(self.call)

    def in_case(self, fault: Fault) -> None:
        """Apply the request where the fault says so."""
        if fault.applies:
            self.carry_out()


Player = Callable[[Fault, Exchange], Awaitable[web.StreamResponse]]


async def play(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    """Answer a request, or don't, as the fault says; a peer that leaves meanwhile is no error."""
    try:
        return await _PLAYERS[fault.kind](fault, exchange)
    except ConnectionError:
        return _cut_off(exchange)


def respond(answer: Answer) -> web.Response:
    """The answer as aiohttp sends it."""
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def _cut_off(exchange: Exchange) -> Unanswered:
    """Reset the connection: the peer sees ECONNRESET, not an orderly end."""
    transport = exchange.request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return Unanswered()


async def _reset(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    return _cut_off(exchange)


async def _hang(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    await exchange.closing.wait(_HANG if fault.seconds is None else fault.seconds)
    return _cut_off(exchange)


async def _late(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    delay = _LATE if fault.seconds is None else fault.seconds
    handle = asyncio.get_running_loop().call_later(delay, exchange.carry_out)
    exchange.closing.late.append(handle)
    return _cut_off(exchange)


async def _slow(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    await exchange.closing.wait(_HANG if fault.seconds is None else fault.seconds)
    if exchange.closing.event.is_set():
        return _cut_off(exchange)
    return respond(exchange.carry_out())


async def _status(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    status = fault.status or 500
    return respond(exchange.api.refuse(status, Refusal("base", f"The server says {status}")))


async def _html(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    page = b"<!doctype html><html><body><h1>Down for maintenance</h1></body></html>"
    return respond(Answer(status=200, body=page, content_type=HTML_TYPE))


async def _cut_json(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    answer = _answer(fault, exchange)
    return respond(Answer(status=answer.status, body=answer.body[: len(answer.body) // 2]))


async def _cut_body(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    answer = _answer(fault, exchange)
    response = await _begun(exchange, answer.content_type, length=len(answer.body))
    await response.write(answer.body[: len(answer.body) // 2])
    return _cut_off(exchange)


async def _error_body(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    return respond(Answer(status=200, body=b'{"error":"Something went wrong"}'))


async def _other_contact(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    asked = exchange.api.target(exchange.call)
    others = (c for c in exchange.api.account if asked is None or c.uuid != asked.uuid)
    return respond(_json(exchange.api.envelope(next(others))))


async def _other_envelope(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.carry_out()
    contact = _contact_in(answer)
    if contact is None:
        return respond(answer)
    return respond(_json({"contact": contact[0] if isinstance(contact, list) else [contact]}))


def _contact_in(answer: Answer) -> Json:
    """What an answer about one contact holds; None for any other answer."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:  # an error may be a page, or nothing
        return None
    found: Json = body.get("contact") if isinstance(body, dict) else None
    return found


async def _too_many(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    said = fault.retry_after
    headers = {"Retry-After": said} if said else {}
    if said == RetryAfter.DATE.value:
        headers = retry_after(RetryAfter.DATE, seconds=math.ceil(fault.seconds or 1))
    answer = exchange.api.refuse(429, Refusal("base", "Too many requests"))
    answer = Answer(status=429, body=answer.body, content_type=answer.content_type, headers=headers)
    return respond(answer)


async def _token_refused(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    return respond(exchange.api.refuse(fault.status or 401, Refusal("base", "Unauthorized")))


async def _redirect(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    headers = {"Location": fault.location}
    return respond(Answer(status=fault.status or 307, body=b"", headers=headers))


async def _drip(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.carry_out()
    response = await _begun(exchange, answer.content_type, length=len(answer.body))
    for byte in answer.body:
        await response.write(bytes([byte]))
        await exchange.closing.wait(_DRIP if fault.seconds is None else fault.seconds)
        if exchange.closing.event.is_set() or exchange.request.transport is None:
            return _cut_off(exchange)
    return response


async def _endless_headers(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    transport = exchange.request.transport
    line = b"X-More: " + b"m" * 100 + b"\r\n"
    if isinstance(transport, asyncio.Transport):
        transport.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range((fault.size or 1 << 20) // len(line)):
            if transport.is_closing():
                break
            transport.write(line)
            await asyncio.sleep(0)
    return _cut_off(exchange)


async def _huge_body(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    size = fault.size or _GIGABYTE
    response = await _begun(exchange, "application/json", length=size)
    for at in range(0, size, _CHUNK):
        await response.write(b" " * min(_CHUNK, size - at))
    return response


async def _gzip_bomb(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    body = await asyncio.to_thread(_bomb, fault.size or _GIGABYTE)
    headers = {"Content-Encoding": "gzip"}
    return respond(Answer(status=200, body=body, headers=headers))


def _bomb(size: int) -> bytes:
    """Gzip of ``size`` spaces; members may follow each other, so one is made and repeated."""
    member = gzip.compress(b" " * min(size, 1 << 20))
    return member * max(1, size >> 20)


async def _stale(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    exchange.in_case(fault)
    contact = exchange.api.target(exchange.call)
    if contact is None:
        return respond(exchange.carry_out())
    return respond(_json(exchange.api.envelope(exchange.api.account.before(contact.uuid))))


async def _untrue(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    """Say what a PATCH would have made of the contact, and make nothing."""
    if exchange.call.operation is not Operation.PATCH:
        return respond(exchange.carry_out())
    return respond(exchange.api.pretend(exchange.call))


async def _ignored(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    contact = exchange.api.target(exchange.call)
    if contact is None:
        return respond(exchange.carry_out())
    return respond(_json(exchange.api.envelope(contact)))


async def _person_edits(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    _edit(fault, exchange)
    return respond(exchange.carry_out())


async def _person_follows(fault: Fault, exchange: Exchange) -> web.StreamResponse:
    answer = exchange.carry_out()
    _edit(fault, exchange)
    return respond(answer)


async def _stir(_fault: Fault, exchange: Exchange) -> web.StreamResponse:
    account = exchange.api.account
    account.stir(account.last_in_listing().uuid)
    return respond(exchange.carry_out())


def _edit(fault: Fault, exchange: Exchange) -> None:
    contact = exchange.api.target(exchange.call)
    if contact is not None:
        exchange.api.account.edit(contact.uuid, fault.edit)


def _answer(fault: Fault, exchange: Exchange) -> Answer:
    """The true answer when the request is applied, else what it would have been."""
    if fault.applies or exchange.call.operation is not Operation.PATCH:
        return exchange.carry_out()
    return exchange.api.pretend(exchange.call)


def _json(body: Mapping[str, Json]) -> Answer:
    return Answer(status=200, body=orjson.dumps(body))


async def _begun(exchange: Exchange, content_type: str, *, length: int) -> web.StreamResponse:
    """An answer whose headers are out and whose body is to come."""
    headers = {"Content-Type": content_type, "Content-Length": str(length)}
    response = web.StreamResponse(headers=headers)
    await response.prepare(exchange.request)
    return response


_PLAYERS: Final[Mapping[FaultKind, Player]] = {
    FaultKind.RESET: _reset,
    FaultKind.HANG: _hang,
    FaultKind.LATE: _late,
    FaultKind.SLOW: _slow,
    FaultKind.STATUS: _status,
    FaultKind.HTML: _html,
    FaultKind.CUT_JSON: _cut_json,
    FaultKind.CUT_BODY: _cut_body,
    FaultKind.ERROR_BODY: _error_body,
    FaultKind.OTHER_CONTACT: _other_contact,
    FaultKind.OTHER_ENVELOPE: _other_envelope,
    FaultKind.TOO_MANY: _too_many,
    FaultKind.TOKEN_REFUSED: _token_refused,
    FaultKind.REDIRECT: _redirect,
    FaultKind.DRIP: _drip,
    FaultKind.ENDLESS_HEADERS: _endless_headers,
    FaultKind.HUGE_BODY: _huge_body,
    FaultKind.GZIP_BOMB: _gzip_bomb,
    FaultKind.STALE: _stale,
    FaultKind.UNTRUE: _untrue,
    FaultKind.IGNORED: _ignored,
    FaultKind.PERSON_EDITS: _person_edits,
    FaultKind.PERSON_FOLLOWS: _person_follows,
    FaultKind.STIR: _stir,
}
