"""A sheet that is large enough for several processes, by the installed command."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bulk_update.account.schema import AccountSchema
from bulk_update.account.schema_file import save_schema
from bulk_update.model import Account

COMMAND = Path(sysconfig.get_path("scripts")) / "bulk-update"
ROWS = 30_000


@contextmanager
def one_core() -> Iterator[None]:
    """Within the block this process and its children run on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@pytest.fixture
def arguments(desk) -> list[str]:
    schema = AccountSchema(
        account=Account(base_url="https://api.callbell.eu/v1", default_team="1" * 32),
        tags=("VIP", "Lead"),
    )
    save_schema(schema, desk.folder / "account.schema.toml")
    filler = "a note over\ntwo lines, " * 15
    rows = (
        [f"{number:032x}", filler, "VIP" if number % 100 else f"Nobody {number % 7}"]
        for number in range(ROWS)
    )
    sheet = desk.sheet([["uuid", "note", "tags"], *rows])
    assert (desk.folder / sheet).stat().st_size > 8 << 20
    return ["check", sheet, "--schema", "account.schema.toml", "--strict"]


def test_one_core_and_all_of_them_say_the_same(desk, arguments: list[str]) -> None:
    with one_core():
        alone = desk.run(*arguments)
    together = desk.run(*arguments)
    assert (together.code, together.out, together.err) == (alone.code, alone.out, alone.err)
    assert alone.code == 1
    assert f"{ROWS - ROWS // 100:,}  valid" in alone.out
    assert "error tags: 7 values" in alone.out


def test_a_signal_ends_all_of_them(desk, arguments: list[str]) -> None:
    """Whenever it comes: nobody is left, and the message is the usual one."""
    process = subprocess.Popen(
        [str(COMMAND), *arguments],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 60
    several = len(os.sched_getaffinity(0)) > 1
    while several and time.monotonic() < deadline and not children.read_text():
        time.sleep(0.005)
    left = [int(child) for child in children.read_text().split()]
    assert bool(left) == several
    os.killpg(process.pid, signal.SIGINT)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert "Traceback" not in err
    for child in left:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
