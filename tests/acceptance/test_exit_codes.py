"""Bad input: one clear line, the right exit code, nothing sent."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import replace

import pytest

from bulk_update.sandbox import Fault, FaultKind, Faults
from bulk_update.sandbox.faults import On
from bulk_update.sandbox.people import contact_uuid

GOOD = [["uuid", "name"], [contact_uuid(41), "New name"]]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["check", "missing.csv"], 3, "missing.csv"),
        (["check", "."], 3, "folder"),
        (["check", "sheet.csv", "-m", "name=no_such_target"], 3, "no_such_target"),
        (["check", "sheet.csv", "-m", "No column=name"], 3, "No column"),
        (["check", "sheet.csv", "--skip", "uuid"], 3, "which contact"),
        (["check", "sheet.csv", "--mapping", "bad.map.toml"], 2, "bad.map.toml"),
        (["check", "sheet.csv", "--mapping", "missing.map.toml"], 2, "missing.map.toml"),
        (["check", "sheet.csv", "--schema", "bad.map.toml"], 2, "bad.map.toml"),
        (["check", "sheet.csv", "--rows", "x"], 2, "--rows"),
        (["check", "sheet.csv", "--no-such-flag"], 2, "--no-such-flag"),
        (["no-such-command"], 2, "no-such-command"),
        (["apply", "sheet.csv", "--rate", "fast"], 2, "rate"),
        (["apply", "sheet.csv"], 2, "--yes"),
        (["apply", "sheet.csv", "--yes", "--confirm-account", "Somebody else"], 2, "Somebody"),
        (["apply", "empty.csv", "--yes"], 3, "empty"),
        (["check", "sheet.csv", "--date-format", "\udcff"], 2, "\\xff"),
        (["check", "sheet.csv", "--set", "note=a\udcff"], 2, "note=a\\xff"),
        (["apply", "sheet.csv", "--yes", "--reason", "\udcff"], 2, "UTF-8"),
        (["export", "-o", "\udcff.xlsx"], 2, "UTF-8"),
        (["explain", "\udcff", "3"], 2, "UTF-8"),
    ],
)
def test_bad_input_is_one_clear_line(desk, arguments, code, says) -> None:
    desk.sheet(GOOD)
    (desk.folder / "bad.map.toml").write_text("[columns\n")
    (desk.folder / "empty.csv").write_text("")
    ran = desk.run(*arguments)
    assert (ran.code, says in ran.err) == (code, True), ran.err
    assert desk.patches == []
    document = desk.run(*arguments, "--json").document
    assert document["exit_code"] == code
    assert document["error"]["message"]


def test_bytes_that_are_no_text(desk) -> None:
    """They may be the name of a file that exists; in a variable of ours they are an error."""
    sheet = desk.sheet(GOOD)
    named = desk.folder / "sheet\udcff.csv"
    named.write_bytes((desk.folder / sheet).read_bytes())
    assert desk.run("apply", named.name, "--yes").code == 0
    ran = desk.run("check", sheet, BULK_UPDATE_PROFILE="\udcff")
    assert (ran.code, "BULK_UPDATE_PROFILE: not text" in ran.err) == (2, True)
    ran = desk.run("check", sheet, BULK_UPDATE_TOKEN="secret\udcff")
    assert (ran.code, "secret" in ran.err) == (2, False)


def test_no_token_is_said_before_anything_else(desk) -> None:
    ran = desk.run("apply", desk.sheet(GOOD), "--yes", BULK_UPDATE_TOKEN=None)
    assert ran.code == 2
    assert "BULK_UPDATE_TOKEN" in ran.err


def test_a_wrong_token(desk) -> None:
    ran = desk.run("apply", desk.sheet(GOOD), "--yes", BULK_UPDATE_TOKEN="test_wrong")
    assert ran.code == 4
    assert "test_wrong" not in ran.out + ran.err


def test_what_ends_a_command_early_says_how_many_requests_it_made(desk_with) -> None:
    """At the first of them, and while others are read side by side."""
    rule = Fault(kind=FaultKind.STATUS, status=401, on=(On.LIST,), first=4)
    with desk_with(faults=Faults.of(rule)) as desk:
        sheet = desk.sheet([["uuid", "name"], *([contact_uuid(n), "New"] for n in range(1, 31))])
        ran = desk.run("plan", sheet, "--json", BULK_UPDATE_TOKEN="test_wrong")
        assert ran.document["requests"] == {"me": 1, "saved": 0}
        assert ran.code == 4
        before = len(desk.account.log.requests)
        ran = desk.run("plan", sheet, "--json", "--rate", "max")
        assert ran.code == 4
        assert sum(ran.document["requests"].values()) == len(desk.account.log.requests) - before


def test_a_port_that_nobody_listens_on(desk) -> None:
    ran = desk.run("apply", desk.sheet(GOOD), "--yes", BULK_UPDATE_BASE_URL="http://127.0.0.1:9/v1")
    assert ran.code == 6


def test_plain_http_to_somewhere_else_is_refused(desk) -> None:
    ran = desk.run("check", desk.sheet(GOOD), "--base-url", "http://example.com/v1")
    assert ran.code == 2


def test_a_sheet_without_rows_is_no_problem(desk) -> None:
    ran = desk.run("apply", desk.sheet([["uuid", "name"]]), "--yes", "--json")
    assert (ran.code, ran.document["counts"]["rows"]) == (0, 0)


def test_too_many_not_found_send_nothing(desk) -> None:
    rows = [[f"{number:032x}", "x"] for number in range(9)]
    ran = desk.run("apply", desk.sheet([*GOOD, *rows]), "--yes", "--json")
    assert ran.code == 5
    assert ran.document["error"]["code"] == "max_not_found"
    assert desk.patches == []


def test_too_many_failures_stop_the_run(desk_with) -> None:
    faults = Faults.of(Fault(kind=FaultKind.STATUS, status=422, on="patch"))
    with desk_with(faults=faults) as desk:
        rows = [[contact_uuid(number), f"N{number}"] for number in range(41, 101)]
        sheet = desk.sheet([["uuid", "name"], *rows])
        ran = desk.run(
            "apply", sheet, "--yes", "--workers", "1", "--canary", "0", "--rate", "max", "--json"
        )
        assert ran.code == 5
        counts = ran.document["counts"]
        assert 20 <= counts["refused"] < 40
        assert counts["refused"] + counts["not_sent"] == 60


def test_a_token_refused_in_mid_run(desk_with) -> None:
    faults = Faults.of(Fault(kind=FaultKind.TOKEN_REFUSED, on="patch", first=6))
    with desk_with(faults=faults) as desk:
        rows = [[contact_uuid(number), f"N{number}"] for number in range(41, 61)]
        sheet = desk.sheet([["uuid", "name"], *rows])
        ran = desk.run("apply", sheet, "--yes", "--workers", "1", "--json", "--out", "out")
        assert ran.code == 4
        assert ran.document["counts"]["updated"] == 5
        assert ran.document["counts"]["not_sent"] == 15
        assert len(desk.report("out", "results.csv")) == 20


def test_accepted_statuses_make_no_exit_code(desk) -> None:
    sheet = desk.sheet([["uuid", "Status"], [contact_uuid(41), "Nope"]])
    assert desk.run("apply", sheet, "--yes", "--accept", "invalid").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_in_order_and_the_report_is_true(desk, number, code) -> None:
    rows = [[contact_uuid(each), f"Sig {each}"] for each in range(1, 101)]
    sheet = desk.sheet([["uuid", "name"], *rows])
    process = subprocess.Popen(
        [*_command(), "apply", sheet, "--yes", "--rate", "60", "--out", "out", "--no-progress"],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(desk.patches) < 10:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, out + err
    results = desk.report("out", "results.csv")
    assert len(results) == 100
    assert {each["status"] for each in results} <= {"updated", "not_sent", "unchanged"}
    for each in results:
        contact = desk.account.contact(each["uuid"])
        assert (contact.name == f"Sig {contact.number}") == (each["status"] == "updated")


def _command() -> list[str]:
    import sys

    return [sys.executable, "-m", "bulk_update"]


def test_two_runs_on_one_account_do_not_meet(desk) -> None:
    rows = [[contact_uuid(each), f"Two {each}"] for each in range(1, 101)]
    sheet = desk.sheet([["uuid", "name"], *rows])
    first = subprocess.Popen(
        [*_command(), "apply", sheet, "--yes", "--rate", "60", "--out", "first"],
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not desk.patches:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    second = desk.run("apply", sheet, "--yes", "--state-dir", "elsewhere")
    assert second.code == 7
    assert first.wait(timeout=60) == 0


def test_an_account_that_nothing_tells_apart_is_warned_of_and_has_a_name(desk_with) -> None:
    """And a token that may not read the members of teams does all the rest."""
    rule = Fault(kind=FaultKind.STATUS, status=403, on=(On.MEMBERS,))
    with desk_with(faults=Faults.of(rule)) as desk:
        catalogue = desk.account.catalogue
        nobody = replace(catalogue.owner, email="")
        teams = tuple(replace(each, default=False) for each in catalogue.teams)
        desk.account.catalogue = replace(catalogue, owner=nobody, teams=teams)
        sheet = desk.sheet([["uuid", "name"], [contact_uuid(41), "New"]])
        ran = desk.run("apply", sheet, "--yes", "--rate", "max")
    assert ran.code == 0, ran.err
    said = " ".join(ran.err.split())
    assert said.count("(403)") == 1
    assert "known by its address alone" in said
    assert f"Account: {nobody.name}" in said
