"""What was sent was sent: the end of a run says so, whatever can't be read or written by then."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

from bulk_update.sandbox.people import contact_uuid

NUMBERS = range(1, 101)


def names(desk, numbers=NUMBERS, name: str = "sheet.csv") -> str:
    rows = [[contact_uuid(number), f"End {number}"] for number in numbers]
    return desk.sheet([["uuid", "name"], *rows], name)


def start(desk, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "bulk_update", *arguments],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sending(desk, *more: str) -> subprocess.Popen:
    """An apply that has sent some of its changes, and will send the others slowly enough."""
    flags = ("--yes", "--rate", "60", "--json", "--out", "out")
    process = start(desk, "apply", "sheet.csv", *flags, *more)
    deadline = time.monotonic() + 60
    while len(desk.patches) < 10:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def ended(process: subprocess.Popen) -> dict:
    """The document it ended with, which agrees with its exit code."""
    out, err = process.communicate(timeout=60)
    document = json.loads(out)
    assert document["exit_code"] == process.returncode, err
    return document


def test_the_sheet_may_be_edited_once_it_is_planned(desk) -> None:
    """Also where its rows have to be shown again: errors.csv has them as they were."""
    rows = [[contact_uuid(each), f"End {each}", "Nope" if each == 50 else ""] for each in NUMBERS]
    desk.sheet([["uuid", "name", "Status"], *rows])
    process = sending(desk)
    desk.sheet([["other"], ["x"]])
    document = ended(process)
    assert (document["exit_code"], document["error"]) == (1, None)
    assert document["counts"]["updated"] == len(NUMBERS) - 1
    [bad] = desk.report("out", "errors.csv")
    assert (bad["name"], bad["Status"]) == ("End 50", "Nope")


def test_reports_that_cannot_be_written_hide_nothing_that_was_done(desk) -> None:
    names(desk)
    process = sending(desk)
    (desk.folder / "out").rmdir()
    (desk.folder / "out").touch()
    document = ended(process)
    assert document["exit_code"] == 8
    assert document["error"]["code"] == "report_unwritable"
    assert document["run"]
    assert document["account"]["base_url"] == desk.sandbox.base_url
    assert document["counts"]["rows"] == document["counts"]["updated"] == len(NUMBERS)
    assert document["files"] == {}
    again = desk.run("resume", "--out", "again", "--json")
    assert (again.code, again.document["counts"]["updated"]) == (0, len(NUMBERS))
    assert len(desk.patches) == len(NUMBERS)


def test_a_journal_that_is_full_costs_no_report(desk) -> None:
    """What can be read of it is told; then 8."""
    names(desk)
    process = sending(desk)
    wal = desk.folder / "state" / "bulk-update" / "journal.db-wal"
    limit = wal.stat().st_size
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    document = ended(process)
    assert document["exit_code"] == 8
    assert {"results.csv", "changes.csv", "summary.json"} <= set(document["files"])
    assert document["counts"]["rows"] == len(NUMBERS)
    results = desk.report("out", "results.csv")
    assert len(results) == len(NUMBERS)
    done = {each["uuid"] for each in results if each["status"] == "updated"}
    assert 0 < len(done) < len(NUMBERS)
    sent = {each.uuid for each in desk.account.log.patches()}
    assert done <= sent
    assert all(each["status"] != "planned" for each in results)
    again = desk.run("resume", "--rate", "max", "--json")
    assert (again.code, again.document["counts"]["updated"]) == (0, len(NUMBERS))


def test_on_invalid_stop_is_no_success_whatever_is_accepted(desk) -> None:
    sheet = desk.sheet(
        [["uuid", "Status"], [contact_uuid(41), "Nope"], [contact_uuid(42), "On hold"]]
    )
    flags = ("--yes", "--on-invalid", "stop", "--accept", "invalid")
    ran = desk.run("apply", sheet, *flags)
    assert ran.code == 1
    assert "nothing was sent" in ran.err
    document = desk.run("apply", sheet, *flags, "--json").document
    assert (document["exit_code"], document["error"]["code"]) == (1, "invalid_rows")
    assert document["counts"] | {"invalid": 1, "not_sent": 1} == document["counts"]
    assert desk.patches == []


def test_a_run_that_nobody_agreed_to_never_goes_on(desk) -> None:
    ran = desk.run("apply", names(desk), "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "yes_missing")
    assert ran.document["run"]
    assert ran.document["account"]["base_url"] == desk.sandbox.base_url
    assert "no run" in desk.run("resume").err
    assert desk.patches == []
