"""``doctor``: each thing is looked at by itself, so that one fault does not hide the next."""

from __future__ import annotations

import pytest

from bulk_update.account.schema_file import load_schema

DEAD = "http://127.0.0.1:9/v1"


def levels(ran) -> dict[str, str]:
    """What was looked at, in order, and how it is."""
    return {each["code"]: each["level"] for each in ran.document["findings"]}


def doctor(desk, *more: str, **environment: str | None):
    """The document of it, and that the words agree with it."""
    ran = desk.run("doctor", "--json", *more, **environment)
    said = desk.run("doctor", *more, **environment)
    assert ran.code == said.code == ran.document["exit_code"]
    wrong = [each for each in ran.document["findings"] if each["level"] == "error"]
    assert said.out.count("wrong ") == len(wrong)
    for each in wrong:
        assert f"wrong {each['code']}: {each['message']}" in said.out
        assert each["hint"] in said.out
    error = ran.document["error"]
    assert (error and error["message"]) == (wrong[0]["message"] if wrong else None)
    return ran


def test_all_is_well(desk) -> None:
    """Values with where they come from; the account by name; the journal can be written."""
    ran = doctor(desk, "--rate", "50")
    assert ran.code == 0
    assert set(levels(ran).values()) == {"info"}
    assert ran.document["account"]["base_url"] == desk.sandbox.base_url
    messages = {each["code"]: each["message"] for each in ran.document["findings"]}
    assert messages["base_url"] == f"{desk.sandbox.base_url} (variable BULK_UPDATE_BASE_URL)"
    assert messages["rate"] == "50.0 (flag --rate)"
    assert messages["token"] == "from variable BULK_UPDATE_TOKEN"
    assert messages["journal"].endswith("journal.db, 0 runs")


def test_the_embedded_sandbox_has_places_of_its_own(desk) -> None:
    """No address of a real account is shown, and the journal is the sandbox's."""
    ran = doctor(desk, "--sandbox", BULK_UPDATE_TOKEN=None)
    assert ran.code == 0
    assert "base_url" not in levels(ran)
    messages = {each["code"]: each["message"] for each in ran.document["findings"]}
    assert "sandbox/journal.db" in messages["journal"]


@pytest.mark.parametrize(
    ("environment", "code", "wrong"),
    [
        ({"BULK_UPDATE_TOKEN": None}, 2, "token"),
        ({"BULK_UPDATE_TOKEN": "two words"}, 2, "token"),
        ({"BULK_UPDATE_TOKEN": None, "BULK_UPDATE_TOKEN_FILE": "no-such-file"}, 2, "token"),
        ({"BULK_UPDATE_TOKEN": "test_wrong"}, 4, "account"),
        ({"BULK_UPDATE_BASE_URL": DEAD}, 6, "connection"),
    ],
)
def test_one_fault_is_named_by_what_is_wrong(desk, environment, code, wrong) -> None:
    """And everything else that can be looked at is."""
    ran = doctor(desk, **environment)
    assert ran.code == code
    looked_at = levels(ran)
    assert [name for name, level in looked_at.items() if level == "error"] == [wrong]
    assert {"configuration", "base_url", "state_dir", "journal", "token"} <= set(looked_at)
    assert "two words" not in ran.out
    assert "test_wrong" not in ran.out


def test_an_address_that_is_not_the_apis(desk) -> None:
    root = desk.sandbox.base_url.removesuffix("/v1")
    ran = doctor(desk, BULK_UPDATE_BASE_URL=root)
    assert ran.code == 2
    assert levels(ran)["connection"] == "error"


def test_a_state_folder_that_cannot_be_written_is_found_beside_a_dead_port(desk) -> None:
    """Both are told; the journal's exit code goes first."""
    (desk.folder / "file").touch()
    ran = doctor(desk, "--state-dir", "file/below", BULK_UPDATE_BASE_URL=DEAD)
    assert ran.code == 8
    assert levels(ran)["journal"] == levels(ran)["connection"] == "error"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raet = 3\n", 'Did you mean "rate"?'),
        ('rate = "fast"\n', "line 1"),
        ("[profiles\n", "line 1"),
        ('token = "env:X"\nyes = true\n', "line 2"),
    ],
)
def test_a_bad_configuration_is_said_with_its_line(desk, text, says) -> None:
    """Nothing can be resolved then: it ends there, with 2."""
    (desk.folder / "bulk-update.toml").write_text(text)
    ran = desk.run("doctor")
    assert (ran.code, says in ran.err, "bulk-update.toml" in ran.err) == (2, True, True), ran.err
    document = desk.run("doctor", "--json").document
    assert (document["command"], document["exit_code"]) == ("doctor", 2)


def test_a_profile_there_is_none_of_names_those_there_are(desk) -> None:
    (desk.folder / "bulk-update.toml").write_text('[profiles.spain]\nregion = "ES"\n')
    ran = desk.run("doctor", "--profile", "spian")
    assert ran.code == 2
    assert "spain" in ran.err


def test_a_schema_is_looked_at_too(desk) -> None:
    """Whether it can be read, and is of this account; without a connection, whether it can be
    read."""
    assert desk.run("schema", "pull", "-o", "a.toml").code == 0
    assert load_schema(desk.folder / "a.toml").fields
    ran = doctor(desk, "--schema", "a.toml")
    assert (ran.code, levels(ran)["schema"]) == (0, "info")
    ran = doctor(desk, "--schema", "a.toml", "--sandbox")
    assert (ran.code, levels(ran)["schema"]) == (2, "error")
    ran = doctor(desk, "--schema", "missing.toml", BULK_UPDATE_TOKEN=None)
    assert (ran.code, levels(ran)["schema"]) == (2, "error")
