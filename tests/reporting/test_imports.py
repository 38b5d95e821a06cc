"""What importing the package costs."""

from __future__ import annotations

import subprocess
import sys


def test_the_package_is_light() -> None:
    """``--help`` is instant: tables load pandas only when there is something to write."""
    code = "import sys, bulk_update.reporting, bulk_update.reporting.terminal; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "openpyxl", "aiohttp"} & set(done.stdout.split())
