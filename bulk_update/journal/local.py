"""A journal in a file belongs on a disk of this machine.

Over a network, locks of files and the order of writes are not what a journal counts on; and what
a program copies into a cloud is copied half written, and put back when it is old.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from bulk_update.errors import ConfigError
from bulk_update.language import _

_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = re.compile(
    r"nfs\d?|cifs|smb\w*|afs|auristorfs|ncpfs|coda|ceph|glusterfs|lustre|gpfs|beegfs|davfs|"
    r"fuse\.(sshfs|rclone|s3fs|gcsfuse|goofys|mount-s3|blobfuse2?|davfs2?|ceph\w*|glusterfs|"
    r"juicefs|gvfsd-fuse|google-drive-ocamlfuse|onedriver|pcloud|smbnetfs|curlftpfs)"
)
"""The file systems, as Linux calls them, whose files are on another machine."""

_SYNCED: Final = re.compile(
    r"dropbox( \(.+\))?|onedrive( ?- ?.+)?|google ?drive|my drive|cloudstorage|mobile documents|"
    r"icloud ?drive|nextcloud|owncloud|pcloud ?drive|synology ?drive|megasync",
    re.IGNORECASE,
)
_MARKS: Final = (
    ".stfolder",
    ".dropbox",
    ".dropbox.cache",
    ".nextcloudsync.log",
    ".owncloudsync.log",
)
"""What programs that copy a folder elsewhere leave in it, or call it."""

_REMOTE_DRIVE: Final = 4


def require_local(path: Path) -> None:
    """Raise ConfigError where ``path``, a journal, would be on a network or a synced drive."""
    folder = path.parent.absolute()
    folder = folder.resolve()
    if what := _shared(folder):
        raise ConfigError(
            _("the journal can't be in {folder}: {what}").format(folder=folder, what=what),
            hint=_(
                "Name a folder on a disk of this machine with --state-dir. Several machines share "
                "a journal in PostgreSQL (BULK_UPDATE_JOURNAL)."
            ),
            code="journal_place",
        )


def _shared(folder: Path) -> str:
    """How the folder is shared with other machines; ``""`` for one that is not."""
    if is_remote(folder):
        return _("that is a network drive")
    synced = next((each for each in (folder, *folder.parents) if _is_synced(each)), None)
    return "" if synced is None else _("{path} is a synced folder").format(path=synced)


def _is_synced(folder: Path) -> bool:
    if _SYNCED.fullmatch(folder.name):
        return True
    return any((folder / mark).exists() for mark in _MARKS) and folder != Path.home()


def is_remote(folder: Path) -> bool:
    """Whether the files in ``folder`` are on another machine, as far as the system tells."""
    if sys.platform == "win32":
        return _is_remote_drive(folder)
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # not Linux
        return False
    return _NETWORK.fullmatch(file_system(folder, mounts)) is not None


def file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that ``folder`` is on, by the lines of Linux's ``mountinfo``:
    that of the mount point nearest above it, the last one where several lie on each other."""
    best, found = -1, ""
    for line in mounts.splitlines():
        place, _dash, kind = line.partition(" - ")
        point = Path(_unescaped(place.split(" ")[4]))
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), kind.split(" ")[0]
    return found


def _unescaped(text: str) -> str:
    """Linux spells white space and backslashes in octal there."""
    return re.sub(r"\\([0-7]{3})", lambda each: chr(int(each[1], 8)), text)


def _is_remote_drive(folder: Path) -> bool:
    if folder.drive.startswith(("\\\\", "//")):
        return True
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - not there elsewhere
    return bool(kernel.GetDriveTypeW(folder.anchor) == _REMOTE_DRIVE)
