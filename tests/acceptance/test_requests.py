"""The fewest requests that do the job, counted by the account."""

from __future__ import annotations

import math

from bulk_update.sandbox import Behaviour
from bulk_update.sandbox.people import contact_uuid

CONTACTS = 200


def asked(desk, since: int = 0) -> int:
    return len(desk.account.log.requests) - since


def test_a_sheet_that_covers_the_account_is_read_by_the_page(desk_with) -> None:
    """At most one request a page, one a change, and 40; what it saved is said."""
    for cursors in (True, False):
        with desk_with(behaviour=Behaviour(cursors=cursors), contacts=CONTACTS) as desk:
            people = [desk.account.contact(number) for number in range(1, CONTACTS + 1)]
            changing = 12
            rows = [
                [each.uuid, f"New {n}" if n < changing else ""] for n, each in enumerate(people)
            ]
            sheet = desk.sheet([["uuid", "name"], *rows])
            ran = desk.run("apply", sheet, "--yes", "--json", "--out", f"out{cursors}")
            assert ran.code == 0
            assert ran.document["counts"]["updated"] == changing
            most = min(len(rows), math.ceil(CONTACTS / 20)) + changing + 40
            assert asked(desk) <= most
            told = ran.document["requests"]
            assert sum(told.values()) - told["saved"] == asked(desk)
            unchanged = len(rows) - changing
            assert told["saved"] == len(rows) - math.ceil(CONTACTS / 20) + unchanged


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
        assert ran.document["requests"]["get_contact"] == 60
        assert ran.document["requests"]["list_contacts"] == 1  # how many pages are there?
