"""``map`` as a person uses it: on a terminal, in a script, and then with the saved file."""

from __future__ import annotations

import errno
import os
import pty
import subprocess
from collections.abc import Sequence

import pytest

from bulk_update.sandbox.people import contact_phone_digits

SHEET = [
    ["Telefono", "Nominativo", "Nome", "Stato", "Ordr Number", "Interno"],
    *(
        [f"+{contact_phone_digits(number)}", f"Ada {number}", f"Ada L. {number}", "Trial", "7", "x"]
        for number in range(41, 44)
    ),
]


def typed(desk, answers: Sequence[str], *arguments: str) -> tuple[int, str]:
    """Run the command on a terminal and type an answer at each question; an answer that is
    None closes the terminal's input (Ctrl-D). The exit code, and what the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*_command(), *arguments],
        cwd=desk.folder,
        env=desk.environment | {"TERM": "dumb"},
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    waiting, shown = list(answers), b""
    while chunk := _read(ours):
        shown += chunk
        if waiting and shown.endswith(b": "):
            answer = waiting.pop(0)
            os.write(ours, b"\x04" if answer is None else answer.encode() + b"\n")
    os.close(ours)
    assert waiting == []
    return process.wait(timeout=60), shown.decode()


def _command() -> list[str]:
    import sys

    return [sys.executable, "-m", "bulk_update"]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError as error:  # Linux says so when the other end is closed
        if error.errno != errno.EIO:
            raise
        return b""


def test_answers_on_a_terminal_make_a_mapping_that_applies(desk) -> None:
    """Only what is not certain is asked; Enter takes what is proposed, - skips, a field's name
    does without its prefix, and a near miss is asked again."""
    sheet = desk.sheet(SHEET)
    answers = ["-", "", "stattus", "Status", "", "-"]
    code, shown = typed(desk, answers, "map", sheet, "-o", "it.map.toml")
    assert code == 0, shown
    assert "Saved as it.map.toml" in shown
    assert "stattus: no such target; did you mean cf:Status?" in shown
    assert "Telefono" not in shown
    ran = desk.run("apply", sheet, "--mapping", "it.map.toml", "--yes", "--json", "--rate", "max")
    assert ran.code == 0, ran.out
    contact = desk.state()[42]
    assert contact.name == "Ada L. 42"
    assert contact.custom_fields["Status"] == "Trial"
    assert str(contact.custom_fields["orderNumber"]) == "7"


def test_of_two_columns_for_one_target_the_second_knows_of_the_first(desk) -> None:
    """Where the first was skipped Enter takes the second; where it was taken Enter skips it."""
    sheet = desk.sheet(SHEET)
    _code, shown = typed(desk, ["-", "", "", "", ""], "map", sheet, "-o", "one.map.toml")
    assert '"Nome" (Ada L. 41, Ada L. 42, Ada L. 43): which target? Enter for name' in shown
    _code, shown = typed(desk, ["name", "", "", "", ""], "map", sheet, "-o", "two.map.toml")
    assert '"Nome" (Ada L. 41, Ada L. 42, Ada L. 43): which target? Enter for -' in shown
    assert desk.run("check", sheet, "--mapping", "two.map.toml").code == 0


def test_a_field_that_nobody_has_is_said_when_it_is_chosen(desk) -> None:
    """A near miss is asked again; another name is taken: contacts show fields, no call lists
    them."""
    sheet = desk.sheet([["phone", "Interno"], ["+39 333 1234567", "x"]])
    code, shown = typed(desk, ["cf:Statuss", "cf:Extension"], "map", sheet, "-o", "x.map.toml")
    assert code == 0
    assert "did you mean cf:Status?" in shown
    assert "no contact read so far has the field Extension" in shown
    assert '"Interno" = "custom_fields.Extension"' in (desk.folder / "x.map.toml").read_text()


def test_a_terminal_that_closes_saves_nothing(desk) -> None:
    code, shown = typed(desk, ["-", None], "map", desk.sheet(SHEET), "-o", "it.map.toml")
    assert code == 2
    assert "nothing was saved" in shown
    assert not (desk.folder / "it.map.toml").exists()


def test_a_file_that_is_there_is_said_before_the_questions(desk) -> None:
    """Nobody answers for nothing; the file stays as it is."""
    (desk.folder / "it.map.toml").write_text("mine")
    code, shown = typed(desk, [], "map", desk.sheet(SHEET), "-o", "it.map.toml")
    assert code == 2
    assert "--force" in shown
    assert (desk.folder / "it.map.toml").read_text() == "mine"
    assert desk.run("map", "sheet.csv", "--accept", "exact", "-o", "it.map.toml").code == 2
    ran = desk.run("map", "sheet.csv", "--accept", "exact", "-o", "it.map.toml", "--force")
    assert ran.code == 0


@pytest.mark.parametrize(("accept", "left"), [("exact", 5), ("near", 4)])
def test_what_is_accepted_unseen_and_what_is_left(desk, accept, left) -> None:
    """What is left out is counted, and stands in the file as comments: check asks about it."""
    sheet = desk.sheet(SHEET)
    ran = desk.run("map", sheet, "--accept", accept)
    assert ran.code == 0
    assert f"{left} columns are left out" in ran.err
    text = (desk.folder / "sheet.csv.map.toml").read_text(encoding="utf-8")
    assert '"Telefono" = "phone"' in text
    assert ('"Ordr Number" = "custom_fields.orderNumber"' in text) == (accept == "near")
    assert "# 'Nome' may be name" in text
    assert desk.run("check", sheet, "--mapping", "sheet.csv.map.toml").code == 3


def test_a_clean_sheet_is_mapped_and_applied_without_a_word(desk) -> None:
    """``--accept exact``, then the saved file: what cron does."""
    rows = [[row[0], row[2]] for row in SHEET]
    sheet = desk.sheet(rows)
    assert desk.run("map", sheet, "--accept", "exact", "-q").err == ""
    ran = desk.run("apply", sheet, "--mapping", "sheet.csv.map.toml", "--yes", "--json")
    assert (ran.code, ran.document["counts"]["updated"]) == (0, 3)


def test_nothing_is_saved_where_nobody_agreed(desk) -> None:
    """Off a terminal nothing asks; the proposal is the result, also as a document."""
    sheet = desk.sheet(SHEET)
    ran = desk.run("map", sheet)
    assert ran.code == 0
    assert "--accept exact" in ran.err
    document = desk.run("map", sheet, "--json").document
    proposals = {
        each["column"]: each["value"] for each in document["findings"] if each["code"] == "proposal"
    }
    assert proposals == {
        "Telefono": "phone",
        "Nominativo": "name",
        "Nome": "name",
        "Stato": None,
        "Ordr Number": "cf:orderNumber",
        "Interno": None,
    }
    assert document["files"] == {}
    assert [each.name for each in desk.folder.glob("*.toml")] == []


def test_what_is_odd_about_the_sheet_is_said(desk) -> None:
    """Where the header was found, and a flag that means nothing for this file: on the screen, and
    in the document."""
    sheet = desk.sheet([["Clients of March"], [], *SHEET])
    ran = desk.run("map", sheet, "--sheet", "March")
    assert "--sheet means nothing for a csv file" in ran.out
    assert "the column names were found in row 3" in ran.out
    document = desk.run("map", sheet, "--sheet", "March", "--json").document
    assert {"option_unused", "header_row"} <= {each["code"] for each in document["findings"]}


def test_standard_input_is_mapped_under_a_name_of_its_own(desk) -> None:
    """A file called ``-.map.toml`` could hardly be named in a command again."""
    ran = desk.run(
        "map", "-", "--format", "csv", "--accept", "exact", stdin="phone,name\n+39 333 1,Ada\n"
    )
    assert ran.code == 0, ran.err
    assert (desk.folder / "stdin.map.toml").exists()


def test_a_wrong_word_for_accept(desk) -> None:
    ran = desk.run("map", desk.sheet(SHEET), "--accept", "all")
    assert ran.code == 2
    assert "exact or near" in ran.err
