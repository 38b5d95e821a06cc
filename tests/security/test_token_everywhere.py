"""One long session with a marked token: every command, and every way of failing. Then every byte
that it wrote is searched."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from marked_token import TOKEN, Parrot, Step, Told, every_byte, once, parrot, played, step

from bulk_update.sandbox import EmbeddedSandbox, SandboxAccount
from bulk_update.sandbox.calls import SANDBOX_API_KEY
from bulk_update.sandbox.people import contact_uuid

PERSON = "Zebedee Unmistakable"
PHONE = "393339876501"
NOTE = "a note that nobody else wrote"
OF_THE_TEST = {"debug.log", "cmdline"}


def at_the_sandbox() -> list[Step]:
    """Every command there is, as it is meant to be."""
    return [
        step(0, "doctor", "-v"),
        step(0, "schema", "pull", "-o", "a.schema.toml"),
        step(0, "schema", "show"),
        step(0, "schema", "diff", "a.schema.toml"),
        step(0, "schema", "add", "tag", "New", "--schema", "a.schema.toml"),
        step(1, "check", "sheet.csv", "--out", "checked", "-vv"),
        step(0, "map", "sheet.csv", "--accept", "exact", "-o", "a.map.toml"),
        step(0, "plan", "good.csv", "-o", "a.plan", "--json"),
        step(0, "apply", "a.plan", "--yes", "--out", "applied/whole"),
        step(1, "apply", "sheet.csv", "--yes", "-v", "--max-not-found", "100%"),
        step(0, "template", "-o", "blank.xlsx"),
        step(0, "export", "-o", "export.xlsx", "--limit", "5"),
        step(0, "runs", "list"),
        step(0, "runs", "show", "last", "--json"),
        step(0, "report", "last", "--out", "again"),
        step(0, "explain", "last", "2"),
        step(0, "history", contact_uuid(41), "--json"),
        step(0, "retry", "last", "--yes"),
        step(0, "resume"),
        step(0, "undo", "last", "--yes"),
        step(0, "runs", "prune", "--keep", "9", "--yes"),
        step(3, "check", "none.csv"),
        step(2, "plan", "good.csv", "--rate", "fast"),
        step(2, "plan", "good.csv", "--no-such-flag"),
    ]


def at_the_parrot(it: Parrot) -> list[Step]:
    """An account that refuses, errs and says the token back in all of its words."""
    uuid = contact_uuid(41)
    contact = {"uuid": uuid, "tags": [], "customFields": {}, "name": PERSON, "note": NOTE}
    contact["phoneNumber"] = PHONE
    it.json("GET /auth/me", 200, {"status": "ok", "user_email": "a@b.it", "api_key": "TOKEN"})
    it.json("GET /teams", 200, {"teams": []})
    it.json("GET /contacts", 200, {"contacts": [contact], "meta": {"page": 1, "pages": 1}})
    it.json(f"GET /contacts/{uuid}", 200, {"contact": contact})
    it.json(f"PATCH /contacts/{uuid}", 422, {"errors": {"note": ["TOKEN may not"]}})
    it.json("GET /refused/auth/me", 401, {"error": "bad token TOKEN", "TOKEN": "TOKEN"})
    it.page("GET /page/auth/me", 403, "<html><title>no TOKEN</title>" + "x" * 70_000 + "TOKEN")
    it.page("GET /broken/auth/me", 500, "x" * (65_536 - len(TOKEN) // 2) + "TOKEN")
    it.json("GET /short/auth/me", 500, ["LOWER", "TOKEN" * 9])
    it.page("GET /away/auth/me", 302, "")
    it.page("GET /nonsense/auth/me", 200, "TOKEN")
    doctor = ("doctor", "--json")
    return [
        step(1, "apply", "one.csv", "--yes", BULK_UPDATE_BASE_URL=it.url),
        step(0, "explain", "last", "2"),
        step(0, "report", "last"),
        step(4, "plan", "one.csv", BULK_UPDATE_BASE_URL=f"{it.url}/refused"),
        step(4, *doctor, BULK_UPDATE_BASE_URL=f"{it.url}/page"),
        step(6, *doctor, BULK_UPDATE_BASE_URL=f"{it.url}/broken"),
        step(6, "apply", "one.csv", "--yes", BULK_UPDATE_BASE_URL=f"{it.url}/short"),
        step(6, *doctor, BULK_UPDATE_BASE_URL=f"{it.url}/away"),
        step(6, *doctor, BULK_UPDATE_BASE_URL=f"{it.url}/nonsense"),
    ]


def out_of_order(folder: Path) -> list[Step]:
    """Nobody listens, a bug, secrets in places where they do not belong."""
    config = folder / "in" / "config.toml"
    config.write_text(f'[profiles.a]\ntoken = "{TOKEN}"\n', encoding="utf-8")
    quoted = folder / "in" / "quoted"
    quoted.write_text(f"'{TOKEN}'\n", encoding="utf-8")
    secret = f"http://me:{TOKEN}@127.0.0.1:9"
    return [
        step(6, "plan", "one.csv", BULK_UPDATE_BASE_URL="http://127.0.0.1:9/v1"),
        step(6, "doctor", "--proxy", secret),
        step(70, "check", "one.csv", bug=f"{TOKEN} {PERSON} {PHONE}"),
        step(70, "check", "one.csv", "--json", bug=f"{TOKEN} {PERSON} {PHONE}"),
        step(2, "doctor", "--base-url", f"https://me:{TOKEN}@127.0.0.1"),
        step(2, "plan", "one.csv", BULK_UPDATE_TOKEN_FILE=str(quoted)),
        step(2, "doctor", BULK_UPDATE_CONFIG=str(config)),
        step(
            8,
            "runs",
            "list",
            BULK_UPDATE_CONFIG=os.devnull,
            BULK_UPDATE_JOURNAL=f"postgresql://me:{TOKEN}@127.0.0.1:9/none",
        ),
    ]


def write_sheets(folder: Path) -> None:
    """Good rows, rows that are wrong in each way, and one row for the parrot."""
    header = ["uuid", "phone", "name", "note", "tags"]
    good = [[contact_uuid(41), "", PERSON, "=1+1", ""], [contact_uuid(42), "", "", NOTE, ""]]
    wrong = [["", PHONE, PERSON, NOTE, ""], [contact_uuid(43), "", "", "n" * 1001, ""]]
    sheets = {"good": good, "sheet": [*good, *wrong], "one": [[contact_uuid(41), "", "", "x", ""]]}
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Everything, in one process."""
    return once(tmp_path_factory, "everything", everything)


def everything(folder: Path) -> Told:
    """All of the steps, each ending as it must."""
    desk = folder / "desk"
    for each in (desk, folder / "in"):
        each.mkdir()
    write_sheets(desk)
    account = SandboxAccount.seeded(contacts=120)
    with EmbeddedSandbox(account=account, token=TOKEN) as sandbox, parrot() as it:
        steps = [*at_the_sandbox(), *at_the_parrot(it), *out_of_order(folder)]
        return played(desk, sandbox.base_url, steps)


@pytest.mark.parametrize("secret", [TOKEN, SANDBOX_API_KEY], ids=["token", "api key"])
def test_the_token_is_nowhere(session: Told, secret: str) -> None:
    """Not on a stream, in a report, plan, journal, schema, mapping, log, bug file, process list.
    Nor is the key that the account tells who asks it for a name."""
    for spelled in (secret, secret.lower(), secret[: len(secret) // 2]):
        found = [
            f"{where}: {content[max(0, at - 60) : at]!r}"
            for where, content in written(session)
            if (at := content.lower().find(spelled.lower().encode())) >= 0
        ]
        assert found == []


def written(session: Told) -> Iterator[tuple[str, bytes]]:
    """Every byte."""
    yield "stdout", session.out.encode()
    yield "stderr", session.err.encode()
    yield from every_byte(session.folder)


def test_the_account_s_own_words_are_told_all_the_same(session: Told) -> None:
    """Masked, not dropped."""
    assert "note: *** may not" in session.out + session.err
    assert "bad token ***" in session.err


def test_nothing_was_written_that_others_may_read(session: Told) -> None:
    """Under a mask of 000: files 0600, folders 0700."""
    ours = [
        path
        for path in session.folder.rglob("*")
        if path.suffix != ".csv" or "sheet.csv" not in path.name
        if path.name not in OF_THE_TEST | {"sheet.csv", "good.csv", "one.csv"}
    ]
    assert len(ours) > 30
    wrong = {
        str(path.relative_to(session.folder)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in ours
        if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }
    assert wrong == {}


def test_logs_and_bug_files_know_nobody(session: Told) -> None:
    """No name, number or note of a contact, and no address with a number in it."""
    files = [session.folder / "debug.log", *session.folder.rglob("bug-*.txt")]
    assert len(files) == 3
    for path in files:
        text = path.read_text("utf-8")
        for person in (PERSON, PHONE, NOTE, "Giulia"):
            assert person not in text, path
    assert "asyncio" in files[0].read_text("utf-8"), "the loggers were listened to"


def test_a_bug_file_says_where(session: Told) -> None:
    """Every error on the way by its kind, each place by file and line."""
    text = next(session.folder.rglob("bug-*.txt")).read_text("utf-8")
    for words in ("builtins.RuntimeError", "builtins.ValueError", "builtins.KeyError"):
        assert words in text
    assert "session.py:" in text


def test_no_traceback_reaches_a_person(session: Told) -> None:
    assert "Traceback" not in session.out + session.err


def test_every_command_there_is_was_run() -> None:
    """A new command must be looked at, too."""
    import typer

    from bulk_update.cli.app import build_app

    root = typer.main.get_command(build_app())
    names = {
        " ".join(filter(None, (name, inner)))
        for name, each in root.commands.items()
        for inner in (getattr(each, "commands", None) or {"": None})
    }
    ran = {" ".join(each["run"]) for each in at_the_sandbox()}
    assert {name for name in names if not any(each.startswith(name) for each in ran)} == {"sandbox"}
