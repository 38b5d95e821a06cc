"""Files that are no sheets, can't be read, or change; and standard input."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

from bulk_update.errors import SheetError
from bulk_update.reading import ReadOptions, open_sheet, source


def refused(path, **options):
    with pytest.raises(SheetError) as caught:
        open_sheet(str(path), ReadOptions(**options))
    assert caught.value.exit_code == 3
    return caught.value


def test_a_missing_file_is_told(tmp_path):
    error = refused(tmp_path / "no.csv")
    assert error.code == "file_missing"
    assert "no.csv" in error.message


def test_a_folder_is_told(tmp_path):
    assert refused(tmp_path).code == "file_is_folder"


def test_an_empty_file_is_told(write):
    assert refused(write(b"")).code == "empty"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users as Unix has them")
def test_an_unreadable_file_is_told(write):
    path = Path(write("phone,name\n1,x\n"))
    path.chmod(0)
    if os.geteuid() != 0:
        assert refused(path).code == "file_unreadable"
        return
    os.seteuid(65_534)  # root may read everything; nobody may not
    try:
        assert refused(path).code == "file_unreadable"
    finally:
        os.seteuid(0)


def test_a_name_that_no_file_can_have_is_told():
    assert refused("a\0b.csv").code == "file_unreadable"
    assert refused("x" * 5000).code == "file_unreadable"


def test_a_symbolic_link_is_followed(write, tmp_path, read):
    link = tmp_path / "link.csv"
    link.symlink_to(write("phone,name\n1,Ada\n"))
    assert [row.cells for row in read(str(link))] == [("1", "Ada")]


def test_a_symbolic_link_to_nothing_is_told(tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "gone.csv")
    assert refused(link).code == "file_missing"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<!DOCTYPE html><html><table><tr><td>phone</td></tr></table></html>", "HTML"),
        (b"\xef\xbb\xbf \r\n<HTML xmlns:x='urn'><head></head></HTML>", "HTML"),
        (b"<table><tr><td>phone</td></tr></table>", "HTML"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn"></Workbook>', "XML"),
        (b'<?xml version="1.0"?><office:document><office:meta/></office:document>', "XML"),
        ("<html><table></table></html>".encode("utf-16"), "HTML"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", "HTML"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "vCard"),
        (b'ID;PWXL;N;E\r\nC;X1;Y1;K"phone"\r\n', "SYLK"),
        (b'TABLE\r\n0,1\r\n"Data"\r\n', "DIF"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b'[{"phone": "1"}]', "JSON"),
        (b'{"contacts": []}', "JSON"),
        (bytes(range(256)) * 20, "binary"),
        (bytes(5000), "binary"),
    ],
)
def test_what_is_no_sheet_is_called_by_its_name(write, content, name):
    error = refused(write(content, "export.xls"))
    assert error.code == "not_a_table"
    assert name in error.message


def test_the_content_counts_not_the_ending(write, xlsx, read):
    book = Path(xlsx(lambda book: (book.active.append(["phone"]), book.active.append(["1"]))))
    assert [row.cells for row in read(write(book.read_bytes(), "really.csv"))] == [("1",)]
    assert [row.cells for row in read(write("phone,a\n1,x\n", "really.xlsx"))] == [("1", "x")]


def test_a_zip_of_something_else_is_told(write, tmp_path):
    import zipfile

    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(path).code == "not_a_table"


def test_a_numbers_document_is_told_with_the_way_out(tmp_path):
    import zipfile

    path = tmp_path / "a.numbers"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Index/Document.iwa", "x")
    error = refused(path)
    assert (error.code, "Numbers" in error.message) == ("not_a_table", True)
    assert "XLSX" in error.hint


def test_a_sheet_whose_first_column_is_called_id_is_no_sylk_file(write, read):
    assert [row.cells for row in read(write("ID;Phone\n1;2\n"))] == [("1", "2")]


def test_a_binary_workbook_is_told_with_the_way_out(tmp_path):
    import zipfile

    path = tmp_path / "a.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    assert "XLSX" in refused(path).hint


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.99])
def test_a_cut_off_workbook_is_told(xlsx, write, share):
    whole = Path(xlsx(lambda book: book.active.append(["phone", "name"]))).read_bytes()
    assert refused(write(whole[: int(len(whole) * share)], "cut.xlsx")).code == "damaged"


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_workbook_is_an_error_or_a_sheet_never_a_crash(xlsx, write, seed):
    import random

    def fill(book):
        book.active.append(["phone", "name"])
        for number in range(50):
            book.active.append([number, f"name {number}"])

    chance = random.Random(seed)
    bytes_ = bytearray(Path(xlsx(fill)).read_bytes())
    for _damage in range(3):
        bytes_[chance.randrange(len(bytes_))] ^= 1 << chance.randrange(8)
    path = write(bytes(bytes_), "damaged.xlsx")
    with contextlib.suppress(SheetError), open_sheet(path, ReadOptions()) as sheet:
        assert len(list(sheet.rows())) <= 51


def test_a_password_on_an_xlsx_workbook_is_told(write):
    """Such a file is a compound file with the workbook encrypted in it."""
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    locked += "EncryptedPackage".encode("utf-16-le") + bytes(2000)
    error = refused(write(locked, "locked.xlsx"))
    assert error.code == "password"
    assert "password" in error.message


def test_an_old_word_document_is_told(write):
    document = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + bytes(600)
    assert refused(write(document, "a.xls")).code == "not_a_table"


def test_the_hash_is_of_the_bytes(write, xlsx):
    for path in (write("phone,a\n1,x\n"), xlsx(lambda book: book.active.append(["phone"]))):
        with open_sheet(path, ReadOptions()) as sheet:
            assert sheet.sha256 == hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.parametrize("change", ["longer", "replaced", "gone"])
def test_a_file_that_changes_between_passes_is_told(write, tmp_path, change):
    path = Path(write("phone,note\n1,x\n2,y\n"))
    with open_sheet(str(path), ReadOptions()) as sheet:
        assert len(list(sheet.rows())) == 2
        if change == "longer":
            with path.open("a") as file:
                file.write("3,z\n")
        elif change == "replaced":
            other = tmp_path / "other.csv"
            other.write_text("phone,note\n1,X\n2,Y\n")
            other.replace(path)
        else:
            path.unlink()
        with pytest.raises(SheetError) as caught:
            list(sheet.rows())
    assert caught.value.code in {"file_changed", "file_missing"}


def test_a_file_that_changes_during_a_pass_is_told_at_its_end(write):
    path = Path(write("phone,note\n1,x\n2,y\n"))
    with open_sheet(str(path), ReadOptions()) as sheet:
        rows = sheet.rows()
        next(rows)
        with path.open("a") as file:
            file.write("3,z\n")
        with pytest.raises(SheetError) as caught:
            list(rows)
    assert caught.value.code == "file_changed"


def test_a_file_that_is_only_touched_is_still_the_same(write):
    path = Path(write("phone,note\n1,x\n2,y\n"))
    with open_sheet(str(path), ReadOptions()) as sheet:
        os.utime(path, ns=(1, 1))
        assert len(list(sheet.rows())) == 2


def test_a_workbook_that_changes_between_passes_is_told(xlsx):
    path = Path(xlsx(lambda book: (book.active.append(["phone"]), book.active.append(["1"]))))
    with open_sheet(str(path), ReadOptions()) as sheet:
        list(sheet.rows())
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(SheetError) as caught:
            list(sheet.rows())
    assert caught.value.code == "file_changed"


# -- standard input and pipes ---------------------------------------------------------


@pytest.fixture
def stdin(monkeypatch):
    """Puts bytes on standard input."""

    def put(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content)))

    return put


@pytest.fixture
def spool(tmp_path, monkeypatch):
    """The folder for copies of streams."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_standard_input_is_read_again_and_again_and_leaves_nothing(stdin, spool):
    stdin("phone,name\n1,Nicolò\n".encode())
    with open_sheet("-", ReadOptions()) as sheet:
        assert sheet.path == "-"
        assert [row.cells for row in sheet.rows()] == [("1", "Nicolò")]
        assert [row.cells for row in sheet.rows()] == [("1", "Nicolò")]
        assert len(list(spool.iterdir())) == 1
        assert next(spool.iterdir()).stat().st_mode & 0o077 == 0
    assert list(spool.iterdir()) == []


def test_a_workbook_on_standard_input_is_recognised(stdin, spool, xlsx):
    book = xlsx(lambda book: (book.active.append(["phone"]), book.active.append(["1"])))
    stdin(Path(book).read_bytes())
    with open_sheet("-", ReadOptions(format="xlsx")) as sheet:
        assert [row.cells for row in sheet.rows()] == [("1",)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"%PDF"])
def test_a_stream_that_is_refused_leaves_nothing(stdin, spool, content):
    stdin(content)
    error = refused("-")
    assert "standard input" in error.message
    assert list(spool.iterdir()) == []


def test_a_format_that_does_not_agree_is_told(stdin, spool, write):
    stdin(b"phone,name\n1,x\n")
    assert refused("-", format="xlsx").code == "format"
    assert list(spool.iterdir()) == []
    assert refused(write("phone,name\n1,x\n"), format="xlsx").code == "format"


def test_a_pipe_that_closes_without_a_byte_is_told():
    """A real process whose standard input is a closed pipe."""
    code = (
        "from bulk_update.reading import *\n"
        "from bulk_update.errors import SheetError\n"
        "try:\n    open_sheet('-', ReadOptions())\n"
        "except SheetError as error:\n    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"", capture_output=True, check=True, timeout=60
    )
    assert done.stdout.split() == [b"empty"]


def test_standard_input_that_is_closed_is_told(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert refused("-").code == "file_unreadable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_read_like_standard_input(tmp_path, spool, read):
    """Shells hand over ``<(command)`` as such a path."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"phone,name\n1,x\n",))
    writer.start()
    try:
        assert [row.cells for row in read(str(pipe))] == [("1", "x")]
    finally:
        writer.join()
    assert list(spool.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_that_nobody_writes_to_is_told(tmp_path, spool, monkeypatch):
    monkeypatch.setattr(source, "WRITER_SECONDS", 0.01)
    os.mkfifo(tmp_path / "pipe")
    error = refused(tmp_path / "pipe")
    assert "nobody writes" in error.message
    assert list(spool.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("content", ["phone,name\\n1,x\\n", ""])
def test_a_named_pipe_may_be_late_or_empty(tmp_path, read, content):
    """Its writer may come after the reader, think before it writes, or go without a word."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = f"exec 3>{pipe}; sleep 0.1; printf '{content}' >&3"
    with subprocess.Popen(["/bin/sh", "-c", script]):
        if content:
            assert [row.cells for row in read(str(pipe))] == [("1", "x")]
        else:
            assert refused(pipe).code == "empty"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_device_is_told(device):
    """One without an end would be read for ever."""
    assert "device" in refused(device).message


def test_a_pipe_without_an_end_is_told(spool, monkeypatch):
    monkeypatch.setattr(source, "MOST_PIPED", 1 << 20)
    with Path("/dev/zero").open("rb") as endless:
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=endless))
        assert "no end" in refused("-").message
    assert list(spool.iterdir()) == []
