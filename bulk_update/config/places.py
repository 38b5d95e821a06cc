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


def private_folder(path: Path) -> None:
    """Make the folder ``path``, and what is missing above it, for their owner alone (0700): what
    lies in it names contacts. One that is there keeps its mode: it is the user's. Raises
    OSError."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(exist_ok=True)  # where it is no folder, this says so
