"""What a bug leaves behind: a file that helps whoever mends it, and that may be sent to them.

It says where in which program it happened, and never what the data were: the words of an
exception may quote a cell, an address or a token, so they stay out. What can be read from the
code, file, line and kind of every error on the way, is all there.
"""

from __future__ import annotations

import os
import platform
import secrets
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bulk_update import __version__
from bulk_update.errors import BulkUpdateError
from bulk_update.language import _


def bug(error: Exception) -> BulkUpdateError:
    """What to tell of ``error``, which nobody expected; its details are in a file."""
    kind = type(error).__name__
    return BulkUpdateError(
        _("this is a bug in bulk-update: {kind}").format(kind=kind),
        hint=_("Please report it with the details in {path}").format(path=_kept(error)),
    )


def details(error: BaseException) -> str:
    """Where ``error`` and what led to it happened, innermost last, without a word of theirs."""
    lines = [f"bulk-update {__version__}, Python {platform.python_version()}, {platform.system()}"]
    for each in _chain(error):
        lines += ["", f"{type(each).__module__}.{type(each).__qualname__}"]
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(each.__traceback__)
        ]
    return "\n".join(lines) + "\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error``, what it came from, and what came together in a group."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        waiting += [*inner, each.__cause__ or each.__context__]


def _kept(error: Exception) -> str:
    """The file that has the details; where none can be written, the last place of them."""
    from bulk_update.config.places import private_folder, user_state_dir

    name = f"bug-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.txt"
    path = user_state_dir() / name
    try:
        private_folder(path.parent)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(details(error))
    except OSError:
        return _last_place(error)
    return str(path)


def _last_place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
