"""A signal ends every command at once where nothing is sent, with its own exit code."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bulk_update.sandbox import Fault, FaultKind, Faults
from bulk_update.sandbox.people import contact_uuid

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
PATIENCE = 30


def start(desk, *arguments: str, **streams) -> subprocess.Popen:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    command = [sys.executable, "-m", "bulk_update", *arguments]
    return subprocess.Popen(command, cwd=desk.folder, env=desk.environment, text=True, **pipes)


def until(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def names(desk, numbers) -> str:
    rows = [[contact_uuid(number), f"Stop {number}"] for number in numbers]
    return desk.sheet([["uuid", "name"], *rows])


def asked(desk, *arguments: str, question: bytes) -> tuple[subprocess.Popen, int]:
    """The command on a terminal of its own, once it has asked."""
    ours, theirs = pty.openpty()
    process = start(desk, *arguments, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while question not in shown:
        assert select.select([ours], [], [], 60)[0], shown
        shown += os.read(ours, 65536)
    return process, ours


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_question_is_left_at_once(desk, number, code) -> None:
    """Nothing was sent, nothing is left to go on with, and the account is free again."""
    sheet = names(desk, range(41, 61))
    process, terminal = asked(desk, "apply", sheet, "--rate", "max", question=b"[y/N]")
    process.send_signal(number)
    assert process.wait(timeout=PATIENCE) == code
    os.close(terminal)
    assert desk.patches == []
    assert "no run" in desk.run("resume").err
    assert desk.run("apply", sheet, "--yes", "--rate", "max").code == 0


def test_the_questions_of_map_are_left_at_once(desk) -> None:
    sheet = desk.sheet([["uuid", "Qualcosa"], [contact_uuid(41), "x"]])
    process, terminal = asked(desk, "map", sheet, question=b"which target?")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    os.close(terminal)
    assert not (desk.folder / "sheet.csv.map.toml").exists()


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> str:
    """A sheet that takes a while to judge."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("uuid,name\n")
        file.writelines(f"{number:032x},N{number}\n" for number in range(1_500_000))
    return str(path)


def test_a_long_check_is_left_at_once(desk, large) -> None:
    """Judging never waits for anything; the first signal counts all the same, and the document
    says so."""
    assert desk.run("schema", "pull", "-o", "a.toml", "--rate", "max").code == 0
    process = start(desk, "check", large, "--schema", "a.toml", "--json")
    until(lambda: process.poll() is not None or _is_judging(process.pid))
    assert process.poll() is None, process.communicate()
    process.terminate()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, err
    document = json.loads(out)
    assert (document["command"], document["exit_code"]) == ("check", 143)
    assert document["error"]["code"] == "stopped"


def _is_judging(pid: int) -> bool:
    """Whether a check has come to its rows: it has children that judge them, or has computed for
    longer than it takes to start."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    abreast = children.exists() and bool(children.read_text(encoding="ascii"))
    return abreast or _cpu_seconds(pid) > 1.2


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    "arguments", [["doctor"], ["schema", "pull"], ["schema", "show"], ["map", "sheet.csv"]]
)
def test_every_command_ends_with_its_document(desk_with, arguments) -> None:
    hang = Faults.of(Fault(kind=FaultKind.HANG, on=("me",), seconds=60))
    with desk_with(faults=hang) as desk:
        names(desk, range(41, 43))
        process = start(desk, *arguments, "--json")
        until(lambda: desk.account.log.requests)
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, err
    document = json.loads(out)
    assert document["command"] == " ".join(
        arguments[:2] if arguments[0] == "schema" else arguments[:1]
    )
    assert (document["exit_code"], document["error"]["code"]) == (143, "stopped")


STARTING = """
import os, signal, sys
from bulk_update.cli import running

def build_app():
    os.kill(os.getpid(), {number})
    raise AssertionError("the signal came too late")

import bulk_update.cli.app
bulk_update.cli.app.build_app = build_app
sys.exit(running.run(["runs", "list", "--json"]))
"""
INSIDE = """
import os, signal, sys
import bulk_update.runs.listing
from bulk_update.cli import running

def list_runs(settings):
    os.kill(os.getpid(), {number})
    raise AssertionError("the signal came too late")

bulk_update.runs.listing.list_runs = list_runs
sys.exit(running.run(["runs", "list", "--json"]))
"""
SAID = """
import os, sys
from types import SimpleNamespace
from bulk_update.cli import context, running

stream = sys.stdout.buffer

def write(data):
    stream.write(data)
    os.kill(os.getpid(), {number})

context.sys = SimpleNamespace(stdout=SimpleNamespace(buffer=SimpleNamespace(write=write)))
sys.exit(running.run(["runs", "list", "--json"]))
"""


def scripted(desk, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=desk.folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("moment", [STARTING, INSIDE])
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_outside_of_the_event_loop_is_said_too(desk, moment, number, code) -> None:
    """While the command begins, and in one that never waits for anything."""
    done = scripted(desk, moment.format(number=int(number)))
    assert done.returncode == code, done.stderr
    document = json.loads(done.stdout)
    assert (document["command"], document["exit_code"]) == ("runs list", code)
    assert document["error"]["code"] == "stopped"


IMPATIENT = """
import os, sys
from bulk_update.cli import running

def build_app():
    os.kill(os.getpid(), {number})
    raise AssertionError("the signal came too late")

def failed(arguments, error):
    os.kill(os.getpid(), {number})
    raise AssertionError("the second signal came too late")

import bulk_update.cli.app
bulk_update.cli.app.build_app = build_app
running._failed = failed
sys.exit(running.run(["runs", "list"]))
"""


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_second_signal_while_the_first_is_being_said_gives_no_traceback(
    desk, number, code
) -> None:
    done = scripted(desk, IMPATIENT.format(number=int(number)))
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_whoever_waits_for_the_end_is_told_and_the_second_signal_says_how_to_go_on(
    desk_with, number, code
) -> None:
    """The first says for how long it may take; the second ends at once, and the command that goes
    on is there all the same."""
    hang = Faults.of(Fault(kind=FaultKind.HANG, on=("patch",), seconds=60))
    with desk_with(faults=hang) as desk:
        sheet = names(desk, range(41, 61))
        process = start(desk, "apply", sheet, "--yes", "--rate", "max", "--canary", "0")
        said = ""
        until(lambda: desk.patches or process.poll() is not None)
        process.send_signal(number)
        while "again ends at once" not in " ".join(said.split()):
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(number)
        _out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == code, said + err
        run = json.loads(desk.run("runs", "list", "--json").out)["runs"][0]["name"]
    assert "at most 8 seconds" in " ".join(said.split())
    assert f"`bulk-update resume {run}" in err


def test_a_signal_after_the_document_adds_no_second_one(desk) -> None:
    done = scripted(desk, SAID.format(number=int(signal.SIGINT)))
    document = json.loads(done.stdout)
    assert (document["exit_code"], done.returncode) == (0, 0), done.stderr


def test_a_run_that_is_stopped_prints_the_command_that_goes_on(desk) -> None:
    """It can be copied as it is, from wherever one stands."""
    sheet = names(desk, range(1, 101))
    flags = ("--yes", "--rate", "50", "--state-dir", "my state", "--out", "out")
    process = start(desk, "apply", sheet, *flags)
    until(lambda: len(desk.patches) > 5 or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, err
    command = err.split("`")[1]
    (desk.folder / "elsewhere").mkdir()
    environment = {**desk.environment, "BULK_UPDATE_STATE_DIR": str(desk.folder / "my state")}
    plain = command.split(" --state-dir ")[0]
    again = subprocess.run(
        [sys.executable, "-m", *plain.replace("bulk-update", "bulk_update").split(), "--json"],
        cwd=desk.folder / "elsewhere",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    document = json.loads(again.stdout)
    assert document["counts"]["updated"] == 100
    sent = [each.uuid for each in desk.account.log.patches()]
    assert len(sent) == len(set(sent)) == 100
    assert document["files"]["results.csv"] == str(desk.folder / "out" / "results.csv")
    assert f"--state-dir '{desk.folder / 'my state'}'" in command


def test_waiting_for_an_account_can_be_stopped(desk) -> None:
    """And is only said while somebody holds it."""
    sheet = names(desk, range(1, 101))
    holder = start(desk, "apply", sheet, "--yes", "--rate", "5", "--out", "first", "--json")
    until(lambda: desk.patches)
    waits = ("apply", sheet, "--yes", "--wait-lock", "30m", "--state-dir", "other")
    waiting = start(desk, *waits)
    line = ""
    while "Waiting" not in line:
        line = waiting.stderr.readline()
        assert line
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 130
    holder.kill()
    holder.communicate(timeout=PATIENCE)
    free = desk.run(*waits, "--dry-run")
    assert "Waiting" not in free.err
