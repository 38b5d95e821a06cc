"""``--since-last``: a second night touches only what the sheet says anew."""

from __future__ import annotations

import pytest

from bulk_update.sandbox.people import contact_uuid

NUMBERS = range(41, 61)
HEADER = ("uuid", "name", "note", "tags")


def sheet(desk, *, numbers=NUMBERS, name="sheet.csv", **cells: dict[int, str]) -> str:
    """A sheet of names, notes and tags; ``cells`` are those that are not as usual."""
    rows = [
        (
            contact_uuid(number),
            *(
                cells.get(column, {}).get(number, usual)
                for column, usual in (
                    ("name", f"Name {number}"),
                    ("note", f"Note {number}"),
                    ("tags", "VIP"),
                )
            ),
        )
        for number in numbers
    ]
    return desk.sheet([HEADER, *rows], name)


def apply(desk, file: str, *arguments: str, code: int = 0) -> dict:
    """Apply a sheet since the last run; the document."""
    flags = ("--since-last", "--yes", "--rate", "max", "--json", "--out", "out")
    ran = desk.run("apply", file, *flags, *arguments)
    assert ran.code == code, ran.document
    return ran.document


def results(desk) -> dict[int, dict[str, str]]:
    return {int(each["row"]): each for each in desk.report("out", "results.csv")}


@pytest.fixture
def night(desk):
    """A desk after a first night."""
    document = apply(desk, sheet(desk))
    assert document["counts"]["updated"] == len(NUMBERS)
    desk.account.log.clear()
    return desk


def reads(desk) -> list[str]:
    """The contacts that were read one by one."""
    return [each.uuid for each in desk.account.log.requests if each.method == "GET" and each.uuid]


def test_a_second_night_reads_and_sends_nothing(night) -> None:
    document = apply(night, sheet(night))
    assert document["counts"]["skipped"] == len(NUMBERS)
    assert night.patches == []
    assert reads(night) == []
    line = results(night)[2]
    assert (line["status"], line["code"]) == ("skipped", "last_applied")
    assert line["uuid"] == contact_uuid(41)


def test_one_changed_cell_costs_its_own_contact_alone(night) -> None:
    document = apply(night, sheet(night, note={45: "New"}))
    assert document["counts"]["updated"] == 1
    assert document["counts"]["skipped"] == len(NUMBERS) - 1
    assert night.patches == [{"note": "New"}]
    assert len(set(reads(night))) == 1
    assert apply(night, sheet(night, note={45: "New"}))["counts"]["skipped"] == len(NUMBERS)


def test_a_row_of_blank_cells_costs_nothing_once_its_key_is_known(night) -> None:
    """Nothing of it can differ from what was last applied."""
    known = (contact_uuid(41), "Name 41", "Note 41", "VIP")
    wider = night.sheet([HEADER, known, (contact_uuid(62), "", "", "")])
    assert apply(night, wider)["counts"]["unchanged"] == 1
    night.account.log.clear()
    assert apply(night, wider)["counts"]["skipped"] == 2
    assert reads(night) == []


def test_explain_names_the_fields_that_were_left_alone(night) -> None:
    """The contact was changed, and yet not in every field that its row asks for."""
    night.account.edit(45, {"name": "Theirs"})
    apply(night, sheet(night, note={45: "New"}))
    told = night.run("explain", "last", "6", "--json").document["explanation"]
    assert ([each["field"] for each in told["fields"]], told["left"]) == (
        ["note"],
        ["name", "tags"],
    )
    assert "as --since-last asks: name, tags" in night.run("explain", "last", "6").out
    told = night.run("explain", "last", "3", "--json").document["explanation"]
    assert (told["status"], told["left"]) == ("skipped", [])


def test_what_somebody_changed_in_the_account_is_left_alone(night) -> None:
    """Also in a row of which another cell changed: field by field."""
    night.account.edit(45, {"name": "Somebody's"})
    night.account.edit(46, {"name": "Somebody's"})
    document = apply(night, sheet(night, note={45: "New"}))
    assert document["counts"]["updated"] == 1
    assert night.account.contact(45).name == "Somebody's"
    assert night.account.contact(45).note == "New"
    assert night.account.contact(46).name == "Somebody's"


def test_what_both_sides_changed_is_not_sent_and_the_rest_is(night) -> None:
    night.account.edit(45, {"note": "Theirs"})
    document = apply(night, sheet(night, note={45: "Ours"}), code=1)
    assert document["counts"]["drifted"] == 1
    assert night.patches == []
    line = results(night)[6]
    assert (line["status"], line["code"]) == ("drifted", "both_changed")
    assert "note" in line["message"]
    assert night.account.contact(45).note == "Theirs"


def test_a_row_of_which_a_part_goes_is_never_called_done(night) -> None:
    night.account.edit(45, {"note": "Theirs"})
    changed = sheet(night, note={45: "Ours"}, tags={45: "VIP; Lead"})
    document = apply(night, changed, code=1)
    assert document["counts"]["drifted"] == 1
    assert "Lead" in night.account.contact(45).tags
    assert night.account.contact(45).note == "Theirs"
    # It stays so until one of them gives way.
    night.account.log.clear()
    assert apply(night, changed, code=1)["counts"]["drifted"] == 1
    assert night.patches == []
    night.account.edit(45, {"note": "Ours"})
    assert apply(night, changed)["counts"]["unchanged"] == 1
    assert apply(night, changed)["counts"]["skipped"] == len(NUMBERS)


def test_an_edit_of_tags_is_compared_with_the_edit_last_applied(night) -> None:
    night.account.edit(45, {"tags": []})
    assert apply(night, sheet(night))["counts"]["skipped"] == len(NUMBERS)
    assert apply(night, sheet(night, tags={45: "Lead"}), code=1)["counts"]["drifted"] == 1


def test_what_an_undo_put_back_is_held_until_the_sheet_says_something_else(night) -> None:
    last = night.run("undo", "last", "--yes", "--rate", "max", "--json")
    assert last.code == 0
    night.account.log.clear()
    document = apply(night, sheet(night))
    assert document["counts"]["skipped"] == len(NUMBERS)
    assert night.patches == []
    assert {each["code"] for each in results(night).values()} == {"held"}
    held = [each for each in document["findings"] if each["code"] == "held"]
    assert {each["column"] for each in held} >= {"name", "note"}
    assert {each["count"] for each in held if each["column"] != "tags"} == {len(NUMBERS)}
    assert apply(night, sheet(night, note={45: "New"}))["counts"]["updated"] == 1
    assert night.patches == [{"note": "New"}]


def test_a_field_that_somebody_changed_after_the_undo_is_theirs(night) -> None:
    night.run("undo", "last", "--yes", "--rate", "max")
    night.account.edit(45, {"note": "Theirs"})
    document = apply(night, sheet(night, note={45: "New"}), code=1)
    assert document["counts"]["drifted"] == 1
    assert night.account.contact(45).note == "Theirs"


@pytest.mark.parametrize("undoing", [True, False], ids=["the undo", "the run undone"])
def test_a_released_undo_holds_nothing(night, undoing) -> None:
    run = night.run("runs", "list", "--json").document["runs"][0]["name"]
    undo = night.run("undo", run, "--yes", "--rate", "max", "--json").document["run"]
    night.account.log.clear()
    document = apply(night, sheet(night), "--release-undo", undo if undoing else run)
    assert document["counts"]["updated"] == len(NUMBERS)
    assert night.account.contact(45).note == "Note 45"
    assert apply(night, sheet(night))["counts"]["skipped"] == len(NUMBERS)
    assert {each["code"] for each in results(night).values()} == {"last_applied"}


def test_an_unknown_run_can_not_be_released(night) -> None:
    ran = night.run("apply", sheet(night), "--since-last", "--release-undo", "nobody", "--yes")
    assert ran.code == 2
    assert "nobody" in ran.err


def test_an_undo_of_the_undo_holds_nothing(night) -> None:
    for _time in range(2):
        assert night.run("undo", "last", "--yes", "--rate", "max").code == 0
    night.account.log.clear()
    assert apply(night, sheet(night))["counts"]["skipped"] == len(NUMBERS)
    assert {each["code"] for each in results(night).values()} == {"last_applied"}
    assert night.patches == []


def test_a_first_night_without_the_flag_counts_too(desk) -> None:
    assert desk.run("apply", sheet(desk), "--yes", "--rate", "max").code == 0
    desk.account.log.clear()
    assert apply(desk, sheet(desk))["counts"]["skipped"] == len(NUMBERS)
    assert reads(desk) == []


def test_a_plan_looks_back_too_and_makes_no_journal(desk) -> None:
    ran = desk.run("plan", sheet(desk), "--since-last", "--json", "--rate", "max")
    assert ran.document["counts"]["planned"] == len(NUMBERS)
    assert not list(desk.folder.glob("state/**/journal.db"))
    apply(desk, sheet(desk))
    ran = desk.run("plan", sheet(desk), "--since-last", "--rate", "max")
    assert ran.code == 0
    assert "Skipped: 20 rows" in ran.out


def phones(desk, cell, name="phones.csv") -> str:
    rows = [(cell(desk.account.contact(number)), f"N {number}") for number in range(1, 4)]
    return desk.sheet([["phone", "name"], *rows], name)


def test_a_phone_is_known_by_what_is_looked_up_not_by_its_spelling(desk) -> None:
    digits = phones(desk, lambda each: each.phone.lstrip("+"))
    apply(desk, digits)
    desk.account.log.clear()
    plus = phones(desk, lambda each: f"+{each.phone.lstrip('+')}", "plus.csv")
    assert apply(desk, plus)["counts"]["skipped"] == 3
    assert desk.patches == []


def test_a_region_changes_what_a_phone_means(desk) -> None:
    """The same cell under another region is not known: it is looked up again."""
    national = desk.sheet([["phone", "name"], ["3331234567", "Ada"]])
    desk.account.edit(1, {"name": "Before"})
    contact = next(each for each in desk.account if (each.phone or "").lstrip("+").startswith("39"))
    number = contact.phone.lstrip("+").removeprefix("39")
    national = desk.sheet([["phone", "name"], [number, "Ada"]])
    assert apply(desk, national, "--region", "IT")["counts"]["updated"] == 1
    assert apply(desk, national, "--region", "IT")["counts"]["skipped"] == 1
    document = apply(desk, national, "--region", "ES", "--max-not-found", "100%", code=1)
    assert document["counts"]["not_found"] == 1


def test_rows_that_mean_one_contact_by_other_keys_still_disagree(desk) -> None:
    """One of them says what was last applied, the other something new."""
    phone = desk.account.contact(3).phone
    header = ["uuid", "phone", "name"]

    def both(first: str, second: str) -> str:
        return desk.sheet([header, [contact_uuid(3), "", first], ["", phone, second]])

    assert apply(desk, both("Ada", "Ada"))["counts"]["updated"] == 2
    document = apply(desk, both("Ada", "Eve"), code=1)
    assert document["counts"]["duplicate"] == 2
    assert desk.account.contact(3).name == "Ada"


def test_a_refused_row_is_tried_again(desk) -> None:
    """Only what was applied is left alone."""
    apply(desk, sheet(desk, numbers=[41]))
    gone = desk.sheet([["uuid", "name"], [contact_uuid(99999), "Ada"]])
    for _night in range(2):
        document = apply(desk, gone, "--max-not-found", "100%", code=1)
        assert document["counts"]["not_found"] == 1
