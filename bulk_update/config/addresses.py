"""URLs that settings may hold: of the API, of a proxy, of the journal's database.

Each function raises ``ValueError`` with a readable line that never quotes what may hold a secret.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from bulk_update.language import _

_UNFIT: Final = re.compile(r"[\x00-\x20\x7f]")
_AUTHORITY: Final = re.compile(r"(?:[^@/\\\[\]]*@)?(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?")
"""No zone of an IPv6 address, no escape, no back slash: what reads them otherwise than we do
would send the token to another machine."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_JOURNALS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def base_url(given: object) -> str:
    """The API's address in one spelling: no slash at its end, host in lower case.

    The spelling matters: an account is known by it. Plain http is for loopback alone, since the
    token travels with every request.
    """
    text = str(given).strip()
    if "@" in text:
        raise ValueError(_("a base URL holds no user and no password"))
    parts = _split(text)
    if parts is None or not _names_a_server(parts):
        raise ValueError(
            _('"{text}" is no URL such as https://api.callbell.eu/v1').format(text=text)
        )
    if parts.query or parts.fragment:
        raise ValueError(_('"{text}" has a ? or a #; a base URL has neither').format(text=text))
    if parts.scheme == "http" and not is_loopback(text):
        raise ValueError(
            _('"{text}" would send the token unencrypted; use https').format(text=text)
        )
    return f"{parts.scheme}://{_authority(parts)}{parts.path.rstrip('/')}"


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself."""
    parts = _split(url)
    host = (parts.hostname or "") if parts and _names_a_server(parts) else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxy_url(given: object) -> str:
    """An http or https proxy; a user and password may be part of it."""
    text = str(given).strip()
    parts = _split(text)
    if parts is None or not _names_a_server(parts):
        raise ValueError(_("is no URL of a proxy such as http://proxy.example:3128"))
    return text


def journal_url(given: object) -> str:
    """A database URL as the journal's library spells it: SQLite, or PostgreSQL by psycopg."""
    text = str(given).strip()
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in _JOURNALS or _UNFIT.search(text):
        raise ValueError(_("is no database URL such as postgresql://user@host/database"))
    return f"{_JOURNALS[scheme.lower()]}://{rest}"


def has_password(url: str) -> bool:
    """Whether a password stands in the URL, before the host or among its options."""
    parts = _split(url)
    if parts is None:
        return "@" in url
    return bool(parts.password) or any("password" in key for key in parse_qs(parts.query))


def _split(text: str) -> SplitResult | None:
    if _UNFIT.search(text):
        return None
    try:
        parts = urlsplit(text)
        _port = parts.port
    except ValueError:
        return None
    return parts


def _names_a_server(parts: SplitResult) -> bool:
    """Whether it is http or https, to a host in its plain spelling."""
    plain = _AUTHORITY.fullmatch(parts.netloc) is not None
    return parts.scheme in _DEFAULT_PORTS and plain and parts.port != 0


def _authority(parts: SplitResult) -> str:
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    if parts.port is None or parts.port == _DEFAULT_PORTS[parts.scheme]:
        return shown
    return f"{shown}:{parts.port}"
