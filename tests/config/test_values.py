"""What the words of flags and files may be, and how a wrong one is answered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bulk_update.config import FLAGS
from bulk_update.errors import ConfigError
from bulk_update.model import RowStatus


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.callbell.eu/v1/", "https://api.callbell.eu/v1"),
        ("HTTPS://API.Callbell.EU:443/v1", "https://api.callbell.eu/v1"),
        ("https://x.example:8443", "https://x.example:8443"),
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
        ("http://localhost:1/v1", "http://localhost:1/v1"),
        ("http://[::1]:1/v1", "http://[::1]:1/v1"),
    ],
)
def test_a_base_url_has_one_spelling(settle, given: str, kept: str) -> None:
    """An account is known by it, so two spellings would be two accounts."""
    assert settle(base_url=given).base_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "http://api.callbell.eu/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com",
        "http://0.0.0.0:80",
        "http://192.168.1.2/v1",
        "https://me:pw@api.callbell.eu/v1",
        "https://api.callbell.eu/v1?x=1",
        "https://api.callbell.eu/v1#x",
        "https://",
        "api.callbell.eu/v1",
        "ftp://x.example",
        "https://x.example:99999",
        "https://x.exa\nmple",
        "https://[::1",
    ],
)
def test_a_base_url_that_would_betray_the_token_is_refused(settle, given: str) -> None:
    """Plain http is for this machine alone; the flag is named, a password is not repeated."""
    with pytest.raises(ConfigError, match="--base-url: ") as caught:
        settle(base_url=given)
    assert "pw" not in caught.value.message


def test_the_journal_is_sqlite_or_postgresql(settle) -> None:
    """Whatever PostgreSQL's many spellings, the driver is ours."""
    for given in ("postgres", "postgresql", "postgresql+psycopg"):
        url = settle(journal=f"{given}://me@db.example/x").journal_url
        assert url.get_secret_value() == "postgresql+psycopg://me@db.example/x"
    for wrong in ("mysql://x", "x.db", "postgresql+asyncpg://x/y", ""):
        with pytest.raises(ConfigError, match="--journal: is no database URL"):
            settle(journal=wrong)


@pytest.mark.parametrize("wrong", ["socks5://x:1", "proxy:3128", "", "http://"])
def test_a_proxy_is_an_http_url(settle, wrong: str) -> None:
    """No environment variable sets one: a proxy is used only when asked for."""
    with pytest.raises(ConfigError, match="--proxy"):
        settle(proxy=wrong)
    assert settle({"HTTPS_PROXY": "http://proxy.example:1"}).proxy is None


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("region", "it", "IT"),
        ("lang", "IT", "it"),
        ("if_changed", "Overwrite", "overwrite"),
        ("date_format", "dmy", "DMY"),
        ("date_format", "%d.%m.%y", "%d.%m.%y"),
        ("delimiter", "tab", "\t"),
        ("delimiter", ";", ";"),
        ("encoding", "latin-1", "iso8859-1"),
        ("decimal", ",", ","),
        ("channel", " all ", "all"),
        ("workers", "8", 8),
        ("canary", 0, 0),
        ("rate", 12, 12),
        ("max_age", "0", timedelta()),
        ("wait_lock", "30m", timedelta(minutes=30)),
        ("schema", "/x/s.toml", Path("/x/s.toml")),
        ("json", True, True),
    ],
)
def test_what_is_taken(settle, name: str, given: object, kept: object) -> None:
    """In any case, and in the one spelling the steps know."""
    field = {"schema": "schema_path", "json": "json_output"}.get(name, name)
    assert getattr(settle(**{name: given}), field) == kept
    assert settle(**{name: given}).origin(name) == f"flag --{name.replace('_', '-')}"


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("region", "Italy", "IT"),
        ("region", "UK", "Britain is GB"),
        ("lang", "de", "en, it, es, fr, pt"),
        ("hidden", "show", "skip, include"),
        ("on_invalid", "halt", "skip, stop"),
        ("fix", "on", "safe, off"),
        ("tags", "remove", "add, replace"),
        ("if_changed", "", "skip, overwrite, stop"),
        ("date_format", "DYM", "DMY, MDY, YMD"),
        ("decimal", ";", ",, ."),
        ("delimiter", ";;", "tab"),
        ("delimiter", '"', "tab"),
        ("encoding", "klingon", "utf-8"),
        ("channel", " ", "not empty"),
        ("workers", "0", "from 1 to"),
        ("workers", True, "from 1 to"),
        ("workers", "1.5", "from 1 to"),
        ("canary", "-1", "from 0 to"),
        ("rate", "fast", "max"),
        ("max_failures", "10 percent", "10%"),
        ("max_age", "15 minutes", "15m"),
        ("deadline", "25:00", "06:00"),
        ("accept", "not_foundd", "not_found"),
        ("out", " ", "path"),
    ],
)
def test_what_is_refused_names_the_flag_and_the_forms(
    settle, name: str, given: object, words: str
) -> None:
    """One line: the flag, what was given, what it may be."""
    with pytest.raises(ConfigError) as caught:
        settle(**{name: given})
    assert caught.value.message.startswith(f"--{name.replace('_', '-')}: ")
    assert words in caught.value.message
    assert caught.value.exit_code == 2


def test_all_that_is_wrong_is_said_at_once(settle) -> None:
    """Nobody mends five flags in five runs."""
    with pytest.raises(ConfigError) as caught:
        settle({"BULK_UPDATE_BASE_URL": "x"}, rate="0", lang="de")
    for words in ("BULK_UPDATE_BASE_URL: ", "--rate: ", "--lang: "):
        assert words in caught.value.message


def test_statuses_that_do_not_make_the_exit_one(settle, local_file) -> None:
    """With commas on the command line, as a list in a file."""
    expected = {RowStatus.NOT_FOUND, RowStatus.INVALID}
    assert settle(accept="not-found, invalid").accept == expected
    local_file('accept = ["not_found", "invalid"]')
    assert settle().accept == expected
    with pytest.raises(ConfigError, match="--accept"):
        settle(accept="updated")


def test_the_flags_are_those_of_the_contract() -> None:
    """Every flag of the groups account, meaning, sending, places and everywhere has a setting."""
    contract = """profile base-url schema sandbox since-last release-undo yes
        confirm-account rate workers canary expect-side-effect max-failures max-not-found if-changed
        max-age max-plan-age deadline accept wait-lock reason state-dir out only-bad json quiet
        verbose no-color no-progress no-input proxy tags strict on-invalid fix lang
        encoding delimiter date-format decimal region channel hidden"""
    assert {name.replace("-", "_") for name in contract.split()} == FLAGS - {"journal"}
