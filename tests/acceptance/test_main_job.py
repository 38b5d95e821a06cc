"""One sheet, one account, one command: the account's state before and after is compared with the
sheet, cell by cell, and every file and exit code with the contract."""

from __future__ import annotations

import csv
import json

import pytest

from bulk_update.sandbox import Behaviour, Fault, FaultKind, Faults
from bulk_update.sandbox.people import contact_phone_digits, contact_uuid, national_number

HEADER = [
    "uuid",
    "name",
    "note",
    "tags",
    "tags.remove",
    "assigned_user",
    "team",
    "bot_status",
    "Città",
    "Work Email",
    "orderNumber",
    "Fecha de renovación",
    "Status",
    "Features",
]
NUMBERS = range(41, 61)


def asked(number: int) -> dict[str, str]:
    """What the sheet asks of a contact."""
    return {
        "uuid": contact_uuid(number),
        "name": f"Ada  Lovelace {number}",
        "note": f"Call back,\nnot before {number}",
        "tags": "VIP;Fournisseur, Paris",
        "tags.remove": "Lead",
        "assigned_user": "luca.conti@example.com",
        "team": "Ventas España",
        "bot_status": "bot_end",
        "Città": f"Forlì {number}",
        "Work Email": f"ada{number}@example.com",
        "orderNumber": str(1000 + number),
        "Fecha de renovación": "2027-01-31",
        "Status": "On hold",
        "Features": "Dark Mode;Beta, early access",
    }


def as_asked(contact, before) -> None:
    """Compare one contact with what was asked of it, and with what it was."""
    want = asked(contact.number)
    assert contact.name == want["name"]
    assert contact.note == want["note"]
    expected = (set(before.tags) | {"VIP", "Fournisseur, Paris"}) - {"Lead"}
    assert set(contact.tags) == expected
    assert contact.assigned_user == "luca.conti@example.com"
    fields = contact.custom_fields
    for name in ("Città", "Work Email", "Fecha de renovación", "Status"):
        assert fields[name] == want[name]
    assert str(fields["orderNumber"]) == want["orderNumber"]
    assert set(fields["Features"]) == {"Dark Mode", "Beta, early access"}
    untouched = set(before.custom_fields) - set(HEADER)
    assert all(fields.get(name) == before.custom_fields[name] for name in untouched)


def full_sheet(desk) -> str:
    return desk.sheet([HEADER, *(list(asked(number).values()) for number in NUMBERS)])


def test_every_cell_is_in_the_account_afterwards_and_nothing_else_changed(desk) -> None:
    before = desk.state()
    ran = desk.run("apply", full_sheet(desk), "--yes", "--rate", "max", "--out", "out", "--json")
    assert ran.code == 0, ran.err
    after = desk.state()
    for number in NUMBERS:
        as_asked(after[number], before[number])
    assert set(desk.changed(before)) == set(NUMBERS)
    assert ran.document["counts"]["updated"] == len(NUMBERS)


@pytest.mark.parametrize(
    ("name", "behaviour"), list(Behaviour.readings()), ids=lambda value: str(value)[:40]
)
def test_the_report_is_true_whatever_the_account_does(desk_with, name, behaviour) -> None:
    """Every answer to every open question of the API: a row is updated only when the account
    has what was asked, and no contact changes that is not."""
    del name
    with desk_with(behaviour) as desk:
        before = desk.state()
        sheet = full_sheet(desk)
        ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out")
        after = desk.state()
        results = desk.report("out", "results.csv")
        assert [int(each["row"]) for each in results] == row_numbers()
        for number, result in zip(NUMBERS, results, strict=True):
            assert result["uuid"] == contact_uuid(number)
            if result["status"] == "updated":
                as_asked(after[number], before[number])
        statuses = {each["status"] for each in results}
        assert ran.code == (0 if statuses == {"updated"} else 1)
        assert set(desk.changed(before)) <= set(NUMBERS)
        assert statuses == {"updated"}


def row_numbers() -> list[int]:
    """Each note has a line break inside its cell: it adds no row."""
    return list(range(2, 2 + len(NUMBERS)))


def test_a_second_apply_sends_nothing(desk) -> None:
    sheet = full_sheet(desk)
    desk.run("apply", sheet, "--yes", "--rate", "max")
    desk.account.log.clear()
    ran = desk.run("apply", sheet, "--rate", "max", "--json")
    assert ran.code == 0
    assert ran.document["counts"]["unchanged"] == len(NUMBERS)
    assert desk.patches == []


def test_blank_cells_change_nothing_and_clear_clears(desk) -> None:
    before = desk.state()
    sheet = desk.sheet(
        [
            ["uuid", "name", "note", "Città", "Features", "assigned_user", "Status"],
            [contact_uuid(24), "", "<clear>", "<clear>", "<clear>", "<clear>", ""],
        ]
    )
    assert desk.run("apply", sheet, "--yes").code == 0
    contact = desk.account.contact(24)
    assert contact.name == before[24].name
    assert contact.custom_fields["Status"] == before[24].custom_fields["Status"]
    assert not contact.note
    assert not contact.custom_fields.get("Città")
    assert not contact.custom_fields.get("Features")
    assert contact.assigned_user is None


def test_phones_in_every_spelling_find_their_contact(desk) -> None:
    rows = [
        [spelled, f"By phone {number}"]
        for number in (41, 45, 49, 53)
        for spelled in [spelling(number)]
    ]
    sheet = desk.sheet([["Telefono", "nome"], *rows])
    ran = desk.run("apply", sheet, "--yes", "--region", "IT", "--rate", "max", "--json")
    assert ran.code == 0, ran.document
    for number in (41, 45, 49, 53):
        assert desk.account.contact(number).name == f"By phone {number}"


def spelling(number: int) -> str:
    digits = contact_phone_digits(number)
    return {
        41: digits,
        45: "+" + digits,
        49: "00" + digits,
        53: national_number(number),
    }[number]


def test_bad_rows_are_reported_and_the_good_ones_sent(desk) -> None:
    sheet = desk.sheet(
        [
            ["uuid", "Status", "Work Email", "note"],
            [contact_uuid(41), "Actve", "ada@", ""],
            [contact_uuid(42), "On hold", "", ""],
            [contact_uuid(43), "", "", "n" * 1001],
            ["f" * 32, "Trial", "", ""],
        ]
    )
    before = desk.state()
    ran = desk.run("apply", sheet, "--yes", "--out", "out", "--json", "--max-not-found", "100%")
    assert ran.code == 1
    counts = ran.document["counts"]
    assert (counts["rows"], counts["updated"], counts["invalid"], counts["not_found"]) == (
        4,
        1,
        2,
        1,
    )
    assert set(desk.changed(before)) == {42}
    errors = desk.report("out", "errors.csv")
    assert [each["bulk_update_row"] for each in errors] == ["2", "4", "5"]
    assert "ada@" in errors[0]["Work Email"]
    assert "Active" in errors[0]["bulk_update_hint"] + errors[0]["bulk_update_error"]


def test_a_mended_errors_file_is_taken_as_it_is(desk) -> None:
    sheet = desk.sheet([["uuid", "Status"], [contact_uuid(41), "Actve"]])
    desk.run("apply", sheet, "--yes", "--out", "out")
    path = desk.folder / "out" / "errors.csv"
    path.write_text(path.read_text("utf-8-sig").replace("Actve", "On hold", 1), "utf-8-sig")
    ran = desk.run("apply", "out/errors.csv", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert desk.account.contact(41).custom_fields["Status"] == "On hold"


@pytest.mark.parametrize(
    "line",
    [
        "{uuid},On hold,one cell too many\n",
        '{uuid},"On" hold\n',
        "{uuid},On hold\x00\n",
        "{uuid}",
    ],
    ids=["extra cell", "broken quotes", "control character", "cut off"],
)
def test_a_row_that_was_broken_is_not_healed_by_being_reported(desk, line) -> None:
    """Given back as it is, errors.csv is as wrong as the sheet was: nothing is sent."""
    good = f"{contact_uuid(42)},{desk.account.contact(42).custom_fields['Status']}\n"
    text = "uuid,Status\n" + good + line.format(uuid=contact_uuid(41))
    (desk.folder / "sheet.csv").write_text(text, newline="")
    first = desk.run("apply", "sheet.csv", "--yes", "--out", "out")
    again = desk.run("apply", "out/errors.csv", "--yes", "--out", "again")
    assert (first.code, again.code) == (1, 1), again.out + again.err
    assert desk.patches == []


def test_a_folder_that_can_not_be_had_is_found_before_anything_is_sent(desk) -> None:
    sheet = desk.sheet([["uuid", "name"], [contact_uuid(41), "New"]])
    ran = desk.run("apply", sheet, "--yes", "--out", f"{sheet}/below-a-file")
    assert ran.code == 8
    assert desk.patches == []


COLUMNS = {
    "results.csv": "row,key,uuid,status,changed,code,message,http_status,attempts,at",
    "changes.csv": "row,key,uuid,name,field,old,new,status,at",
}


def test_files_have_the_columns_of_the_contract(desk) -> None:
    ran = desk.run("apply", full_sheet(desk), "--yes", "--rate", "max", "--out", "out", "--json")
    for name, columns in COLUMNS.items():
        text = (desk.folder / "out" / name).read_bytes()
        assert text.startswith(b"\xef\xbb\xbf")
        assert text.decode("utf-8-sig").splitlines()[0] == columns
    with (desk.folder / "out" / "errors.csv").open(newline="", encoding="utf-8-sig") as file:
        header = next(csv.reader(file))
    assert header == [
        *HEADER,
        "bulk_update_row",
        "bulk_update_status",
        "bulk_update_code",
        "bulk_update_error",
        "bulk_update_hint",
    ]
    assert json.loads((desk.folder / "out" / "summary.json").read_text()) == ran.document
    assert set(ran.document) == {
        "command",
        "run",
        "account",
        "counts",
        "findings",
        "requests",
        "files",
        "exit_code",
        "error",
    }


def test_changes_say_old_and_new(desk) -> None:
    old = desk.account.contact(41).name
    sheet = desk.sheet([["uuid", "name"], [contact_uuid(41), "New name"]])
    desk.run("plan", sheet, "--out", "planned")
    desk.run("apply", sheet, "--yes", "--out", "applied")
    for folder, status in (("planned", "planned"), ("applied", "updated")):
        (line,) = desk.report(folder, "changes.csv")
        assert (line["field"], line["old"], line["new"]) == ("name", old or "", "New name")
        assert line["status"] == status


# -- check and plan -----------------------------------------------------------------------


def test_check_looks_no_contact_up_and_sends_nothing(desk) -> None:
    ran = desk.run("check", full_sheet(desk), "--json")
    assert ran.code == 0
    assert ran.document["run"] is None
    assert ran.document["counts"]["valid"] == len(NUMBERS)
    paths = [each.path for each in desk.account.log.requests]
    assert paths
    assert not any(path.startswith("/v1/contacts/phone") for path in paths)
    assert not any(contact_uuid(number) in path for number in NUMBERS for path in paths)
    assert desk.patches == []


def test_check_with_a_schema_needs_no_network_and_no_token(desk) -> None:
    assert desk.run("schema", "pull", "-o", "account.schema.toml").code == 0
    desk.account.log.clear()
    ran = desk.run(
        "check",
        full_sheet(desk),
        "--schema",
        "account.schema.toml",
        "--json",
        BULK_UPDATE_TOKEN=None,
        BULK_UPDATE_BASE_URL="http://127.0.0.1:9/v1",
    )
    assert ran.code == 0, ran.err
    assert ran.document["account"]["base_url"] == desk.sandbox.base_url
    assert len(desk.account.log.requests) == 0


def test_plan_and_dry_run_send_nothing(desk) -> None:
    sheet = full_sheet(desk)
    before = desk.state()
    for command in (["plan", sheet], ["apply", sheet, "--dry-run", "--yes"]):
        ran = desk.run(*command, "--rate", "max", "--json")
        assert (ran.code, ran.document["counts"]["planned"]) == (0, len(NUMBERS))
    assert desk.patches == []
    assert desk.changed(before) == {}
    assert desk.run("plan", sheet, "--rate", "max", "--detailed-exitcode").code == 10


def test_a_saved_plan_is_what_is_applied(desk) -> None:
    sheet = full_sheet(desk)
    assert desk.run("plan", sheet, "-o", "friday.plan", "--rate", "max").code == 0
    (desk.folder / sheet).unlink()  # the plan has it whole
    before = desk.state()
    ran = desk.run("apply", "friday.plan", "--yes", "--rate", "max", "--out", "out")
    assert ran.code == 0, ran.err
    for number in NUMBERS:
        as_asked(desk.account.contact(number), before[number])


def test_a_plan_whose_file_changed_is_refused(desk) -> None:
    sheet = full_sheet(desk)
    desk.run("plan", sheet, "-o", "friday.plan", "--rate", "max")
    desk.sheet([["uuid", "name"], [contact_uuid(1), "x"]], sheet)
    ran = desk.run("apply", "friday.plan", "--yes")
    assert ran.code == 5
    assert "changed" in ran.err
    assert desk.patches == []


def test_an_old_plan_is_refused(desk) -> None:
    desk.run("plan", full_sheet(desk), "-o", "friday.plan", "--rate", "max")
    ran = desk.run("apply", "friday.plan", "--yes", "--max-plan-age", "0s")
    assert ran.code == 5
    assert desk.patches == []


def test_a_plan_for_another_account_is_refused(desk, desk_with) -> None:
    desk.run("plan", full_sheet(desk), "-o", "friday.plan", "--rate", "max")
    with desk_with() as other:
        ran = other.run("apply", "friday.plan", "--yes")
        assert ran.code == 5
        assert other.patches == []


# -- rows of one contact --------------------------------------------------------------------


def test_rows_of_one_contact_are_merged_when_they_agree(desk) -> None:
    sheet = desk.sheet(
        [
            ["uuid", "phone", "name", "tags"],
            [contact_uuid(41), "", "Merged", "VIP"],
            ["", contact_phone_digits(41), "", "Interested"],
        ]
    )
    ran = desk.run("apply", sheet, "--yes", "--out", "out")
    assert ran.code == 0
    assert len(desk.patches) == 1
    assert {"VIP", "Interested"} <= set(desk.account.contact(41).tags)
    assert [each["status"] for each in desk.report("out", "results.csv")] == ["updated"] * 2


def test_rows_of_one_contact_that_disagree_are_not_sent(desk) -> None:
    sheet = desk.sheet(
        [
            ["uuid", "phone", "name"],
            [contact_uuid(41), "", "One"],
            ["", contact_phone_digits(41), "Other"],
        ]
    )
    ran = desk.run("apply", sheet, "--yes", "--out", "out")
    assert ran.code == 1
    assert desk.patches == []
    results = desk.report("out", "results.csv")
    assert [each["status"] for each in results] == ["duplicate"] * 2
    assert all("2" in each["message"] and "3" in each["message"] for each in results)


def test_a_contact_that_no_longer_is_what_the_sheet_says_is_drifted(desk) -> None:
    sheet = desk.sheet([["uuid", "name", "was.name"], [contact_uuid(41), "New", "Never was this"]])
    ran = desk.run("apply", sheet, "--yes", "--out", "out")
    assert ran.code == 1
    assert desk.patches == []
    assert desk.report("out", "results.csv")[0]["status"] == "drifted"


@pytest.mark.parametrize(
    ("flags", "status", "code", "sent"),
    [
        (("--max-age", "0s", "--canary", "0"), "failed", "unreadable", {"N41", "N43"}),
        (("--canary", "3"), "unknown", "no_proof", {"N41", "N42", "N43"}),
    ],
    ids=["before it is sent", "after it was sent"],
)
def test_one_contact_that_can_not_be_read_keeps_nobody_else_from_being_changed(
    desk_with, flags, status, code, sent
) -> None:
    broken = Fault(kind=FaultKind.STATUS, status=409, on="get", contact=42)
    with desk_with(faults=Faults.of(broken)) as desk:
        rows = [[contact_uuid(number), f"N{number}"] for number in (41, 42, 43)]
        sheet = desk.sheet([["uuid", "name"], *rows])
        ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out", *flags)
        assert ran.code == 1
        results = desk.report("out", "results.csv")
        assert [each["status"] for each in results] == ["updated", status, "updated"]
        assert (results[1]["code"], results[1]["uuid"]) == (code, contact_uuid(42))
        assert {each["name"] for each in desk.patches} == sent
        assert ("1 without proof." in ran.err) is (status == "unknown")


def test_the_uuid_of_an_invalid_row_is_known_where_it_is_the_key(desk) -> None:
    sheet = desk.sheet([["uuid", "Status"], [contact_uuid(41), "Nope"]])
    desk.run("check", sheet, "--out", "out")
    assert desk.report("out", "results.csv")[0]["uuid"] == contact_uuid(41)
