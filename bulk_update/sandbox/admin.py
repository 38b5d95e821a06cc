"""What whoever rehearses can see and do over HTTP, beside the API: no token, loopback alone.

========================  ================================================================
``GET /_sandbox/log``     ``{"requests": […], "changes": […]}``; ``?since=SEQ`` leaves out
                          what is older
``GET /_sandbox/state``   ``{"contacts": […]}``, each as the API shows it with
                          ``include_field_types``, and ``number``, ``bot``, ``activity``;
                          ``?number=N`` or ``?uuid=…`` for one
``POST /_sandbox/edit``   a person edits: ``{"number": 7, "set": {"note": "…"}}`` (or
                          ``"uuid"``; ``set`` is written like a PATCH), the contact comes back
``POST /_sandbox/stir``   a message comes in for ``{"number": 7}``: it heads the listing
========================  ================================================================
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

import orjson
from aiohttp import web

from bulk_update.sandbox.account import SandboxAccount
from bulk_update.sandbox.behaviour import Behaviour
from bulk_update.sandbox.contact import ContactState, Json, shown
from bulk_update.sandbox.refusals import JSON_TYPE, Refusal, Refused

Handler = Callable[[web.Request], Awaitable[web.Response]]


def add_admin(app: web.Application, account: SandboxAccount) -> None:
    """Put the paths under ``/_sandbox`` into ``app``."""
    admin = _Admin(account)
    app.router.add_get("/_sandbox/log", _guarded(admin.log))
    app.router.add_get("/_sandbox/state", _guarded(admin.state))
    app.router.add_post("/_sandbox/edit", _guarded(admin.edit))
    app.router.add_post("/_sandbox/stir", _guarded(admin.stir))


def _guarded(answer: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    """Let loopback in, and turn what is wrong with a request into 4xx."""

    async def handle(request: web.Request) -> web.Response:
        if not is_loopback(request.remote):
            return _json({"error": "for loopback alone"}, status=403)
        try:
            return _json(await answer(request))
        except Refused as refused:
            return _json({"error": str(refused)}, status=refused.status)

    return handle


def is_loopback(address: str | None) -> bool:
    """Whether this is an address of the machine itself."""
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False


def _json(body: Json, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, headers={"Content-Type": JSON_TYPE})


class _Admin:
    def __init__(self, account: SandboxAccount) -> None:
        self._account = account

    async def log(self, request: web.Request) -> Json:
        since = _number(request.query.get("since", "0"), "since")
        log = self._account.log
        return {
            "requests": [each.shown() for each in log.requests if each.seq > since],
            "changes": [each.shown() for each in log.changes if each.seq > since],
        }

    async def state(self, request: web.Request) -> Json:
        if request.query:
            return {"contacts": [self._shown(self._asked(dict(request.query)))]}
        return {"contacts": [self._shown(contact) for contact in self._account]}

    async def edit(self, request: web.Request) -> Json:
        body = await _object(request)
        contact = self._asked(body)
        return {"contact": self._shown(self._account.edit(contact.uuid, body.get("set")))}

    async def stir(self, request: web.Request) -> Json:
        contact = self._asked(await _object(request))
        self._account.stir(contact.uuid)
        return {"contact": self._shown(self._account.contact(contact.uuid))}

    def _asked(self, asked: Mapping[str, Json]) -> ContactState:
        which: int | str = str(asked.get("uuid", ""))
        if "number" in asked:
            which = _number(asked["number"], "number")
        try:
            return self._account.contact(which)
        except KeyError:
            raise Refused(404, Refusal("base", "no contact with this number or uuid")) from None

    def _shown(self, contact: ContactState) -> Json:
        body = shown(contact, self._account.catalogue, Behaviour(), with_types=True)
        body.update(number=contact.number, bot=contact.bot, activity=contact.activity)
        return body


def _number(value: Json, name: str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise Refused(400, Refusal(name, f"{name} must be a number"))
    return int(text)


async def _object(request: web.Request) -> Mapping[str, Json]:
    try:
        body: Json = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, Refusal("base", "the body must be a JSON object"))
    return body
