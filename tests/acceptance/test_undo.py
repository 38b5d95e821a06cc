"""Whatever a run did can be undone: by the installed command, compared with the account's first
state."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import time

import pytest

from bulk_update.sandbox import Behaviour, EmbeddedSandbox
from bulk_update.sandbox.behaviour import CustomFields
from bulk_update.sandbox.catalogue import team_uuid
from bulk_update.sandbox.contact import ContactState
from bulk_update.sandbox.people import contact_uuid

HEADER = (
    "uuid",
    "name",
    "note",
    "tags",
    "tags.remove",
    "assigned_user",
    "bot_status",
    "Status",
    "Features",
    "orderNumber",
    "Città",
    "Fecha de renovación",
)
NUMBERS = range(41, 61)
EVERY_FIELD = (
    "VIP; Interested",
    "Lead; Cliente",
    "luca.conti@example.com",
    "bot_end",
    "On hold",
    "Dark Mode",
    "4711",
    "Forlì",
    "2031-01-31",
)


def whole_sheet(desk, numbers=NUMBERS, name="sheet.csv") -> str:
    """A sheet that changes every field there is, of contacts that have a name and a team."""
    rows = [
        (contact_uuid(number), f"Name {number}", f"Note {number}\nof two lines", *EVERY_FIELD)
        for number in numbers
    ]
    return desk.sheet([HEADER, *rows], name)


def apply(desk, sheet: str, *arguments: str) -> str:
    """Apply a sheet; the name of its run."""
    ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--json", *arguments)
    assert ran.code == 0, ran.document
    return ran.document["run"]


def undo(desk, run: str, *arguments: str, code: int = 0) -> dict:
    """Undo a run; the document."""
    ran = desk.run("undo", run, "--yes", "--rate", "max", "--json", "--out", "undo", *arguments)
    assert ran.code == code, ran.document
    return ran.document


def results(desk) -> dict[int, dict[str, str]]:
    """What the undo's results say, by row."""
    return {int(each["row"]): each for each in desk.report("undo", "results.csv")}


def small(desk, header: str, *rows: tuple[int, str], name: str = "small.csv") -> str:
    return desk.sheet([["uuid", header], *((contact_uuid(n), cell) for n, cell in rows)], name)


def compared(contact: ContactState) -> ContactState:
    """What equality does not look at is alike: the order of tags and options, the spelling of
    numbers, and which state of a bot that takes part it is."""
    fields = {
        name: sorted(value) if isinstance(value, tuple) else str(value)
        for name, value in contact.custom_fields.items()
        if value not in (None, "", ())
    }
    return dataclasses.replace(
        contact,
        tags=tuple(sorted(contact.tags)),
        bot="ended" if contact.bot == "ended" else "started",
        note=contact.note or None,
        custom_fields=fields,
        activity=0,
    )


def state(desk) -> list[ContactState]:
    return [compared(each) for each in desk.account]


# -- all of it -------------------------------------------------------------------------------


def test_everything_is_as_before_and_undone_again_as_after(desk) -> None:
    first = state(desk)
    run = apply(desk, whole_sheet(desk))
    after = state(desk)
    assert first != after
    document = undo(desk, run)
    assert document["command"] == "undo"
    assert document["counts"]["updated"] == len(NUMBERS)
    assert state(desk) == first
    undo(desk, document["run"])
    assert state(desk) == after
    undo(desk, "last")
    assert state(desk) == first


def test_it_is_so_where_the_account_replaces_custom_fields(desk_with) -> None:
    with desk_with(Behaviour(custom_fields=CustomFields.REPLACE)) as desk:
        first = state(desk)
        run = apply(desk, whole_sheet(desk))
        undo(desk, run)
        assert state(desk) == first


def test_what_the_account_lost_of_itself_comes_back(desk_with) -> None:
    """It was known to keep what a change does not name, and one day it did not."""
    with desk_with() as desk:
        apply(desk, small(desk, "Status", *((n, "On hold") for n in NUMBERS)))
        account, port = desk.account, desk.sandbox.server.port
    first = state(desk)
    other = Behaviour(custom_fields=CustomFields.REPLACE)
    with EmbeddedSandbox(account=account, behaviour=other, port=port) as sandbox:
        desk = dataclasses.replace(desk, sandbox=sandbox)
        sheet = small(desk, "Status", (41, "Trial"))
        ran = desk.run("apply", sheet, "--yes", "--json", "--canary", "0")
        assert ran.document["counts"]["mismatch"] == 1
        assert set(account.contact(41).custom_fields) == {"Status"}
        undo(desk, ran.document["run"])
        assert state(desk) == first


def test_an_account_whose_readings_lag_behind_is_not_believed(desk_with) -> None:
    """Right after the run it shows the contacts as they were: nothing of it is back yet."""
    with desk_with(Behaviour(stale_reads=3.0)) as desk:
        first = state(desk)
        run = apply(desk, whole_sheet(desk, [41, 42]))
        document = undo(desk, run)
        assert document["counts"]["updated"] == 2
        assert state(desk) == first


def test_undoing_twice_sends_nothing_the_second_time(desk) -> None:
    run = apply(desk, whole_sheet(desk))
    undo(desk, run)
    desk.account.log.clear()
    document = undo(desk, run)
    assert desk.patches == []
    assert document["counts"]["unchanged"] == len(NUMBERS)
    assert {each["code"] for each in results(desk).values()} == {"already_back"}


def test_rows_that_the_run_did_not_change_are_not_touched(desk) -> None:
    name = desk.account.contact(42).name
    run = apply(desk, small(desk, "name", (41, "New"), (42, name)))
    desk.account.edit(42, {"name": "Somebody's"})
    undo(desk, run)
    assert desk.account.contact(42).name == "Somebody's"
    assert (results(desk)[3]["status"], results(desk)[3]["code"]) == ("unchanged", "not_changed")


def test_it_is_shown_and_asked_before_it_is_sent(desk) -> None:
    run = apply(desk, small(desk, "name", (41, "New")))
    desk.account.log.clear()
    ran = desk.run("undo", run, "--rate", "max")
    assert ran.code == 2
    assert "--yes" in ran.err
    assert "New" in ran.out
    assert desk.patches == []


def test_reports_tell_old_and_new(desk) -> None:
    old = desk.account.contact(41).name
    run = apply(desk, small(desk, "name", (41, "New")))
    undo(desk, run)
    (line,) = desk.report("undo", "changes.csv")
    assert (line["field"], line["old"], line["new"]) == ("name", "New", old)
    assert (line["row"], line["status"]) == ("2", "updated")


# -- somebody changed it since ---------------------------------------------------------------


def test_what_a_person_changed_since_is_left_alone_and_the_rest_goes_back(desk) -> None:
    before = desk.account.contact(41)
    run = apply(desk, whole_sheet(desk))
    desk.account.edit(41, {"note": "A person's", "custom_fields": {"Città": "Torino"}})
    document = undo(desk, run, code=1)
    now = desk.account.contact(41)
    assert (now.note, now.custom_fields["Città"]) == ("A person's", "Torino")
    assert (now.name, now.custom_fields["Status"]) == (before.name, before.custom_fields["Status"])
    line = results(desk)[2]
    assert (line["status"], line["code"]) == ("drifted", "changed_since")
    assert "note" in line["message"]
    assert "Città" in line["message"]
    found = {each["column"]: each for each in document["findings"]}
    assert set(found) == {"note", "custom_fields.Città"}
    assert found["note"]["rows"] == [2]
    assert document["counts"]["drifted"] == 1
    assert desk.run("undo", run, "--yes", "--accept", "drifted").code == 0


def test_tags_of_other_people_stay(desk) -> None:
    first = set(desk.account.contact(41).tags)
    run = apply(desk, whole_sheet(desk, [41]))
    theirs = "🔥 Hot lead"
    assert theirs not in first
    desk.account.edit(41, {"tags": [*desk.account.contact(41).tags, theirs]})
    undo(desk, run)
    assert set(desk.account.contact(41).tags) == first | {theirs}


def test_tags_that_were_replaced_return_one_by_one(desk) -> None:
    first = set(desk.account.contact(41).tags)
    run = apply(desk, small(desk, "tags.replace", (41, "Newsletter ;VIP")))
    desk.account.edit(41, {"tags": [*desk.account.contact(41).tags, "España"]})
    undo(desk, run)
    assert set(desk.account.contact(41).tags) == first | {"España"}


def test_a_later_run_is_named(desk) -> None:
    first = apply(desk, small(desk, "name", (41, "One"), (42, "One")))
    second = apply(desk, small(desk, "name", (41, "Two"), name="second.csv"))
    undo(desk, first, code=1)
    assert desk.account.contact(41).name == "Two"
    line = results(desk)[2]
    assert (line["status"], line["code"]) == ("drifted", "later_run")
    assert second in line["message"]
    assert results(desk)[3]["status"] == "updated"


def test_runs_are_undone_one_after_the_other(desk) -> None:
    first = state(desk)
    one = apply(desk, whole_sheet(desk))
    two = apply(desk, small(desk, "name", (41, "Two"), (70, "Two")))
    undo(desk, two)
    undo(desk, one)
    assert state(desk) == first


def test_a_contact_that_is_gone_is_not_found(desk) -> None:
    run = apply(desk, small(desk, "name", (41, "New"), (42, "New")))
    gone = desk.account.contact(41).uuid
    desk.account._by_uuid.pop(gone)
    undo(desk, run, "--max-not-found", "100%", code=1)
    assert [each["status"] for each in results(desk).values()] == ["not_found", "updated"]


# -- what can't be put back ------------------------------------------------------------------


def nameless(desk) -> int:
    return next(each.number for each in desk.account if not each.name)


def teamless(desk) -> int:
    return next(each.number for each in desk.account if each.team_uuid is None)


def test_a_name_that_was_not_there_stays_and_is_said(desk) -> None:
    number = nameless(desk)
    sheet = desk.sheet([["uuid", "name", "note"], [contact_uuid(number), "Named", "Noted"]])
    before = desk.account.contact(number)
    run = apply(desk, sheet)
    undo(desk, run, code=1)
    now = desk.account.contact(number)
    assert (now.name, now.note or None) == ("Named", before.note)
    line = results(desk)[2]
    assert (line["status"], line["code"]) == ("failed", "cannot_put_back")
    assert "name" in line["message"]


def test_a_team_that_was_not_there_stays_and_is_said(desk) -> None:
    number = teamless(desk)
    run = apply(desk, small(desk, "team", (number, "Sales")))
    undo(desk, run, code=1)
    assert desk.account.contact(number).team_uuid == team_uuid("Sales")
    assert results(desk)[2]["code"] == "cannot_put_back"
    assert [each["bulk_update_row"] for each in desk.report("undo", "errors.csv")] == ["2"]


def test_nobody_is_assigned_again_where_nobody_was(desk) -> None:
    number = next(each.number for each in desk.account if each.assigned_user is None)
    run = apply(desk, small(desk, "assigned_user", (number, "luca.conti@example.com")))
    undo(desk, run)
    assert desk.account.contact(number).assigned_user is None
    assert desk.patches[-1] == {"unassign_user": True}


def test_bots_go_back_by_the_status_read_before(desk) -> None:
    ended = next(each.number for each in desk.account if each.bot == "ended")
    run = apply(desk, small(desk, "bot_status", (41, "end"), (ended, "start")))
    assert desk.account.contact(41).bot == "ended"
    undo(desk, run)
    assert desk.account.contact(41).bot != "ended"
    assert desk.account.contact(ended).bot == "ended"


# -- a part of it ----------------------------------------------------------------------------


def test_only_named_targets_go_back(desk) -> None:
    before = desk.account.contact(41)
    run = apply(desk, whole_sheet(desk))
    undo(desk, run, "--only", "tags", "--only", "cf:Status")
    now = desk.account.contact(41)
    assert set(now.tags) == set(before.tags)
    assert now.custom_fields["Status"] == before.custom_fields["Status"]
    assert (now.name, now.custom_fields["Città"]) == ("Name 41", "Forlì")
    undo(desk, run)
    assert compared(desk.account.contact(41)) == compared(before)


def test_only_named_rows_go_back(desk) -> None:
    first = desk.state()
    run = apply(desk, whole_sheet(desk))
    document = undo(desk, run, "--rows", "4-6")
    assert document["counts"]["rows"] == 3
    assert list(results(desk)) == [4, 5, 6]
    back = {n for n in NUMBERS if compared(desk.account.contact(n)) == compared(first[n])}
    assert back == {43, 44, 45}
    undo(desk, document["run"])
    assert desk.account.contact(43).name == "Name 43"


def test_a_contact_of_several_rows_goes_back_as_a_whole(desk) -> None:
    """Which row gave it what is not told apart: one of its rows is enough."""
    before = desk.account.contact(41)
    uuid = contact_uuid(41)
    sheet = desk.sheet([["uuid", "name", "note"], [uuid, "New", ""], [uuid, "", "New"]])
    run = apply(desk, sheet)
    undo(desk, run, "--rows", "3")
    assert compared(desk.account.contact(41)) == compared(before)
    assert list(results(desk)) == [3]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "cf:Staus"], "custom_fields.Status"),
        (["--only", "uuid"], "no such target"),
        (["--only", "was.note"], "no such target"),
        (["--only", "nonsense"], "no such target"),
        (["--rows", "500-600"], "2 to 21"),
        (["--rows", "x"], "2-500"),
    ],
    ids=" ".join,
)
def test_what_the_run_does_not_have_is_wrong_usage(desk, arguments, said) -> None:
    """A slip must not pass for a run with nothing to put back."""
    run = apply(desk, whole_sheet(desk))
    desk.account.log.clear()
    ran = desk.run("undo", run, "--yes", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert desk.patches == []


def test_an_unknown_run_is_a_clear_error(desk) -> None:
    ran = desk.run("undo", "20200101-000000-aaaa", "--yes")
    assert ran.code == 2
    assert "20200101-000000-aaaa" in ran.err


def test_a_run_of_another_account_is_refused(desk, desk_with) -> None:
    run = apply(desk, small(desk, "name", (41, "New")))
    with desk_with() as other:
        ran = other.run("undo", run, "--yes", "--base-url", other.sandbox.base_url)
        assert ran.code == 5
        assert other.patches == []


# -- runs that stopped -----------------------------------------------------------------------


def stop_after(desk, patches: int, number: int, *arguments: str) -> int:
    """Run a command until so many changes reached the account, then send it a signal."""
    command = [sys.executable, "-m", "bulk_update", *arguments, "--yes", "--rate", "60"]
    process = subprocess.Popen(
        command,
        cwd=desk.folder,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while len(desk.patches) < patches and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(number)
    return process.wait(timeout=60)


def names_sheet(desk) -> str:
    return small(desk, "name", *((number, f"On {number}") for number in range(1, 101)))


def test_what_a_stopped_run_sent_goes_back_and_the_rest_is_never_sent(desk) -> None:
    first = state(desk)
    sheet = names_sheet(desk)
    assert stop_after(desk, 20, signal.SIGINT, "apply", sheet) == 130
    assert first != state(desk)
    ran = desk.run("undo", "last", "--yes", "--rate", "max", "--json", "--out", "undo")
    assert ran.code in (0, 1), ran.document
    held = {n for n in range(1, 101) if not first[n - 1].name}
    assert all(state(desk)[n - 1] == first[n - 1] for n in range(1, 101) if n not in held)
    codes = {each["code"] for each in results(desk).values()}
    assert codes <= {"", "not_changed", "cannot_put_back", "also_changed"}
    desk.account.log.clear()
    assert desk.run("resume").code == 0
    assert desk.patches == []


def test_what_a_superseded_run_sent_goes_back_too(desk) -> None:
    """Where the run that took its place has not changed it."""
    first = state(desk)
    notes = small(desk, "note", *((number, f"On {number}") for number in range(1, 101)))
    assert stop_after(desk, 20, signal.SIGINT, "apply", notes) == 130
    sent = {n for n in range(1, 101) if state(desk)[n - 1] != first[n - 1]}
    touched = sorted(sent)[:3]
    later = small(desk, "note", *((n, "Later") for n in touched), name="later.csv")
    second = apply(desk, later)
    stopped = next(each for each in runs_of(desk) if each != second)
    undo(desk, stopped, code=1)
    assert {n for n in range(1, 121) if state(desk)[n - 1] != first[n - 1]} == set(touched)
    left = [each for each in results(desk).values() if each["code"] == "later_run"]
    assert len(left) == len(touched)
    assert all(second in each["message"] for each in left)


def runs_of(desk) -> list[str]:
    """The names of all runs, by the folders of their reports."""
    return [each.name for each in (desk.folder / "data").rglob("bulk-update-runs/*")]


def test_an_undo_that_stopped_goes_on(desk) -> None:
    """By itself when it is given again, or by resume; everything is sent once."""
    first = state(desk)
    run = apply(desk, small(desk, "note", *((n, f"On {n}") for n in range(1, 101))))
    desk.account.log.clear()
    assert stop_after(desk, 20, signal.SIGINT, "undo", run) == 130
    assert stop_after(desk, 40, signal.SIGINT, "resume") == 130
    ran = desk.run("undo", run, "--yes", "--rate", "max")
    assert ran.code == 0, ran.err
    assert "going on" in ran.err
    assert state(desk) == first
    assert len(desk.patches) == 100


# -- the embedded sandbox --------------------------------------------------------------------


def test_the_embedded_sandbox_remembers_what_is_to_be_undone(desk) -> None:
    sheet = small(desk, "name", (41, "New"))
    run = apply(desk, sheet, "--sandbox")
    undo(desk, run, "--sandbox")
    ran = desk.run("apply", sheet, "--sandbox", "--yes", "--json")
    assert ran.document["counts"]["updated"] == 1
