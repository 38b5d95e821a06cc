"""How a run is called, who starts it, and from which file."""

from __future__ import annotations

import getpass
import os
import re
import secrets
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.errors import StorageError
from bulk_update.language import _

if TYPE_CHECKING:
    from bulk_update.config import Settings

_OURS: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}", re.ASCII)


def new_run_name(now: datetime) -> str:
    """A name that sorts by time and is safe as a folder's: ``20261120-234905-7f3a``."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def run_folder(parent: Path, name: str) -> Path:
    """The folder of a run's reports under ``parent``. Raises StorageError for a name that
    :func:`new_run_name` did not make: a journal that others share, or that was edited, must not
    choose where files go."""
    if _OURS.fullmatch(name):
        return parent / name
    raise StorageError(
        _("{name!r} is no name of a run, so it gets no folder").format(name=name),
        hint=_("Name a folder for the reports with --out DIR."),
        code="report_unwritable",
    )


def resuming(name: str, settings: Settings) -> str:
    """The command that goes on with the run called ``name``, with the flags that say where its
    journal is."""
    words = ["bulk-update", "resume", name]
    if settings.sandbox:
        words.append("--sandbox")
    if settings.origin("state_dir").startswith("flag"):
        words += ["--state-dir", str(settings.state_dir)]
    return shlex.join(words)


def user_name() -> str:
    """Who is logged in, as far as the system tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without an entry for its user
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def where(file: str) -> str:
    """The whole path of a sheet, what is no text in it spelled out; ``-`` is standard input."""
    path = file if file == "-" else str(Path(file).resolve())
    return path.encode("utf-8", "backslashreplace").decode()
