"""Workbooks to fill in: an empty one, and one with the contacts of the account."""

from __future__ import annotations

import datetime as dt
import stat
import unicodedata
from dataclasses import replace

import openpyxl
import pytest

from bulk_update.sandbox import Behaviour

NASTY = (
    "  two spaces, and a trailing one ",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-10% sconto",
    "'quoted",
    "@here",
    "<clear>",
    "a;b|c,d",
    '["not", "a list"]',
    "{'Città': 'x'}",
    "1.234,56",
    "3.93E+11",
    "#N/A",
    "007",
    "31/12/2026",
    "line one\nline two",
    "tab\there",
    "Zoe\u0308 · 🔥 · שלום",
    "_x000D_",
    "null",
    "MuÃ±oz",
    "a\x0bb\x85c",
    "x" * 40_000,
)


def sheet(desk, name: str):
    return openpyxl.load_workbook(desk.folder / name).worksheets[0]


def cells(desk, name: str) -> list[dict[str, object]]:
    header, *rows = sheet(desk, name).iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def bear(desk, number: int, text: str) -> None:
    """Give a contact this text everywhere, past all checks of the account."""
    contact = desk.account.contact(number)
    names = ("Città", "Status", "orderNumber", "Fecha de renovación", "Work Email")
    fields = {**contact.custom_fields, **dict.fromkeys(names, text), "Features": (text,)}
    desk.account._by_uuid[contact.uuid] = replace(
        contact, name=text, note=text, tags=(*contact.tags, text), custom_fields=fields
    )


def test_a_template_is_read_back_and_its_example_is_never_applied(desk) -> None:
    made = desk.run("template", "-o", "contacts.xlsx", "--lang", "it", "--json")
    assert (made.code, made.document["files"]) == (0, {"template": "contacts.xlsx"})
    page = sheet(desk, "contacts.xlsx")
    titles = {cell.value: cell for cell in page[1]}
    assert {"id contatto", "telefono", "nome", "utente assegnato", "Status"} <= titles.keys()
    assert all(cell.comment is not None for cell in titles.values())
    example = {title: page.cell(2, cell.column) for title, cell in titles.items()}
    assert example["Fecha de renovación"].value == dt.datetime(2026, 12, 31, tzinfo=None)
    assert example["telefono"].number_format == "@"
    offered = {str(each.sqref).split(":")[0] for each in page.data_validations.dataValidation}
    chosen = ("utente assegnato", "team", "stato bot", "Status")
    assert {example[title].coordinate for title in chosen} <= offered
    ends = {str(each.sqref).split(":")[1][1:] for each in page.data_validations.dataValidation}
    assert ends == {"1048576"}
    assert stat.S_IMODE((desk.folder / "contacts.xlsx").stat().st_mode) == 0o600
    ran = desk.run("apply", "contacts.xlsx", "--yes", "--json")
    assert (ran.code, ran.document["counts"]["rows"], desk.patches) == (0, 0, [])
    assert "example_row" in {each["code"] for each in ran.document["findings"]}


def test_an_example_that_somebody_makes_their_own_is_right_in_every_cell(desk) -> None:
    assert desk.run("template", "-o", "t.xlsx").code == 0
    book = openpyxl.load_workbook(desk.folder / "t.xlsx")
    page = book.worksheets[0]
    page["A2"], page["B2"] = desk.account.contact(7).uuid, None
    book.save(desk.folder / "t.xlsx")
    ran = desk.run("check", "t.xlsx", "--json")
    assert (ran.code, ran.document["counts"]["rows"]) == (0, 1)
    assert [each for each in ran.document["findings"] if each["level"] == "error"] == []


def test_what_is_filled_in_below_the_example_is_applied(desk) -> None:
    schema = desk.run("schema", "pull", "-o", "account.toml")
    assert schema.code == 0
    asked = len(desk.account.log.requests)
    assert desk.run("template", "--out", "t.xlsx", "--schema", "account.toml").code == 0
    assert len(desk.account.log.requests) == asked  # a schema needs no network
    book = openpyxl.load_workbook(desk.folder / "t.xlsx")
    page = book.worksheets[0]
    titles = {cell.value: cell.column for cell in page[1]}
    page.cell(3, titles["uuid"], desk.account.contact(7).uuid)
    page.cell(3, titles["Fecha de renovación"], dt.date(2027, 1, 31))
    page.cell(3, titles["name"], "Seven")
    book.save(desk.folder / "t.xlsx")
    ran = desk.run("apply", "t.xlsx", "--yes", "--json", "--out", "out")
    assert (ran.code, ran.document["counts"]["updated"]) == (0, 1)
    assert desk.account.contact(7).custom_fields["Fecha de renovación"] == "2027-01-31"
    assert [each["row"] for each in desk.report("out", "results.csv")] == ["3"]


def test_nothing_that_is_there_is_replaced_unless_forced(desk) -> None:
    (desk.folder / "mine.xlsx").write_text("two hours of work")
    for command in ("template", "export"):
        ran = desk.run(command, "-o", "mine.xlsx", "--json")
        assert (ran.code, ran.document["error"]["code"]) == (2, "file_exists")
    assert (desk.folder / "mine.xlsx").read_text() == "two hours of work"
    assert desk.run("template", "-o", "mine.xlsx", "--force").code == 0
    assert desk.run("template", "-o", "contacts.csv").code == 2
    assert desk.run("export").code == 2
    assert desk.run("export", "-o", "nowhere/contacts.xlsx").code == 8


def test_an_export_applied_as_it_is_changes_nothing(desk) -> None:
    """Whatever contacts hold: also what the account itself would not take today."""
    for number, text in enumerate(NASTY, start=20):
        bear(desk, number, text)
    before = desk.state()
    made = desk.run("export", "-o", "all.xlsx", "--json")
    assert made.code == 0
    rows = cells(desk, "all.xlsx")
    assert len(rows) == len(before)
    said = {each["code"]: each["message"] for each in made.document["findings"]}
    assert said["too_long_for_a_cell"]
    assert said["not_for_a_cell"]
    ran = desk.run("apply", "all.xlsx", "--yes", "--json", "--rate", "max", "--out", "out")
    assert ran.code == 0, [each for each in ran.document["findings"] if each["level"] == "error"]
    assert ran.document["counts"]["unchanged"] == len(before)
    assert desk.patches == []


def test_whatever_a_contact_had_can_be_mended_in_an_export(desk) -> None:
    """Errors of a spreadsheet program in the account are what such a job is for.

    Options that the account no longer has are left out here where white space or composition
    would be gone in a list: that they are the same can't be told, and the row is left alone."""
    texts = [text for text in NASTY if unicodedata.normalize("NFC", text.strip()) == text]
    for number, text in enumerate(texts, start=20):
        bear(desk, number, text)
    desk.run("export", "-o", "all.xlsx")
    book = openpyxl.load_workbook(desk.folder / "all.xlsx")
    page = book.worksheets[0]
    titles = {cell.value: cell.column for cell in page[1]}
    borne = {desk.account.contact(number).uuid for number in range(20, 20 + len(texts))}
    for row in range(2, page.max_row + 1):
        if page.cell(row, titles["uuid"]).value in borne:
            page.cell(row, titles["note"], "Mended")
    book.save(desk.folder / "all.xlsx")
    ran = desk.run("apply", "all.xlsx", "--yes", "--json", "--rate", "max")
    assert (ran.code, ran.document["counts"]["updated"]) == (0, len(texts))


def test_one_changed_cell_of_an_export_is_one_change(desk) -> None:
    desk.run("export", "-o", "all.xlsx")
    book = openpyxl.load_workbook(desk.folder / "all.xlsx")
    page = book.worksheets[0]
    titles = {cell.value: cell.column for cell in page[1]}
    uuids = {page.cell(row, titles["uuid"]).value: row for row in range(2, page.max_row + 1)}
    one, other = desk.account.contact(3), desk.account.contact(4)
    page.cell(uuids[one.uuid], titles["note"], "Changed")
    page.cell(uuids[other.uuid], titles["note"], "Changed too")
    book.save(desk.folder / "all.xlsx")
    desk.account.edit(4, {"note": "Somebody was quicker"})
    ran = desk.run("apply", "all.xlsx", "--yes", "--json", "--rate", "max")
    counts = ran.document["counts"]
    assert (ran.code, counts["updated"], counts["drifted"]) == (1, 1, 1)
    assert desk.account.contact(3).note == "Changed"
    assert desk.account.contact(4).note == "Somebody was quicker"


def test_contacts_are_chosen_by_tag_team_user_source_and_number(desk) -> None:
    people = list(desk.account)
    tagged = [each for each in people if {"VIP", "Lead"} & set(each.tags)]
    user = next(each.assigned_user for each in people if each.assigned_user)
    of_user = [each for each in people if each.assigned_user == user]

    def exported(*flags: str) -> set[object]:
        assert desk.run("export", "-o", "x.xlsx", "--force", *flags).code == 0
        return {row["uuid"] for row in cells(desk, "x.xlsx")}

    assert exported("--tag", "vip", "--tag", "Lead") == {each.uuid for each in tagged}
    assert exported("--assigned-user", user.upper()) == {each.uuid for each in of_user}
    assert len(exported("--limit", "5")) == 5
    team = next(each for each in people if each.team_uuid)
    of_team = {each.uuid for each in people if each.team_uuid == team.team_uuid}
    assert exported("--team", team.team_uuid) == of_team
    ran = desk.run("export", "-o", "y.xlsx", "--team", "No such team", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "unknown_team")


@pytest.mark.parametrize(("cursors", "code"), [(False, 1), (True, 0)])
def test_an_account_that_lists_no_further_is_said(desk_with, monkeypatch, cursors, code) -> None:
    """Past the last page by number only a cursor goes on, and old servers have none."""
    monkeypatch.setattr("bulk_update.sandbox.listing.LAST_PAGE", 3)
    with desk_with(behaviour=Behaviour(cursors=cursors), contacts=100) as desk:
        ran = desk.run("export", "-o", "all.xlsx", "--json")
        assert ran.code == code
        told = {each["code"] for each in ran.document["findings"]}
        assert ("export_incomplete" in told) == bool(code)
        assert len(cells(desk, "all.xlsx")) == (60 if code else 100)
