"""Sending: unthrottled against other ways to send, and at the limit of a strict account."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from account_server import serving
from journal import planned, with_journal
from measuring import measure, ours, peer

ROWS = 10_000
LIMIT = 300
SECONDS = 20
LATENCIES = ((0.05, 0.01, 98), (0.2, 0.04, 94))


def unthrottled(rounds: int) -> str:
    """Ours with intents, proof and outcomes, against loops that only send and read."""
    changes = planned(ROWS)
    taken: dict[str, list[float]] = {"aiohttp, a bare loop": [], "requests, 64 threads": []}
    mine: list[float] = []
    with serving(ROWS) as url, tempfile.TemporaryDirectory() as folder:
        uuids = Path(folder) / "uuids.txt"
        uuids.write_text("\n".join(each.uuid for each in changes))
        for number in range(rounds):
            for name, script in zip(taken, ("with_aiohttp", "with_requests"), strict=True):
                answered, seconds = measure(peer(script, url, uuids)).output.split()
                if int(answered) != ROWS:
                    raise SystemExit(f"{name}: {answered} of {ROWS}")
                taken[name].append(ROWS / float(seconds))
            mine.append(with_journal(url, Path(folder) / "journal.db", f"r{number}", changes).rate)
    rate = statistics.median(mine)
    others = {name: statistics.median(each) for name, each in taken.items()}
    bare, threads = others.values()
    lines = [f"| {name} | {each:,.0f} | {each / rate:.2f} |" for name, each in others.items()]
    return f"""\
{ROWS:,} PATCHes, each with its answer read; ours with the journal, the proof and the throttle at
no limit. Each from its first request to its last answer.

| how | requests/s | ours is 1 |
| --- | --- | --- |
| bulk-update | {rate:,.0f} | 1 |
{chr(10).join(lines)}

Ours reaches {rate / bare:.0%} of a bare aiohttp loop (60% asked), {rate / threads:.1f} times
requests in threads (4 asked).
"""


@contextmanager
def strict_account(folder: Path, mean: float, jitter: float, contacts: int) -> Iterator[str]:
    """The sandbox as a process of its own: 300 in any rolling second, answers under way so long."""
    faults = folder / "strict.toml"
    faults.write_text(
        f'[rate_limit]\nper_second = {LIMIT}\nwindow = "rolling"\n'
        f"[latency]\nmean = {mean}\njitter = {jitter}\n"
    )
    command = ours("sandbox", "--port", "0", "--contacts", str(contacts), "--faults", faults)
    with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the types
        lines = (line.strip() for line in process.stdout)
        base = next(line.partition("=")[2] for line in lines if "BASE_URL=" in line)
        token = next(line.partition("=")[2] for line in lines if "TOKEN=" in line)
        os.environ.update({"BULK_UPDATE_BASE_URL": base, "BULK_UPDATE_TOKEN": token})
        try:
            yield base
        finally:
            process.terminate()


def at_the_limit(rounds: int) -> str:
    """An apply of new names, by uuid: look-ups, then PATCHes, from the account's own log."""
    lines = []
    for mean, jitter, target in LATENCIES:
        goodputs, refused = [], 0
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                goodput, many = _one_apply(Path(folder), mean, jitter)
            goodputs.append(goodput)
            refused += many
        lines.append(
            f"| {mean * 1000:.0f} +- {jitter * 1000:.0f} ms | "
            f"{statistics.median(goodputs):.1%} ({target}% asked) | {refused} |"
        )
    return f"""\
PATCHes a second at `--rate {LIMIT}`, of an account that takes {LIMIT} in any rolling second; about
{SECONDS} s each, from the account's log, the first second included.

| latency | goodput | 429s in all runs |
| --- | --- | --- |
{chr(10).join(lines)}
"""


def _one_apply(folder: Path, mean: float, jitter: float) -> tuple[float, int]:
    contacts = LIMIT * SECONDS
    os.environ["BULK_UPDATE_STATE_DIR"] = str(folder / "state")
    os.environ["BULK_UPDATE_CONFIG"] = str(folder / "config.toml")
    (folder / "config.toml").write_text("canary = 0\n")  # one by one, and no part of the goodput
    with strict_account(folder, mean, jitter, contacts) as base:
        sheet = folder / "names.csv"
        root = base.removesuffix("/v1")
        known = _get(f"{root}/_sandbox/state")["contacts"]
        rows = "".join(f"{each['uuid']},Name {number}\n" for number, each in enumerate(known))
        sheet.write_text(f"uuid,name\n{rows}")
        apply = ours("apply", sheet, "--yes", "--rate", str(LIMIT), "-q", "--out", folder / "out")
        done = measure(apply)
        if done.code:
            raise SystemExit(f"the apply ended with {done.code}")
        requests = _get(f"{root}/_sandbox/log")["requests"]
    refused = sum(each["status"] == 429 for each in requests)
    return _goodput([each for each in requests if each["method"] == "PATCH"]), refused


def _goodput(patches: Sequence[dict[str, str]]) -> float:
    """The share of the limit, from the first PATCH to the last."""
    times = [datetime.fromisoformat(each["at"]) for each in patches]
    return (len(times) - 1) / ((times[-1] - times[0]) / timedelta(seconds=1)) / LIMIT


def _get(url: str) -> dict[str, list[dict[str, str]]]:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the sandbox's own address
        loaded: dict[str, list[dict[str, str]]] = json.load(answer)
        return loaded


if __name__ == "__main__":
    began = time.perf_counter()
    print(unthrottled(3), at_the_limit(1), sep="\n")
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
