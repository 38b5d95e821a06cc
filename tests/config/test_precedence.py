"""A flag beats a variable beats the local file beats the user's file beats the default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bulk_update.config import Settings
from bulk_update.errors import ConfigError

URL = "BULK_UPDATE_BASE_URL"


def test_every_layer_beats_the_one_below(settle, local_file, user_file) -> None:
    """Taking the strongest away shows the next, and each says where it came from."""
    user = user_file('base_url = "https://user.example/v1"')
    assert settle().base_url == "https://user.example/v1"
    assert settle().origin("base_url") == str(user)
    local = local_file('base_url = "https://local.example/v1"')
    assert settle().base_url == "https://local.example/v1"
    assert settle().origin("base_url") == str(local)
    environ = {URL: "https://variable.example/v1"}
    assert settle(environ).base_url == "https://variable.example/v1"
    assert settle(environ).origin("base_url") == f"variable {URL}"
    flagged = settle(environ, base_url="https://flag.example/v1")
    assert flagged.base_url == "https://flag.example/v1"
    assert flagged.origin("base_url") == "flag --base-url"


def test_nothing_said_is_the_default(settle) -> None:
    """The defaults of the command line's contract."""
    settings = settle()
    assert settings.base_url == "https://api.callbell.eu/v1"
    assert (settings.rate, settings.workers, settings.canary) == (30, None, 10)
    assert (str(settings.max_failures), str(settings.max_not_found)) == ("10%", "20%")
    assert (settings.max_age, settings.max_plan_age) == (
        timedelta(minutes=15),
        timedelta(hours=24),
    )
    assert (settings.if_changed, settings.on_invalid, settings.tags) == ("skip", "skip", "add")
    assert (settings.fix, settings.strict, settings.wait_lock) == ("safe", False, None)
    assert settings.token is None
    assert settings.origin("rate") == settings.origin("token") == "default"


def test_a_flag_of_none_was_not_given(settle, local_file) -> None:
    """What a command line hands on for a flag that was left out beats nothing."""
    local_file("rate = 7")
    assert settle(rate=None).rate == 7


def test_a_profile_beats_the_top_of_its_file(settle, local_file) -> None:
    """And it is chosen by flag, by variable, or as the default, in this order."""
    local_file(
        'default_profile = "a"\nrate = 1\n[profiles.a]\nrate = 2\n[profiles.b]\nrate = 3\n'
        "[profiles.c]\nrate = 4\n"
    )
    assert settle().rate == 2
    assert settle({"BULK_UPDATE_PROFILE": "b"}).rate == 3
    chosen = settle({"BULK_UPDATE_PROFILE": "b"}, profile="c")
    assert (chosen.rate, chosen.profile) == (4, "c")
    assert chosen.origin("profile") == "flag --profile"
    assert chosen.origin("rate").endswith("[profiles.c]")


def test_the_default_profile_names_its_file(settle, user_file) -> None:
    """``doctor`` shows who chose the profile."""
    path = user_file('default_profile = "a"\n[profiles.a]')
    assert settle().origin("profile") == str(path)


def test_an_unknown_profile_is_refused_with_the_nearest(settle, user_file) -> None:
    """A misspelt profile must not become the default account."""
    user_file("[profiles.shop]\nrate = 1\n")
    with pytest.raises(ConfigError, match='--profile: there is no profile "shpo"') as caught:
        settle(profile="shpo")
    assert "shop" in caught.value.hint


def test_a_variable_names_the_users_file(settle, folder: Path, user_file) -> None:
    """``BULK_UPDATE_CONFIG`` stands for the user's file, from where the command runs."""
    user_file("rate = 1")
    other = folder / "other.toml"
    other.write_text("rate = 2", encoding="utf-8")
    settings = settle({"BULK_UPDATE_CONFIG": "other.toml"})
    assert (settings.rate, settings.files) == (2, (other,))


@pytest.mark.parametrize("named", ["missing.toml", "", "."])
def test_a_named_file_must_be_a_file(settle, named: str) -> None:
    """A configuration that was asked for is never left out in silence."""
    with pytest.raises(ConfigError):
        settle({"BULK_UPDATE_CONFIG": named})


def test_an_empty_variable_is_no_default(settle) -> None:
    """``BULK_UPDATE_BASE_URL=$SERVER`` with SERVER unset must not reach the real account."""
    with pytest.raises(ConfigError, match=URL):
        settle({URL: ""})


def test_relative_paths_start_where_they_were_said(
    settle: Callable[..., Settings], user_file, folder: Path
) -> None:
    """A flag's at the working folder, a file's at the file's own folder."""
    path = user_file('state_dir = "state"\nschema = "shop.toml"')
    assert settle().state_dir == path.parent / "state"
    assert settle().schema_path == path.parent / "shop.toml"
    assert settle(out="reports").out == folder / "reports"
    assert settle({"BULK_UPDATE_STATE_DIR": "here"}).state_dir == folder / "here"


def test_the_home_sign_is_the_home(settle, fresh_user: Path) -> None:
    """In a file no shell has replaced it."""
    assert settle(state_dir="~/state").state_dir == fresh_user / "state"


def test_a_name_that_is_no_setting_is_a_mistake_of_ours(settle) -> None:
    """Neither a flag nor a question for an origin may be misspelt in the code."""
    with pytest.raises(TypeError, match="ratte"):
        settle(ratte=3)
    with pytest.raises(KeyError):
        settle().origin("ratte")


def test_settings_cannot_be_changed(settle) -> None:
    """What a run was bound to stays as it was."""
    with pytest.raises(ValueError, match="frozen"):
        settle().rate = 3


def test_no_color_counts_when_it_is_not_empty(settle) -> None:
    """As its own convention says."""
    assert settle({"NO_COLOR": "1"}).no_color is True
    assert settle({"NO_COLOR": ""}).no_color is False


def test_certificates_may_be_added(settle, folder: Path) -> None:
    """``SSL_CERT_FILE`` is handed on; empty is unset."""
    assert settle({"SSL_CERT_FILE": "/etc/ca.pem"}).ca_file == Path("/etc/ca.pem")
    assert settle({"SSL_CERT_FILE": ""}).ca_file is None


def test_another_server_is_put_in_with_its_token(settle) -> None:
    """The embedded sandbox takes the place of the account, and ``doctor`` can tell."""
    settings = settle({"BULK_UPDATE_TOKEN": "real"}, rate="5", proxy="http://proxy.example:1")
    other = settings.for_server("http://127.0.0.1:9/v1", "test_x", origin="flag --sandbox")
    assert other.token is not None
    assert other.token.get_secret_value() == "test_x"
    assert (other.base_url, other.rate) == ("http://127.0.0.1:9/v1", 5)
    assert other.proxy is None, "it is on this machine"
    assert other.origin("base_url") == other.origin("token") == "flag --sandbox"


def test_reports_go_to_the_users_data_folder(settle, fresh_user: Path) -> None:
    """Nothing is written beside the sheet."""
    assert settle().runs_dir.name == "bulk-update-runs"
    assert settle().runs_dir.is_relative_to(fresh_user)
