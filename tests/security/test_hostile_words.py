"""Words that would act if anybody let them: from a sheet, its name and its headers, and from an
account. Nothing they say may act on a terminal, in a spreadsheet program or in a browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
import pytest
from marked_token import Parrot, Told, once, parrot, played, step

from bulk_update.sandbox.people import contact_uuid

CLEAR_SCREEN, TITLE, CSI, BACKWARDS = "\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\u202eabc"
ACTS = f"{CLEAR_SCREEN}{TITLE}{CSI}{BACKWARDS}\x08\r"
MARKUP = "[bold red]loud[/] [link=http://evil.example]x[/link] [/nothing]"
PAGE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
FORMULAS = ("=1+1", "@SUM(1)", '+cmd|" /C calc"!A0', "-2+3+cmd", "\t=1+1", '=HYPERLINK("http://x")')
LIVE = re.compile(r"[=@\t\r]|[+-](?![0-9 ().-]*$)")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def account(it: Parrot) -> None:
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
def wrote(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One session of commands that show and report all of it."""
    return once(tmp_path_factory, "hostile", session)


def session(folder: Path) -> Told:
    """All of the commands, each ending as it must."""
    desk = folder / "desk"
    desk.mkdir()
    name = sheet(desk)
    with parrot() as it:
        account(it)
        steps = [
            step(2, "doctor", BULK_UPDATE_BASE_URL=f"{it.url}/nowhere"),
            step(4, "doctor", BULK_UPDATE_BASE_URL=f"{it.url}/refusing"),
            step(0, "doctor", BULK_UPDATE_BASE_URL=it.url),
            step(0, "schema", "show"),
            step(0, "schema", "pull", "-o", "a.schema.toml"),
            step(0, "map", name, "-o", "a.map.toml", "--accept", "exact"),
            step(1, "check", name, "--out", "out/check", "-v"),
            step(
                1, "apply", name, "--yes", "--out", "out/apply", "-v", "--reason", f"=why{MARKUP}"
            ),
            step(0, "runs", "list"),
            step(0, "runs", "show", "last"),
            *(step(0, "explain", "last", str(row)) for row in (2, 8, 9)),
            step(0, "history", contact_uuid(41)),
            step(2, "apply", name, "--yes", "--confirm-account", f"x{ACTS}{MARKUP}"),
            step(2, "doctor", "--profile", f"x{ACTS}{MARKUP}"),
            step(2, "report", f"x{ACTS}{MARKUP}"),
            step(3, "check", f"none{CLEAR_SCREEN}{MARKUP}.csv"),
        ]
        return played(desk, it.url, steps)


def test_nothing_acts_on_the_terminal(wrote: Told) -> None:
    """No escape sequence, no other control character, nothing that turns the writing."""
    for text in (wrote.out, wrote.err):
        assert [
            text[max(0, found.start() - 50) : found.end()] for found in UNSEEN.finditer(text)
        ] == []


def test_what_would_act_is_shown_instead(wrote: Told) -> None:
    """A person sees that something is odd; brackets are brackets."""
    assert r"\x1b[2J" in wrote.out
    assert r"\x1b[2J" in wrote.err
    assert "[bold red]loud[/]" in wrote.out
    assert "Traceback" not in wrote.err
    assert "this is a bug" not in wrote.err


def test_no_csv_holds_a_formula(wrote: Told) -> None:
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


def test_no_workbook_holds_a_formula(wrote: Told) -> None:
    """Nor a link, nor a macro: text is text."""
    books = [*(wrote.folder / "out").rglob("*.xlsx")]
    assert books
    for path in books:
        book = openpyxl.load_workbook(path)
        for inner in book:
            for row in inner.iter_rows():
                assert not any(cell.data_type == "f" or cell.hyperlink for cell in row), path


def test_nothing_in_a_page_runs(wrote: Told) -> None:
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


def test_a_schema_can_be_shown_and_read_again(wrote: Told) -> None:
    """What it prints is TOML that says the same names, though none of them acts."""
    from bulk_update.account.schema_file import load_schema

    schema = load_schema(wrote.folder / "a.schema.toml")
    assert any(ACTS in tag for tag in schema.tags)
