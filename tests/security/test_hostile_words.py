"""Words that would act if anybody let them: from a sheet, its name and its headers, and from an
account. Nothing they say may act on a terminal, in a spreadsheet program or in a browser."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from marked_token import TOKEN, parrot

from bulk_update.sandbox.people import contact_uuid

DRIVER = Path(__file__).with_name("session.py")
CLEAR_SCREEN, TITLE, CSI, BACKWARDS = "\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\u202eabc"
ACTS = f"{CLEAR_SCREEN}{TITLE}{CSI}{BACKWARDS}\x08\r"
MARKUP = "[bold red]loud[/] [link=http://evil.example]x[/link] [/nothing]"
PAGE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
FORMULAS = ("=1+1", "@SUM(1)", '+cmd|" /C calc"!A0', "-2+3+cmd", "\t=1+1", '=HYPERLINK("http://x")')
LIVE = re.compile(r"[=@\t\r]|[+-](?![0-9 ().-]*$)")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Wrote:
    """What a session wrote."""

    folder: Path
    out: str
    err: str


def account(it: Any) -> None:
    """Every name of this account is hostile, and so is what it says when it refuses."""
    contacts = []
    for number, formula in enumerate(FORMULAS, start=41):
        uuid = contact_uuid(number)
        words = f"{formula}{ACTS}{MARKUP}{PAGE}"
        contact = {
            "uuid": uuid,
            "name": words,
            "note": words,
            "tags": [f"{formula} {PAGE}", f"t{number}{ACTS}"],
            "customFields": {f"=Field {number}{MARKUP}": words},
            "assignedUser": f"{formula}@example.com",
            "phoneNumber": "393331234567",
        }
        contacts.append(contact)
        it.json(f"GET /contacts/{uuid}", 200, {"contact": contact})
        it.json(f"PATCH /contacts/{uuid}", 422, {"errors": [words, {formula: [words]}]})
    me = {"status": "ok", "user_email": f"=a@b.it{ACTS}{MARKUP}", "user_name": ACTS}
    it.json("GET /auth/me", 200, me)
    team = {"uuid": "t1", "name": f"=Team{ACTS}{MARKUP}", "default": True}
    it.json("GET /teams", 200, {"teams": [team]})
    it.json("GET /teams/t1/members", 200, {"users": [{"email": f"=u@b.it{ACTS}"}]})
    it.json("GET /contacts", 200, {"contacts": contacts, "meta": {"page": 1, "pages": 1}})
    it.json("GET /refusing/auth/me", 401, {"error": f"=no{ACTS}{MARKUP}"})


def sheet(folder: Path) -> str:
    """Cells, headers and a file's name as bad as can be."""
    name = f"=sheet {MARKUP.replace('/', '')}\x1b[2J.csv"
    header = ["uuid", "note", f"=header{MARKUP}{PAGE}", "@other", "tags"]
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        for number, formula in enumerate(FORMULAS, start=41):
            cell = f"{formula} {MARKUP} {PAGE}"
            rows.writerow([contact_uuid(number), cell, cell, cell, ""])
        rows.writerow([contact_uuid(47), f"x{ACTS}", FORMULAS[0], FORMULAS[0], ""])
        rows.writerow(["=none", "x", FORMULAS[1], FORMULAS[0], f"=Tag {MARKUP}"])
    return name


@pytest.fixture(scope="module")
def wrote(tmp_path_factory: pytest.TempPathFactory) -> Wrote:
    """One session of commands that show and report all of it."""
    folder = tmp_path_factory.mktemp("hostile")
    desk = folder / "desk"
    desk.mkdir()
    name = sheet(desk)
    with parrot() as it:
        account(it)
        runs = [
            ["doctor"],
            ["schema", "show"],
            ["schema", "pull", "-o", "a.schema.toml"],
            ["map", name, "-o", "a.map.toml", "--accept", "exact"],
            ["check", name, "--out", "out/check", "-v"],
            ["apply", name, "--yes", "--out", "out/apply", "-v", "--reason", f"=why{MARKUP}"],
            ["runs", "list"],
            ["runs", "show", "last"],
            *(["explain", "last", str(row)] for row in (2, 8, 9)),
            ["history", contact_uuid(41)],
            ["apply", name, "--yes", "--confirm-account", f"x{ACTS}{MARKUP}"],
            ["doctor", "--profile", f"x{ACTS}{MARKUP}"],
            ["report", f"x{ACTS}{MARKUP}"],
            ["check", f"none{CLEAR_SCREEN}{MARKUP}.csv"],
        ]
        steps = [{"run": each, "env": {}, "bug": None} for each in runs]
        steps.append(
            {"run": ["doctor"], "bug": None, "env": {"BULK_UPDATE_BASE_URL": f"{it.url}/refusing"}}
        )
        plan = folder / "plan.json"
        plan.write_text(json.dumps(steps), encoding="utf-8")
        env = {"PATH": os.environ["PATH"], "HOME": str(desk / "home"), "LC_ALL": "C.UTF-8"}
        env |= {"COLUMNS": "80", "BULK_UPDATE_BASE_URL": it.url, "BULK_UPDATE_TOKEN": TOKEN}
        done = subprocess.run(
            [sys.executable, str(DRIVER), str(plan)],
            cwd=desk,
            env=env,
            capture_output=True,
            timeout=120,
            check=False,
        )
    told = [stream.decode().splitlines() for stream in (done.stdout, done.stderr)]
    out, err = ("\n".join(line for line in lines if not line.startswith("== ")) for lines in told)
    assert done.returncode == 0, err
    return Wrote(desk, out, err)


def test_nothing_acts_on_the_terminal(wrote: Wrote) -> None:
    """No escape sequence, no other control character, nothing that turns the writing."""
    for text in (wrote.out, wrote.err):
        assert [
            text[max(0, found.start() - 50) : found.end()] for found in UNSEEN.finditer(text)
        ] == []


def test_what_would_act_is_shown_instead(wrote: Wrote) -> None:
    """A person sees that something is odd; brackets are brackets."""
    assert r"\x1b[2J" in wrote.out
    assert r"\x1b[2J" in wrote.err
    assert "[bold red]loud[/]" in wrote.out
    assert "Traceback" not in wrote.err
    assert "this is a bug" not in wrote.err


def test_no_csv_holds_a_formula(wrote: Wrote) -> None:
    """Neither in a cell nor in a header, whoever's words they are."""
    files = [*(wrote.folder / "out").rglob("*.csv")]
    assert {each.name for each in files} >= {"results.csv", "changes.csv", "errors.csv"}
    cells = [cell for path in files for row in read(path) for cell in row]
    assert len(cells) > 200
    assert [cell for cell in cells if LIVE.match(cell)] == []
    assert any(cell.startswith("'=") for cell in cells)


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_no_workbook_holds_a_formula(wrote: Wrote) -> None:
    """Nor a link, nor a macro: text is text."""
    books = [*(wrote.folder / "out").rglob("*.xlsx")]
    assert books
    for path in books:
        book = openpyxl.load_workbook(path)
        for inner in book:
            for row in inner.iter_rows():
                assert not any(cell.data_type == "f" or cell.hyperlink for cell in row), path


def test_nothing_in_a_page_runs(wrote: Wrote) -> None:
    """No script, no handler, no address that is loaded; the words are there as words."""
    pages = [*(wrote.folder / "out").rglob("*.html")]
    assert pages
    for path in pages:
        text = path.read_text("utf-8")
        tags = re.findall(r"<[a-zA-Z!/][^>]*>", text)
        assert not any(re.match(r"<\s*(script|iframe|object|embed|link|img)\b", t) for t in tags)
        assert not any(re.search(r"\son\w+\s*=|javascript:|\ssrc\s*=", tag) for tag in tags)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert any("{{7*7}}" in each.read_text("utf-8") for each in pages)


def test_a_schema_can_be_shown_and_read_again(wrote: Wrote) -> None:
    """What it prints is TOML that says the same names, though none of them acts."""
    from bulk_update.account.schema_file import load_schema

    schema = load_schema(wrote.folder / "a.schema.toml")
    assert any(ACTS in tag for tag in schema.tags)
