"""How a run is called."""

from __future__ import annotations

import secrets
from datetime import datetime


def new_run_name(now: datetime) -> str:
    """A name that sorts by time and is safe as a folder's: ``20261120-234905-7f3a``."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
