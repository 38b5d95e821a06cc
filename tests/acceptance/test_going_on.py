"""It never loses its place: killed anywhere and run again, every row is sent once and reported
truly."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter

from bulk_update.sandbox.people import contact_uuid

NUMBERS = range(1, 101)


def sheet_of(desk, numbers=NUMBERS, name="sheet.csv", prefix="On") -> str:
    rows = [[contact_uuid(number), f"{prefix} {number}"] for number in numbers]
    return desk.sheet([["uuid", "name"], *rows], name)


def start(desk, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "bulk_update", *arguments],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def stop_after(desk, process: subprocess.Popen, patches: int, number: int) -> int:
    deadline = time.monotonic() + 60
    while len(desk.patches) < patches and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(number)
    return process.wait(timeout=60)


def sent(desk) -> Counter:
    return Counter(each.uuid for each in desk.account.log.patches())


def test_a_killed_run_goes_on_where_it_was(desk) -> None:
    """Without its sheet; the canary's tests kill one earlier, the chaos anywhere."""
    process = start(desk, "apply", sheet_of(desk), "--yes", "--rate", "100", "--out", "first")
    stop_after(desk, process, 20, signal.SIGKILL)
    (desk.folder / "sheet.csv").unlink()
    ran = desk.run("resume", "--rate", "max", "--out", "out", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["counts"]["updated"] == len(NUMBERS)
    results = desk.report("out", "results.csv")
    assert [int(each["row"]) for each in results] == list(range(2, 102))
    assert all(desk.account.contact(number).name == f"On {number}" for number in NUMBERS)
    assert set(sent(desk).values()) == {1}


def test_the_same_apply_goes_on_by_itself_and_says_so(desk) -> None:
    sheet = sheet_of(desk)
    process = start(desk, "apply", sheet, "--yes", "--rate", "100", "--out", "first")
    stop_after(desk, process, 20, signal.SIGKILL)
    ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out")
    assert ran.code == 0
    assert "going on" in ran.err
    assert set(sent(desk).values()) == {1}
    assert len(desk.report("out", "results.csv")) == len(NUMBERS)


def test_nothing_to_go_on_with_is_said(desk) -> None:
    ran = desk.run("resume")
    assert ran.code == 0
    assert "no run" in ran.err
    desk.run("apply", sheet_of(desk, range(1, 4)), "--yes", "--rate", "max")
    assert desk.run("resume").code == 0
    assert len(desk.patches) == 3


def test_an_unknown_run_is_a_clear_error(desk) -> None:
    ran = desk.run("resume", "20200101-000000-aaaa")
    assert ran.code == 2
    assert "20200101-000000-aaaa" in ran.err


def test_another_sheet_takes_the_place_of_a_run_that_stopped(desk) -> None:
    """What a later run has touched, the earlier one never sends."""
    process = start(desk, "apply", sheet_of(desk), "--yes", "--rate", "100", "--out", "first")
    stop_after(desk, process, 20, signal.SIGKILL)
    other = sheet_of(desk, NUMBERS, "other.csv", "Later")
    ran = desk.run("apply", other, "--yes", "--rate", "max")
    assert ran.code == 0
    assert "takes its place" in ran.err
    earlier = desk.run("runs", "list", "--json").document["runs"][-1]
    assert (earlier["state"], earlier["exit_code"]) == ("closed", None)  # it was killed
    assert desk.run("resume").code == 0
    assert all(desk.account.contact(number).name == f"Later {number}" for number in NUMBERS)


def test_the_same_apply_leaves_alone_what_a_later_run_touched(desk) -> None:
    """Neither had ended: going on with the first must not undo what the second did."""
    sheet = sheet_of(desk)
    process = start(desk, "apply", sheet, "--yes", "--rate", "100", "--out", "first")
    assert stop_after(desk, process, 10, signal.SIGINT) == 130
    begun = len(desk.patches)
    other = sheet_of(desk, NUMBERS, "other.csv", "Later")
    process = start(desk, "apply", other, "--yes", "--rate", "100", "--out", "second")
    stop_after(desk, process, begun + 30, signal.SIGKILL)
    touched = {each.uuid for each in list(desk.account.log.patches())[begun:]}
    ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out")
    assert ran.code == 1
    assert "changed by a later run" in ran.err
    results = desk.report("out", "results.csv")
    left = {each["uuid"] for each in results if each["code"] == "later_run"}
    assert touched & left
    for number in NUMBERS:
        name, uuid = desk.account.contact(number).name, contact_uuid(number)
        assert (name == f"Later {number}") == (uuid in touched)
        assert (name == f"On {number}") == (uuid not in touched | left)


def test_a_finished_run_is_planned_afresh(desk) -> None:
    sheet = sheet_of(desk, range(1, 4))
    desk.run("apply", sheet, "--yes", "--rate", "max")
    desk.account.edit(2, {"name": "Somebody else"})
    ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--json")
    assert ran.document["counts"]["updated"] == 1
    assert desk.account.contact(2).name == "On 2"


def test_a_run_whose_reports_could_not_be_written_is_reported_by_resume(desk) -> None:
    process = start(desk, "apply", sheet_of(desk), "--yes", "--rate", "200", "--out", "first")
    deadline = time.monotonic() + 60
    while len(desk.patches) < len(NUMBERS):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.kill()
    process.wait()
    ran = desk.run("resume", "--rate", "max", "--out", "out", "--json")
    assert ran.code == 0
    assert set(sent(desk).values()) == {1}
