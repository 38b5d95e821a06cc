"""A clock that jumps, and a server that says what a test tells it to say."""

from __future__ import annotations

import asyncio
import json
import math
import selectors
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import stamina
from aiohttp import web
from aiohttp.test_utils import TestServer

from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle

TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEF.marked" + "0" * 58
UUID = "414a6d692bd645ed803f2e7ce360d4c8"
OTHER = "ffffffffffffffffffffffffffffffff"


# -- virtual time ----------------------------------------------------------------------


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: it moves the clock on by what it was asked to wait, rounded up to whole
    milliseconds as a real selector rounds, and a little each time, for work takes time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        self.now += 1e-7
        if ready or timeout is None:
            assert ready, "nothing is left that could ever happen"
            return ready
        self.now += math.ceil(max(timeout, 0.0) * 1000 - 1e-6) / 1000
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time: deterministic, and as fast as the work it does."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def stand_still(self, seconds: float) -> None:
        """Nothing of this process runs for so long."""
        self._jumping.now += seconds


RunVirtual = Callable[[Callable[[VirtualLoop], Coroutine[Any, Any, Any]]], Any]


@pytest.fixture
def run_virtual() -> Iterator[RunVirtual]:
    """Runs ``main(loop)`` on a loop of virtual time and gives its result."""
    loop = VirtualLoop()

    def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, Any]]) -> Any:
        return loop.run_until_complete(main(loop))

    yield run
    loop.close()


# -- a scripted account ----------------------------------------------------------------

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Step = Handler | web.StreamResponse | tuple[int, Any]


@dataclass
class Seen:
    """One request as it came in; ``path`` is raw, as it was spelled on the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class ScriptedAccount:
    """A real server that answers each route from its script; the last step stays."""

    routes: dict[tuple[str, str], deque[Step]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def on(self, method: str, path: str, *steps: Step) -> None:
        """``path`` is raw, without the base path; a step is (status, JSON or text), a
        response, or a handler."""
        self.routes[method, path] = deque(steps)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].removeprefix("/v1")
        raw = await request.read()
        body = json.loads(raw) if raw else None
        self.seen.append(
            Seen(request.method, path, dict(request.query), dict(request.headers), body)
        )
        steps = self.routes.get((request.method, path))
        if not steps:
            return web.json_response({"error": "Not found"}, status=404)
        step = steps[0] if len(steps) == 1 else steps.popleft()
        return await self._play(step, request)

    async def _play(self, step: Step, request: web.Request) -> web.StreamResponse:
        if isinstance(step, tuple):
            status, said = step
            if isinstance(said, str):
                return web.Response(status=status, text=said, content_type="text/html")
            return web.json_response(said, status=status)
        if isinstance(step, web.StreamResponse):
            return step
        return await step(request)

    def calls(self) -> list[str]:
        """What was asked for, in order, as ``GET /teams?page=2``."""
        return [
            f"{one.method} {one.path}"
            + ("?" + "&".join(f"{k}={v}" for k, v in one.query.items()) if one.query else "")
            for one in self.seen
        ]


@pytest.fixture
async def account() -> AsyncIterator[ScriptedAccount]:
    """A scripted account on a free port of loopback."""
    scripted = ScriptedAccount()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", scripted.handle)
    async with TestServer(app) as server:
        scripted.url = str(server.make_url("/v1"))
        yield scripted


@pytest.fixture
async def client(account: ScriptedAccount) -> AsyncIterator[CallbellClient]:
    """A client of the scripted account, unpaced."""
    async with CallbellClient(account.url, TOKEN, Throttle(None)) as one:
        yield one


@pytest.fixture
def token() -> str:
    """A token that a test can search for in whatever was written."""
    return TOKEN


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    """Reads are tried three times, without waiting in between."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


def contact_json(uuid: str = UUID, **other: Any) -> dict[str, Any]:
    """A contact as the API shows it; ``other`` goes over it."""
    whole = {
        "uuid": uuid,
        "name": "Zoë  Doe ",
        "phoneNumber": "+39 333 1234567",
        "avatarUrl": None,
        "createdAt": "2020-11-13T21:08:53Z",
        "closedAt": None,
        "blockedAt": None,
        "source": "whatsapp",
        "href": f"https://dash.callbell.eu/contacts/{uuid}",
        "conversationHref": "https://dash.callbell.eu/chat/1",
        "tags": ["VIP", "trailing "],
        "assignedUser": "jane.doe@email.com",
        "customFields": {"PI : MF-FOCUS-CUT-MFC": "x", "Features": '["Dark Mode"]'},
        "team": {"uuid": "team1", "name": "Sales", "default": True, "members": 2},
        "channel": {"uuid": "chan1", "title": "Main", "type": "whatsapp", "main": True},
        "note": None,
        "funnelId": None,
    }
    return {**whole, **other}


@pytest.fixture
def make_contact() -> Callable[..., dict[str, Any]]:
    """:func:`contact_json`."""
    return contact_json
