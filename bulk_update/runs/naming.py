"""How a run is called, who starts it, and from which file."""

from __future__ import annotations

import getpass
import os
import secrets
from datetime import datetime
from pathlib import Path


def new_run_name(now: datetime) -> str:
    """A name that sorts by time and is safe as a folder's: ``20261120-234905-7f3a``."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def user_name() -> str:
    """Who is logged in, as far as the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without an entry for its user
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def where(file: str) -> str:
    """The whole path of a sheet; ``-`` is standard input."""
    return file if file == "-" else str(Path(file).resolve())
