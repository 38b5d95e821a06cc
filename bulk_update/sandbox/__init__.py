"""A make-believe Callbell account: the contact API as an aiohttp.web application.

For rehearsals, demonstrations and tests. It keeps to the public API reference and to what was
observed on real accounts, independently of the client: nothing is shared with
``bulk_update.account``. Read :mod:`~bulk_update.sandbox.people` for who is in it,
:mod:`~bulk_update.sandbox.behaviour` for what it does where nothing is published,
:mod:`~bulk_update.sandbox.faults` for what it can get wrong, :mod:`~bulk_update.sandbox.log` for
the truth about what it did.

::

    async with serve(SandboxAccount.seeded(contacts=500)) as server:
        ...  # server.base_url, SANDBOX_TOKEN, server.account.log
"""

from __future__ import annotations

from bulk_update.sandbox.account import SandboxAccount
from bulk_update.sandbox.app import SANDBOX_TOKEN, create_app
from bulk_update.sandbox.behaviour import Behaviour
from bulk_update.sandbox.faults import Fault, FaultKind, Faults
from bulk_update.sandbox.limits import Latency, RateLimit, Window
from bulk_update.sandbox.rehearsal import Rehearsal, load_rehearsal
from bulk_update.sandbox.server import EmbeddedSandbox, Server, serve

__all__ = [
    "SANDBOX_TOKEN",
    "Behaviour",
    "EmbeddedSandbox",
    "Fault",
    "FaultKind",
    "Faults",
    "Latency",
    "RateLimit",
    "Rehearsal",
    "SandboxAccount",
    "Server",
    "Window",
    "create_app",
    "load_rehearsal",
    "serve",
]
