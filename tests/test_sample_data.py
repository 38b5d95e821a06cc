"""The sample files are what their scripts write, and do what their README says."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_data"
SCHEMA = SAMPLES / "account.schema.toml"
README = (SAMPLES / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\| `(.+?)` \|.*\| *(.*?) *\| (.*?) \|$", README, re.MULTILINE)

# The last code of each line is that of apply, the one before it that of check.
CODES = [
    (name, shlex.split(flags.strip("`")), *(int(n) for n in re.findall(r"\d+", codes)[-2:]))
    for name, flags, codes in (
        # What follows a semicolon is what happens without a flag.
        (name, flags, codes.split(";")[0]) for name, flags, codes in LINES
    )
]  # fmt: skip


def bulk_update(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command line, started as a process where the README says: at the top."""
    return subprocess.run(
        [sys.executable, "-m", "bulk_update", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_scripts_write_what_is_here(tmp_path: Path) -> None:
    """Byte for byte: nobody edits a sample by hand."""
    subprocess.run([sys.executable, SAMPLES / "make.py", tmp_path], check=True, cwd=ROOT)
    for made in sorted(tmp_path.iterdir()):
        assert made.read_bytes() == (SAMPLES / made.name).read_bytes(), made.name


def test_the_readme_knows_every_file() -> None:
    """A sample that nobody explains is noise."""
    there = {path.name for path in SAMPLES.iterdir() if path.suffix in (".csv", ".xlsx")}
    assert {name for name, *_rest in CODES} == there


@pytest.mark.parametrize(("name", "flags", "code", "_apply"), CODES)
def test_check_of_a_sample(name: str, flags: list[str], code: int, _apply: int) -> None:
    """With the exit code of the README, and with no network."""
    flags = [flag for flag in flags if flag not in ("--rate", "max")]
    done = bulk_update("check", SAMPLES / name, "--schema", SCHEMA, *flags)
    assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "flags", "_check", "code"), [line for line in CODES if line[0] != "large.csv"]
)
def test_apply_of_a_sample(
    tmp_path: Path, name: str, flags: list[str], _check: int, code: int
) -> None:  # fmt: skip
    """To a fresh make-believe account, with the exit code of the README."""
    places = ("--state-dir", tmp_path / "state", "--out", tmp_path / "out")
    limits = ("--rate", "max", "--max-not-found", "100%", "--max-failures", "100%")
    done = bulk_update(
        "apply", SAMPLES / name, "--sandbox", "--yes", *places, *limits, *flags
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert (tmp_path / "out" / "results.csv").is_file()


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("clients.xlsx", []),
        ("google_contacts.csv", ["--mapping", "templates/google-contacts.map.toml"]),
    ],
)
def test_a_sample_that_asks(name: str, flags: list[str]) -> None:
    """What only a flag can answer is a question, not a guess."""
    done = bulk_update("check", SAMPLES / name, "--schema", SCHEMA, *flags)
    assert done.returncode == 3, done.stdout + done.stderr


def test_every_bad_cell_is_found() -> None:
    """Each row of the bad sheet has a finding, but those that say that nothing is wrong."""
    done = bulk_update("check", SAMPLES / "bad_cells.csv", "--schema", SCHEMA, "--json")
    found = {row for finding in json.loads(done.stdout)["findings"] for row in finding["rows"]}
    with (SAMPLES / "bad_cells.csv").open(encoding="utf-8-sig", newline="") as file:
        said = {number: row[0] for number, row in enumerate(csv.reader(file), start=1)}
    fine = re.compile("what is wrong here|nothing$|an option with a comma|a decimal|no contact has")
    wrong = {number for number, what in said.items() if not fine.match(what)}
    assert wrong <= found, {number: said[number] for number in wrong - found}
