"""The layers that settings are made of, the strongest first, each with where it was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bulk_update.config import addresses
from bulk_update.config.files import ConfigFile
from bulk_update.config.settings import FIELD_OF_KEY, FLAGS, PLACES, VARIABLES
from bulk_update.config.words import parse_path
from bulk_update.errors import ConfigError
from bulk_update.language import _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says.

    By field: the values, where each came from (for ``doctor``), and what a message calls the
    place (``--rate``, ``config.toml, line 3``).
    """

    values: Mapping[str, object]
    origins: Mapping[str, str]
    names: Mapping[str, str]


def flag_layer(flags: Mapping[str, object], cwd: Path) -> Layer:
    """The flags that were given. Raises ``TypeError`` for one that is no setting."""
    unknown = flags.keys() - FLAGS
    if unknown:
        raise TypeError(", ".join(sorted(unknown)))
    given = {name: value for name, value in flags.items() if value is not None}
    spelled = {name: f"--{name.replace('_', '-')}" for name in given}
    refuse_password(given.get("journal"), "--journal")
    return _layer(given, {name: f"flag {flag}" for name, flag in spelled.items()}, spelled, cwd)


def variable_layer(environ: Mapping[str, str], cwd: Path) -> Layer:
    """The variables that are set; one that is set but empty is no way to say "the default"."""
    given: dict[str, object] = {
        field: environ[name] for name, field in VARIABLES.items() if name in environ
    }
    # These two belong to everybody, and empty is the usual way to unset them.
    if not environ.get("SSL_CERT_FILE"):
        given.pop("ca_file", None)
    if given.pop("no_color", ""):
        given["no_color"] = True
    names = {field: name for name, field in VARIABLES.items() if field in given}
    return _layer(given, {field: f"variable {name}" for field, name in names.items()}, names, cwd)


def file_layer(file: ConfigFile, profile: str | None) -> Layer:
    """What a file says: its top, and over it the chosen profile."""
    inner = dict(file.profiles.get(profile, {})) if profile else {}
    inner.pop("token", None)
    origins = dict.fromkeys(file.settings, str(file.path))
    origins |= dict.fromkeys(inner, in_profile(file, profile))
    names = {key: file.where(key) for key in file.settings}
    names |= {key: file.where(key, profile) for key in inner}
    return _layer({**file.settings, **inner}, origins, names, file.path.parent)


def strongest(maps: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """One map of several, in which the first that has a field says it."""
    merged: dict[str, str] = {}
    for one in reversed(maps):
        merged |= one
    return merged


def in_profile(file: ConfigFile, profile: str | None) -> str:
    """The origin of what stands in a profile of a file."""
    return f"{file.path} [profiles.{profile}]"


def refuse_password(url: object, where: str) -> None:
    """Raise ``ConfigError`` for a database URL with a password, which only a variable may hold:
    files are committed, and flags show in process lists."""
    if isinstance(url, str) and addresses.has_password(url):
        raise ConfigError(
            _("{where}: a database URL with a password does not belong here").format(where=where),
            hint=_("Put it into the variable BULK_UPDATE_JOURNAL."),
        )


def _layer(
    given: Mapping[str, object],
    origins: Mapping[str, str],
    names: Mapping[str, str],
    folder: Path,
) -> Layer:
    values = _by_field(given)
    for name in PLACES:
        value = values.get(name)
        if isinstance(value, str | Path) and str(value).strip():
            values[name] = folder / parse_path(value)
    return Layer(values, _by_field(origins), _by_field(names))


def _by_field(table: Mapping[str, T]) -> dict[str, T]:
    return {FIELD_OF_KEY.get(key, key): value for key, value in table.items()}
