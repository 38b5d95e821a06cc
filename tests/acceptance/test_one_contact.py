"""What reading the contacts shows of rows: said as findings, in words that a person knows."""

from __future__ import annotations

from bulk_update.sandbox.people import contact_phone, contact_uuid

FIRST, SECOND = contact_uuid(41), contact_uuid(42)


def test_what_a_look_up_shows_of_keys_is_a_finding_of_its_rows(desk) -> None:
    """Two keys of a row that name two contacts, two readings of one number, and two rows that
    mean one contact by different keys: of each the finding says why, and the report too."""
    sheet = desk.sheet(
        [
            ["uuid", "phone", "team", "note"],
            [FIRST, contact_phone(42), "", "x"],
            ["", "3461234567", "", "x"],
            [contact_uuid(43), "", "General", ""],
            ["", contact_phone(43), "archive", ""],
        ]
    )
    ran = desk.run("plan", sheet, "--region", "IT", "--json", "--out", "out")
    assert ran.code == 1
    found = {each["code"]: each for each in ran.document["findings"] if each["level"] == "error"}
    assert {code: each["rows"] for code, each in found.items()} == {
        "two_contacts": [2],
        "ambiguous_phone": [3],
        "duplicate": [4, 5],
    }
    assert found["ambiguous_phone"]["value"] == "3461234567"
    assert "'General' in row 4, 'archive' in row 5" in found["duplicate"]["message"]
    for line in desk.report("out", "results.csv"):
        assert line["message"] == found[line["code"]]["message"]


def test_teams_are_named_and_not_numbered(desk) -> None:
    """In what is shown before anybody agrees, in the changes, and in a contact's history."""
    sheet = desk.sheet([["uuid", "team"], [FIRST, "sales"], [SECOND, "Archive"]])
    uuids = {each.uuid for each in desk.account.catalogue.teams}
    ran = desk.run("apply", sheet, "--yes", "--rate", "max", "--out", "out")
    told = desk.run("history", FIRST)
    assert (ran.code, told.code) == (0, 0)
    for text in (ran.out + ran.err, told.out):
        assert "Sales" in text
        assert not any(uuid in text.replace("\n", "") for uuid in uuids)
    changes = desk.report("out", "changes.csv")
    assert [(each["old"], each["new"]) for each in changes] == [
        ("General", "Sales"),
        ("General", "Archive"),
    ]


def test_a_tag_to_remove_that_no_contact_of_the_plan_bears_is_a_warning(desk) -> None:
    """One that some contact bears is none: the others are simply without it already."""
    rows = [
        ["uuid", "tags.remove"],
        [contact_uuid(5), "Inactivo; Cliente"],  # of the two it bears Cliente
        [contact_uuid(25), "Cliente; Inactivo"],
        [contact_uuid(26), "Clienti"],
    ]
    ran = desk.run("plan", desk.sheet(rows), "--json")
    assert ran.code == 0
    found = {each["value"]: each for each in ran.document["findings"] if each["level"] != "info"}
    assert {value: (each["code"], each["rows"]) for value, each in found.items()} == {
        "Inactivo": ("tag_not_borne", [2, 3]),
        "Clienti": ("unknown_tag", [4]),
    }
