"""The program starts at once: heavy libraries wait for the command that needs them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

HEAVY = ("pandas", "numpy", "aiohttp", "openpyxl", "python_calamine", "sqlalchemy", "pydantic",
         "phonenumbers", "babel", "clevercsv", "rapidfuzz", "keyring")  # fmt: skip


def imported(*arguments: str) -> set[str]:
    """The modules that a command line imports, and their packages, as Python itself tells."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    found = re.findall(r"^import time:.*\|\s*([\w.]+)$", done.stderr, re.MULTILINE)
    assert "encodings" in found, done.stderr[:500]
    return {*found, *(name.split(".")[0] for name in found)}


@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "bulk_update", "--help"),
        ("-m", "bulk_update", "check", "--help"),
        ("-m", "bulk_update", "apply", "--help"),
        ("-c", "import bulk_update"),
        ("-c", "import bulk_update.model, bulk_update.errors, bulk_update.account"),
    ],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Help is read by people who wait for it, and completion runs it on every tab."""
    # Typer itself takes pydantic for the flags of a command, where it is installed.
    by_typer = {"pydantic"} if len(arguments) > len(("-m", "bulk_update", "--help")) else set()
    assert not imported(*arguments) & (set(HEAVY) - by_typer)


def test_the_version_is_known_before_the_command_line_is() -> None:
    """It is asked by scripts, at every start."""
    assert not imported("-m", "bulk_update", "--version") & {*HEAVY, "typer", "rich"}


def test_a_check_loads_nothing_that_writes_a_schema_or_reads_a_journal() -> None:
    writers = {"tomlkit", "msgspec", "sqlalchemy", "jinja2"}
    assert not imported("-c", "import bulk_update.runs.check") & writers


def test_a_journal_in_a_file_loads_no_dialect_of_another_database(tmp_path) -> None:
    """PostgreSQL's takes nearly half as long to load as all the rest of SQL."""
    taken = (
        "from pathlib import Path; from bulk_update.journal import Journal; "
        f"Journal.open(Path({str(tmp_path / 'journal.db')!r})).close()"
    )
    found = imported("-c", taken)
    assert "sqlalchemy.dialects.sqlite" in found
    assert "sqlalchemy.dialects.postgresql" not in found


def test_a_run_that_goes_on_loads_nothing_that_writes_a_schema() -> None:
    assert "tomlkit" not in imported("-c", "import bulk_update.runs.resume")


def test_settings_are_heavy_and_this_test_can_tell() -> None:
    """What the tests above rely on: an import is seen."""
    assert "pydantic" in imported("-c", "import bulk_update.config")
