"""Names that want to be paths, links that lead elsewhere, and a question that acts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bulk_update.cli import run
from bulk_update.cli.terminal import Terminal
from bulk_update.config import resolve
from bulk_update.errors import StorageError
from bulk_update.journal.database import open_database
from bulk_update.journal.tables import meta
from bulk_update.runs.naming import new_run_name, run_folder

PATHS = ["../../x", "/etc/x", "..", ".", "", "a/b", "a\\b", "C:x", "x" * 5000, "a\0b", "a\nb"]
PATHS += ["CON", "nul.txt", "x\u202e", "é", "-x", " x"]
KEPT = {"CON"}  # a folder of that name is Windows' own affair, and can't be made there


@pytest.mark.parametrize("name", PATHS)
def test_a_run_s_name_cannot_choose_where_its_reports_go(tmp_path: Path, name: str) -> None:
    """Though a journal that others share may hold any."""
    if name in KEPT:
        assert run_folder(tmp_path, name).parent == tmp_path
        return
    with pytest.raises(StorageError, match="no name of a run"):
        run_folder(tmp_path, name)


def test_the_names_we_make_are_good_ones(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    name = new_run_name(datetime.now(UTC))
    assert run_folder(tmp_path, name) == tmp_path / name


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder; whatever is written outside of it and of the home is noticed."""
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def test_a_run_or_profile_called_like_a_path_is_just_unknown(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (each for each in PATHS if "\0" not in each and each):
        assert run(["report", "--", name]) == 2, name
        assert run(["explain", "--", name, "2"]) == 2, name
        assert run(["doctor", f"--profile={name}"]) == 2, name
    capsys.readouterr()
    assert [*inside.parent.iterdir()] == [inside]
    assert [*inside.iterdir()] == []


def test_links_in_the_folder_of_reports_are_not_followed(inside: Path) -> None:
    """Each file's place may be a link that somebody laid to a file of the user's."""
    precious = inside.parent / "precious"
    precious.write_text("mine", encoding="utf-8")
    out = inside / "out"
    out.mkdir()
    names = ["results.csv", "changes.csv", "errors.csv", "summary.json", "report.html"]
    names += ["annotated.xlsx", "not_found.xlsx", "changes.xlsx", "a.plan", "a.toml", "m.map.toml"]
    for name in names:
        (out / name).symlink_to(precious)
    (inside / "s.csv").write_text("uuid,name\nnobody,x\n", encoding="utf-8")
    assert run(["plan", "s.csv", "--sandbox", "--out", "out", "-o", "out/a.plan"]) == 1
    assert run(["schema", "pull", "--sandbox", "-o", "out/a.toml", "--force"]) == 0
    mapped = ["map", "s.csv", "--sandbox", "--accept", "exact", "-o", "out/m.map.toml"]
    assert run(mapped) == 2  # it is there; with --force its link is meant
    assert precious.read_text("utf-8") == "mine"
    assert {*inside.parent.iterdir()} == {inside, precious}


def test_a_fault_of_the_journal_tells_no_value(tmp_path: Path) -> None:
    """Neither its message nor what it came from, however deep."""
    database = open_database(tmp_path / "journal.db")
    row = {"name": "Zebedee Unmistakable", "value": None}
    with pytest.raises(StorageError) as caught, database.writing() as connection:
        connection.execute(meta.insert().values(row))
    database.close()
    error: BaseException | None = caught.value
    told = ""
    while error is not None:
        told += f"{error} {error!r} "
        error = error.__cause__ or error.__context__
    assert "NOT NULL" in told
    assert "Zebedee" not in told


@pytest.mark.skipif(os.name == "nt", reason="a terminal of another kind")
def test_a_question_with_an_account_s_name_in_it_is_only_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right there somebody is about to say yes."""
    monkeypatch.setattr(sys, "stdin", iter(()))
    terminal = Terminal(resolve({}, environ={}))
    with pytest.raises(AttributeError):
        terminal.confirm("Send 3 changes to \x1b[1A\x9b2Kshop\u202e?")
    said = capsys.readouterr().err
    assert r"\x1b[1A\x9b2Kshop\u202e?" in said
    assert said.isascii()
    assert "\x1b" not in said
