"""A configuration file is taken whole or not at all."""

from __future__ import annotations

import pytest

from bulk_update.errors import ConfigError


def test_an_unknown_key_names_its_line_and_the_nearest(settle, local_file) -> None:
    """A misspelt guard must not leave a run without it."""
    path = local_file('# mine\n\nrate = 5\nmax_failure = "5%"\n')
    with pytest.raises(ConfigError) as caught:
        settle()
    assert f'{path}, line 4: unknown key "max_failure"' in caught.value.message
    assert 'Did you mean "max_failures"?' in caught.value.message


def test_all_unknown_keys_are_named_at_once(settle, local_file) -> None:
    """At the top and in profiles, each with its own line."""
    local_file("ratte = 1\n[profiles.a]\nregoin = 'IT'\n[profiles.b]\nratte = 2\n")
    with pytest.raises(ConfigError) as caught:
        settle()
    assert [f"line {n}" in caught.value.message for n in (1, 3, 5)] == [True] * 3


def test_an_unused_profile_is_judged_too(settle, local_file) -> None:
    """A file is right or wrong whichever profile is chosen."""
    local_file("[profiles.other]\nbase_ulr = 'https://x.example'\n")
    with pytest.raises(ConfigError, match="base_url"):
        settle()


@pytest.mark.parametrize("key", ["yes = true", "confirm_account = 'x'", "tags = 'replace'"])
def test_consent_is_said_each_time(settle, local_file, key: str) -> None:
    """A file cannot agree in advance to what nobody has seen."""
    local_file(key)
    with pytest.raises(ConfigError, match="only a flag says it"):
        settle()


def test_a_token_at_the_top_is_sent_to_a_profile(settle, local_file) -> None:
    """Its line is named, its value is not."""
    local_file('token = "abcdef.0123"')
    with pytest.raises(ConfigError, match=r"line 1: token stands in a profile") as caught:
        settle()
    assert "abcdef" not in f"{caught.value.message}{caught.value.hint}"


def test_a_bom_is_no_fault(settle, local_file) -> None:
    """Notepad writes one."""
    local_file("\ufeffrate = 5\n")
    assert settle().rate == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rate = \n", "line 1"),
        ("region = IT\n", "line 1"),
        ("rate = 1\nrate = 2\n", "line 2"),
        ("profiles = 3\n", "profiles are tables"),
        ("[profiles]\na = 3\n", "profiles are tables"),
        ("default_profile = 3\n", "line 1: default_profile"),
    ],
)
def test_a_broken_file_says_where(settle, local_file, text: str, words: str) -> None:
    """One line, with the file and the place in it."""
    path = local_file(text)
    with pytest.raises(ConfigError) as caught:
        settle()
    assert str(path) in caught.value.message
    assert words in caught.value.message


def test_another_encoding_is_named(settle, local_file) -> None:
    """TOML is UTF-8; what Excel's neighbours save may not be."""
    local_file("").write_bytes(b'out = "citt\xe0"')
    with pytest.raises(ConfigError, match="no UTF-8 text"):
        settle()


def test_a_bad_value_names_its_line(settle, local_file) -> None:
    """In the chosen profile, not at the top where the key stands too."""
    path = local_file('default_profile = "a"\nrate = 5\n[profiles.a]\nrate = 5000\n')
    with pytest.raises(ConfigError) as caught:
        settle()
    assert caught.value.message.startswith(f'{path}, line 4: "5000" is no rate')


def test_a_switch_is_true_or_false(settle, local_file) -> None:
    """``"false"`` in quotes would be true elsewhere."""
    local_file('strict = "false"')
    with pytest.raises(ConfigError, match="neither true nor false"):
        settle()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@db.example/x",
        "postgresql+psycopg://db.example/x?password=secret",
    ],
)
def test_a_password_belongs_into_the_variable(settle, local_file, url: str) -> None:
    """A file is committed and a flag shows in process lists; neither message repeats it."""
    with pytest.raises(ConfigError) as flagged:
        settle(journal=url)
    local_file(f'[profiles.unused]\njournal = "{url}"\n')
    with pytest.raises(ConfigError) as filed:
        settle()
    assert "line 2" in filed.value.message
    for error in (flagged.value, filed.value):
        assert "secret" not in f"{error.message}{error.hint}"
        assert "BULK_UPDATE_JOURNAL" in error.hint


def test_the_variable_may_hold_a_password_and_masks_it(settle) -> None:
    """It reaches the journal, and no text of the settings."""
    settings = settle({"BULK_UPDATE_JOURNAL": "postgres://me:secret@db.example/x"})
    assert settings.journal_url is not None
    assert settings.journal_url.get_secret_value() == (
        "postgresql+psycopg://me:secret@db.example/x"
    )
    assert "secret" not in f"{settings!r}{settings}"


def test_a_profiles_token_stays_with_its_own_file(settle, local_file, user_file) -> None:
    """A file in a folder that somebody sent cannot draw the user's token to another server."""
    user_file('[profiles.shop]\ntoken = "env:SHOP"\n')
    local_file('base_url = "https://elsewhere.example/v1"')
    with pytest.raises(ConfigError, match="names the base URL, but the token"):
        settle({"SHOP": "t"}, profile="shop")
    said = settle({"SHOP": "t"}, profile="shop", base_url="https://mine.example/v1")
    assert said.base_url == "https://mine.example/v1"
    local_file('base_url = "http://127.0.0.1:8080/v1"')
    assert settle({"SHOP": "t"}, profile="shop").token is not None


def test_a_profile_may_be_spread_over_both_files(settle, local_file, user_file) -> None:
    """The local one says more, the user's one has the token."""
    user_file('[profiles.shop]\ntoken = "env:SHOP"\nrate = 9\nworkers = 3\n')
    local_file("[profiles.shop]\nrate = 4\n")
    settings = settle({"SHOP": "t"}, profile="shop")
    assert (settings.rate, settings.workers) == (4, 3)
    assert settings.token is not None
