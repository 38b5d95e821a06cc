"""The two TOML files that may hold settings: ``./bulk-update.toml`` and the user's own.

A file has settings at its top, and profiles::

    default_profile = "shop"
    rate = 30

    [profiles.shop]
    base_url = "https://api.callbell.eu/v1"
    token = "env:SHOP_TOKEN"  # or "file:PATH", or "keyring"

An unknown key is an error that names its line and proposes the nearest known one: a misspelt
``max_failures`` must not leave a run without its guard.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bulk_update.errors import ConfigError
from bulk_update.language import _

_PROFILES: Final = "profiles"
_DEFAULT_PROFILE: Final = "default_profile"
_NEAR: Final = 70
_TABLE: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """One file: its settings, its profiles, and its text, which knows the lines."""

    path: Path
    settings: Mapping[str, object]
    profiles: Mapping[str, Mapping[str, object]]
    default_profile: str | None
    text: str

    def where(self, key: str, profile: str | None = None) -> str:
        """``path, line 3`` for a message about ``key``, at the top or in a profile."""
        return f"{self.path}{_line_note(self.text, key, profile)}"


def load_config_file(path: Path, *, keys: frozenset[str], flag_only: frozenset[str]) -> ConfigFile:
    """The file at ``path``, every key of it known.

    ``keys`` may stand at the top and in a profile, where ``token`` may stand too; ``flag_only``
    are those that only a flag may say. Raises ``ConfigError`` for all unknown keys together.
    """
    text = _read(path)
    table = _parse(path, text)
    profiles = _profiles(path, text, table.pop(_PROFILES, {}))
    default = _default_profile(path, text, table.pop(_DEFAULT_PROFILE, None))
    file = ConfigFile(
        path=path, settings=table, profiles=profiles, default_profile=default, text=text
    )
    _refuse_unknown(file, keys, flag_only)
    return file


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` may have meant."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that proposes the nearest known name, or lists them all."""
    names = sorted(known)
    near = nearest(name, names)
    if near:
        return _('Did you mean "{near}"?').format(near=near)
    return _("Known: {names}.").format(names=", ".join(names) or _("none"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            _("{path} can't be read: {reason}").format(path=path, reason=error.strerror)
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            _("{path} is no UTF-8 text (byte {n})").format(path=path, n=error.start),
            hint=_("TOML is UTF-8: save it anew with that encoding."),
        ) from error


def _parse(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            _("{path} is no valid TOML: {reason}").format(path=path, reason=error),
            hint=_('Text stands in quotes: region = "IT".'),
        ) from error


def _profiles(path: Path, text: str, found: object) -> dict[str, Mapping[str, object]]:
    if isinstance(found, dict) and all(isinstance(table, dict) for table in found.values()):
        return found
    raise ConfigError(
        _("{path}{line}: profiles are tables").format(
            path=path, line=_line_note(text, _PROFILES, None)
        ),
        hint=_("Write [profiles.NAME] on a line of its own, and its settings below."),
    )


def _default_profile(path: Path, text: str, found: object) -> str | None:
    if found is None or (isinstance(found, str) and found):
        return found
    raise ConfigError(
        _("{path}{line}: default_profile is the name of a profile, in quotes").format(
            path=path, line=_line_note(text, _DEFAULT_PROFILE, None)
        )
    )


def _refuse_unknown(file: ConfigFile, keys: frozenset[str], flag_only: frozenset[str]) -> None:
    problems = [
        _problem(file, key, profile, keys, flag_only)
        for profile, table in ((None, file.settings), *file.profiles.items())
        for key in table
        if key not in keys and not (profile and key == "token")
    ]
    if problems:
        raise ConfigError("; ".join(problems))


def _problem(
    file: ConfigFile,
    key: str,
    profile: str | None,
    keys: frozenset[str],
    flag_only: frozenset[str],
) -> str:
    where = file.where(key, profile)
    if key in flag_only:
        template = _("{where}: {key} can't stand in a file, only a flag says it: {flag}")
        return template.format(where=where, key=key, flag=f"--{key.replace('_', '-')}")
    if key == "token":
        return _("{where}: token stands in a profile, under [profiles.NAME]").format(where=where)
    known = keys | ({"token"} if profile else {_DEFAULT_PROFILE, _PROFILES})
    template = _('{where}: unknown key "{key}". {hint}')
    return template.format(where=where, key=key, hint=did_you_mean(key, known))


def _line_note(text: str, key: str, profile: str | None) -> str:
    """``, line 3``; nothing where the key stands in a form the search does not know."""
    table = ""
    wanted = f"{_PROFILES}.{profile}" if profile else ""
    for number, line in enumerate(text.split("\n"), start=1):
        header = _TABLE.match(line)
        if header:
            table = header[1].replace('"', "").replace("'", "").replace(" ", "")
        elif table == wanted.replace(" ", "") and _names(line, key):
            return _(", line {n}").format(n=number)
    return ""


def _names(line: str, key: str) -> bool:
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line) is not None
