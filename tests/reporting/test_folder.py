"""Files that appear whole or not at all, on a real file system."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulk_update.errors import StorageError
from bulk_update.reporting.folder import open_folder, put_aside, write_whole

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and limits of POSIX")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@POSIX
def test_files_and_new_folders_are_private(tmp_path: Path) -> None:
    """0600 and 0700, whatever the umask and whatever the mode of a former file."""
    before = os.umask(0o000)
    try:
        folder = open_folder(tmp_path / "runs" / "r1")
        path = write_whole(folder, "a.csv", [b"x"])
        path.chmod(0o644)
        write_whole(folder, "a.csv", [b"y"])
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@POSIX
def test_a_folder_of_the_user_keeps_its_mode(tmp_path: Path) -> None:
    """Only what is made here is made private."""
    tmp_path.chmod(0o755)
    assert open_folder(tmp_path) == tmp_path
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_nothing_but_the_file_is_left(tmp_path: Path) -> None:
    """The former file is replaced, the temporary one gone."""
    (tmp_path / "a.csv").write_bytes(b"old")
    path = write_whole(tmp_path, "a.csv", [b"new ", b"text"])
    assert path.read_bytes() == b"new text"
    assert _names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_a_report_that_breaks_off_leaves_the_former_one(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    """Whatever ends it, a bug or Ctrl-C: the old file stands and nothing half is left."""
    (tmp_path / "a.csv").write_bytes(b"old")

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise fault

    with pytest.raises(fault):
        write_whole(tmp_path, "a.csv", chunks())
    assert _names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"old"


def test_a_fault_of_the_rows_is_not_called_a_fault_of_the_disk(tmp_path: Path) -> None:
    """An ``OSError`` of the sheet passes as it is."""

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise FileNotFoundError("sheet.csv")

    with pytest.raises(FileNotFoundError, match=r"sheet\.csv"):
        write_whole(tmp_path, "a.csv", chunks())


def test_a_place_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """A folder of that name can't be replaced; numbers in use are passed over."""
    (tmp_path / "results.csv").mkdir()
    (tmp_path / "results (2).csv").write_bytes(b"mine")
    path = write_whole(tmp_path, "results.csv", [b"x"])
    assert path == tmp_path / "results (3).csv"
    assert path.read_bytes() == b"x"
    assert (tmp_path / "results (2).csv").read_bytes() == b"mine"


def test_a_file_held_open_elsewhere_gets_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace such a file with ``PermissionError``; it is left alone."""
    (tmp_path / "results.csv").write_bytes(b"open in Excel")
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.name == "results.csv":
            raise PermissionError(errno.EACCES, "Access is denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert write_whole(tmp_path, "results.csv", [b"x"]).name == "results (2).csv"
    assert _names(tmp_path) == ["results (2).csv", "results.csv"]
    assert (tmp_path / "results.csv").read_bytes() == b"open in Excel"


@POSIX
def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Nothing outside the folder is written."""
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"safe")
    folder = open_folder(tmp_path / "out")
    (folder / "a.csv").symlink_to(outside)
    write_whole(folder, "a.csv", [b"x"])
    assert outside.read_bytes() == b"safe"
    assert not (folder / "a.csv").is_symlink()


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/b", "a\\b", "/etc/a", "C:\\a", "C:a", "a.csv:b", "a\x00", "a\nb"],
)
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    """On any system, whatever the name was made from."""
    with pytest.raises(StorageError, match="not the plain name") as caught:
        write_whole(tmp_path, name, [b"x"])
    assert caught.value.code == "report_unwritable"
    assert _names(tmp_path) == []


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    """The error names the path, and the hint the flag."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        open_folder(tmp_path / "file" / "out")
    assert str(tmp_path / "file" / "out") in caught.value.message
    assert "--out" in caught.value.hint
    assert (caught.value.exit_code, caught.value.code) == (8, "report_unwritable")


def test_a_read_only_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own reason is kept."""

    def refuse(*_args: object, **_named: object) -> tuple[int, str]:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(StorageError, match="Read-only file system") as caught:
        write_whole(tmp_path, "a.csv", [b"x"])
    assert caught.value.code == "report_unwritable"


FULL_DISK = """
import resource, sys
from pathlib import Path
from bulk_update.errors import StorageError
from bulk_update.reporting.folder import write_whole

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    write_whole(Path(sys.argv[1]), "a.csv", (b"x" * 1000 for _ in range(1000)))
except StorageError as error:
    print(error.code, "|", error.message, "|", error.hint)
"""


@POSIX
def test_a_full_disk_leaves_the_former_report(tmp_path: Path) -> None:
    """A process that may write 20 kB to a file: the fault is named, nothing half is left."""
    (tmp_path / "a.csv").write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    code, message, hint = done.stdout.split(" | ")
    assert code == "disk_full"
    assert str(tmp_path / "a.csv") in message
    assert "--out" in hint
    assert done.stderr == ""
    assert _names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"old"


def test_a_file_that_is_put_aside_is_never_lost(tmp_path: Path) -> None:
    """It may hold somebody's work: it gets a name with (old), and each such name stands."""
    for content in ("first", "second"):
        (tmp_path / "a.xlsx").write_text(content)
        put_aside(tmp_path, "a.xlsx", unless=tmp_path / "none")
    put_aside(tmp_path, "a.xlsx", unless=tmp_path / "none")
    assert _names(tmp_path) == ["a (old) (2).xlsx", "a (old).xlsx"]
    assert (tmp_path / "a (old).xlsx").read_text() == "first"


def test_the_file_that_was_read_is_not_put_aside(tmp_path: Path) -> None:
    """A workbook that is given back where it lies is what the person has open."""
    (tmp_path / "a.xlsx").write_text("mine")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "a.xlsx")
    put_aside(tmp_path, "a.xlsx", unless=tmp_path / "link.xlsx")
    assert (tmp_path / "a.xlsx").read_text() == "mine"
