"""The fewest requests that do the job, counted by the account."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from bulk_update.sandbox import Behaviour, SandboxAccount
from bulk_update.sandbox.people import contact_phone_digits, contact_uuid

APPLY = ("--yes", "--rate", "max", "--json")
Rows = Iterable[tuple[str, ...]]


def asked(desk, since: int = 0) -> int:
    return len(desk.account.log.requests) - since


def by_uuid(numbers: Iterable[int], changing: int) -> Callable[[SandboxAccount], Rows]:
    """Rows that name contacts by their uuid; the first ``changing`` ask for another name."""
    return lambda _account: (
        (contact_uuid(n), f"New {n}" if at < changing else "") for at, n in enumerate(numbers)
    )


def by_phone(numbers: Iterable[int], changing: int) -> Callable[[SandboxAccount], Rows]:
    """The same, by international numbers."""
    return lambda account: (
        (f"+{number}", f"New {n}" if at < changing else account.contact(n).name or "")
        for at, n in enumerate(numbers)
        if (number := contact_phone_digits(n))
    )


@dataclass(frozen=True)
class Case:
    """A sheet in an account of so many contacts. ``changing`` of them get a PATCH, ``read_again``
    are read once more before it; ``absent`` is how many look-ups it takes to know that contacts
    are not there."""

    contacts: int
    header: tuple[str, ...]
    rows: Callable[[SandboxAccount], Rows]
    changing: int
    read_again: int = 0
    absent: int = 0
    flags: tuple[str, ...] = ()


NAMES = ("uuid", "name")
CASES = {
    "a sheet of the whole account": Case(200, NAMES, by_uuid(range(1, 201), 12), 12),
    "nothing changes": Case(2_000, NAMES, by_uuid(range(1, 61), 0), 0),
    "few of many, all change": Case(2_000, NAMES, by_uuid(range(1, 101), 100), 100),
    "many of many": Case(2_000, NAMES, by_uuid(range(1, 501), 5), 5),
    "so few that nobody would list": Case(400, NAMES, by_uuid(range(1, 41), 2), 2),
    "by phone, the whole account": Case(
        200, ("phone", "name"), by_phone(range(61, 201), 12), 12, absent=2
    ),
    "by phone, few of many": Case(2_000, ("phone", "name"), by_phone(range(101, 171), 5), 5),
    "nobody is found": Case(
        200, NAMES, lambda _account: ((f"{n:032x}", "x") for n in range(90)), 0, absent=90
    ),
    "each contact three times": Case(
        200, NAMES, by_uuid([n for n in range(1, 61) for _again in range(3)], 180), 60
    ),
    "a tag for each": Case(
        300,
        ("uuid", "tags"),
        lambda _account: ((contact_uuid(n), "VIP") for n in range(61, 141)),
        80,
        read_again=80,
    ),
    "the first night": Case(400, NAMES, by_uuid(range(1, 101), 100), 100, flags=("--since-last",)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_apply_asks_no_more_than_it_must(desk_with, case: Case) -> None:
    """A request a row or a page, whichever is fewer, one a change, one for what has to be read
    again; and 40 for the schema, the canary and who it is."""
    with desk_with(contacts=case.contacts) as desk:
        rows = list(case.rows(desk.account))
        sheet = desk.sheet([case.header, *rows])
        ran = desk.run("apply", sheet, *APPLY, "--max-not-found", "100%", *case.flags)
        assert ran.code == (1 if case.absent == len(rows) else 0), ran.err
        cheapest = min(len(rows), math.ceil(case.contacts / 20))
        assert asked(desk) <= cheapest + case.changing + case.read_again + case.absent + 40
        told = ran.document["requests"]
        assert sum(told.values()) - told["saved"] == asked(desk)
        assert len(desk.patches) <= case.changing


def test_contacts_that_the_schema_did_not_show_cost_no_more(desk_with) -> None:
    """None of them is on a page that was read for the schema: a plan had to look it up."""
    with desk_with(contacts=2_000) as desk:
        sheet = desk.sheet([NAMES, *by_uuid(range(61, 131), 0)(desk.account)])
        assert desk.run("plan", sheet, "--rate", "max").code == 0
        looked_up = [each.uuid for each in desk.account.log.requests if each.uuid]
        rows = [(uuid, f"New {at}") for at, uuid in enumerate(looked_up)]
        assert len(rows) > 40
        desk.sheet([NAMES, *rows])
        before = asked(desk)
        ran = desk.run("apply", sheet, *APPLY)
        assert ran.document["counts"]["updated"] == len(rows), ran.err
        assert asked(desk, before) <= 2 * len(rows) + 40


@pytest.mark.parametrize("cursors", [True, False])
def test_a_page_that_was_read_for_the_schema_is_not_read_again(desk_with, cursors: bool) -> None:
    with desk_with(behaviour=Behaviour(cursors=cursors), contacts=200) as desk:
        sheet = desk.sheet([NAMES, *by_uuid(range(1, 201), 0)(desk.account)])
        ran = desk.run("plan", sheet, "--json", "--rate", "max")
        assert ran.code == 0
        told = ran.document["requests"]
        assert told["list_contacts"] == 200 / 20
        assert "get_contact" not in told
        assert told["saved"] == 2 * 200, "a look-up and a PATCH a row"


def test_pages_without_the_types_of_their_fields_are_read_again(desk_with) -> None:
    """A text that looks like a list would be taken for one."""
    silent = Behaviour(metadata_in_listing=False)
    with desk_with(behaviour=silent, contacts=200) as desk:
        sheet = desk.sheet([NAMES, *by_uuid(range(1, 201), 0)(desk.account)])
        ran = desk.run("plan", sheet, "--json", "--rate", "max")
        assert ran.code == 0
        assert ran.document["requests"]["list_contacts"] > 200 / 20
        assert ran.document["counts"]["unchanged"] == 200


def test_a_short_sheet_is_looked_up_row_by_row(desk) -> None:
    sheet = desk.sheet([["uuid", "name"], *([contact_uuid(n), "New"] for n in range(1, 31))])
    desk.run("schema", "pull", "-o", "account.toml")
    before = asked(desk)
    ran = desk.run("plan", sheet, "--schema", "account.toml", "--json")
    assert ran.document["requests"]["get_contact"] == 30
    assert "list_contacts" not in ran.document["requests"]
    assert asked(desk, before) <= 30 + 2


def test_a_large_account_is_not_read_whole_for_a_few_rows(desk_with) -> None:
    with desk_with(contacts=2_000) as desk:
        sheet = desk.sheet([["uuid", "name"], *([contact_uuid(n), "New"] for n in range(1, 61))])
        desk.run("schema", "pull", "-o", "account.toml")
        ran = desk.run("plan", sheet, "--schema", "account.toml", "--json", "--rate", "max")
        told = ran.document["requests"]
        assert told["list_contacts"] == 1  # how many pages are there?
        assert 60 - 20 <= told["get_contact"] <= 60


def test_a_later_night_and_the_way_back_cost_what_changed(desk_with) -> None:
    """One cell of 150 rows is another: that contact is read and changed. An undo reads what the
    run changed, and nothing else; going on with it when it is done asks nothing."""
    with desk_with(contacts=200) as desk:
        rows = [[contact_uuid(n), f"First {n}"] for n in range(1, 151)]
        desk.sheet([NAMES, *rows])
        assert desk.run("apply", "sheet.csv", *APPLY, "--since-last").code == 0
        desk.run("schema", "pull", "-o", "account.toml")
        rows[70][1] = "Second"
        desk.sheet([NAMES, *rows])
        before = asked(desk)
        ran = desk.run("apply", "sheet.csv", *APPLY, "--since-last", "--schema", "account.toml")
        assert ran.document["counts"]["skipped"] == 149
        assert asked(desk, before) <= 2 * 1 + 4, "who it is, and the canary's two readings"
        before = asked(desk)
        assert desk.run("undo", "last", *APPLY).document["counts"]["updated"] == 1
        assert asked(desk, before) <= 2 * 1 + 4
