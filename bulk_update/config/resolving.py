"""From flags, variables and files to the settings of one command."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import InitSettingsSource

from bulk_update.config import addresses
from bulk_update.config.files import ConfigFile, did_you_mean, load_config_file
from bulk_update.config.layers import (
    Layer,
    file_layer,
    flag_layer,
    in_profile,
    refuse_password,
    strongest,
    variable_layer,
)
from bulk_update.config.places import APP, user_config_file
from bulk_update.config.settings import FILE_KEYS, FLAG_ONLY, Settings
from bulk_update.config.tokens import TokenSource, from_profile, from_variables, place_of
from bulk_update.config.words import parse_path
from bulk_update.errors import ConfigError
from bulk_update.language import _


def resolve(
    flags: Mapping[str, object],
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Settings:
    """The settings for one command.

    ``flags`` are those of ``FLAGS`` that were given; None means not given. ``environ`` and
    ``cwd`` default to the process's own. Raises ``ConfigError`` naming every value that can't be
    taken, where it stands and what it may be.
    """
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    files = _files(environ, cwd)
    said = (flag_layer(flags, cwd), variable_layer(environ, cwd))
    profile, chosen_by = _profile(said, files)
    layers = (*said, *(file_layer(file, profile) for file in files))
    settings = _validated(
        {
            "profile": profile,
            "files": tuple(file.path for file in files),
            "origins": {**strongest([layer.origins for layer in layers]), "profile": chosen_by},
            "token_source": _token_source(files, profile, environ, cwd),
        },
        layers,
    )
    _refuse_stray_token(settings, files)
    return settings


def _files(environ: Mapping[str, str], cwd: Path) -> tuple[ConfigFile, ...]:
    """The files that are there, the stronger first; one that a variable names must be there."""
    local = cwd / f"{APP}.toml"
    named = environ.get("BULK_UPDATE_CONFIG")
    user = user_config_file() if named is None else _named_file(named, cwd)
    found = [path for path in (local, user) if path.exists() or (named and path == user)]
    files = tuple(
        load_config_file(path, keys=FILE_KEYS, flag_only=FLAG_ONLY) for path in dict.fromkeys(found)
    )
    for file in files:
        _refuse_secrets(file)
    return files


def _named_file(named: str, cwd: Path) -> Path:
    try:
        return cwd / parse_path(named)
    except ValueError as error:
        raise ConfigError(f"BULK_UPDATE_CONFIG: {error}") from error


def _refuse_secrets(file: ConfigFile) -> None:
    """No secret stands in a file, in no profile of it, whichever is chosen: files are shared."""
    refuse_password(file.settings.get("journal"), file.where("journal"))
    for name, table in file.profiles.items():
        refuse_password(table.get("journal"), file.where("journal", name))
        if "token" in table:
            place_of(table["token"], file.where("token", name))


def _profile(said: Sequence[Layer], files: Sequence[ConfigFile]) -> tuple[str | None, str]:
    """The chosen profile and where the choice came from."""
    for layer in said:
        if "profile" in layer.values:
            chosen, where = layer.values["profile"], layer.names["profile"]
            return _known_profile(chosen, where, files), layer.origins["profile"]
    for file in files:
        if file.default_profile:
            where = file.where("default_profile")
            return _known_profile(file.default_profile, where, files), str(file.path)
    return None, "default"


def _known_profile(chosen: object, where: str, files: Sequence[ConfigFile]) -> str:
    names = {name for file in files for name in file.profiles}
    if isinstance(chosen, str) and chosen in names:
        return chosen
    raise ConfigError(
        _('{where}: there is no profile "{name}"').format(where=where, name=chosen),
        hint=did_you_mean(str(chosen), names),
    )


def _token_source(
    files: Sequence[ConfigFile], profile: str | None, environ: Mapping[str, str], cwd: Path
) -> TokenSource | None:
    named = from_variables(environ, cwd)
    if named or profile is None:
        return named
    for file in files:
        spec = file.profiles.get(profile, {}).get("token")
        if spec is not None:
            return from_profile(
                spec,
                profile=profile,
                origin=in_profile(file, profile),
                where=file.where("token", profile),
                folder=file.path.parent,
                environ=environ,
            )
    return None


def _validated(resolved: Mapping[str, object], layers: Sequence[Layer]) -> Settings:
    tables = (resolved, *(layer.values for layer in layers))
    sources = tuple(InitSettingsSource(Settings, dict(table)) for table in tables)
    try:
        return Settings(_build_sources=(sources, {}))
    except ValidationError as error:
        # From None: pydantic's own text may quote a value that holds a secret.
        raise ConfigError("; ".join(_problems(error, layers))) from None


def _problems(error: ValidationError, layers: Sequence[Layer]) -> list[str]:
    """One line for each value that can't be taken, naming the place it stands in."""
    names = strongest([layer.names for layer in layers])
    return [
        f"{names.get(str(fault['loc'][0]), fault['loc'][0])}: "
        f"{fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_input=False)
    ]


def _refuse_stray_token(settings: Settings, files: Sequence[ConfigFile]) -> None:
    """A profile's token goes only where its own file says, or a flag, a variable, the default.

    Otherwise a ``bulk-update.toml`` in a folder that somebody sent could draw the token of the
    user's own profile to another server.
    """
    token_file = _file_of(settings.origin("token"), files)
    url_file = _file_of(settings.origin("base_url"), files)
    if token_file is None or url_file in (None, token_file):
        return
    if not addresses.is_loopback(settings.base_url):
        raise ConfigError(
            _("{url} names the base URL, but the token is that of {token}").format(
                url=settings.origin("base_url"), token=settings.origin("token")
            ),
            hint=_("Put base_url into the profile that has the token, or give --base-url."),
        )


def _file_of(origin: str, files: Sequence[ConfigFile]) -> Path | None:
    paths = (file.path for file in files)
    return next((path for path in paths if origin == str(path) or _inside(origin, path)), None)


def _inside(origin: str, path: Path) -> bool:
    return origin.startswith(f"{path} [profiles.")
