"""Where the system keeps what belongs to this user."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import platformdirs

APP: Final = "bulk-update"


def user_state_dir() -> Path:
    """The user's own state folder, whatever ``--state-dir`` says: account locks lie here."""
    return platformdirs.user_state_path(APP, appauthor=False)


def user_data_dir() -> Path:
    """The user's data folder for this program."""
    return platformdirs.user_data_path(APP, appauthor=False)


def user_config_file() -> Path:
    """The user's own configuration, unless ``BULK_UPDATE_CONFIG`` names another."""
    return platformdirs.user_config_path(APP, appauthor=False) / "config.toml"
