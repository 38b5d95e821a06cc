"""The canary by the installed command: an account that does something else than it was asked is
found out on a few contacts, and those are put back."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections import Counter
from pathlib import Path

import pytest

from bulk_update.sandbox import Behaviour, Fault, FaultKind, Faults
from bulk_update.sandbox.behaviour import Unknown
from bulk_update.sandbox.people import contact_uuid

NUMBERS = range(61, 91)
LOST = "No such tag"


def sheet_of(desk, *, tags: dict[int, str] | None = None) -> str:
    given = tags or {}
    rows = [[contact_uuid(n), f"Name {n}", given.get(n, "")] for n in NUMBERS]
    return desk.sheet([["uuid", "name", "tags"], *rows])


def sent(desk) -> Counter:
    return Counter(each.uuid for each in desk.account.log.patches())


def results(desk, folder: str) -> dict[str, list[dict[str, str]]]:
    """The lines of a run's results, by status."""
    found: dict[str, list[dict[str, str]]] = {}
    for each in desk.report(folder, "results.csv"):
        found.setdefault(each["status"], []).append(each)
    return found


def test_it_goes_first_says_so_and_lets_the_run_go_on(desk) -> None:
    sheet = sheet_of(desk, tags={89: "VIP"})
    ran = desk.run("apply", sheet, "--yes", "--canary", "3", "--out", "out", "--rate", "max")
    assert ran.code == 0, ran.err
    assert "Canary: 3 changes go first, one by one; each is read back." in ran.err
    assert "Canary: 3 changes are as asked (name, tags)." in ran.err
    first = [each.uuid for each in desk.account.log.patches()[:3]]
    assert set(first) == {contact_uuid(61), contact_uuid(62), contact_uuid(89)}
    assert set(sent(desk).values()) == {1}
    ran = desk.run("undo", "last", "--yes", "--canary", "2", "--rate", "max")
    assert "Canary: 2 changes go first" in ran.err
    assert ran.code == 0, ran.err


@pytest.fixture
def dropping(desk_with):
    with desk_with(Behaviour(unknown_tags=Unknown.DROP)) as desk:
        yield desk


def test_a_mismatch_stops_the_run_and_puts_back_what_was_done(dropping) -> None:
    """Nobody is there to ask. What goes on later begins with another canary, and sends what was
    put back; what is not as asked stays a mismatch."""
    desk, before = dropping, dropping.state()
    sheet = sheet_of(desk, tags={63: LOST})
    flags = ("--yes", "--rate", "max", "--canary", "4")
    ran = desk.run("apply", sheet, *flags, "--out", "out", "--json")
    assert ran.code == 5
    error = ran.document["error"]
    assert error["code"] == "canary"
    assert "row 4" in error["message"]
    assert LOST in error["message"]
    assert "were put back" in error["hint"]
    assert desk.changed(before) == {}
    found = results(desk, "out")
    assert {status: len(rows) for status, rows in found.items()} == {"mismatch": 1, "not_sent": 29}
    assert [each["row"] for each in found["mismatch"]] == ["4"]
    back = [each for each in found["not_sent"] if each["code"] == "put_back"]
    assert [each["row"] for each in back] == ["2", "3"]
    assert desk.report("out/put-back", "results.csv")
    again = desk.run("resume", ran.document["run"], "--out", "again", "--rate", "max")
    assert again.code == 1, again.err
    assert "Canary" in again.err
    found = results(desk, "again")
    assert {status: len(rows) for status, rows in found.items()} == {"mismatch": 1, "updated": 29}
    assert set(desk.changed(before)) == set(NUMBERS) - {63}


def on_a_terminal(desk, *arguments: str) -> tuple[int, str]:
    """What the command says where somebody could answer, and how it ends."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 80))
    process = subprocess.Popen(
        [sys.executable, "-m", "bulk_update", *arguments],
        cwd=desk.folder,
        env=desk.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        assert select.select([ours], [], [], 60)[0], said
        try:
            said += os.read(ours, 65536)
        except OSError:
            break
    os.close(ours)
    return process.wait(timeout=30), " ".join(said.decode().split())


def test_where_somebody_is_there_it_is_theirs_to_decide(dropping) -> None:
    """Nothing is put back; the command that does it is printed, and works."""
    desk, before = dropping, dropping.state()
    sheet = sheet_of(desk, tags={63: LOST})
    code, said = on_a_terminal(desk, "apply", sheet, "--yes", "--rate", "max", "--canary", "4")
    assert code == 5
    assert "] Canary: 4 changes go first" in said, "in the place of the bar, which goes on below"
    assert "the canary stopped the run: row 4: tags is" in said
    assert set(desk.changed(before)) == {61, 62, 63}
    command = said[said.index("bulk-update undo") :].split("`")[0]
    ran = desk.run(*command.split()[1:], "--yes", "--rate", "max")
    assert ran.code == 0, ran.err
    assert desk.changed(before) == {}


def test_what_the_account_changes_by_itself_stops_the_run_unless_it_is_expected(desk_with) -> None:
    rule = Fault(kind=FaultKind.PERSON_FOLLOWS, edit={"note": "By a rule"})
    with desk_with(faults=Faults.of(rule)) as desk:
        sheet = sheet_of(desk)
        ran = desk.run("apply", sheet, "--yes", "--rate", "max")
        assert ran.code == 5
        assert "changed note too" in ran.err
        assert '--expect-side-effect "note"' in ran.err
        assert len([n for n in NUMBERS if desk.account.contact(n).name == f"Name {n}"]) == 0
        ran = desk.run("resume", "--expect-side-effect", "note", "--rate", "max")
        assert ran.code == 0, ran.err
        assert all(desk.account.contact(n).name == f"Name {n}" for n in NUMBERS)
        ran = desk.run("apply", sheet, "--yes", "--expect-side-effect", "notes")
        assert ran.code == 2
        assert '"notes" is no field' in ran.err


# -- once a run, whatever happens to its process --------------------------------------------------


def killed(desk, *arguments: str, when) -> None:
    """The command, killed when ``when`` says so."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bulk_update", *arguments],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not when() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    assert process.wait(timeout=30) == -signal.SIGKILL


@pytest.mark.parametrize("patches", [4, 15])
def test_it_survives_a_kill(desk, patches) -> None:
    """In its middle: the others of the same ones go first. After it: none goes first again."""
    sheet = sheet_of(desk)
    killed(
        desk,
        *("apply", sheet, "--yes", "--rate", "60"),
        when=lambda: len(desk.patches) >= patches,
    )
    ran = desk.run("resume", "--out", "out", "--rate", "max")
    assert ran.code == 0, ran.err
    assert ("go first" in ran.err) is (patches < 10)
    assert set(sent(desk).values()) == {1}
    assert len(results(desk, "out")["updated"]) == len(NUMBERS)


def test_a_way_back_that_was_killed_is_gone_to_its_end(dropping) -> None:
    """The evidence is told again, and nothing else is sent."""
    desk, before = dropping, dropping.state()
    sheet = sheet_of(desk, tags={70: LOST})
    flags = ("--yes", "--rate", "20", "--canary", "10")
    killed(desk, "apply", sheet, *flags, when=lambda: len(desk.patches) >= 12)
    assert Path(desk.folder / "state").exists()
    for _command in range(3):  # the newest unfinished run is the way back itself
        ran = desk.run("resume", "--rate", "max")
        if "canary stopped the run" in ran.err:
            break
    assert ran.code == 5
    assert "row 11" in ran.err
    assert desk.changed(before) == {}
