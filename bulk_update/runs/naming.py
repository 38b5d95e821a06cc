"""How a run is called, and who starts it."""

from __future__ import annotations

import getpass
import os
import secrets
from datetime import datetime


def new_run_name(now: datetime) -> str:
    """A name that sorts by time and is safe as a folder's: ``20261120-234905-7f3a``."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def user_name() -> str:
    """Who is logged in, as far as the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without an entry for its user
        return str(os.getuid()) if hasattr(os, "getuid") else ""
