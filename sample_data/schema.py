"""``account.schema.toml``: what ``bulk-update schema pull --sandbox`` finds, without its clock."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bulk_update.account.client import CallbellClient
from bulk_update.account.discovery import identify, pull_schema
from bulk_update.account.schema import AccountSchema
from bulk_update.account.schema_file import save_schema
from bulk_update.account.throttle import Throttle
from bulk_update.sandbox import SANDBOX_TOKEN, serve
from common import ACCOUNT

NAME: Final = "sandbox"
PULLED_AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


def pulled() -> bytes:
    """The schema of the seeded account, under the name that ``--sandbox`` gives it."""
    found = asyncio.run(_pull())
    account = replace(found.account, base_url=NAME, name=NAME)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "account.schema.toml"
        save_schema(replace(found, account=account, pulled_at=PULLED_AT), path)
        return path.read_bytes()


async def _pull() -> AccountSchema:
    async with (
        serve(ACCOUNT) as server,
        CallbellClient(server.base_url, SANDBOX_TOKEN, Throttle(300)) as client,
    ):
        identity = await identify(client)
        return await pull_schema(client, identity=identity)
