"""A bare aiohttp loop, 128 at once: PATCHes every contact; prints how many were answered, and
in how many seconds."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import orjson

BASE, UUIDS = sys.argv[1], Path(sys.argv[2]).read_text().split()


async def worker(session: aiohttp.ClientSession, uuids: Iterator[str]) -> int:
    """PATCH one after the other, each answer read."""
    done = 0
    for uuid in uuids:
        body = {"name": f"Name {uuid[:6]}", "custom_fields": {"zipCode": uuid[:6]}}
        async with session.patch(
            f"{BASE}/contacts/{uuid}",
            data=orjson.dumps(body),
            headers={"Content-Type": "application/json"},
        ) as answer:
            done += orjson.loads(await answer.read())["contact"]["uuid"] == uuid
    return done


async def main() -> None:
    """All of them."""
    uuids = iter(UUIDS)
    connector = aiohttp.TCPConnector(limit=128)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        done = await asyncio.gather(*(worker(session, uuids) for _ in range(128)))
        print(sum(done), time.perf_counter() - began)


asyncio.run(main())
