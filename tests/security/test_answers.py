"""An answer without measure costs bounded time and memory, and proves nothing."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache

import pytest

from bulk_update.account.answers import Answer, AnswerKind
from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle

UUID = "414a6d692bd645ed803f2e7ce360d4c8"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MOST_MEMORY = 64 << 20
ENOUGH = 160 << 20

Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[str]:
    """A server that reads a request and then writes what it likes; its base URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await serve(writer)
                await writer.drain()
                await reader.read()  # it is the client that goes
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


async def asked(serve: Serve, *, seconds: float = 20.0) -> Answer:
    """What a PATCH comes to; fails where it took too much memory."""
    async with (
        served(serve) as url,
        CallbellClient(url, "t", Throttle(None), request_timeout=seconds) as client,
    ):
        tracemalloc.start()
        try:
            answer = await client.patch_contact(UUID, {"note": "n"})
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < MOST_MEMORY, f"{peak >> 20} MB"
    return answer


@cache
def bombs() -> dict[str, tuple[bytes, bytes]]:
    """Encoding and body of answers that weigh little and open to 256 MB and more."""
    gzipped = gzip.compress(b" " * (1 << 20)) * 256
    zlibbed = zlib.compress(b" " * (256 << 20))
    return {
        "gzip": (b"gzip", gzipped),
        "x-gzip in capitals": (b"X-GZIP", gzipped),
        "deflate": (b"deflate", zlibbed),
        "raw deflate": (b"deflate", zlibbed[2:-4]),
        "gzip in gzip": (b"gzip, gzip", gzip.compress(gzipped)),
        "br": (b"br", gzipped),
        "zstd": (b"zstd", gzipped),
        "compress": (b"compress", gzipped),
    }


@pytest.mark.parametrize("name", bombs())
async def test_a_packed_bomb_is_refused(name: str) -> None:
    """Whatever it is packed with: those that were never asked for are not opened at all."""
    encoding, body = bombs()[name]

    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Encoding: " + encoding)
        writer.write(b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    answer = await asked(serve)
    assert (answer.kind, answer.http_status) == (AnswerKind.UNCLEAR, 200)
    assert answer.contact is None


async def endless(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """The same piece again and again, up to a size that would be noticed."""
    for _ in range(ENOUGH // len(piece)):
        writer.write(piece)
        await writer.drain()


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (HEAD + b"Content-Length: 1073741824\r\n\r\n", b" " * 65536),
        (HEAD + b"\r\n", b" " * 65536),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;", b"x" * 65536),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X-A: b\r\n" * 8192),
        (HEAD + b"X-Long: ", b"x" * 65536),
        (HEAD, b"X-A: b\r\n" * 8192),
        (b"", b"x" * 65536),
    ],
    ids=[
        "announced body",
        "body without length",
        "chunks",
        "chunk extension",
        "trailers",
        "long header",
        "many headers",
        "status line",
    ],
)
async def test_what_never_ends_is_not_kept(head: bytes, piece: bytes) -> None:
    async def serve(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await endless(writer, piece)

    answer = await asked(serve, seconds=2)
    assert (answer.kind, answer.complete, answer.contact) == (AnswerKind.UNCLEAR, False, None)


@pytest.mark.parametrize(
    "piece",
    [b"x", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"],
    ids=["a byte at a time", "continue", "early hints"],
)
async def test_a_head_that_takes_for_ever_ends_with_the_time_out(piece: bytes) -> None:
    """Each byte that comes does not begin the time anew."""

    async def serve(writer: asyncio.StreamWriter) -> None:
        if not piece.startswith(b"HTTP"):
            writer.write(HEAD + b"X-A: ")
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)

    answer = await asked(serve, seconds=0.3)
    assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)
