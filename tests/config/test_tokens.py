"""Where a token comes from, which ones are refused, and that none is ever shown."""

from __future__ import annotations

import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from bulk_update.errors import ConfigError

TOKEN = "a1b2c3.0123456789abcdef"
FILE, OWN, THEIRS = "BULK_UPDATE_TOKEN_FILE", "BULK_UPDATE_TOKEN", "CALLBELL_TOKEN"


def secret(settings) -> str:
    """The token in clear text."""
    return settings.token.get_secret_value()


def test_the_order_of_places(settle, folder: Path, user_file) -> None:
    """File variable, our variable, the vendor's variable, the profile."""
    (folder / "token").write_text("from-file", encoding="utf-8")
    user_file('default_profile = "a"\n[profiles.a]\ntoken = "env:MINE"\n')
    environ = {FILE: "token", OWN: "own", THEIRS: "theirs", "MINE": "mine"}
    found = []
    for name in (FILE, OWN, THEIRS, "MINE"):
        found.append((secret(settle(environ)), settle(environ).origin("token")))
        del environ[name]
    assert [token for token, _origin in found] == ["from-file", "own", "theirs", "mine"]
    assert found[1][1] == "variable BULK_UPDATE_TOKEN"
    assert found[3][1].endswith("[profiles.a], env:MINE")


def test_outer_white_space_is_no_part_of_it(settle, folder: Path) -> None:
    """Editors end a file with a new line, and some begin it with a BOM."""
    (folder / "token").write_bytes(b"\xef\xbb\xbf " + TOKEN.encode() + b" \r\n")
    assert secret(settle({FILE: "token"})) == TOKEN


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_file_that_windows_wrote(settle, folder: Path, encoding: str) -> None:
    """PowerShell's ``>`` writes UTF-16 with a BOM and both line ends."""
    mark = "" if encoding in ("utf-16", "utf-8-sig") else "\ufeff"
    (folder / "token").write_bytes(f"{mark}{TOKEN}\r\n".encode(encoding))
    assert secret(settle({FILE: "token"})) == TOKEN


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty"),
        (" \n", "empty"),
        (f"{TOKEN}\nmore", "control character"),
        (f"{TOKEN}\x7f", "control character"),
        (f"{TOKEN}\x00", "control character"),
        (f"“{TOKEN}”", "no token has"),
        (f"{TOKEN}\r\nX-Evil: 1", "control character"),
        (f"{TOKEN}\u2028x", "no token has"),
        (f"{TOKEN}\ufeff", "no token has"),
        (f"{TOKEN} {TOKEN}", "a space"),
        (f'"{TOKEN}"', "stands in quotes"),
        (f"'{TOKEN}'", "stands in quotes"),
        (f"{TOKEN}`", "stands in quotes"),
        (f"Bearer {TOKEN}", "Bearer"),
        (TOKEN * 1000, "longer"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(settle, value: str, words: str) -> None:
    """By a line that names the place and never the token."""
    with pytest.raises(ConfigError, match=words) as caught:
        settle({OWN: value}).token  # noqa: B018 - asking is what reads it
    assert caught.value.message.startswith(OWN)
    assert TOKEN not in f"{caught.value.message}{caught.value.hint}"


def test_a_token_file_that_is_not_there(settle, folder: Path) -> None:
    """Missing, a folder, or no text: each says so, with the path."""
    (folder / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", ".", "binary"):
        with pytest.raises(ConfigError, match="token file") as caught:
            settle({FILE: name}).token  # noqa: B018
        assert str(folder) in caught.value.message
    with pytest.raises(ConfigError, match="empty"):
        settle({FILE: ""})


def test_a_command_that_needs_no_token_reads_none(settle) -> None:
    """A check with a schema works where the token's file is not mounted."""
    assert settle({FILE: "missing"}).origin("token") == f"variable {FILE}"


def test_a_file_of_a_profile_lies_beside_the_configuration(settle, user_file) -> None:
    """``file:PATH`` starts at the folder of the file that says it."""
    path = user_file('[profiles.a]\ntoken = "file:secrets/token"\n')
    (path.parent / "secrets").mkdir()
    (path.parent / "secrets" / "token").write_text(TOKEN, encoding="utf-8")
    assert secret(settle(profile="a")) == TOKEN


def test_a_variable_of_a_profile_that_is_not_set(settle, user_file) -> None:
    """It is told when the token is asked for, with the line and the name."""
    user_file('[profiles.a]\ntoken = "env:SHOP"\n')
    with pytest.raises(ConfigError, match="line 2: the variable SHOP is not set"):
        settle(profile="a").token  # noqa: B018


@pytest.mark.parametrize("spec", [f'"{TOKEN}"', '"env:"', '"file:"', "3", '"ENV:X"', '""'])
def test_a_token_in_a_file_is_refused_unquoted(settle, user_file, spec: str) -> None:
    """It may be the token itself, which has no business in a file."""
    user_file(f"[profiles.a]\ntoken = {spec}\n")
    with pytest.raises(ConfigError, match="line 2: token must be") as caught:
        settle(profile="a")
    assert TOKEN not in f"{caught.value.message}{caught.value.hint}"


def test_a_token_in_a_profile_that_is_not_chosen_is_refused_too(settle, user_file) -> None:
    """The file will be shared all the same."""
    user_file(f'[profiles.a]\ntoken = "env:A"\n[profiles.b]\ntoken = "{TOKEN}"\n')
    with pytest.raises(ConfigError, match="line 4: token must be"):
        settle(profile="a")


def test_no_text_of_the_settings_shows_it(settle) -> None:
    """Neither as they print, nor as they are dumped, nor as JSON."""
    settings = settle({OWN: TOKEN}, proxy="http://me:veiled@proxy.example:3128")
    shown = f"{settings}{settings!r}{settings.model_dump()}{settings.model_dump_json()}"
    assert TOKEN not in f"{shown}{settings.token!r}{settings.token}"
    assert "veiled" not in shown


class _Memory(KeyringBackend):
    """A keyring that holds one token, for the profile ``shop``."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return TOKEN if (service, username) == ("bulk-update", "shop") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def memory_keyring():
    """The keyring of the system, replaced for one test."""
    before = keyring.get_keyring()
    keyring.set_keyring(_Memory())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("memory_keyring")
def test_a_keyring_holds_it_by_profile(settle, user_file) -> None:
    """And where it holds none, the line to type is the hint."""
    user_file('[profiles.shop]\ntoken = "keyring"\n[profiles.new]\ntoken = "keyring"\n')
    assert secret(settle(profile="shop")) == TOKEN
    assert settle(profile="shop").origin("token").endswith("[profiles.shop], keyring")
    with pytest.raises(ConfigError, match='no token for "new"') as caught:
        settle(profile="new").token  # noqa: B018
    assert caught.value.hint == "keyring set bulk-update new"


def test_a_machine_without_a_keyring_says_so(settle, user_file) -> None:
    """Headless: the library raises, we name the variable to use."""
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    user_file('[profiles.a]\ntoken = "keyring"\n')
    try:
        with pytest.raises(ConfigError, match="can't be opened") as caught:
            settle(profile="a").token  # noqa: B018
    finally:
        keyring.set_keyring(before)
    assert "BULK_UPDATE_TOKEN" in caught.value.hint


def test_keyring_is_an_extra(settle, user_file, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it everything else works, and asking for it says what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    user_file('[profiles.a]\ntoken = "keyring"\n')
    settings = settle(profile="a")
    with pytest.raises(ConfigError, match="not installed") as caught:
        settings.token  # noqa: B018
    assert "bulk-update[keyring]" in caught.value.hint
