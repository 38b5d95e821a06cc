"""What a command runs with: flags, then variables, then files, then defaults.

A flag beats a variable beats ``./bulk-update.toml`` beats the user's ``config.toml`` beats the
default; inside a file the chosen profile beats the top. :func:`resolve` gives the frozen
:class:`Settings`, which remember where each value came from and mask what is secret.

Importing this package imports pydantic: a command does it when it begins, ``--help`` never.
"""

from __future__ import annotations

from bulk_update.config.places import user_data_dir, user_state_dir
from bulk_update.config.resolving import resolve
from bulk_update.config.settings import FLAGS, Settings

__all__ = ["FLAGS", "Settings", "resolve", "user_data_dir", "user_state_dir"]
