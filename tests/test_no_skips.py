"""``BULK_UPDATE_NO_SKIPS=1``: a machine that has everything may leave nothing out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS = {
    "one test": "import pytest\n\ndef test_x():\n    pytest.skip('no browser')\n",
    "a module": "import pytest\n\npytest.skip('no browser', allow_module_level=True)\n",
    "a marked test": "import pytest\n\n@pytest.mark.skip\ndef test_x():\n    pass\n",
}
FINE = "import pytest\n\n@pytest.mark.xfail(strict=True)\ndef test_x():\n    assert False\n"


def run_pytest(folder: Path, *, no_skips: bool) -> subprocess.CompletedProcess[str]:
    """Pytest in a folder that has our conftest."""
    for name in ("conftest.py", "postgresql_server.py"):  # and what it loads
        shutil.copy(Path(__file__).with_name(name), folder)
    environ = {**os.environ, "BULK_UPDATE_NO_SKIPS": "1" if no_skips else "0"}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # quick to start, and none is needed
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", folder]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("what", SKIPS)
def test_a_skip_fails_where_none_is_allowed(tmp_path: Path, what: str) -> None:
    """And passes elsewhere."""
    # Beside it a test that runs: with none at all pytest has an exit code of its own.
    (tmp_path / "test_runs.py").write_text("def test_y():\n    pass\n", encoding="utf-8")
    (tmp_path / "test_skips.py").write_text(SKIPS[what], encoding="utf-8")
    strict = run_pytest(tmp_path, no_skips=True)
    assert strict.returncode != 0, strict.stdout
    assert "no skip is allowed" in strict.stdout
    assert run_pytest(tmp_path, no_skips=False).returncode == 0


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    """Pytest calls it skipped, inside."""
    (tmp_path / "test_fine.py").write_text(FINE, encoding="utf-8")
    assert run_pytest(tmp_path, no_skips=True).returncode == 0
