"""Where the API token comes from, and what makes one unusable.

The token is never a flag: a process list would show it. In this order it comes from the file
that ``BULK_UPDATE_TOKEN_FILE`` names, from ``BULK_UPDATE_TOKEN``, from ``CALLBELL_TOKEN``, or from
what the profile says: ``env:NAME``, ``file:PATH`` or ``keyring``. No message here quotes it.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bulk_update.errors import ConfigError
from bulk_update.language import _

KEYRING_SERVICE: Final = "bulk-update"
"""The service under which a keyring holds tokens; the user name is the profile's."""

FILE_VARIABLE: Final = "BULK_UPDATE_TOKEN_FILE"
VALUE_VARIABLES: Final = ("BULK_UPDATE_TOKEN", "CALLBELL_TOKEN")

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # what PowerShell's > writes
_QUOTES: Final = frozenset("\"'`")
_LONGEST: Final = 8192
_FIRST_PRINTABLE: Final = 0x20
_DELETE_TO_C1: Final = range(0x7F, 0xA0)
_LAST_ASCII: Final = 0x7E


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSource:
    """A place that holds a token; nothing is read before :meth:`read`.

    ``origin`` is what ``doctor`` shows, ``where`` what a message begins with. At most one of
    ``value``, ``path`` and ``keyring_user`` is set; none where a profile names a variable that
    is not there, which is an error only for who asks for the token.
    """

    origin: str
    where: str
    value: SecretStr | None = None
    path: Path | None = None
    keyring_user: str | None = None

    def read(self) -> SecretStr:
        """The token, fit for a header. Raises ``ConfigError`` where there is none."""
        if self.path is not None:
            return _checked(_file_text(self.path, self.where), f"{self.where} ({self.path})")
        if self.keyring_user is not None:
            return _checked(_from_keyring(self.keyring_user, self.where), self.where)
        if self.value is None:
            raise ConfigError(_("{where} is not set").format(where=self.where))
        return _checked(self.value.get_secret_value(), self.where)


def from_variables(environ: Mapping[str, str], cwd: Path) -> TokenSource | None:
    """The token's place as the environment names it, if it does."""
    if FILE_VARIABLE in environ:
        return _file_source(environ[FILE_VARIABLE], cwd, FILE_VARIABLE, f"variable {FILE_VARIABLE}")
    for name in VALUE_VARIABLES:
        if name in environ:
            value = SecretStr(environ[name])
            return TokenSource(origin=f"variable {name}", where=name, value=value)
    return None


def from_profile(
    spec: object, *, profile: str, origin: str, where: str, folder: Path, environ: Mapping[str, str]
) -> TokenSource:
    """The token's place as ``token = "…"`` of a profile names it.

    ``folder`` is that of the file: a relative ``file:PATH`` starts there. Raises what
    :func:`place_of` raises.
    """
    kind, name = place_of(spec, where)
    if kind == "env":
        return _profile_variable(name, origin=origin, where=where, environ=environ)
    if kind == "file":
        return _file_source(name, folder, where, f"{origin}, {spec}")
    return TokenSource(origin=f"{origin}, keyring", where=where, keyring_user=profile)


def place_of(spec: object, where: str) -> tuple[str, str]:
    """``env``, ``file`` or ``keyring``, and the name that goes with it. Raises ``ConfigError``
    for any other spelling, without quoting it: it may be the token itself."""
    kind, _colon, name = spec.partition(":") if isinstance(spec, str) else ("", "", "")
    if spec == "keyring" or (kind in ("env", "file") and name):
        return kind, name
    raise ConfigError(
        _('{where}: token must be "env:NAME", "file:PATH" or "keyring"').format(where=where),
        hint=_("The token itself does not belong in a configuration file."),
    )


def _profile_variable(
    name: str, *, origin: str, where: str, environ: Mapping[str, str]
) -> TokenSource:
    label = _("{where}: the variable {name}").format(where=where, name=name)
    value = SecretStr(environ[name]) if name in environ else None
    return TokenSource(origin=f"{origin}, env:{name}", where=label, value=value)


def _file_source(name: str, folder: Path, where: str, origin: str) -> TokenSource:
    if not name.strip():
        raise ConfigError(
            _("{where} is set but empty").format(where=where),
            hint=_("Name a file that holds the token, or unset it."),
        )
    return TokenSource(origin=origin, where=where, path=folder / Path(name).expanduser())


def _file_text(path: Path, where: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LONGEST + 1)
        return raw.decode("utf-16" if raw.startswith(_UTF_16) else "utf-8-sig")
    except OSError as error:
        raise ConfigError(
            _("{where}: the token file {path} can't be read: {reason}").format(
                where=where, path=path, reason=error.strerror
            )
        ) from error
    except UnicodeDecodeError:
        # From None: the original would show the bytes.
        raise ConfigError(
            _("{where}: the token file {path} is no UTF-8 text").format(where=where, path=path)
        ) from None


def _from_keyring(user: str, where: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise ConfigError(
            _('{where}: token = "keyring", but keyring is not installed').format(where=where),
            hint=_('Install it: pip install "bulk-update[keyring]"; or set BULK_UPDATE_TOKEN.'),
        ) from error
    try:
        token = keyring.get_password(KEYRING_SERVICE, user)
    except (KeyringError, RuntimeError) as error:
        raise ConfigError(
            _("{where}: the keyring can't be opened: {reason}").format(where=where, reason=error),
            hint=_("On a machine without a desktop set BULK_UPDATE_TOKEN instead."),
        ) from error
    if token is None:
        raise ConfigError(
            _('{where}: the keyring holds no token for "{user}"').format(where=where, user=user),
            hint=f"keyring set {KEYRING_SERVICE} {user}",
        )
    return token


def _checked(text: str, where: str) -> SecretStr:
    """The token without outer white space, or why it can't stand in a header."""
    token = text.strip()
    problem = _problem(token)
    if problem:
        raise ConfigError(
            f"{where}: {problem}", hint=_("Copy it anew from the settings of the account.")
        )
    return SecretStr(token)


def _problem(token: str) -> str:
    if not token:
        return _("the token is empty")
    if len(token) > _LONGEST:
        return _("the token is longer than {n} characters").format(n=_LONGEST)
    if token.lower().startswith("bearer "):
        return _('the token begins with the word "Bearer"; give the token alone')
    if token[0] in _QUOTES or token[-1] in _QUOTES:
        return _("the token stands in quotes; give the token alone")
    return _odd_character(token)


def _odd_character(token: str) -> str:
    if any(ord(c) < _FIRST_PRINTABLE or ord(c) in _DELETE_TO_C1 for c in token):
        return _("the token holds a line break or another control character")
    if any(ord(c) > _LAST_ASCII or c == " " for c in token):
        return _("the token holds a character that no token has (a space? an ellipsis?)")
    return ""
