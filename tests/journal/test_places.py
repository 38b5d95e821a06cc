"""A journal lies on a disk of this machine, and what is wrong with it is said with its place."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bulk_update.errors import ConfigError, StorageError
from bulk_update.journal import Journal, local

MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /home rw - nfs4 server:/home rw,vers=4.2
31 30 8:2 / /home/ada/local rw - xfs /dev/sdb1 rw
32 21 0:50 / /mnt/the\\040share rw - cifs //nas/share rw
33 21 0:51 / /mnt/cloud rw - fuse.rclone remote: rw
34 21 0:52 / /mnt/disk rw - fuseblk /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("folder", "remote"),
    [
        ("/var/lib/x", False),
        ("/home/ada", True),
        ("/home/ada/local/state", False),
        ("/homework", False),
        ("/mnt/the share/ops", True),
        ("/mnt/cloud/a", True),
        ("/mnt/disk/a", False),
    ],
)
def test_a_network_drive_is_told_by_the_mount_that_is_nearest(
    folder: str, *, remote: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(local, "_MOUNTS", mounts)
    assert local.is_remote(Path(folder)) is remote


def test_this_machine_tells_of_what_type_its_own_disks_are(tmp_path: Path) -> None:
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        return
    assert local.file_system(tmp_path.resolve(), mounts.read_text())
    assert local.is_remote(tmp_path.resolve()) is False


@pytest.mark.parametrize(
    "name", ["Dropbox", "OneDrive - Acme SpA", "Google Drive", "Nextcloud", "CloudStorage"]
)
def test_a_synced_folder_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    where = tmp_path / name / "state" / "journal.db"
    with pytest.raises(ConfigError) as told:
        Journal.open(where)
    assert name in told.value.message
    assert "--state-dir" in told.value.hint
    assert not where.parent.exists()


def test_a_link_into_a_synced_folder_is_one(tmp_path: Path) -> None:
    (tmp_path / "synced").mkdir()
    (tmp_path / "synced" / ".stfolder").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "synced")
    with pytest.raises(ConfigError):
        Journal.open(tmp_path / "state" / "journal.db")


def test_a_journal_named_by_a_url_is_for_its_owner_alone_too(tmp_path: Path) -> None:
    path = tmp_path / "named" / "journal.db"
    Journal.open(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigError):
        Journal.open(f"sqlite:///{tmp_path}/Dropbox/journal.db")


def test_a_damaged_journal_is_said_with_its_place_and_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"no database at all " * 500)
    with pytest.raises(StorageError) as told:
        Journal.open(path)
    assert (told.value.code, str(path) in told.value.message) == ("journal_damaged", True)
    assert "move it away" in told.value.hint


def test_a_journal_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal.open(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(StorageError) as told, Journal.open(path) as journal:
        journal.list_runs()
    assert told.value.code == "journal_damaged"


def test_a_document_that_cannot_be_read_is_damage_and_quotes_nobody(
    tmp_path: Path, new_run
) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path) as journal:
        run = new_run(journal)
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            connection.execute(text("""UPDATE change SET document = '{"uuid": 3, "Ada": "x"'"""))
        engine.dispose()
        with pytest.raises(StorageError) as told:
            run.sending.planned_changes()
    assert told.value.code == "journal_damaged"
    assert "Ada" not in str(told.value)


def test_a_database_that_does_not_answer_is_named_without_who_logs_in(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as told:
        Journal.open("postgresql+psycopg://ada:secret@127.0.0.1:1/runs?connect_timeout=2")
    assert "127.0.0.1/runs" in told.value.message
    assert "ada" not in told.value.message + told.value.hint
    assert "BULK_UPDATE_JOURNAL" in told.value.hint
