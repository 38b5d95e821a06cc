"""``retry``: a new run of the rows that did not come through, understood as they were, planned
from the account as it is now."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from bulk_update.sandbox import Faults
from bulk_update.sandbox.faults import Fault, FaultKind
from bulk_update.sandbox.people import contact_uuid


def once(contact: int, status: int = 422) -> Fault:
    """The first PATCH of that contact is refused."""
    return Fault(kind=FaultKind.STATUS, status=status, contact=contact, times=1)


def sheet_of(desk, numbers, name="sheet.csv") -> str:
    rows = [[contact_uuid(number), f"On {number}"] for number in numbers]
    return desk.sheet([["uuid", "name"], *rows], name)


def test_only_rows_that_did_not_come_through_are_taken_again(desk_with) -> None:
    with desk_with(faults=Faults(fault=(once(2), once(4)))) as desk:
        rows = [[contact_uuid(number), f"On {number}"] for number in range(1, 6)]
        sheet = desk.sheet([["uuid", "name"], *rows, ["nobody", "x"]])
        first = desk.run("apply", sheet, "--yes", "--rate", "max", "--json").document
        assert (first["counts"]["refused"], first["counts"]["invalid"]) == (2, 1)
        (desk.folder / sheet).unlink()
        desk.account.log.clear()
        ran = desk.run("retry", first["run"], "--yes", "--rate", "max", "--out", "out", "--json")
        assert ran.code == 0, ran.err
        assert ran.document["command"] == "retry"
        assert ran.document["counts"]["rows"] == ran.document["counts"]["updated"] == 2
        assert [each["row"] for each in desk.report("out", "results.csv")] == ["3", "5"]
        assert len(desk.patches) == 2
        (entry, _before) = desk.run("runs", "list", "--json").document["runs"]
        assert entry["retry_of"] == first["run"]


def test_nothing_to_retry_is_said(desk) -> None:
    desk.run("apply", sheet_of(desk, [1]), "--yes", "--rate", "max")
    ran = desk.run("retry", "last", "--yes")
    assert ran.code == 0
    assert "nothing to retry" in ran.err
    assert len(desk.run("runs", "list", "--json").document["runs"]) == 1
    document = desk.run("retry", "last", "--yes", "--json").document
    assert (document["command"], document["exit_code"]) == ("retry", 0)


def test_a_retry_asks_whatever_the_run_was_given(desk_with) -> None:
    with desk_with(faults=Faults(fault=(once(1),))) as desk:
        desk.run("apply", sheet_of(desk, [1]), "--yes", "--rate", "max")
        ran = desk.run("retry", "last")
        assert ran.code == 2
        assert "--yes" in ran.err
        assert desk.account.contact(1).name != "On 1"


def test_a_retry_understands_the_cells_as_the_run_did(desk_with) -> None:
    """By the same mapping, flags and whole columns, with the mapping's file gone: the row that
    is taken again could not tell its own date's order."""
    with desk_with(faults=Faults(fault=(once(1),))) as desk:
        (desk.folder / "a.map.toml").write_text(
            'region = "IT"\n[columns]\n"Kunde" = "uuid"\n"Bis" = "cf:Fecha de renovación"\n',
            encoding="utf-8",
        )
        sheet = desk.sheet(
            [
                ["Kunde", "Bis", "note"],
                [contact_uuid(1), "3/4/2027", "a"],
                [contact_uuid(2), "25/4/2027", "b"],
            ]
        )
        flags = ("--mapping", "a.map.toml", "--skip", "note", "--yes", "--rate", "max")
        assert desk.run("apply", sheet, *flags).code == 1
        (desk.folder / "a.map.toml").unlink()
        (desk.folder / sheet).unlink()
        ran = desk.run("retry", "last", "--yes", "--rate", "max")
        assert ran.code == 0, ran.err
        contact = desk.account.contact(1)
        assert contact.custom_fields["Fecha de renovación"] == "2027-04-03"
        assert contact.note != "a"


def test_a_retry_is_planned_from_the_account_as_it_is_now(desk_with) -> None:
    with desk_with(faults=Faults(fault=(once(1),))) as desk:
        desk.run("apply", sheet_of(desk, [1]), "--yes", "--rate", "max")
        desk.account.edit(1, {"name": "On 1"})
        desk.account.log.clear()
        ran = desk.run("retry", "last", "--yes", "--json")
        assert ran.document["counts"]["unchanged"] == 1
        assert desk.patches == []


def test_what_a_later_run_changed_is_said(desk_with) -> None:
    with desk_with(faults=Faults(fault=(once(1),))) as desk:
        first = desk.run("apply", sheet_of(desk, [1]), "--yes", "--rate", "max", "--json")
        later = desk.sheet([["uuid", "name"], [contact_uuid(1), "Later"]], "later.csv")
        desk.run("apply", later, "--yes", "--rate", "max")
        ran = desk.run("retry", first.document["run"])
        assert "changed by a later run" in ran.err


def test_a_retry_that_stopped_goes_on_when_it_is_given_again(desk_with) -> None:
    rules = tuple(once(number) for number in range(1, 61))
    with desk_with(faults=Faults(fault=rules)) as desk:
        sheet = sheet_of(desk, range(1, 61))
        first = desk.run(
            *("apply", sheet, "--yes", "--rate", "max", "--max-failures", "100%"),
            *("--canary", "0", "--json"),
        ).document
        assert first["counts"]["refused"] == 60
        desk.account.log.clear()
        process = subprocess.Popen(
            [sys.executable, "-m", "bulk_update", "retry", first["run"], "--yes", "--rate", "60"],
            cwd=desk.folder,
            env=desk.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while len(desk.patches) < 10:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        ran = desk.run("retry", first["run"], "--yes", "--rate", "max", "--out", "out")
        assert ran.code == 0, ran.err
        assert "going on" in ran.err
        assert len(desk.report("out", "results.csv")) == 60
        assert len({each.uuid for each in desk.account.log.patches()}) == len(desk.patches) == 60


def test_rows_that_were_never_sent_are_taken(desk) -> None:
    """The answer to the plan was no."""
    assert desk.run("apply", sheet_of(desk, [1, 2])).code == 2
    ran = desk.run("retry", "last", "--yes", "--rate", "max", "--json")
    assert ran.document["counts"]["updated"] == 2


def test_the_sandbox_retries_its_own_runs(desk) -> None:
    sheet = desk.sheet([["uuid", "tags"], [contact_uuid(1), "Never seen before"]])
    assert desk.run("apply", sheet, "--sandbox", "--yes", "--rate", "max").code == 1
    ran = desk.run("retry", "last", "--sandbox", "--yes", "--rate", "max", "--json")
    assert ran.code == 1
    assert ran.document["counts"]["refused"] == 1
    assert desk.run("retry", "last", "--yes").code == 2


def test_a_run_without_a_mapping_is_not_retried(desk) -> None:
    desk.run("apply", sheet_of(desk, [1]), "--yes", "--rate", "max")
    desk.run("undo", "last", "--yes", "--rate", "max")
    ran = desk.run("retry", "last", "--yes")
    assert ran.code == 2
    assert "Give its command again" in ran.err
