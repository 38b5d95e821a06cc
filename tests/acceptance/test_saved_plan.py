"""A saved plan: where it goes, what may be asked of it, whose run it becomes."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bulk_update.journal.seal import Sealed, sealed
from bulk_update.sandbox.people import contact_uuid

ROWS = [["uuid", "name"], [contact_uuid(41), "New"], [contact_uuid(42), "Newer"]]


def run_record(desk) -> dict:
    """The newest run as ``runs show`` tells it."""
    ran = desk.run("runs", "show", "last", "--json")
    assert ran.code == 0, ran.err
    return ran.document


def test_a_plan_that_would_be_a_folder_is_refused_before_anything_is_read(desk) -> None:
    (desk.folder / "folder").mkdir()
    before = len(desk.account.log.requests)
    ran = desk.run("plan", desk.sheet(ROWS), "-o", "folder")
    assert (ran.code, "folder" in ran.err) == (8, True), ran.err
    assert len(desk.account.log.requests) == before


def test_the_summary_names_the_plan_as_json_does(desk) -> None:
    ran = desk.run("plan", desk.sheet(ROWS), "-o", "a.plan", "--out", "out", "--json")
    assert ran.code == 0, ran.err
    assert ran.out == (desk.folder / "out" / "summary.json").read_text()
    assert ran.document["files"]["plan"] == "a.plan"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["-m", "x=name"], "-m"),
        (["--set", "note=x"], "--set"),
        (["--skip", "name"], "--skip"),
        (["--mapping", "x.toml"], "--mapping"),
        (["--tags", "replace"], "--tags"),
        (["--strict"], "--strict"),
        (["--rows", "2-3"], "--rows"),
        (["--sheet", "1"], "--sheet"),
        (["--region", "IT"], "--region"),
        (["--encoding", "cp1252"], "--encoding"),
        (["--date-format", "DMY"], "--date-format"),
        (["--since-last"], "--since-last"),
        (["--schema", "x.toml"], "--schema"),
    ],
)
def test_flags_that_can_change_a_plan_no_more_are_refused(desk, flags, named) -> None:
    """Silence would let a person believe that they were heeded."""
    assert desk.run("plan", desk.sheet(ROWS), "-o", "a.plan").code == 0
    ran = desk.run("apply", "a.plan", "--yes", *flags)
    assert (ran.code, named in ran.err) == (2, True), ran.err
    assert desk.run("plan", "a.plan", *flags).code == 2
    assert desk.patches == []


def test_the_run_is_of_whoever_applies_the_plan(desk) -> None:
    assert desk.run("plan", desk.sheet(ROWS), "-o", "a.plan").code == 0
    ran = desk.run("apply", "a.plan", "--yes", "--reason", "because", LOGNAME="somebody")
    assert ran.code == 0, ran.err
    shown = json.dumps(run_record(desk))
    assert "because" in shown
    assert "somebody" in shown


def test_a_plan_shown_again_may_still_say_that_there_are_changes(desk) -> None:
    assert desk.run("plan", desk.sheet(ROWS), "-o", "a.plan").code == 0
    assert desk.run("plan", "a.plan", "--detailed-exitcode").code == 10


def test_a_stale_plan_says_when_it_was_made_as_people_do(desk) -> None:
    assert desk.run("plan", desk.sheet(ROWS), "-o", "a.plan").code == 0
    ran = desk.run("apply", "a.plan", "--yes", "--max-plan-age", "0")
    assert ran.code == 5
    assert "+00:00" not in ran.err
    assert "." not in ran.err.split("ago, on ")[1].split(" (")[0]


def test_a_sheet_may_come_through_a_pipe(desk) -> None:
    """Looking whether it is a plan must not use it up."""
    desk.sheet(ROWS)
    command = f"{sys.executable} -m bulk_update apply <(cat sheet.csv) --yes --rate max"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=desk.folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(desk.patches) == 2


def test_a_plan_of_a_pipe_can_be_applied(desk) -> None:
    """The pipe is gone by then; that it could be read again is not tried."""
    os.mkfifo(desk.folder / "pipe")
    desk.sheet(ROWS)
    with subprocess.Popen(["/bin/sh", "-c", "cat sheet.csv > pipe"], cwd=desk.folder):
        assert desk.run("plan", "pipe", "-o", "a.plan").code == 0
    assert desk.run("apply", "a.plan", "--yes").code == 0


def test_a_dry_run_is_a_plan_in_its_document_however_it_ends(desk) -> None:
    sheet = desk.sheet(ROWS)
    assert desk.run("apply", sheet, "--dry-run", "--json").document["command"] == "plan"
    failed = desk.run("apply", sheet, "--dry-run", "-m", "x=nonsense", "--json")
    assert (failed.code, failed.document["command"]) == (3, "plan")


def test_the_state_is_for_its_owner_alone(desk) -> None:
    assert desk.run("apply", desk.sheet(ROWS), "--yes").code == 0
    assert desk.run("plan", "sheet.csv", "--sandbox", "--state-dir", "a/b").code in {0, 1, 3}
    for folder in ("state/bulk-update", "a", "a/b", "a/b/sandbox"):
        assert stat.S_IMODE((desk.folder / folder).stat().st_mode) == 0o700, folder


def test_the_sandbox_has_a_journal_of_its_own(desk) -> None:
    """Wherever that of real accounts is."""
    ran = desk.run(
        "doctor", "--sandbox", "--json", BULK_UPDATE_JOURNAL="postgresql://me@127.0.0.1:9/none"
    )
    assert ran.code == 0, ran.out
    messages = {each["code"]: each["message"] for each in ran.document["findings"]}
    assert "sandbox/journal.db" in messages["journal"]
    assert "/sandbox (" in messages["state_dir"]


TAMPERED = {
    "a value": "UPDATE change SET document = replace(document, 'Newer', 'Never')",
    "whom it is about": "UPDATE change SET uuid = 'ffffffffffffffffffffffffffffffff' WHERE seq = 2",
    "a row less": "DELETE FROM sheet_row WHERE row = 3",
    "the account": "UPDATE run SET account_key = 'x', account = replace(account, 'owner', 'x')",
    "its age": "UPDATE run SET planned_at = '2099-01-01T00:00:00+00:00'",
    "what is done beside": "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM change; END",
    "the sheet": "UPDATE source SET content = x'00'",
}


def tampered(path: Path, sound: bytes, statement: str) -> None:
    """The plan that was ``sound``, after this statement."""
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as plan, plan:
        plan.execute(statement)


def test_a_plan_that_was_edited_is_refused(desk) -> None:
    """Nothing is sent that is not, value for value, what somebody looked at."""
    assert desk.run("plan", desk.sheet(ROWS), "-o", "a.plan").code == 0
    path = desk.folder / "a.plan"
    sound = path.read_bytes()
    for what, statement in TAMPERED.items():
        tampered(path, sound, statement)
        assert sealed(path) is Sealed.BROKEN, what
    ran = desk.run("apply", "a.plan", "--yes", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (5, "plan_changed")
    tampered(path, sound, "DELETE FROM meta WHERE name = 'plan_seal'")
    assert desk.run("apply", "a.plan", "--yes").code == 2
    assert desk.patches == []
    path.write_bytes(sound)
    assert desk.run("apply", "a.plan", "--yes").code == 0
    assert len(desk.patches) == 2
