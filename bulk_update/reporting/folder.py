"""Files that appear whole or not at all, private to their owner, inside one folder.

A report is written to a temporary file beside its place, made durable, and moved there in one
step: a reader never meets half a report, and a full disk leaves the former one untouched. A file
that can't be replaced because another program holds it open (Excel on Windows does) gets a
number instead: ``results (2).csv``.
"""

from __future__ import annotations

import errno
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import BinaryIO, Final

from bulk_update.config.places import private_folder
from bulk_update.errors import StorageError
from bulk_update.language import _

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def open_folder(path: Path) -> Path:
    """The folder at ``path``, as an absolute path; made, for its owner alone, where it is missing.

    A folder that exists keeps its mode: it is the user's. Raises ``StorageError``.
    """
    folder = path.absolute()
    with _storage(folder):
        private_folder(folder)
    return folder


def write_whole(folder: Path, name: str, chunks: Iterable[bytes]) -> Path:
    """Write ``chunks`` to the file ``name`` in ``folder`` (mode 0600) and return its path.

    The path has a number when a file of that name is held open elsewhere. Raises
    ``StorageError`` when it can't be written or ``name`` is more than a plain name; then, and
    when ``chunks`` raises, whatever stood there before still stands.
    """
    target = folder / _plain(name)
    with _temporary(target) as (handle, temporary):
        for chunk in chunks:
            with _storage(target):
                handle.write(chunk)
        with _storage(target):
            _make_durable(handle)
            return _move(temporary, target)


def put_aside(folder: Path, name: str, *, unless: Path) -> None:
    """Give the file ``name`` in ``folder``, where there is one, a name with ``(old)``: it may hold
    somebody's work. The file ``unless`` stays: it is what was just read. Raises ``StorageError``.
    """
    target = folder / _plain(name)
    with _storage(target):
        if not target.is_file() or (unless.exists() and target.samefile(unless)):
            return
        aside = target.with_name(f"{target.stem} (old){target.suffix}")
        target.rename(_numbered(aside) if aside.exists() else aside)


@contextmanager
def _temporary(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file beside ``target``, 0600; gone at the end unless it was moved away."""
    with _storage(target):
        number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    handle, temporary = os.fdopen(number, "wb"), Path(name)
    try:
        yield handle, temporary
    finally:
        with suppress(OSError):  # a full disk refuses the last flush too; the first error counts
            handle.close()
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _make_durable(handle: BinaryIO) -> None:
    """Bring the content to the disk before the name does: a crash must not show an empty file.

    It is closed here because Windows moves no open file.
    """
    handle.flush()
    os.fsync(handle.fileno())
    handle.close()


def _move(temporary: Path, target: Path) -> Path:
    """Move the file to its place, or to the first free numbered name if that place is held."""
    try:
        temporary.replace(target)
    except (PermissionError, IsADirectoryError):
        target = _numbered(target)
        temporary.replace(target)
    _make_name_durable(target.parent)
    return target


def _numbered(target: Path) -> Path:
    """``results (2).csv``, or the first such name that nothing bears: none is ever overwritten."""
    names = (f"{target.stem} ({number}){target.suffix}" for number in itertools.count(2))
    paths = (target.with_name(name) for name in names)
    return next(path for path in paths if not path.exists() and not path.is_symlink())


def _make_name_durable(folder: Path) -> None:
    """Bring the folder's new entry to the disk, where the system can: Windows opens no folder,
    and some network file systems sync none. The file is whole either way."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(number)
    finally:
        os.close(number)


def _plain(name: str) -> str:
    """``name``, when it names a file of the folder itself on every system; else an error."""
    inside = PureWindowsPath(name).name == name and name not in {"", ".", ".."}
    if inside and ":" not in name and name.isprintable():
        return name
    raise StorageError(
        _("{name!r} is not the plain name of a file").format(name=name),
        hint=_("Use a name without a folder, a colon or a control character."),
        code="report_unwritable",
    )


@contextmanager
def _storage(path: Path) -> Iterator[None]:
    """Translate a fault of the file system, once, here."""
    try:
        yield
    except OSError as error:
        no_room = error.errno in _NO_ROOM
        raise StorageError(
            _("{path} can't be written: {reason}").format(
                path=path, reason=error.strerror or type(error).__name__
            ),
            hint=_room_hint() if no_room else _place_hint(),
            code="disk_full" if no_room else "report_unwritable",
        ) from error


def _room_hint() -> str:
    return _("Make room there, or name a folder on another disk with --out DIR.")


def _place_hint() -> str:
    return _("Name a folder that you may write to with --out DIR.")
