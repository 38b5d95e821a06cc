"""The installed command, started as a user starts it, against an account on a real socket."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    Behaviour,
    EmbeddedSandbox,
    Faults,
    Latency,
    RateLimit,
    SandboxAccount,
)
from bulk_update.sandbox.contact import ContactState
from bulk_update.sandbox.limits import NO_LATENCY

COMMAND = Path(sysconfig.get_path("scripts")) / "bulk-update"


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        """The one document of ``--json``."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A person's desk: a folder with sheets, an environment, an account to work on."""

    folder: Path
    sandbox: EmbeddedSandbox

    @property
    def account(self) -> SandboxAccount:
        return self.sandbox.account

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LC_ALL", "HOME") if name in os.environ}
        return kept | {
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "BULK_UPDATE_BASE_URL": self.sandbox.base_url,
            "BULK_UPDATE_TOKEN": SANDBOX_TOKEN,
            "COLUMNS": "80",
        }

    def run(self, *arguments: str, stdin: str | None = None, **environment: str | None) -> Ran:
        """Run ``bulk-update`` in the folder; a variable that is None is not set."""
        env = self.environment | {k: v for k, v in environment.items() if v is not None}
        env = {name: value for name, value in env.items() if environment.get(name, "") is not None}
        done = subprocess.run(
            [str(COMMAND), *arguments],
            cwd=self.folder,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert SANDBOX_TOKEN not in done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def sheet(self, rows: Sequence[Sequence[str]], name: str = "sheet.csv") -> str:
        """Write a sheet; its name."""
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return name

    def report(self, folder: str, name: str) -> list[dict[str, str]]:
        """The lines of a report."""
        path = self.folder / folder / name
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def state(self) -> dict[int, ContactState]:
        """All contacts as they are now, by number."""
        return {each.number: each for each in self.account}

    def changed(self, before: dict[int, ContactState]) -> dict[int, set[str]]:
        """The fields of the contacts that are no longer as they were, by number."""
        return {
            number: fields
            for number, now in self.state().items()
            if (fields := _differing(before[number], now))
        }

    @property
    def patches(self) -> list[dict]:
        """The bodies of the PATCH calls that reached the account."""
        return [json.loads(each.body) for each in self.account.log.patches()]


def _differing(before: ContactState, now: ContactState) -> set[str]:
    names = {each.name for each in dataclasses.fields(ContactState)} - {"activity", "custom_fields"}
    fields = {name for name in names if getattr(before, name) != getattr(now, name)}
    custom = {**before.custom_fields, **now.custom_fields}
    return fields | {
        name
        for name in custom
        if (before.custom_fields.get(name) or "") != (now.custom_fields.get(name) or "")
    }


@pytest.fixture
def desk_with(tmp_path: Path):
    """Opens a desk whose account behaves in a given way."""

    @contextmanager
    def opened(
        behaviour: Behaviour | None = None,
        faults: Faults | None = None,
        rate_limit: RateLimit | None = None,
        contacts: int = 120,
        latency: Latency = NO_LATENCY,
    ) -> Iterator[Desk]:
        account = SandboxAccount.seeded(contacts=contacts)
        with EmbeddedSandbox(
            account=account,
            behaviour=behaviour,
            faults=faults,
            rate_limit=rate_limit,
            latency=latency,
        ) as sandbox:
            yield Desk(tmp_path, sandbox)

    return opened


@pytest.fixture
def desk(desk_with) -> Iterator[Desk]:
    """A desk with an account of the usual kind."""
    with desk_with() as opened:
        yield opened
