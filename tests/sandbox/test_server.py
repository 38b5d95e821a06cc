"""Serving: in the running loop, or embedded in a thread of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import aiohttp
import pytest

from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    EmbeddedSandbox,
    Fault,
    FaultKind,
    Faults,
    RateLimit,
    SandboxAccount,
    serve,
)
from bulk_update.sandbox.wire import Closing

HEADERS = {"Authorization": f"Bearer {SANDBOX_TOKEN}"}


async def patch(base_url, account, number, body):
    url = f"{base_url}/contacts/{account.contact(number).uuid}"
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.patch(url, json=body) as response,
    ):
        return response.status


async def test_the_embedded_account_is_served_from_another_thread(tmp_path):
    """Its state is seen from here, and is there again for the next command."""
    account = SandboxAccount.open(tmp_path, contacts=5)
    with EmbeddedSandbox(account=account) as sandbox:
        names = {thread.name for thread in threading.enumerate()}
        assert "sandbox" in names
        assert await patch(sandbox.base_url, account, 1, {"name": "Embedded"}) == 200
        assert account.contact(1).name == "Embedded"
        account.edit(1, {"note": "from this thread"})
    assert "sandbox" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(OSError, match="descriptor"):
        account.edit(1, {"note": "after it was closed"})
    again = SandboxAccount.open(tmp_path, contacts=5)
    again.close()
    assert (again.contact(1).name, again.contact(1).note) == ("Embedded", "from this thread")


async def test_nobody_listens_after_the_block():
    """Neither embedded nor in the loop."""
    account = SandboxAccount.seeded(contacts=2)
    with EmbeddedSandbox(account=account) as sandbox:
        embedded = sandbox.base_url
    async with serve(account) as server:
        in_loop = server.base_url
    for url in (embedded, in_loop):
        with pytest.raises(aiohttp.ClientConnectorError):
            await patch(url, account, 1, {})
    with pytest.raises(RuntimeError):
        sandbox.server  # noqa: B018 - the property raises


async def test_a_port_that_is_taken_is_said():
    """By both, as OSError, with nothing left running."""
    account = SandboxAccount.seeded(contacts=2)
    async with serve(account) as server:
        with pytest.raises(OSError, match=str(server.port)):
            async with serve(account, port=server.port):
                pass
        with (
            pytest.raises(OSError, match=str(server.port)),
            EmbeddedSandbox(account=account, port=server.port),
        ):
            pass
    assert "sandbox" not in {thread.name for thread in threading.enumerate()}


async def test_base_url_and_root_url():
    """The one ends with /v1, the other is what /_sandbox hangs on."""
    async with serve(SandboxAccount.seeded(contacts=1)) as server:
        assert server.root_url == f"http://127.0.0.1:{server.port}"
        assert server.base_url == f"{server.root_url}/v1"


async def test_another_token():
    """The token can be set."""
    account = SandboxAccount.seeded(contacts=1)
    async with serve(account, token="another") as server:
        assert await patch(server.base_url, account, 1, {}) == 401


async def test_many_at_once_are_all_applied_once():
    """128 connections, every PATCH in the log exactly once."""
    account = SandboxAccount.seeded(contacts=300)
    with EmbeddedSandbox(account=account, rate_limit=RateLimit.off()) as sandbox:
        async with aiohttp.ClientSession(headers=HEADERS) as session:

            async def one(number):
                url = f"{sandbox.base_url}/contacts/{account.contact(number).uuid}"
                async with session.patch(url, json={"note": f"n{number}"}) as response:
                    return (await response.json())["contact"]["note"]

            notes = await asyncio.gather(*(one(number) for number in range(1, 301)))
    assert notes == [f"n{number}" for number in range(1, 301)]
    assert sorted(change.number for change in account.log.changes) == list(range(1, 301))


async def test_closing_does_not_wait_for_what_hangs():
    """A fault that holds a connection ends with the server; what was to be late never happens."""
    account = SandboxAccount.seeded(contacts=2)
    faults = Faults.of(
        Fault(kind=FaultKind.HANG, contact=1, seconds=3600),
        Fault(kind=FaultKind.LATE, contact=2, seconds=3600),
    )
    async with serve(account, faults=faults) as server:
        hanging = asyncio.ensure_future(patch(server.base_url, account, 1, {"name": "applied"}))
        with pytest.raises(aiohttp.ClientError):
            await patch(server.base_url, account, 2, {"name": "never"})
        while not account.log.changes:
            await asyncio.sleep(0)
    with pytest.raises(aiohttp.ClientError):
        await hanging
    assert [change.new for change in account.log.changes] == [{"name": "applied"}]


async def test_what_was_to_be_late_is_forgotten_on_closing():
    """A test's account must not change after its server has gone."""
    closing, done = Closing(), []
    closing.late.append(asyncio.get_running_loop().call_soon(done.append, "late"))
    closing.close()
    await asyncio.sleep(0)
    assert (done, closing.event.is_set()) == ([], True)


def test_killed_and_opened_again(tmp_path):
    """A process that is killed without warning loses nothing it had done."""
    script = (
        "import os, pathlib, signal, sys\n"
        "from bulk_update.sandbox import SandboxAccount\n"
        "account = SandboxAccount.open(pathlib.Path(sys.argv[1]), contacts=20)\n"
        "for number in range(1, 21):\n"
        "    account.edit(number, {'note': f'edit {number}'})\n"
        "    if number == 13:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == -9
    account = SandboxAccount.open(tmp_path, contacts=20)
    account.close()
    edited = [contact.number for contact in account if contact.note == f"edit {contact.number}"]
    assert edited == list(range(1, 14))
