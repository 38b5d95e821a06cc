"""What an embedded account remembers in its folder."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_update.errors import ConfigError, StorageError
from bulk_update.sandbox import Behaviour, SandboxAccount
from bulk_update.sandbox.account import reset
from bulk_update.sandbox.catalogue import TAGS
from bulk_update.sandbox.store import FILE_NAME

BODIES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(),
        "note": st.text(max_size=20),
        "tags": st.lists(st.sampled_from(TAGS), max_size=4),
        "unassign_user": st.just(True),
        "bot_status": st.sampled_from(["bot_start", "bot_end"]),
        "custom_fields": st.fixed_dictionaries(
            {},
            optional={
                "zipCode": st.text(),
                "orderNumber": st.integers(-9, 9) | st.just("0042") | st.floats(0, 1),
                "Features": st.lists(st.sampled_from(["Dark Mode", "Notifications"])),
                "Status": st.sampled_from(["Active", ""]),
            },
        ),
    },
)


@settings(max_examples=40)
@given(edits=st.lists(st.tuples(st.integers(1, 6), BODIES, st.booleans()), max_size=8))
def test_a_second_opening_sees_what_the_first_did(tmp_path_factory, edits):
    """Whatever was changed, by whom and in whatever order, listing order included."""
    folder = tmp_path_factory.mktemp("account")
    account = SandboxAccount.open(folder, contacts=6)
    for number, body, stirs in edits:
        account.patch(account.contact(number).uuid, body, Behaviour(), request=1)
        if stirs:
            account.stir(number)
    account.close()
    again = SandboxAccount.open(folder, contacts=6)
    again.close()
    assert list(again) == list(account)
    assert again.last_in_listing() == account.last_in_listing()


def opened(folder, **more):
    account = SandboxAccount.open(folder, **{"contacts": 6, **more})
    account.close()
    return account


def changed(folder):
    """An account whose folder holds two changes."""
    account = SandboxAccount.open(folder, contacts=6)
    account.edit(1, {"name": "One"})
    account.edit(2, {"name": "Two"})
    account.close()
    return folder / FILE_NAME


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_last_line_is_cut_off_and_said(tmp_path, cut):
    """What was whole before it stays; what follows is written on a line of its own."""
    path = changed(tmp_path)
    os.truncate(path, path.stat().st_size - cut)
    account = SandboxAccount.open(tmp_path, contacts=6)
    assert account.torn > 0
    assert (account.contact(1).name, account.contact(2).name) == ("One", "Íñigo Muñoz")
    account.edit(2, {"name": "Again"})
    account.close()
    again = opened(tmp_path)
    assert again.torn == 0
    assert (again.contact(1).name, again.contact(2).name) == ("One", "Again")


def test_a_torn_first_line_is_a_new_account(tmp_path):
    """Nothing had been changed when it was written."""
    (tmp_path / FILE_NAME).write_bytes(b'{"form')
    assert opened(tmp_path).torn == 6
    assert opened(tmp_path).torn == 0


@pytest.mark.parametrize("line", [0, 1])
def test_a_damaged_line_is_said(tmp_path, line):
    """With the file and how to begin anew; nothing is guessed."""
    path = changed(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = b"garbage\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(StorageError, match=r"account\.jsonl") as raised:
        opened(tmp_path)
    assert "delete" in raised.value.hint


def test_another_seed_is_another_account(tmp_path):
    """Its changes are not put on other people."""
    changed(tmp_path)
    with pytest.raises(ConfigError, match="seed 1"):
        opened(tmp_path, seed=2)


def test_a_newer_format_is_said(tmp_path):
    """Not misread."""
    (tmp_path / FILE_NAME).write_bytes(b'{"format":2,"seed":1}\n')
    with pytest.raises(StorageError, match="newer"):
        opened(tmp_path)


def test_changes_of_contacts_that_are_not_there_wait(tmp_path):
    """A smaller account leaves them in the file, a larger one has them again."""
    changed(tmp_path)
    assert len(opened(tmp_path, contacts=1)) == 1
    assert opened(tmp_path, contacts=50).contact(2).name == "Two"


def test_reset_begins_anew(tmp_path):
    """And is no error where there is nothing."""
    changed(tmp_path)
    reset(tmp_path)
    reset(tmp_path)
    assert opened(tmp_path).contact(1).name == "Giulia Bianchi"


def test_the_file_is_for_its_owner_alone(tmp_path):
    """0600, in a folder of 0700."""
    folder = tmp_path / "new" / "account"
    path = changed(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_a_file_is_said(tmp_path):
    """A storage error that names it."""
    (tmp_path / "x").write_text("")
    with pytest.raises(StorageError, match="x"):
        opened(tmp_path / "x")


def test_every_line_is_json(tmp_path):
    """Anybody can read it."""
    lines = [orjson.loads(line) for line in changed(tmp_path).read_bytes().splitlines()]
    assert lines[0] == {"format": 1, "seed": 1}
    assert [line["name"] for line in lines[1:]] == ["One", "Two"]


async def test_what_cannot_be_stored_is_not_applied(talk, tmp_path, monkeypatch):
    """A full disk is a 500, and the contact stays as it was."""
    account = SandboxAccount.open(tmp_path, contacts=3)
    api = await talk(account)

    def full(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("bulk_update.sandbox.store.os.write", full)
        reply = await api.patch(1, {"name": "x"}, conforms=False)
    assert (reply.status, account.contact(1).name) == (500, "Giulia Bianchi")
    assert account.log.requests[-1].status == 500
    assert account.log.changes == []
    assert (await api.patch(1, {"name": "y"})).status == 200
    account.close()
    assert replace(opened(tmp_path).contact(1)).name == "y"
