"""Examples that are marked ``runnable`` do what the pages say, in a folder with the samples."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bulk_update.config import resolve
from bulk_update.mapping import load_mapping_file
from bulk_update.sandbox import load_rehearsal


def run(desk: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, as a reader would start it, with a state of its own."""
    environ = {**os.environ, "BULK_UPDATE_STATE_DIR": str(desk / "state"), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=desk,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_commands_end_as_the_page_says(sh_block: Any, desk: Path) -> None:
    """Line after line in one folder; the exit code is 0 where the line names no other."""
    for line in sh_block.command_lines():
        done = run(desk, "-m", "bulk_update", *line.arguments)
        said = f"{' '.join(line.arguments)}\n{done.stdout}{done.stderr}"
        assert done.returncode == line.exit_code, said
        assert "Traceback" not in said


def test_python_runs_and_ends_well(python_block: Any, desk: Path) -> None:
    """And what it prints begins with exit code 0."""
    done = run(desk, "-c", python_block.text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("0 "), done.stdout


def test_every_file_shown_is_taken(toml_block: Any, tmp_path: Path) -> None:
    """TOML of faults, of the configuration, else of a mapping."""
    path = tmp_path / "shown.toml"
    path.write_text(toml_block.text, encoding="utf-8")
    if "faults" in toml_block.words:
        assert load_rehearsal(path).fault
    elif "config" in toml_block.words:
        assert resolve({}, environ={"BULK_UPDATE_CONFIG": str(path)}, cwd=tmp_path).profile
    else:
        assert load_mapping_file(path).columns


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "sample_data/clean.csv", "--schema", "sample_data/account.schema.toml"),
        ("plan", "sample_data/clean.csv", "--sandbox"),
        ("apply", "sample_data/clean.csv", "--sandbox"),  # nobody agreed
        ("check", "sample_data/clients.xlsx", "--sandbox"),  # which sheet?
        ("schema", "diff", "sample_data/account.schema.toml", "--sandbox"),
        ("doctor", "--sandbox"),
    ],
    ids=" ".join,
)
def test_json_is_one_document_with_the_keys_listed(
    pages: dict[str, Any], desk: Path, arguments: tuple[str, ...]
) -> None:
    """Whatever the end, and its exit code is that of the process."""
    done = run(desk, "-m", "bulk_update", *arguments, "--json")
    document = json.loads(done.stdout)
    table = pages["command-line.md"].text.split("\n## Streams\n")[1].split("\n## ")[0]
    assert list(document) == re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert document["exit_code"] == done.returncode
    assert (document["error"] is None) == (done.returncode == 0)
