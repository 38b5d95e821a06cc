"""What was run can be listed, shown, reported and explained later, from the journal alone: no
file, no network, no token."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime

import pytest

from bulk_update.journal import RunState
from bulk_update.runs.listing import state_meaning
from bulk_update.sandbox import Faults
from bulk_update.sandbox.faults import Fault, FaultKind, On
from bulk_update.sandbox.people import contact_uuid

REFUSED = Faults(fault=(Fault(kind=FaultKind.STATUS, status=422, contact=3),))
OFFLINE = {
    "BULK_UPDATE_BASE_URL": "http://127.0.0.1:9/v1",
    "BULK_UPDATE_TOKEN": None,
}
"""Nothing listens there, and there is no token."""


def sheet_of(desk, numbers, name="sheet.csv", prefix="On") -> str:
    rows = [[contact_uuid(number), f"{prefix} {number}"] for number in numbers]
    return desk.sheet([["uuid", "name"], *rows], name)


def applied(desk, *arguments: str) -> str:
    """Apply a sheet; the name of the run."""
    ran = desk.run("apply", *arguments, "--yes", "--rate", "max", "--json")
    assert ran.document["run"], ran.err
    return ran.document["run"]


def start(desk, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "bulk_update", *arguments],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def under_way(desk, numbers, patches: int) -> subprocess.Popen:
    """An apply that has sent some of its changes, and goes on."""
    process = start(desk, "apply", sheet_of(desk, numbers, "slow.csv", "Slow"), "--yes")
    deadline = time.monotonic() + 60
    while len(desk.patches) < patches:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return process


# -- runs list, runs show ------------------------------------------------------------------


def test_a_list_takes_no_run_that_was_killed_for_one_that_goes_on(desk) -> None:
    """Nobody knows from the journal alone whether a process is still there: both are said."""
    for state in (RunState.PLANNING, RunState.APPLYING):
        assert "or broken off" in state_meaning(state)
    assert "nothing of it was sent" in state_meaning(RunState.PLANNED)


def test_a_list_says_who_ran_what_when_and_what_came_of_it(desk) -> None:
    first = applied(desk, sheet_of(desk, range(1, 4)), "--reason", "Monthly cleanup")
    second = applied(desk, sheet_of(desk, [5], "other.csv"))
    ran = desk.run("runs", "list", "--json", **OFFLINE)
    assert ran.code == 0
    assert [each["name"] for each in ran.document["runs"]] == [second, first]
    entry = ran.document["runs"][1]
    assert entry["command"] == "apply"
    assert entry["state"] == "finished"
    assert entry["reason"] == "Monthly cleanup"
    assert entry["file"].endswith("sheet.csv")
    assert entry["counts"] == {"updated": 3}
    assert entry["rows"] == 3
    assert entry["who"]
    assert entry["host"]
    assert entry["account"]["base_url"] == desk.sandbox.base_url
    assert datetime.fromisoformat(entry["created_at"]).tzinfo is not None


def test_a_list_is_readable_in_80_columns(desk) -> None:
    run = applied(desk, sheet_of(desk, [1, 2]), "--reason", "A reason as long as reasons are " * 4)
    ran = desk.run("runs", "list", **OFFLINE)
    assert run in ran.out
    assert "2 updated" in ran.out
    assert "finished, exit code 0" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_no_run_yet_is_said(desk) -> None:
    ran = desk.run("runs", "list", **OFFLINE)
    assert (ran.code, ran.out) == (0, "No run yet.\n")
    ran = desk.run("runs", "show", "last", **OFFLINE)
    assert ran.code == 2
    assert "no run yet" in ran.err


def test_more_than_twenty_runs_are_counted_and_all_shown_when_asked(desk) -> None:
    names = [applied(desk, sheet_of(desk, [1]))]
    with closing(sqlite3.connect(journal_of(desk))) as database, database:
        kept = [each[1] for each in database.execute("pragma table_info(run)")]
        others = ", ".join(column for column in kept if column not in ("id", "name"))
        for number in range(21):
            names.append(f"{names[0]}{number:02}")
            again = f"insert into run (name, {others}) select ?, {others} from run where id = 1"  # noqa: S608 - ours
            database.execute(again, [names[-1]])
    ran = desk.run("runs", "list", **OFFLINE)
    assert "2 older runs" in ran.out
    assert names[1] not in ran.out
    everything = desk.run("runs", "list", "--all", **OFFLINE)
    assert all(name in everything.out for name in names)


def test_show_has_all_of_a_run(desk) -> None:
    sheet = desk.sheet([["Kunde", "name"], [contact_uuid(1), "Ada"], ["nobody", "Bob"]])
    run = applied(desk, sheet, "-m", "Kunde=uuid", "--strict")
    ran = desk.run("runs", "show", "last", "--json", **OFFLINE)
    assert ran.code == 0
    assert ran.document["run"] == run
    assert ran.document["counts"]["updated"] == 1
    assert ran.document["counts"]["invalid"] == 1
    assert ran.document["findings"][0]["rows"] == [3]
    details = ran.document["details"]
    assert len(details["binding"]) == 64
    assert details["entry"]["exit_code"] == 1
    assert details["flags"]["strict"] is True
    assert details["meaning"]["strict"] is True
    assert details["reading"]["delimiter"] == ","
    assert '"Kunde" = "uuid"' in details["mapping"]
    assert details["requests"]["patch_contact"] == 1
    shown = desk.run("runs", "show", run, **OFFLINE)
    assert "Kunde" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["runs show", "report", "retry"])
def test_a_wrong_name_gets_the_nearest_one(desk, command) -> None:
    run = applied(desk, sheet_of(desk, [1]))
    ran = desk.run(*command.split(), f"{run[:-1]}x", **OFFLINE)
    assert ran.code == 2
    assert f"Did you mean {run}?" in ran.err


def test_the_sandbox_has_runs_of_its_own(desk) -> None:
    applied(desk, sheet_of(desk, [1]))
    assert "No run yet" in desk.run("runs", "list", "--sandbox").out
    desk.run("apply", "sheet.csv", "--sandbox", "--yes", "--rate", "max")
    ran = desk.run("runs", "list", "--sandbox", "--json")
    assert [each["account"]["name"] for each in ran.document["runs"]] == ["sandbox"]


# -- while a run is under way, and when the journal is not well ----------------------------


READING = (
    "runs list",
    "runs show last",
    "report last --out so-far",
    "explain last 2",
    f"history {contact_uuid(1)}",
)


def test_what_reads_the_journal_waits_for_no_run(desk_with) -> None:
    """Nor does it disturb one; what would send is told who holds the account."""
    endless = Faults.of(Fault(kind=FaultKind.HANG, contact=20))
    with desk_with(faults=endless) as desk:
        process = under_way(desk, range(1, 41), 20)
        try:
            for command in READING:
                ran = desk.run(*command.split(), **OFFLINE)
                assert ran.code == 0, ran.err
                assert process.poll() is None, "the run was over too soon to show anything"
            assert desk.run("retry", "last", "--yes").code == 7
        finally:
            process.kill()
            process.wait()
        assert len(desk.report("so-far", "results.csv")) == 40


READERS = ("runs list", "runs show last", "report last", "explain last 2", "history x")


def journal_of(desk):
    (path,) = (desk.folder / "state").rglob("journal.db")
    return path


def test_a_newer_journal_and_a_damaged_one_are_told_apart(desk) -> None:
    """Whoever only looks is told what to do, too."""
    applied(desk, sheet_of(desk, [1]))
    with sqlite3.connect(journal_of(desk)) as database:
        database.execute("update meta set value = '999'")
    for command in READERS:
        ran = desk.run(*command.split(), **OFFLINE)
        assert (ran.code, "999" in ran.err) == (8, True), command
    journal_of(desk).write_bytes(b"SQLite format 3\x00" + b"\x07" * 8_000)
    for command in READERS:
        ran = desk.run(*command.split(), "--json", **OFFLINE)
        error = ran.document["error"]
        assert (ran.code, error["code"]) == (8, "journal_damaged"), command
        assert str(journal_of(desk)) in error["message"]


# -- report --------------------------------------------------------------------------------


def test_every_report_again_has_the_same_bytes(desk_with) -> None:
    """With the sheet gone, the API out of reach, and no token."""
    with desk_with(faults=REFUSED) as desk:
        rows = [[contact_uuid(number), f"On {number}"] for number in range(1, 6)]
        sheet = desk.sheet([["uuid", "name"], *rows, ["nobody", "x"]])
        ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out")
        assert ran.code == 1
        written = {each.name: each.read_bytes() for each in (desk.folder / "out").iterdir()}
        for each in (desk.folder / "out").iterdir():
            each.unlink()
        (desk.folder / sheet).unlink()
        again = desk.run("report", "last", "--out", "out", **OFFLINE)
        assert again.code == 0, again.err
        assert {each.name: each.read_bytes() for each in (desk.folder / "out").iterdir()} == written
        assert b'"patch_contact": 5' in written["summary.json"]


def test_a_report_says_what_it_wrote(desk) -> None:
    run = applied(desk, sheet_of(desk, [1, 2]), "--out", "out")
    ran = desk.run("report", run, "--out", "again", "--json", **OFFLINE)
    assert ran.code == 0
    assert ran.document["run"] == run
    assert ran.document["command"] == "report"
    assert ran.document["counts"]["updated"] == 2
    assert ran.document["requests"] == {}
    assert set(ran.document["files"]) == {each.name for each in (desk.folder / "again").iterdir()}


def test_a_report_without_out_goes_to_the_folder_of_the_run(desk) -> None:
    run = applied(desk, sheet_of(desk, [1]), "--out", "out")
    ran = desk.run("report", run, "--json", **OFFLINE)
    assert all(run in path for path in ran.document["files"].values())
    assert ran.document["files"]["results.csv"].startswith(str(desk.folder / "data"))


def test_a_workbook_is_reported_from_the_journal_too(desk) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for line in (["uuid", "name"], [contact_uuid(1), "Ada"], ["nobody", "Bob"]):
        book.active.append(line)
    book.save(desk.folder / "book.xlsx")
    applied(desk, "book.xlsx", "--out", "out")
    (desk.folder / "book.xlsx").unlink()
    assert desk.run("report", "last", "--out", "again", **OFFLINE).code == 0
    assert desk.report("again", "errors.csv") == desk.report("out", "errors.csv")
    assert desk.report("again", "errors.csv")[0]["name"] == "Bob"


# -- prune ---------------------------------------------------------------------------------


def test_prune_takes_all_of_a_run_and_gives_the_room_back(desk) -> None:
    first = applied(desk, sheet_of(desk, range(1, 101)))
    second = applied(desk, sheet_of(desk, [1], "other.csv", "Other"))
    before = journal_of(desk).stat().st_size
    ran = desk.run("runs", "prune", "--keep", "1", "--yes", "--json", **OFFLINE)
    assert ran.code == 0, ran.err
    pruned = ran.document["pruned"]
    assert pruned["names"] == [first]
    assert pruned["rows"] == 100
    assert pruned["freed"] > 0
    assert journal_of(desk).stat().st_size < before
    assert desk.run("runs", "show", first, **OFFLINE).code == 2
    assert desk.run("report", second, "--out", "again", **OFFLINE).code == 0
    assert desk.run("explain", second, "2", **OFFLINE).code == 0
    with sqlite3.connect(journal_of(desk)) as database:
        for table in ("sheet_row", "change", "attempt", "run"):
            left = database.execute(f"select count(*) from {table}")  # noqa: S608 - ours
            assert left.fetchone() == (1,), table


def test_prune_asks_and_off_a_terminal_needs_yes(desk) -> None:
    applied(desk, sheet_of(desk, [1]))
    ran = desk.run("runs", "prune", "--keep", "0", **OFFLINE)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert len(desk.run("runs", "list", "--json", **OFFLINE).document["runs"]) == 1


def test_prune_says_which_runs_it_wants_named(desk) -> None:
    applied(desk, sheet_of(desk, [1]))
    assert desk.run("runs", "prune", "--yes", **OFFLINE).code == 2
    assert desk.run("runs", "prune", "--older-than", "soon", "--yes", **OFFLINE).code == 2
    ran = desk.run("runs", "prune", "--older-than", "90d", "--yes", **OFFLINE)
    assert ran.code == 0
    assert "Nothing was removed" in ran.out


def test_prune_leaves_an_unfinished_run_until_forced(desk) -> None:
    process = under_way(desk, range(1, 101), 20)
    process.send_signal(signal.SIGSTOP)  # however slow this machine is, it does not end meanwhile
    refused = desk.run("runs", "prune", "--keep", "0", "--force", "--yes", **OFFLINE)
    assert refused.code == 7, "a run that is under way is held by itself"
    process.terminate()
    process.send_signal(signal.SIGCONT)
    assert process.wait(timeout=60) == 143
    ran = desk.run("runs", "prune", "--keep", "0", "--yes", **OFFLINE)
    assert ran.code == 0
    assert "unfinished" in ran.out
    assert desk.run("resume", "--rate", "max").code == 0
    assert desk.run("runs", "prune", "--keep", "0", "--yes", **OFFLINE).code == 0
    assert "No run yet" in desk.run("runs", "list", **OFFLINE).out


# -- history -------------------------------------------------------------------------------


def test_history_tells_every_change_of_one_contact(desk) -> None:
    phone = desk.account.contact(2).phone
    before = desk.account.contact(2).name
    desk.sheet([["phone", "name"], [f"+{phone.lstrip('+')}", "First"]], "one.csv")
    first = applied(desk, "one.csv")
    second = applied(desk, sheet_of(desk, [1, 2], prefix="Second"))
    for key in (contact_uuid(2), phone, f"00{phone.lstrip('+')}"):
        ran = desk.run("history", key, "--json", **OFFLINE)
        assert ran.code == 0
        told = ran.document["changes"]
        assert [each["run"] for each in told] == [first, second], key
        fields = [each["fields"][0] for each in told]
        assert [(each["old"], each["new"]) for each in fields] == [
            (before, "First"),
            ("First", "Second 2"),
        ]
        assert {each["status"] for each in told} == {"updated"}
    shown = desk.run("history", contact_uuid(2), **OFFLINE)
    assert "First" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


def test_history_of_a_contact_nobody_changed_says_so(desk) -> None:
    applied(desk, sheet_of(desk, [1]))
    ran = desk.run("history", contact_uuid(9), **OFFLINE)
    assert ran.code == 0
    assert "No run has changed" in ran.out
    assert desk.run("history", contact_uuid(9), "--json", **OFFLINE).document["changes"] == []


# -- explain -------------------------------------------------------------------------------


def test_explain_follows_a_row_from_its_cells_to_the_proof(desk) -> None:
    uuid = contact_uuid(1)
    sheet = desk.sheet(
        [
            ["uuid", "name", "Status", "tags", "Other", "team"],
            [uuid, "", "ACTIVE", "VIP", "x", "VENTAS ESPAÑA"],
        ]
    )
    run = applied(desk, sheet, "--set", "note=Called")
    (desk.folder / sheet).unlink()
    ran = desk.run("explain", run, "2", "--json", **OFFLINE)
    assert ran.code == 0, ran.err
    told = ran.document["explanation"]
    cells = {each["column"]: each for each in told["cells"]}
    assert cells["Status"]["cell"] == "ACTIVE"
    assert cells["Status"]["target"] == "custom_fields.Status"
    assert cells["Status"]["asks"] == "Active"
    assert [each["code"] for each in cells["Status"]["findings"]] == ["respelled"]
    assert cells["tags"]["asks"] == "+VIP"
    assert cells["team"]["asks"] == "Ventas España"
    (team,) = [each for each in told["fields"] if each["field"] == "team"]
    assert (team["old"], team["new"], team["seen"]) == ("Sales", "Ventas España", "Ventas España")
    assert cells["name"]["asks"] == ""
    assert cells["Other"]["target"] == ""
    assert cells[None]["target"] == "note"
    assert told["request"]["path"] == f"/contacts/{uuid}"
    assert told["request"]["body"] == desk.patches[0]
    assert [each["outcome"] for each in told["attempts"]] == ["updated"]
    assert told["http_status"] == 200
    assert all(each["seen"] == each["new"] for each in told["fields"])
    shown = desk.run("explain", run, "2", **OFFLINE)
    for word in ("ACTIVE", "cf:Status", "PATCH", "HTTP 200", "Blank, so left as it is: name"):
        assert word in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


def test_explain_tells_why_a_row_was_not_sent(desk) -> None:
    sheet = desk.sheet([["uuid", "Status"], [contact_uuid(1), "Actve"], ["f" * 32, "Active"]])
    applied(desk, sheet)
    told = desk.run("explain", "last", "2", "--json", **OFFLINE).document["explanation"]
    assert told["status"] == "invalid"
    assert told["request"] is None
    findings = [each for cell in told["cells"] for each in cell["findings"]]
    assert [each["code"] for each in findings] == ["unknown_option"]
    told = desk.run("explain", "last", "3", "--json", **OFFLINE).document["explanation"]
    assert (told["status"], told["code"]) == ("not_found", "no_contact")


def test_explain_shows_every_attempt(desk_with) -> None:
    rule = Fault(kind=FaultKind.STATUS, status=500, on=(On.PATCH,), contact=1, times=2)
    with desk_with(faults=Faults(fault=(rule,))) as desk:
        applied(desk, sheet_of(desk, [1]))
        told = desk.run("explain", "last", "2", "--json", **OFFLINE).document["explanation"]
        assert [each["outcome"] for each in told["attempts"]] == ["unknown", "unknown", "updated"]


def test_explain_understands_a_cell_by_its_whole_column(desk) -> None:
    """3/4 alone could be March or April; another row shows it."""
    sheet = desk.sheet(
        [
            ["uuid", "Fecha de renovación"],
            [contact_uuid(1), "3/4/2027"],
            [contact_uuid(2), "25/4/2027"],
        ]
    )
    applied(desk, sheet)
    told = desk.run("explain", "last", "2", "--json", **OFFLINE).document["explanation"]
    assert told["cells"][1]["asks"] == "2027-04-03"


def test_another_number_than_the_contact_has_is_a_warning(desk) -> None:
    """The uuid counts and the row is sent; a number can't be changed, and none may believe it."""
    sheet = desk.sheet(
        [
            ["uuid", "phone", "name"],
            [contact_uuid(41), "+39 347 999 00 01", "A"],
            [contact_uuid(42), str(desk.account.contact(42).phone), "B"],
        ]
    )
    ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--json")
    assert (ran.code, ran.document["counts"]["updated"]) == (0, 2)
    [found] = [each for each in ran.document["findings"] if each["code"] == "other_phone"]
    assert (found["level"], found["rows"]) == ("warning", [2])
    told = desk.run("explain", "last", "2", "--json", **OFFLINE).document["explanation"]
    assert [each["code"] for each in told["findings"]] == ["other_phone"]


def test_explain_names_the_rows_there_are(desk) -> None:
    applied(desk, sheet_of(desk, [1, 2]))
    ran = desk.run("explain", "last", "99", **OFFLINE)
    assert ran.code == 2
    assert "from 2 to 3" in ran.err


def test_explain_of_an_undo_has_no_cells_that_ask(desk) -> None:
    """An undo asks nothing of the sheet's cells: it puts back."""
    applied(desk, sheet_of(desk, [1]))
    assert desk.run("undo", "last", "--yes", "--rate", "max").code == 0
    told = desk.run("explain", "last", "2", "--json", **OFFLINE).document["explanation"]
    assert told["status"] == "updated"
    assert {each["asks"] for each in told["cells"]} == {""}
