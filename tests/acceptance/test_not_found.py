"""Contacts that were not found: why, in every report, and who they are, to look for them."""

from __future__ import annotations

import html
import re

import openpyxl

HEADER = ["uuid", "Telefono", "Nome", "tags", "Scheda"]
NOBODY = "0" * 31 + "1"
ROWS = [
    ["", "+39 347 999 9999", "Ann <b>Neri</b>", "VIP", "1"],
    ["", "347 000 1234", "Luca Neri", "VIP", "2"],
    ["", "12", "Numero Corto", "VIP", "3"],
    [NOBODY, "+33 6 00 00 00 00", "Chloé", "VIP", "5"],
]


def test_each_says_why_and_is_handed_over_with_name_and_number(desk) -> None:
    """Bad number, other channel, no contact; by the sheet's words, since nobody was found. Every
    report comes again from the journal, byte for byte."""
    elsewhere = f"+{desk.account.contact(15).digits}"  # on the second channel alone
    known = next(each for each in desk.account if each.number == 20)
    rows = [*ROWS, ["", elsewhere, "Second", "VIP", "6"], [known.uuid, "", "", "VIP", "7"]]
    sheet = desk.sheet([HEADER, *rows])
    options = ("--yes", "--json", "--region", "IT", "--max-not-found", "100%", "--skip", "Scheda")
    ran = desk.run("apply", sheet, *options, "--out", "out")
    assert ran.code == 1, ran.err
    assert ran.document["counts"]["not_found"] == 5

    results = {line["row"]: line for line in desk.report("out", "results.csv")}
    codes = [results[str(row)]["code"] for row in range(2, 7)]
    assert codes == ["no_contact", "no_contact", "bad_number", "no_contact", "other_channel"]
    assert {results[str(row)]["status"] for row in range(2, 7)} == {"not_found"}
    assert "looked up: 3470001234, 393470001234" in results["3"]["message"]
    assert results["4"]["message"] == "12 is no phone number"
    assert NOBODY in results["5"]["message"]
    assert results["6"]["message"] == f"'{elsewhere} is on another channel"  # no formula

    lines = list(
        openpyxl.load_workbook(desk.folder / "out/not_found.xlsx").active.iter_rows(
            values_only=True
        )
    )
    assert lines[0][:7] == ("row", "key", "name", "phone", "code", "message", "hint")
    assert lines[0][7:] == tuple(HEADER)
    assert [line[:5] for line in lines[1:]] == [
        ("2", "+39 347 999 9999", "Ann <b>Neri</b>", "+393479999999", "no_contact"),
        ("3", "347 000 1234", "Luca Neri", "+393470001234", "no_contact"),
        ("4", "12", "Numero Corto", None, "bad_number"),
        ("5", NOBODY, "Chloé", "+33600000000", "no_contact"),
        ("6", elsewhere, "Second", elsewhere, "other_channel"),
    ]
    assert all(line[5] and line[6] for line in lines[1:])
    assert [line[-1] for line in lines[1:]] == ["1", "2", "3", "5", "6"]

    page = (desk.folder / "out/report.html").read_text(encoding="utf-8")
    told = re.findall(r"<tr><td class=\"number\">.*?</tr>", page, re.DOTALL)
    assert len(told) == 5
    for text, line in zip(told, lines[1:], strict=True):
        shown = html.unescape(re.sub(r"<[^>]+>", " ", text))
        assert all(each in shown for each in (line[0], line[1], line[2], line[4], line[5]))

    again = desk.run("report", "last", "--out", "again")
    assert again.code == 0, again.err
    for name in ("not_found.xlsx", "changes.xlsx", "report.html"):
        first, second = desk.folder / "out" / name, desk.folder / "again" / name
        assert first.read_bytes() == second.read_bytes(), name


def test_the_same_holds_of_a_check_a_plan_and_an_undo(desk) -> None:
    """A check looks nobody up; a plan would change; an undo puts back, and names teams and people
    as the run it puts back did."""
    team = desk.account.contact(3).team_uuid
    other = next(each.team_uuid for each in desk.account if each.team_uuid not in (team, None))
    sheet = desk.sheet([["uuid", "team", "Nome"], [desk.account.contact(3).uuid, other, ""]])
    assert desk.run("check", sheet, "--out", "check").code == 0
    assert {each.name for each in (desk.folder / "check").iterdir()} == {
        "results.csv",
        "changes.csv",
        "errors.csv",
        "report.html",
        "summary.json",
    }
    assert desk.run("plan", sheet, "--out", "plan").code == 0
    assert desk.run("apply", sheet, "--yes", "--out", "apply").code == 0
    assert desk.run("undo", "last", "--yes", "--out", "undo").code == 0
    said = {
        "check": "1 of 1 rows are valid",
        "plan": "1 of 1 rows would be changed",
        "apply": "1 of 1 rows are as the sheet asks",
        "undo": "1 of 1 rows are as they were before",
    }
    for folder, headline in said.items():
        page = (desk.folder / folder / "report.html").read_text(encoding="utf-8")
        assert headline in page
        named = page.split('id="totals-2"')[-1].split("</table>")[0]
        assert (team in page, "→" in named) == (False, folder != "check")
    for folder in ("plan", "apply", "undo"):
        book = openpyxl.load_workbook(desk.folder / folder / "changes.xlsx")
        line = [cell.value for cell in book.worksheets[0][2]]
        names = [desk.account.catalogue.team_by_uuid[each].name for each in (team, other)]
        assert line[5:7] == (names if folder != "undo" else names[::-1])
        assert book.worksheets[-1]["A3"].value == "By team"
