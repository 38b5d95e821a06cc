"""One sheet applied by a process that is killed again and again, until it is done."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from pictures import Reported, audited_journal, report_in, runs_of, truth_of
from verifier import verify

from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    EmbeddedSandbox,
    Fault,
    FaultKind,
    Faults,
    Latency,
    RateLimit,
    SandboxAccount,
)
from bulk_update.sandbox.limits import NO_LATENCY
from bulk_update.sandbox.people import contact_uuid

CHILD = Path(__file__).with_name("child.py")
LINGER = 1.0
"""Seconds; the sandbox's slowest fault takes a fifth of it."""

ROWS = 120
PATIENCE = 60.0
DONE = (0, 1)
TO_GO_ON = (0, 1, 4, 6)
"""Exit codes that may come of faults alone."""


def faults(seed: int, rate: float = 0.08) -> Faults:
    """Requests fail in every way there is, but for the one nobody can see through: an account
    that says it did, shows it, and did not."""
    named = [
        Fault(kind=FaultKind.REDIRECT, rate=0.003, applied=True),
        Fault(kind=FaultKind.REDIRECT, rate=0.003, applied=False),
        Fault(kind=FaultKind.DRIP, rate=0.003, seconds=0.0001),
        Fault(kind=FaultKind.ENDLESS_HEADERS, rate=0.003, size=200_000),
        Fault(kind=FaultKind.HUGE_BODY, rate=0.003, size=20_000_000),
        Fault(kind=FaultKind.GZIP_BOMB, rate=0.003, size=20_000_000),
        # Never at once: there it would be the canary's, which puts back what it did.
        Fault(kind=FaultKind.IGNORED, rate=0.003, first=80),
        Fault(kind=FaultKind.PERSON_EDITS, rate=0.003),
        Fault(kind=FaultKind.PERSON_FOLLOWS, rate=0.003),
        Fault(kind=FaultKind.TOKEN_REFUSED, rate=0.002, times=2),
        Fault(kind=FaultKind.STATUS, on=("get", "list"), status=503, rate=0.02),
        Fault(kind=FaultKind.RESET, on=("get", "list"), rate=0.02),
        Fault(kind=FaultKind.OTHER_CONTACT, on=("phone",), rate=0.01),
    ]
    every = Faults.every_kind(rate, seed=seed, seconds=LINGER / 5)
    return Faults(fault=(*every.fault, *named), seed=seed)


@dataclass(frozen=True)
class Kill:
    """When to kill: ``seconds`` after ``count`` more requests (``on`` is ``any`` or ``PATCH``)
    than when the process began, or after its first report was begun (``on`` is ``report``)."""

    on: str
    count: int
    seconds: float

    @classmethod
    def somewhere(cls, chance: Random) -> Kill:
        """A random point: at the start, while planning, while sending, while reporting."""
        on = chance.choice(["start", "any", "PATCH", "PATCH", "report"])
        count = chance.randint(1, {"any": 40, "PATCH": ROWS}.get(on, 1))
        seconds = chance.uniform(0, 1.2) if on == "start" else chance.uniform(0, 0.08)
        return cls(on, count, seconds)


@dataclass
class Campaign:
    """A desk with one sheet, and the account it is for."""

    folder: Path
    sandbox: EmbeddedSandbox
    chance: Random
    without: str = ""
    sent: int = ROWS
    journal: str = ""
    reported: dict[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.journal:
            self.journal = audited_journal(self.folder / "state" / "journal.db")
        self._write_sheet()

    # -- the sheet --------------------------------------------------------------------

    def _write_sheet(self) -> None:
        """Rows of every fate: most are sent, some never are."""
        lines = [["uuid", "name", "tags", "zipCode"]]
        for number in range(1, self.sent + 1):
            tag = "VIP" if number % 4 == 0 else ""
            code = f"{number:05}" if number % 3 == 0 else ""
            lines.append([contact_uuid(number), f"Name {number}", tag, code])
        lines += [
            ["f" * 32, "Nobody", "", ""],
            ["no uuid", "Invalid", "", ""],
            [contact_uuid(7), "Name 7", "", ""],
            [contact_uuid(8), "Another name than above", "", ""],
        ]
        with (self.folder / "sheet.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
        self.rows = range(2, len(lines) + 1)

    # -- the process ------------------------------------------------------------------

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """The command, on its way."""
        with (self.folder / "out.json").open("wb") as out, (self.folder / "err").open("wb") as err:
            return subprocess.Popen(
                [sys.executable, str(CHILD), *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdout=out,
                stderr=err,
            )

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LC_ALL", "HOME") if name in os.environ}
        return kept | {
            "XDG_STATE_HOME": str(self.folder / "user"),
            "XDG_DATA_HOME": str(self.folder / "user"),
            "XDG_CONFIG_HOME": str(self.folder / "user"),
            "BULK_UPDATE_BASE_URL": self.sandbox.base_url,
            "BULK_UPDATE_TOKEN": SANDBOX_TOKEN,
            "BULK_UPDATE_JOURNAL": self.journal,
            "CHAOS_LINGER": str(LINGER),
            "CHAOS_WITHOUT": self.without,
        }

    def apply(self) -> subprocess.Popen[bytes]:
        """The job as it is first given, and given again."""
        return self.start(
            *("apply", "sheet.csv", "--yes", "--json", "--out", "out", "--rate", "250"),
            *("--workers", "24", "--max-failures", "100%", "--max-not-found", "100%"),
            *("--confirm-account", self.sandbox.account.catalogue.owner.email),
        )

    def again(self) -> subprocess.Popen[bytes]:
        """What a person types after a crash: resume, or the same apply."""
        if self.chance.random() < 0.5:
            return self.start("resume", "--json", "--out", "out", "--rate", "250")
        return self.apply()

    # -- the killing ------------------------------------------------------------------

    def run(self, most: int) -> list[str]:
        """Kill up to ``most`` times, then let it end; what the verifier says of it."""
        process, ended = self.apply(), False
        while not ended:
            kill = Kill.somewhere(self.chance) if len(self.kills) < most else None
            ended = self._has_ended(process, kill)
            if not ended:
                process = self.again()
        return self.verify()

    def verify(self) -> list[str]:
        """What the verifier says of everything so far."""
        reported: Reported = self.reported
        runs = runs_of(self.journal, reported)
        return verify(truth_of(self.sandbox.account), runs, rows=self.rows)

    def _has_ended(self, process: subprocess.Popen[bytes], kill: Kill | None) -> bool:
        """Whether the sheet is done; ``kill`` ends the process where it comes to that point."""
        if kill is not None and self._came_to(process, kill):
            process.kill()
        code = process.wait(timeout=PATIENCE)
        if kill is not None and code == -signal.SIGKILL:
            self.kills.append(kill)
            return False
        assert code in TO_GO_ON, (code, self._said())
        return code in DONE and self._keep_report()

    def _said(self) -> str:
        return (self.folder / "out.json").read_text() + (self.folder / "err").read_text()

    def _came_to(self, process: subprocess.Popen[bytes], kill: Kill) -> bool:
        begun = time.monotonic()
        before = self._seen(kill.on)
        while process.poll() is None:
            assert time.monotonic() - begun < PATIENCE
            if kill.on == "start" or self._seen(kill.on) >= before + kill.count:
                time.sleep(kill.seconds)
                return process.poll() is None
            time.sleep(0.001)
        return False

    def _seen(self, on: str) -> int:
        log = self.sandbox.account.log
        if on == "report":
            return len([*(self.folder / "out").glob(".*")])
        return len(log.patches() if on == "PATCH" else log.requests)

    def _keep_report(self) -> bool:
        """Keep what the report says; False where there was nothing to go on with."""
        document = json.loads((self.folder / "out.json").read_text())
        if not document.get("run"):
            return bool(self.reported)
        self.reported[document["run"]] = report_in(self.folder / "out")
        return True


def open_sandbox(seed: int, rate: float = 0.08, latency: Latency = NO_LATENCY) -> EmbeddedSandbox:
    """An account that fails in every way, and has no limit of its own."""
    return EmbeddedSandbox(
        account=SandboxAccount.seeded(contacts=ROWS + 50),
        faults=faults(seed, rate),
        rate_limit=RateLimit.off(),
        latency=latency,
    )
