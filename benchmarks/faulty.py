"""A large sheet against an account of which a share of the requests goes wrong in every way there
is, by the installed command; then every row of ``results.csv`` is held against the account's log.

    python benchmarks/faulty.py [--rows 100000] [--share 0.2] [--seed 1] [--outage 30 --after 60]

Targets: every row ends in the state that the log proves; second and later PATCHes that were not
answered 429 are at most one a row. ``--outage`` answers every call with 503 for so many seconds,
``--after`` so many since the account was opened, and tells how long after its end the next PATCH
came: at most 2 s. The exit code is 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    EmbeddedSandbox,
    Fault,
    FaultKind,
    Faults,
    RateLimit,
    SandboxAccount,
)
from bulk_update.sandbox.faults import On
from bulk_update.sandbox.people import contact_uuid

COMMAND = Path(sysconfig.get_path("scripts")) / "bulk-update"
UNREACHABLE = 6
BUDGET_LEAST = 100


def arguments() -> argparse.Namespace:
    """What the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--outage", type=float, default=0.0)
    parser.add_argument("--after", type=float, default=60.0)
    parser.add_argument("--canary", default="10")
    return parser.parse_args()


def faults(wanted: argparse.Namespace) -> Faults:
    """PATCHes that fail in every way that leaves the contact's fate open, readings that fail, and
    before both the outage."""
    until = wanted.after + wanted.outage
    out = Fault(kind=FaultKind.STATUS, status=503, on=(On.ANY,), after=wanted.after, until=until)
    half = wanted.share / 2
    reading = (
        Fault(kind=FaultKind.STATUS, status=502, on=(On.GET,), rate=half),
        Fault(kind=FaultKind.RESET, on=(On.GET,), rate=half),
    )
    every = Faults.every_kind(wanted.share, seed=wanted.seed).fault
    # Few of these: each halves the rate for a while, as it must.
    every = tuple(each for each in every if each.kind is not FaultKind.TOO_MANY)
    rules = (*every, *reading, Fault(kind=FaultKind.TOO_MANY, rate=wanted.share / 1000))
    return Faults(fault=(out, *rules) if wanted.outage else rules, seed=wanted.seed)


def write_sheet(folder: Path, rows: int) -> Path:
    """A sheet that gives every contact another name."""
    path = folder / "sheet.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = ([contact_uuid(number), f"Asked {number}"] for number in range(1, rows + 1))
        csv.writer(file).writerows([["uuid", "name"], *lines])
    return path


def run(folder: Path, base_url: str, *command: str) -> int:
    """The command with these arguments; its exit code."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LC_ALL") if name in os.environ},
        **{f"XDG_{name}_HOME": str(folder) for name in ("STATE", "DATA", "CONFIG")},
        "BULK_UPDATE_BASE_URL": base_url,
        "BULK_UPDATE_TOKEN": SANDBOX_TOKEN,
    }
    flags = ("--rate", "max", "--max-failures", "100%", "--out", str(folder / "out"))
    return subprocess.run([COMMAND, *command, *flags], env=environment, check=False).returncode


def differences(account: SandboxAccount, folder: Path) -> Iterator[str]:
    """Where the report says something else than the account's log."""
    done = {each.number for each in account.log.changes if each.request is not None}
    with (folder / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        for number, line in enumerate(csv.DictReader(file), start=1):
            as_asked = account.contact(number).name == f"Asked {number}"
            told = line["status"] == "updated"
            if told is not as_asked or (number in done) is not as_asked:
                yield f"row {line['row']} is {line['status']}, the account says {as_asked}"


def repeated(account: SandboxAccount) -> int:
    """Second and later PATCHes, those apart that the account answered 429."""
    counted = [
        each for each in account.log.patches() if each.status != HTTPStatus.TOO_MANY_REQUESTS
    ]
    return len(counted) - len({each.uuid for each in counted})


def recovery(account: SandboxAccount, over: datetime) -> float:
    """Seconds from the end of the outage to the next PATCH."""
    return min((e.at - over).total_seconds() for e in account.log.patches() if e.at >= over)


def main() -> int:
    """Run it; 1 where a target is missed."""
    wanted = arguments()
    account = SandboxAccount.seeded(contacts=wanted.rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet = write_sheet(folder, wanted.rows)
        sandbox = EmbeddedSandbox(account=account, faults=faults(wanted), rate_limit=RateLimit())
        with sandbox:
            over = datetime.now(UTC) + timedelta(seconds=wanted.after + wanted.outage)
            began = time.monotonic()
            owner = account.catalogue.owner.email
            agreed = ("--yes", "--confirm-account", owner, "--canary", wanted.canary)
            command = ("apply", str(sheet), *agreed)
            code = run(folder, sandbox.base_url, *command)
            while code == UNREACHABLE:
                code = run(folder, sandbox.base_url, "resume")
            took = time.monotonic() - began
        wrong = list(differences(account, folder))
    return told(wanted, account, wrong, code=code, took=took, over=over)


def told(
    wanted: argparse.Namespace,
    account: SandboxAccount,
    wrong: list[str],
    *,
    code: int,
    took: float,
    over: datetime,
) -> int:
    """Print the figures; 1 where a target is missed."""
    played = Counter(each.fault for each in account.log.requests if each.fault)
    again, budget = repeated(account), max(wanted.rows, BUDGET_LEAST)
    print(f"\n{wanted.rows:,} rows in {took:,.0f} s, exit code {code}")
    print(f"requests {len(account.log.requests):,}, of them faulty {played.total():,}")
    print(f"repeated PATCHes {again:,}, budget {budget:,}")
    print(f"rows told wrongly {len(wrong):,}", *wrong[:10], sep="\n  ")
    missed = bool(wrong) or again > budget
    if wanted.outage:
        seconds = recovery(account, over)
        print(f"the next PATCH came {seconds:.2f} s after the outage")
        missed = missed or seconds > 2
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
