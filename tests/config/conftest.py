"""A folder to stand in, a user's configuration, and a way to resolve in both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs
import pytest

from bulk_update.config import Settings, resolve

Resolve = Callable[..., Settings]
Write = Callable[[str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder a command is started in."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def local_file(folder: Path) -> Write:
    """Writes ``./bulk-update.toml``."""

    def write(text: str) -> Path:
        path = folder / "bulk-update.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def user_file() -> Write:
    """Writes the user's own ``config.toml``, in the home that each test has."""

    def write(text: str) -> Path:
        path = platformdirs.user_config_path("bulk-update", appauthor=False) / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def settle(folder: Path) -> Resolve:
    """``settle(environ={…}, rate="5")``: the settings as resolved in ``folder``."""

    def settle(environ: Mapping[str, str] | None = None, **flags: object) -> Settings:
        return resolve(flags, environ=environ or {}, cwd=folder)

    return settle
