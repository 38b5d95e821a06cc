"""Whoever reads our output may go away, or its disk may be full: the run goes on, and its files
and exit code are true."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from bulk_update.sandbox.people import contact_uuid

NUMBERS = range(41, 61)


def sheet_of(desk, *more: list[str]) -> str:
    rows = [[contact_uuid(number), f"Out {number}", ""] for number in NUMBERS]
    return desk.sheet([["uuid", "name", "Status"], *rows, *more])


def shell(desk, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script, in which ``BU`` is the command."""
    return subprocess.run(
        ["/bin/bash", "-c", re.sub(r"\bBU\b", f"{sys.executable} -m bulk_update", script)],
        cwd=desk.folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def all_is_sent(desk) -> bool:
    results = desk.report("out", "results.csv")
    return {each["status"] for each in results} == {"updated"} and len(results) == len(NUMBERS)


UNBUFFERED = "PYTHONUNBUFFERED=1"
"""As every container image of Python sets it."""


@pytest.mark.parametrize(("setting", "more"), [("", ""), ("", "--json"), (UNBUFFERED, "--json")])
def test_a_reader_that_goes_away_ends_nothing(desk, setting, more) -> None:
    sheet_of(desk)
    flags = f"--yes --rate max --out out {more}"
    done = shell(desk, f"{setting} BU apply sheet.csv {flags} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert all_is_sent(desk)


def test_the_exit_code_stays_true_when_nobody_reads(desk) -> None:
    sheet_of(desk, [contact_uuid(61), "x", "Nope"])
    flags = "--yes --rate max --out out --json"
    done = shell(desk, f"BU apply sheet.csv {flags} | true; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 1, done.stderr
    assert json.loads((desk.folder / "out" / "summary.json").read_text())["exit_code"] == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_from_the_start(desk, closed) -> None:
    sheet_of(desk)
    done = shell(desk, f"BU apply sheet.csv --yes --rate max --out out {closed}")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert all_is_sent(desk)


@pytest.mark.parametrize(("setting", "more"), [("", ""), ("", "--json"), (UNBUFFERED, "")])
def test_a_full_disk_under_standard_output(desk, setting, more) -> None:
    """The run is done first; that its results can't be written is said, and is 8."""
    sheet_of(desk)
    flags = f"--yes --rate max --out out {more}"
    done = shell(desk, f"{setting} BU apply sheet.csv {flags} > /dev/full")
    assert done.returncode == 8
    assert "standard output" in done.stderr
    assert "Traceback" not in done.stderr
    assert all_is_sent(desk)


def test_messages_that_nobody_can_read_end_nothing(desk) -> None:
    sheet_of(desk)
    done = shell(desk, "BU apply sheet.csv --yes --rate max --out out 2> /dev/full")
    assert done.returncode == 0
    assert all_is_sent(desk)


def test_no_room_for_a_copy_of_standard_input_is_not_the_sheets_fault(desk) -> None:
    """Nor is the half of it that found room left behind."""
    sheet_of(desk, *([contact_uuid(number), "x" * 100, ""] for number in range(100, 200)))
    (desk.folder / "aside").mkdir()
    # Python would write half of its compiled modules, too, and never look at them again.
    limits = "ulimit -f 4; export PYTHONDONTWRITEBYTECODE=1 TMPDIR=aside"
    done = shell(desk, f"{limits}; BU check - --json < sheet.csv")
    assert done.returncode == 8, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "disk_full"
    assert ("aside" in error["message"], "TMPDIR" in error["hint"]) == (True, True)
    assert not list((desk.folder / "aside").iterdir())
