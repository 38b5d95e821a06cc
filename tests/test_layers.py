"""Who may import whom: the contracts of ``pyproject.toml`` hold, and they bite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """The import rules, held against the package that lies in ``folder``."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache", "--config", folder / "pyproject.toml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The package and its contracts, to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "bulk_update", tmp_path / "bulk_update", ignore=no_caches)
    return tmp_path


def test_every_import_keeps_the_rules() -> None:
    """A step knows the steps before it; reading to reporting see no network; no circles."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "rule"),
    [
        ("reading/__init__.py", "import aiohttp", "no network"),
        ("mapping/__init__.py", "import bulk_update.journal", "no network"),
        ("validation/__init__.py", "import bulk_update.planning", "A step knows"),
        ("applying/__init__.py", "import bulk_update.runs", "A step knows"),
        ("model.py", "import bulk_update.errors", "A step knows"),
        ("sandbox/__init__.py", "import bulk_update.account.schema", "The sandbox"),
        ("planning/diff.py", "import bulk_update.journal.store", "the journal"),
    ],
)
def test_an_import_against_the_rules_is_caught(
    copied: Path, module: str, line: str, rule: str
) -> None:
    """Also one that hides in a function."""
    with (copied / "bulk_update" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef _hidden() -> None:\n    {line}\n")
    done = lint_imports(copied)
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(rule in report and "BROKEN" in report for report in done.stdout.splitlines()), (
        done.stdout
    )
