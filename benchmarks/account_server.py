"""An account that only answers, as fast as one process can: the client is what is measured.

A process of its own, so that its work is not counted as the client's. PATCH gives the contact
with what was asked, any other request the contact as it is. Nothing is kept.
"""

from __future__ import annotations

import asyncio
import copy
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import orjson

from bulk_update.sandbox import Behaviour, SandboxAccount
from bulk_update.sandbox.contact import shown

Document = dict[str, Any]


def documents(contacts: int) -> dict[str, Document]:
    """The contacts of the seeded account as the API gives them, by uuid."""
    account = SandboxAccount.seeded(contacts=contacts)
    each = (shown(contact, account.catalogue, Behaviour()) for contact in account)
    return {str(document["uuid"]): document for document in each}


class _Wire(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, and no more of it than this client uses."""

    def __init__(self, contacts: dict[str, Document]) -> None:
        self._contacts = contacts
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end]
            length = _length(head)
            if len(self._waiting) < end + 4 + length:
                return
            body = self._waiting[end + 4 : end + 4 + length]
            self._waiting = self._waiting[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1].decode()
        uuid = path.rsplit("/", 1)[-1].partition("?")[0]
        contact = copy.copy(self._contacts.get(uuid, {}))
        if body:
            asked = orjson.loads(body)
            custom = {**contact["customFields"], **asked.pop("custom_fields", {})}
            contact.update(asked, customFields=custom)
        payload = orjson.dumps({"contact": contact})
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(payload), payload)
        )


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve(contacts: int, ready: Connection) -> None:
    known = documents(contacts)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Wire(known), "127.0.0.1", 0, backlog=1024)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run(contacts: int, ready: Connection) -> None:
    asyncio.run(_serve(contacts, ready))


@contextmanager
def serving(contacts: int) -> Iterator[str]:
    """The base URL of an account with so many contacts, while the block lasts."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(contacts, there), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/v1"
    finally:
        process.terminate()
        process.join()
