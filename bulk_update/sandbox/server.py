"""Serving the make-believe account: in the loop that runs, or in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from bulk_update.sandbox.account import SandboxAccount
from bulk_update.sandbox.app import PREFIX, SANDBOX_TOKEN, create_app
from bulk_update.sandbox.behaviour import Behaviour
from bulk_update.sandbox.faults import Faults
from bulk_update.sandbox.limits import NO_LATENCY, Latency, RateLimit

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An account that is being served. ``base_url`` ends with ``/v1``, ``root_url`` is what
    ``/_sandbox`` hangs on; neither ends with a slash."""

    account: SandboxAccount
    host: str
    port: int

    @property
    def root_url(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client is given as its base URL."""
        return self.root_url + PREFIX


@asynccontextmanager
async def serve(  # noqa: PLR0913 - one for each knob of the server
    account: SandboxAccount,
    *,
    behaviour: Behaviour | None = None,
    faults: Faults | None = None,
    rate_limit: RateLimit | None = None,
    latency: Latency = NO_LATENCY,
    token: str = SANDBOX_TOKEN,
    host: str = LOOPBACK,
    port: int = 0,
) -> AsyncIterator[Server]:
    """Serve ``account`` until the block ends; port 0 takes a free one.

    ``OSError`` when host and port can't be had. The account stays open.
    """
    app = create_app(
        account,
        behaviour=behaviour,
        faults=faults,
        rate_limit=rate_limit,
        latency=latency,
        token=token,
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        address = runner.addresses[0]
        yield Server(account=account, host=host, port=int(address[1]))
    finally:
        await runner.cleanup()


@dataclass(slots=True, kw_only=True)
class EmbeddedSandbox:
    """The account served from a thread with a loop of its own, for programs that have theirs.

    A context manager; on leaving, the server has ended and the account is closed. ``OSError``
    when the port can't be had.
    """

    account: SandboxAccount
    behaviour: Behaviour | None = None
    faults: Faults | None = None
    rate_limit: RateLimit | None = None
    latency: Latency = NO_LATENCY
    token: str = SANDBOX_TOKEN
    host: str = LOOPBACK
    port: int = 0
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None
    _server: Server | None = None
    _failure: BaseException | None = None
    _ready: threading.Event = field(default_factory=threading.Event)

    @property
    def server(self) -> Server:
        """Where it is served; only inside the block."""
        if self._server is None:
            raise RuntimeError("the sandbox is not being served")
        return self._server

    @property
    def base_url(self) -> str:
        """What a client is given as its base URL."""
        return self.server.base_url

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()
        self._server = None
        self.account.close()

    def _run(self) -> None:
        """The thread: a failure to start is handed to whoever waits for it."""
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - raised again in __enter__
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serve(
            self.account,
            behaviour=self.behaviour,
            faults=self.faults,
            rate_limit=self.rate_limit,
            latency=self.latency,
            token=self.token,
            host=self.host,
            port=self.port,
        ) as server:
            self._server = server
            self._ready.set()
            await self._stop.wait()
