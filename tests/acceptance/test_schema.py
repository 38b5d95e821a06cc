"""``schema pull``, ``show``, ``diff`` and ``add``: a served account, and the embedded one."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

import pytest

from bulk_update.sandbox import SandboxAccount

KEYS = ["command", "run", "account", "counts", "findings", "requests", "files"]
KEYS += ["exit_code", "error"]
FIELD = 'PI : A/b.c 😀 "q"'

NOBODYS = "Loyalty.Level"
"""A field that no contact bears, so that only people know of it."""


def by_hand(desk, name: str = "a.toml") -> str:
    """A schema that somebody wrote; the file's name."""
    text = f"""
[account]
base_url = "{desk.sandbox.base_url}"

[fields.Status]
type = "dropdown"
options = ["Active", "Trial"]
"""
    (desk.folder / name).write_text(text)
    return name


def pulled(desk, *more: str, name: str = "a.toml") -> str:
    """Pull a schema; the file's name."""
    ran = desk.run("schema", "pull", "-o", name, *more)
    assert ran.code == 0, ran.err
    return name


def read(desk, name: str = "a.toml") -> dict:
    return tomllib.loads((desk.folder / name).read_text(encoding="utf-8"))


def codes(ran) -> list[str]:
    return [each["code"] for each in ran.document["findings"]]


def test_pull_saves_what_the_account_has(desk) -> None:
    """Fields of every spelling with type and options, tags, teams, users, channels."""
    said = read(desk, pulled(desk))
    catalogue = desk.account.catalogue
    assert {name: each.get("options", []) for name, each in said["fields"].items()} == {
        each.name: list(each.options) for each in catalogue.fields if each.name != NOBODYS
    }
    assert {each["uuid"] for each in said["team"]} == {each.uuid for each in catalogue.teams}
    assert {each["title"] for each in said["channel"]} == {
        each.title for each in catalogue.channels
    }
    assert [each["title"] for each in said["channel"] if each.get("main")] == ["WhatsApp Milano"]
    assert said["users_complete"]


def test_who_the_account_is_is_asked_once(desk) -> None:
    """By every command that needs a schema: one /auth/me, one /teams."""
    sheet = desk.sheet([["uuid", "name"], ["0" * 32, "x"]])
    for arguments in (
        ["schema", "pull"],
        ["schema", "show"],
        ["check", sheet],
        ["plan", sheet],
        ["map", sheet, "--accept", "exact"],
    ):
        desk.account.log.clear()
        desk.run(*arguments)
        paths = Counter(each.path.removeprefix("/v1") for each in desk.account.log.requests)
        assert (paths["/auth/me"], paths["/teams"]) == (1, 1), arguments


def test_a_pull_costs_at_most_25_requests(desk) -> None:
    desk.account.log.clear()
    pulled(desk)
    assert len(desk.account.log.requests) <= 25


@pytest.mark.parametrize("flag", ["-o", "--output", "--out"])
def test_the_file_is_named_by_either_flag(desk, flag) -> None:
    ran = desk.run("schema", "pull", flag, "x.toml", "--json")
    assert ran.code == 0
    assert ran.document["files"] == {"schema": "x.toml"}
    assert ran.document["requests"]["me"] == 1
    assert (desk.folder / "x.toml").is_file()


def test_without_a_file_the_schema_is_the_result(desk) -> None:
    """``schema pull > a.toml`` and ``schema show > a.toml`` are whole files."""
    for command in ("pull", "show"):
        ran = desk.run("schema", command)
        assert ran.code == 0
        assert tomllib.loads(ran.out)["fields"]["Status"]["type"] == "dropdown"
    shown = desk.run("schema", "show", "--schema", pulled(desk))
    assert shown.out == (desk.folder / "a.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["pull"],
        ["pull", "-o", "b.toml"],
        ["show"],
        ["show", "--schema", "a.toml"],
        ["diff", "a.toml"],
        ["add", "tag", "X", "--schema", "a.toml"],
    ],
)
def test_json_is_one_document(desk, arguments) -> None:
    by_hand(desk)
    ran = desk.run("schema", *arguments, "--json")
    assert ran.code == 0
    assert list(ran.document) == KEYS
    assert ran.document["command"] == f"schema {arguments[0]}"
    assert ran.err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["diff", "missing.toml"], 2, "missing.toml"),
        (["diff", "broken.toml"], 2, "line 1"),
        (["show", "--schema", "missing.toml"], 2, "missing.toml"),
        (["add", "tagg", "x", "--schema", "a.toml"], 2, "did you mean tag?"),
        (["add", "tag", "", "--schema", "a.toml"], 2, "a name is missing"),
        (["add", "tag", "x", "--type", "text", "--schema", "a.toml"], 2, "only a field"),
        (["add", "tag", "x", "--schema", "missing.toml"], 2, "missing.toml"),
        (["add", "tag", "x"], 2, "--schema"),
        (["add", "user", "bob", "--schema", "a.toml"], 2, "'bob' is no e-mail address"),
        (["add", "field", "x", "--type", "dropdwn", "--schema", "a.toml"], 2, "did you mean drop"),
        (["add", "field", "x", "--type", "dropdown", "--schema", "a.toml"], 2, "needs its options"),
        (
            ["add", "field", "Status", "--type", "text", "--schema", "a.toml"],
            2,
            "known as dropdown",
        ),
        (["pul"], 2, "pull"),
        (["pull", "-o", "no/such/folder/a.toml"], 8, "no folder"),
        (["pull", "-o", "broken.toml"], 2, "--force"),
        (["pull", "-o", "."], 8, "folder"),
    ],
)
def test_what_is_wrong_is_one_clear_line(desk, arguments, code, says) -> None:
    """And nothing is written."""
    by_hand(desk)
    (desk.folder / "broken.toml").write_text("not a schema")
    before = {path: path.read_bytes() for path in desk.folder.glob("*.toml")}
    ran = desk.run("schema", *arguments, "--json")
    assert (ran.code, ran.document["exit_code"]) == (code, code)
    assert ran.document["command"] == f"schema {arguments[0]}"
    error = ran.document["error"]
    assert says in error["message"] + error["hint"]
    assert {path: path.read_bytes() for path in desk.folder.glob("*.toml")} == before


def test_diff_says_what_is_otherwise_and_ends_with_0(desk) -> None:
    """Differences are what was asked for, not a fault."""
    pulled(desk)
    assert "The account is as a.toml says." in desk.run("schema", "diff", "a.toml").out
    path = desk.folder / "a.toml"
    path.write_text(path.read_text().replace('"Trial",', '"Old",'))
    desk.run("schema", "add", "tag", "VIP 2027", "--schema", "a.toml")
    ran = desk.run("schema", "diff", "a.toml")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "+ option 'Trial' of field 'Status'",
        "- option 'Old' of field 'Status'",
        "? tag 'VIP 2027': not seen this time",
    ]
    ran = desk.run("schema", "diff", "a.toml", "--json")
    assert (ran.code, codes(ran)) == (0, ["schema_differs"] * 3)
    assert ran.document["account"]["name"]


def test_parts_of_a_schema_have_their_names_in_the_language_asked(desk) -> None:
    name = by_hand(desk)
    added = desk.run("schema", "add", "field", "Grado", "--schema", name, LC_ALL="it_IT.UTF-8")
    assert "campo Grado: aggiunto" in added.err
    differs = desk.run("schema", "diff", name, LC_ALL="it_IT.UTF-8")
    assert "? campo 'Grado': " in differs.out
    assert "+ opzione 'Inactive' del campo 'Status'" in differs.out
    assert not re.search(r"^. (field|option|user|channel) ", differs.out, re.MULTILINE)


@pytest.mark.parametrize("more", [[], ["--force"]])
def test_another_pull_keeps_what_people_know(desk, more) -> None:
    """Names of every kind, and comments; that is said, and check goes by it."""
    pulled(desk)
    add = ["schema", "add"]
    at = ["--schema", "a.toml"]
    assert desk.run(*add, "tag", "VIP 2027", *at).code == 0
    assert desk.run(*add, "user", "new.colleague@example.com", *at).code == 0
    dropdown = ["--type", "dropdown", "--option", "Yes: a/b.c", "--option", "No 😀"]
    assert desk.run(*add, "field", FIELD, *dropdown, *at).code == 0
    path = desk.folder / "a.toml"
    path.write_text("# agreed with Ada\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    ran = desk.run("schema", "pull", "-o", "a.toml", *more)
    assert ran.code == 0
    assert "1 field, 1 tag, 1 user" in ran.err
    assert "new.colleague@example.com" in ran.err
    said = read(desk)
    assert said["fields"][FIELD] == {"type": "dropdown", "options": ["Yes: a/b.c", "No 😀"]}
    assert "VIP 2027" in said["tags"]
    assert path.read_text(encoding="utf-8").startswith("# agreed with Ada")
    sheet = desk.sheet([["phone", f"cf:{FIELD}", "tags"], ["+39 333 1", "no 😀", "VIP 2027"]])
    assert desk.run("check", sheet, *at, "--strict", "--fix", "safe").code == 0
    ran = desk.run("schema", "pull", "-o", "a.toml", "--json", *more)
    assert codes(ran) == ["schema_kept", "schema_users_left"]


def test_what_the_account_shows_whole_is_taken_from_it_and_said(desk) -> None:
    pulled(desk)
    path = desk.folder / "a.toml"
    path.write_text(path.read_text().replace('"Trial",', '"Trial",\n    "Old",'))
    ran = desk.run("schema", "pull", "-o", "a.toml")
    assert "- option 'Old' of field 'Status'" in ran.err
    assert "Old" not in read(desk)["fields"]["Status"]["options"]


def test_a_file_by_hand_is_completed_by_a_pull_and_taken_by_a_plan(desk) -> None:
    """Whoever writes one may name no more than the base URL."""
    by_hand(desk, "hand.toml")
    desk.run("schema", "add", "tag", "Mine", "--schema", "hand.toml")
    sheet = desk.sheet([["uuid", "tags"], ["0" * 32, "Mine"]])
    assert desk.run("plan", sheet, "--schema", "hand.toml").code == 1  # not found
    pulled(desk, name="hand.toml")
    said = read(desk, "hand.toml")
    assert "Mine" in said["tags"]
    assert said["account"]["default_team"]


def test_the_schema_of_another_account_is_left_alone(desk, desk_with) -> None:
    """Until --force: then it is replaced, and nothing of it is mixed in."""
    assert desk.run("schema", "pull", "--sandbox", "-o", "a.toml").code == 0
    desk.run("schema", "add", "tag", "Theirs", "--schema", "a.toml")
    before = (desk.folder / "a.toml").read_bytes()
    desk.account.log.clear()
    ran = desk.run("schema", "pull", "-o", "a.toml", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "other_account")
    assert (desk.folder / "a.toml").read_bytes() == before
    assert len(desk.account.log.requests) == 2
    sheet = desk.sheet([["uuid", "name"], ["0" * 32, "x"]])
    assert desk.run("plan", sheet, "--schema", "a.toml").code == 2
    pulled(desk, "--force")
    assert "Theirs" not in read(desk)["tags"]


def test_an_empty_file_is_no_schema_to_be_kept(desk) -> None:
    """Such as mktemp leaves."""
    (desk.folder / "a.toml").touch()
    pulled(desk)
    assert read(desk)["fields"]


def test_the_embedded_account_is_one_whatever_port_it_has(desk) -> None:
    for _time in range(2):
        ran = desk.run("schema", "pull", "--sandbox", "-o", "a.toml", BULK_UPDATE_TOKEN=None)
        assert ran.code == 0
    ran = desk.run("schema", "diff", "a.toml", "--sandbox")
    assert ran.out == "The account is as a.toml says.\n"


def test_full_reads_every_contact_and_a_sample_says_that_it_is_one(desk_with) -> None:
    with desk_with(contacts=700) as desk:
        sample = desk.run("schema", "pull", "-o", "a.toml", "--rate", "max")
        some = read(desk)["contacts_read"]
        full = desk.run("schema", "pull", "--full", "-o", "a.toml", "--rate", "max")
        assert read(desk)["contacts_read"] == 700 > some
    said = " ".join(sample.err.split())
    assert f"a sample: {some} of about 700 contacts" in said
    assert "in about 35 requests" in said
    assert (sample.code, full.code, "sample" in full.err) == (0, 0, False)


@pytest.mark.parametrize("contacts", [0, 90])
def test_an_account_that_was_read_whole_is_no_sample(desk_with, contacts) -> None:
    with desk_with(contacts=contacts) as desk:
        assert "sample" not in desk.run("schema", "pull", "-o", "a.toml").err


@pytest.mark.parametrize("arguments", [[], ["schema"]])
def test_without_a_command_the_help_is_shown_and_nothing_else(desk, arguments) -> None:
    ran = desk.run(*arguments)
    assert ran.code == 2
    assert "Usage: bulk-update" in ran.out + ran.err
    assert "Error" not in ran.out + ran.err


def test_a_schema_needs_a_token_or_a_file(desk) -> None:
    for command in (["pull"], ["show"]):
        ran = desk.run("schema", *command, BULK_UPDATE_TOKEN=None)
        assert ran.code == 2
        assert "BULK_UPDATE_TOKEN" in ran.err
    ran = desk.run("schema", "pull", BULK_UPDATE_TOKEN="test_wrong")
    assert ran.code == 4


def test_no_key_and_no_token_is_in_the_file(desk) -> None:
    """``api_key`` is never kept."""
    text = (desk.folder / pulled(desk)).read_text()
    assert "api_key" not in text
    assert not re.search(r"test_\w+", text)


def test_the_sandbox_of_these_tests_has_awkward_names() -> None:
    """Or they would show less than they say."""
    fields = " ".join(each.name for each in SandboxAccount.seeded(contacts=1).catalogue.fields)
    assert all(sign in fields for sign in ":/")
