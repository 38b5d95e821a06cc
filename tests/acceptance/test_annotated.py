"""annotated.xlsx as a person uses it: mended in Excel, given back, and nothing else touched."""

from __future__ import annotations

import json
import tomllib

import openpyxl
import pytest

from bulk_update.sandbox.people import contact_phone_digits

HEADER = ["Phone", "Status", "Tags", "Note"]
CELLS = [
    ("Inactive", "VIP", "one"),
    ("Actve", "VIP", "two"),
    ("Trial", "Leed; VIP", "three"),
    ("Wonn", "VIP", "=4+4"),
    ("Actve", "VIP", "five"),
    ("trial ", "VIP", "six"),
]
ROWS = [
    [f"+{contact_phone_digits(number)}", *cells] for number, cells in enumerate(CELLS, start=21)
]


def values(page) -> dict[str, int]:
    """The rows of the sheet of values, by value."""
    return {row[1].value: row[1].row for row in page.iter_rows(min_row=2)}


@pytest.fixture
def checked(desk):
    """A desk where the sheet was checked, and its workbook opened."""
    ran = desk.run("check", desk.sheet([HEADER, *ROWS]), "--out", "out", "--json")
    assert ran.code == 1
    assert ran.document["files"]["annotated.xlsx"].endswith("out/annotated.xlsx")
    return openpyxl.load_workbook(desk.folder / "out" / "annotated.xlsx")


def test_mended_in_all_three_sheets_it_is_applied_as_it_is(desk, checked):
    """An answer, also for one tag of a list; a cell of Fix me; a cell of the sheet. The account
    then has what was meant, the journal can tell of it again, and another apply has nothing."""
    answers, fix, sheet = checked["Values"], checked["Fix me"], checked["sheet"]
    assert set(values(answers)) == {"Actve", "Wonn", "Leed"}
    answers.cell(values(answers)["Actve"], 7).value = "Active"
    answers.cell(values(answers)["Leed"], 7).value = "Lead"
    assert fix["A4"].value == ROWS[3][0]
    fix["B4"].value = "On hold"
    sheet["D2"].value = "one, mended"
    checked.save(desk.folder / "mended.xlsx")
    before = desk.state()
    ran = desk.run("apply", "mended.xlsx", "--yes", "--out", "done")
    assert ran.code == 0, ran.out + ran.err
    now = {number: desk.state()[number] for number in range(21, 27)}
    assert [each.custom_fields["Status"] for each in now.values()] == [
        *("Inactive", "Active", "Trial", "On hold", "Active", "Trial")
    ]
    assert now[21].note == "one, mended"
    assert now[24].note == "=4+4"
    assert {"Lead", "VIP"} <= set(now[23].tags)
    assert set(desk.changed(before)) <= set(range(21, 27))
    assert [line["row"] for line in desk.report("done", "results.csv")] == list("234567")
    assert desk.run("report", "last", "--out", "again").code == 0
    assert desk.report("again", "results.csv") == desk.report("done", "results.csv")
    assert desk.run("apply", "mended.xlsx", "--yes", "--out", "twice").code == 0
    assert {line["status"] for line in desk.report("twice", "results.csv")} == {"unchanged"}
    told = desk.run("explain", "last", "3", "--json").document
    assert "bulk_update_id" not in json.dumps(told)


def test_what_was_mended_twice_is_not_sent_and_stays_wrong(desk, checked):
    """The row alone; given back again as it is, the new workbook says the same of it, and the
    answers of the one before still hold."""
    answers = checked["Values"]
    answers.cell(values(answers)["Actve"], 7).value = "Active"
    checked["sheet"]["B5"].value = "Active"
    checked["Fix me"]["B4"].value = "Trial"
    checked.save(desk.folder / "mended.xlsx")
    assert desk.run("apply", "mended.xlsx", "--yes", "--out", "first").code == 1
    for folder, given in (("first", "mended.xlsx"), ("second", "first/annotated.xlsx")):
        if folder == "second":
            assert desk.run("apply", given, "--yes", "--out", folder).code == 1
        wrong = {line["row"]: line["code"] for line in desk.report(folder, "results.csv")}
        assert wrong.pop("4") == "unknown_tag"
        assert wrong.pop("5") in {"mended_twice", "extra_cells"}
        assert set(wrong.values()) == {""}
    assert desk.run("report", "last", "--out", "again").code == 0
    first, again = (
        openpyxl.load_workbook(desk.folder / folder / "annotated.xlsx")
        for folder in ("second", "again")
    )
    for page in first:
        assert list(page.values) == list(again[page.title].values)


def test_only_bad_leaves_the_good_rows_out_and_untouched(desk):
    desk.sheet([HEADER, *ROWS])
    assert desk.run("plan", "sheet.csv", "--out", "out", "--only-bad").code == 1
    book = openpyxl.load_workbook(desk.folder / "out" / "annotated.xlsx")
    assert [row[0] for row in book["sheet"].values][1:] == [ROWS[n][0] for n in (1, 2, 3, 4)]
    book["Fix me"]["B2"].value = "Active"
    book.save(desk.folder / "mended.xlsx")
    before = desk.state()
    assert desk.run("apply", "mended.xlsx", "--yes", "--out", "done").code == 1
    assert set(desk.changed(before)) == {22}


def test_answers_become_value_maps_of_the_mapping_file(desk, checked):
    """With the sheet they were answered for; once more into the file that is there then."""
    answers = checked["Values"]
    answers.cell(values(answers)["Actve"], 7).value = "Active"
    checked.save(desk.folder / "mended.xlsx")
    ran = desk.run("map", "sheet.csv", "--values", "mended.xlsx")
    assert ran.code == 0
    assert "1 value is read as another now" in ran.err
    path = desk.folder / "sheet.csv.map.toml"
    assert tomllib.loads(path.read_text())["columns"]["Status"]["values"] == {"Actve": "Active"}
    path.write_text("# mine\n" + path.read_text())
    answers.cell(values(answers)["Wonn"], 7).value = "On hold"
    answers.cell(values(answers)["Leed"], 7).value = "Lead"
    checked.save(desk.folder / "mended.xlsx")
    assert desk.run("map", "sheet.csv", "--values", "mended.xlsx").code == 0
    text = path.read_text()
    columns = tomllib.loads(text)["columns"]
    assert text.startswith("# mine\n")
    assert columns["Status"]["values"] == {"Actve": "Active", "Wonn": "On hold"}
    assert columns["Tags"]["values"] == {"Leed": "Lead"}
    assert desk.run("check", "sheet.csv", "--mapping", path.name).code == 0
    ran = desk.run("map", "sheet.csv", "--values", "sheet.csv")
    assert (ran.code, "has no answers" in ran.err) == (2, True)


def test_a_workbook_of_an_earlier_run_is_put_aside_when_nothing_is_left_to_mend(desk, checked):
    """Whoever opens the folder finds nothing to mend that is mended; nothing is lost either. The
    workbook that was given back from that very folder stays where it is."""
    good = desk.sheet([HEADER, ROWS[0]], "good.csv")
    ran = desk.run("check", good, "--out", "out", "--json")
    assert (ran.code, "annotated.xlsx" in ran.document["files"]) == (0, False)
    assert not (desk.folder / "out" / "annotated.xlsx").exists()
    assert (desk.folder / "out" / "annotated (old).xlsx").exists()
    fix, sheet = checked["Fix me"], checked["sheet"]
    while sheet.max_row > 2:
        sheet.delete_rows(sheet.max_row)
    checked.remove(fix)
    checked.save(desk.folder / "out" / "annotated.xlsx")
    assert desk.run("check", "out/annotated.xlsx", "--out", "out").code == 0
    assert (desk.folder / "out" / "annotated.xlsx").exists()


def test_damage_that_a_text_does_not_show_survives_errors_csv(desk):
    """A formula without a value and a number without its last digits are text in a CSV file: given
    back as they are, their rows are wrong again; columns that mean nothing do no harm."""
    book = openpyxl.Workbook()
    page = book.active
    page.append([*HEADER, "Internal"])
    for number, (row, cell) in enumerate(
        zip(ROWS, ("=1+1", 1234567890123456, "fine", "Wonn"), strict=False), start=2
    ):
        page.append([row[0], "Active", "VIP", cell, "=4+4"])
        page.cell(number, 3).data_type = "s"
    page["B5"] = "Wonn"
    book.save(desk.folder / "odd.xlsx")
    ran = desk.run("check", "odd.xlsx", "--out", "out", "--json")
    assert (ran.code, ran.document["counts"]["invalid"]) == (1, 3)
    again = desk.run("check", "out/errors.csv", "--json")
    assert (again.code, again.document["counts"]["invalid"]) == (1, 3)
    codes = {each["code"]: each["count"] for each in again.document["findings"]}
    assert (codes["extra_cells"], codes["unknown_option"]) == (2, 1)
