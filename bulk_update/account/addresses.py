"""Where requests may go: https, or http on loopback; and how keys are spelled in a path."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, quote, urlsplit

from yarl import URL

from bulk_update.errors import ConfigError
from bulk_update.language import _


def encoded(segment: str) -> str:
    """``segment`` as one segment of a path: ``+`` becomes ``%2B``, a slash ``%2F``; a lone dot
    or two can't climb."""
    if segment in (".", ".."):
        return segment.replace(".", "%2E")
    return quote(segment, safe="", errors="replace")


def checked_base_url(text: str) -> str:
    """The base URL without a slash at its end. Raises :class:`ConfigError` for anything but
    https, or http on loopback."""
    parts = _split(text, _("the base URL"))
    if parts.scheme == "http" and not is_loopback(text):
        raise ConfigError(
            _("the base URL must begin with https:// (plain http is for loopback alone)"),
            hint=_("over plain http anybody on the way could read the token"),
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def checked_proxy(text: str, base_url: str) -> URL:
    """The proxy's URL. Plain http through it, with the token, only where both are loopback."""
    parts = _split(text, _("the proxy"), credentials=True)
    if base_url.startswith("http:") and not is_loopback(text):
        raise ConfigError(_("the proxy must be on loopback when the base URL is plain http"))
    return URL(parts.geturl())


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str, what: str, *, credentials: bool = False) -> SplitResult:
    try:
        parts = urlsplit(text.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = None
    if not sound:
        raise ConfigError(_("{what} is no http or https address").format(what=what))
    if "@" in parts.netloc and not credentials:
        raise ConfigError(_("{what} must hold no user name or password").format(what=what))
    if parts.query or parts.fragment:
        raise ConfigError(_("{what} must have no ? or # part").format(what=what))
    return parts
