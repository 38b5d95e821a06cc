"""Where requests may go: https, or http on loopback; and how keys are spelled in a path."""

from __future__ import annotations

from urllib.parse import quote

from yarl import URL

from bulk_update.config import addresses
from bulk_update.errors import ConfigError
from bulk_update.language import _


def encoded(segment: str) -> str:
    """``segment`` as one segment of a path: ``+`` becomes ``%2B``, a slash ``%2F``; a lone dot
    or two can't climb."""
    if segment in (".", ".."):
        return segment.replace(".", "%2E")
    return quote(segment, safe="", errors="replace")


def checked_base_url(text: str) -> str:
    """The base URL in its one spelling, without a slash at its end. Raises :class:`ConfigError`
    for anything but https, or http on loopback: whoever made the client."""
    try:
        return addresses.base_url(text)
    except ValueError as error:
        raise ConfigError(
            _("the base URL: {reason}").format(reason=error),
            hint=_("It begins with https://; plain http is for loopback alone."),
        ) from error


def checked_proxy(text: str, base_url: str) -> URL:
    """The proxy's URL. Plain http through it, with the token, only where both are loopback."""
    try:
        proxy = addresses.proxy_url(text)
    except ValueError as error:
        raise ConfigError(_("the proxy: {reason}").format(reason=error)) from error
    if base_url.startswith("http:") and not addresses.is_loopback(text):
        raise ConfigError(_("the proxy must be on loopback when the base URL is plain http"))
    return URL(proxy)
