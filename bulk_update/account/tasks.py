"""Tasks that run side by side, and end with one error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bulk_update.errors import single


@asynccontextmanager
async def tasks_together() -> AsyncIterator[asyncio.TaskGroup]:
    """A group whose tasks have ended when the block has. Where one fails the others are
    cancelled; of several errors the one is raised that :func:`~bulk_update.errors.single` says.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        raise single(group) from group
