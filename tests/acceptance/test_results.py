"""``results.csv`` says of every row what became of it, and names a field only where it was, or
may have been, changed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from bulk_update.sandbox import Fault, FaultKind, Faults
from bulk_update.sandbox.people import contact_phone_digits, contact_uuid


def results(desk, rows: list[list[str]], *flags: str) -> dict[int, dict[str, str]]:
    """The lines of ``results.csv``, by sheet row."""
    sheet = desk.sheet(rows)
    desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out", *flags)
    return {int(each["row"]): each for each in desk.report("out", "results.csv")}


def test_changed_is_empty_where_nothing_was_changed(desk) -> None:
    name = desk.account.contact(42).name
    lines = results(
        desk,
        [
            ["uuid", "name", "was.name"],
            [contact_uuid(41), "New", ""],
            [contact_uuid(42), name, ""],
            [contact_uuid(43), "New", "Never so"],
            ["f" * 32, "New", ""],
        ],
        "--max-not-found",
        "100%",
    )
    assert {row: (each["status"], each["changed"]) for row, each in lines.items()} == {
        2: ("updated", "name"),
        3: ("unchanged", ""),
        4: ("drifted", ""),
        5: ("not_found", ""),
    }


def test_what_never_had_its_turn_changed_nothing(desk) -> None:
    rows = [[contact_uuid(each), "New"] for each in range(41, 44)]
    lines = results(desk, [["uuid", "name"], *rows], "--deadline", "0")
    assert {(each["status"], each["changed"]) for each in lines.values()} == {("not_sent", "")}


def test_what_was_refused_names_what_was_asked(desk_with) -> None:
    with desk_with(faults=Faults.of(Fault(kind=FaultKind.STATUS, status=422, on="patch"))) as desk:
        lines = results(desk, [["uuid", "name"], [contact_uuid(41), "New"]])
    assert (lines[2]["status"], lines[2]["changed"]) == ("refused", "name")


def test_a_plan_names_what_would_be_changed(desk) -> None:
    sheet = desk.sheet([["uuid", "name"], [contact_uuid(41), "New"]])
    assert desk.run("plan", sheet, "--out", "out").code == 0
    assert [each["changed"] for each in desk.report("out", "results.csv")] == ["name"]


def test_rows_of_one_contact_are_said_alike(desk) -> None:
    """Two rows, one contact: what holds for their common change is said of both."""
    lines = results(
        desk,
        [
            ["uuid", "phone", "name", "was.name", "tags"],
            [contact_uuid(41), "", "X", "", ""],
            ["", contact_phone_digits(41), "", "Never", "VIP"],
        ],
    )
    assert {(each["status"], each["code"]) for each in lines.values()} == {
        ("drifted", "was_differs")
    }
    assert all("name" in each["message"] for each in lines.values())
    assert desk.patches == []


def test_what_is_not_known_says_why(desk_with) -> None:
    """A killed run, reported before it goes on: its open request is unknown, with a reason."""
    hang = Faults.of(Fault(kind=FaultKind.HANG, on="patch", seconds=60))
    with desk_with(faults=hang) as desk:
        sheet = desk.sheet([["uuid", "name"], [contact_uuid(41), "New"]])
        process = subprocess.Popen(
            [sys.executable, "-m", "bulk_update", "apply", sheet, "--yes"],
            cwd=desk.folder,
            env=desk.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not desk.patches:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert desk.run("report", "last", "--out", "out").code in {0, 1}
        [line] = desk.report("out", "results.csv")
    assert (line["status"], line["code"], line["changed"]) == ("unknown", "no_proof", "name")
    assert line["message"]
