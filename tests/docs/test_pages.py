"""The pages agree with the program, with each other, and with what lies in the repository."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bulk_update import errors
from bulk_update.config.settings import FILE_KEYS, FLAG_ONLY, VARIABLES
from bulk_update.config.tokens import FILE_VARIABLE, VALUE_VARIABLES
from bulk_update.mapping.names import TARGET_NAMES
from bulk_update.model import PROBLEM_STATUSES, TargetKind
from bulk_update.reading.own_files import REPORT_COLUMNS
from bulk_update.reporting.summary import failure_document
from bulk_update.reporting.tables import CHANGE_COLUMNS, RESULT_COLUMNS
from bulk_update.reporting.wording import exit_meaning, file_meaning
from bulk_update.reporting.workbooks import NOT_FOUND_COLUMNS
from bulk_update.runs.exit_codes import DONE, ROWS_HAVE_PROBLEMS, THERE_ARE_CHANGES
from bulk_update.sandbox.behaviour import Behaviour

_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_OTHER_PLACE = re.compile(r"(?<![\w.~:/)>}`*\]-])/(?:\w[\w.-]*/)+[\w.-]*|\b[A-Z]:\\")
_OF_THE_API = re.compile(r"/(contacts|auth|teams)/")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its first two lines."""
    below = text.split(f"\n{heading}\n", 1)[1]
    section = re.split(r"\n#+ ", below, maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[2:]]


def first_cells(text: str, heading: str) -> list[str]:
    """What stands in code in the first cells of a table."""
    return [name for row in rows(text, heading) for name in _CODE.findall(row[0])]


def subclasses(kind: type[errors.BulkUpdateError]) -> Iterator[type[errors.BulkUpdateError]]:
    """The tree of errors."""
    yield kind
    for each in kind.__subclasses__():
        yield from subclasses(each)


def slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


# -- what is generated --------------------------------------------------------------------


def test_no_generated_part_is_stale(root: Path) -> None:
    """``python docs/generate.py`` puts them right."""
    done = subprocess.run(
        [sys.executable, root / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run python docs/generate.py\n{done.stdout}{done.stderr}"


# -- exit codes, statuses, columns --------------------------------------------------------


def test_the_readme_names_every_exit_code(pages: dict[str, Any]) -> None:
    """Those of the errors, of rows, of changes and of signals, each once, and no others."""
    named = [int(code) for row in rows(pages["README.md"].text, "## Exit codes")
             for code in row[0].split(",")]  # fmt: skip
    of_errors = {each.exit_code for each in subclasses(errors.BulkUpdateError)}
    signals = {130, 143}
    assert len(named) == len(set(named))
    assert set(named) == of_errors | {DONE, ROWS_HAVE_PROBLEMS, THERE_ARE_CHANGES} | signals
    assert all(exit_meaning(code) for code in named)


def test_statuses_that_make_the_exit_code_1_are_named(pages: dict[str, Any]) -> None:
    """In the sentence below the table."""
    text = pages["runs.md"].text
    sentence = re.search(r"<!-- end -->\n\n(`invalid`.*?)make the exit code 1", text, re.DOTALL)
    assert sentence is not None
    assert set(_CODE.findall(sentence[1])) == {status.value for status in PROBLEM_STATUSES}


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("results.csv", RESULT_COLUMNS),
        ("changes.csv", CHANGE_COLUMNS),
        ("errors.csv", REPORT_COLUMNS),
        ("not_found.xlsx", NOT_FOUND_COLUMNS),
    ],
)
def test_the_columns_of_each_file_are_those_written(
    pages: dict[str, Any], file: str, columns: tuple[str, ...]
) -> None:
    """Name by name, in order."""
    table = {
        _CODE.findall(row[0])[0]: row[1] for row in rows(pages["command-line.md"].text, "## Files")
    }
    shown = next(csv.reader(io.StringIO(_CODE.findall(table[file])[0])))
    assert tuple(shown) == columns


def test_both_lists_of_files_are_complete(pages: dict[str, Any]) -> None:
    """And each file is one that the program knows."""
    of_readme = first_cells(pages["README.md"].text, "## What you get")
    assert of_readme == first_cells(pages["command-line.md"].text, "## Files")
    assert all(file_meaning(name) for name in of_readme)


def test_the_keys_of_the_document_are_those_of_json(pages: dict[str, Any]) -> None:
    """``--json`` has these and no others."""
    shown = first_cells(pages["command-line.md"].text, "## Streams")
    assert shown == list(failure_document("check", errors.BulkUpdateError("x")))


# -- settings -----------------------------------------------------------------------------


def test_every_variable_is_listed(pages: dict[str, Any]) -> None:
    """And none that means nothing."""
    shown = set(first_cells(pages["command-line.md"].text, "## Variables"))
    assert shown == {*VARIABLES, *VALUE_VARIABLES, FILE_VARIABLE, "BULK_UPDATE_CONFIG"}


def test_every_key_of_a_configuration_file_is_listed(pages: dict[str, Any]) -> None:
    """And those that only a flag says."""
    text = pages["command-line.md"].text
    keys = re.search(r"^Keys: (.*?)\. Each means", text, re.MULTILINE | re.DOTALL)
    flags = re.search(r"only a flag says: (.*?)\.\n", text, re.DOTALL)
    assert keys is not None
    assert flags is not None
    assert set(_CODE.findall(keys[1])) == FILE_KEYS
    spelled = {flag.removeprefix("--").replace("-", "_") for flag in _CODE.findall(flags[1])}
    assert spelled == FLAG_ONLY


def test_every_target_is_explained(pages: dict[str, Any]) -> None:
    """In one table, and no target there is none of."""
    shown = set(first_cells(pages["cells.md"].text, "## Targets"))
    others = {TargetKind.CUSTOM_FIELD.value, "team_uuid", "was.<target>"}
    assert shown == {*TARGET_NAMES, *others}


# -- the API ------------------------------------------------------------------------------


def test_every_open_question_of_the_api_is_answered(pages: dict[str, Any]) -> None:
    """The sandbox's switches, one line each; a test is named that is there."""
    heading = "## Unknown, and what the program does"
    table = rows(pages["api.md"].text, heading)
    switches = [_CODE.findall(row[2])[0] for row in table]
    assert len(switches) == len(set(switches))
    assert set(switches) == {each.name for each in fields(Behaviour)}


def test_every_test_that_is_named_is_there(page: Any, root: Path) -> None:
    """A page that says what holds it must be right about it."""
    for name in re.findall(r"tests/[\w/.]+", page.text):
        assert (root / name.rstrip(".")).exists(), name


# -- links and places ---------------------------------------------------------------------


def test_every_link_leads_somewhere(page: Any) -> None:
    """To a file of the repository, and to a heading it has."""
    for link in _LINK.findall(page.prose()):
        if link.startswith("https://"):
            continue
        name, _sign, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), link
        assert not anchor or anchor in slugs(target.read_text("utf-8")), link


def absolute_paths(text: str) -> Iterable[str]:
    """Paths that begin at the root of a machine; not those of the API."""
    found = (match[0] for match in _OTHER_PLACE.finditer(text))
    return [path for path in found if not _OF_THE_API.match(f"{path}/")]


def test_no_page_leads_outside_the_repository(page: Any) -> None:
    """A path of somebody's machine means nothing on another; that of ``me`` is everybody's."""
    assert absolute_paths(page.text.replace("C:\\Users\\me", "")) == []
    assert "](../.." not in page.text


def test_a_path_of_a_machine_is_noticed() -> None:
    """The check above can fail, and the API's own paths pass it."""
    assert absolute_paths("see /home/me/x.csv") == ["/home/me/x.csv"]
    assert absolute_paths("`GET /contacts/:uuid` and docs/cells.md and and/or") == []


def test_the_readme_is_short_and_names_the_two_commands_first(pages: dict[str, Any]) -> None:
    """A tired person reads one screen."""
    text = pages["README.md"].text
    assert len(text.splitlines()) < 200
    first_screen = text[: text.index("## Install")]
    assert "make demo" in first_screen
    assert "make test" in first_screen
