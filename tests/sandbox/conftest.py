"""The sandbox on a real socket, and its answers held against the API document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
from api_document import Document

from bulk_update.sandbox import SANDBOX_TOKEN, RateLimit, SandboxAccount, Server, serve


@dataclass(frozen=True)
class Reply:
    """One answer, read whole."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.raw)

    @property
    def contact(self) -> dict[str, Any]:
        """The contact, out of either envelope."""
        contact = self.body["contact"]
        found: dict[str, Any] = contact[0] if isinstance(contact, list) else contact
        return found


class Talk:
    """A client that checks every answer against the document, unless told not to."""

    def __init__(self, server: Server, session: aiohttp.ClientSession, document: Document) -> None:
        self.server, self.session, self.document = server, session, document
        self.account = server.account

    async def ask(
        self, method: str, path: str, *, conforms: bool = True, base: str = "", **more: Any
    ) -> Reply:
        url = (base or self.server.base_url) + path
        async with self.session.request(method, url, allow_redirects=False, **more) as response:
            reply = Reply(response.status, response.headers, await response.read())
        if conforms and not base:
            self.document.check(method, path, reply.status, reply.raw)
        return reply

    async def get(self, path: str, *, conforms: bool = True, **params: Any) -> Reply:
        return await self.ask("GET", path, conforms=conforms, params=params)

    async def patch(self, which: int | str, body: Any, *, conforms: bool = True) -> Reply:
        """PATCH the contact with this number or uuid."""
        uuid = self.account.contact(which).uuid if isinstance(which, int) else which
        return await self.ask("PATCH", f"/contacts/{uuid}", conforms=conforms, json=body)

    async def read(self, number: int, **params: Any) -> dict[str, Any]:
        """GET the contact with this number."""
        reply = await self.get(f"/contacts/{self.account.contact(number).uuid}", **params)
        return reply.contact

    async def admin(self, method: str, path: str, **more: Any) -> Reply:
        return await self.ask(method, path, base=self.server.root_url, **more)


Talks = Callable[..., Awaitable[Talk]]


@pytest.fixture(scope="session")
def document() -> Document:
    return Document()


@pytest.fixture
async def talk(document: Document) -> AsyncIterator[Talks]:
    """Serves an account and gives a client for it; no rate limit unless one is asked for."""
    async with AsyncExitStack() as stack:

        async def start(
            account: SandboxAccount | None = None,
            *,
            contacts: int = 60,
            headers: Mapping[str, str] | None = None,
            **more: Any,
        ) -> Talk:
            if account is None:
                account = SandboxAccount.seeded(contacts=contacts)
            more.setdefault("rate_limit", RateLimit.off())
            server = await stack.enter_async_context(serve(account, **more))
            known = headers or {"Authorization": f"Bearer {SANDBOX_TOKEN}"}
            session = await stack.enter_async_context(aiohttp.ClientSession(headers=known))
            return Talk(server, session, document)

        yield start
