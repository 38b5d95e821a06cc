"""One request, one attempt: what leaves, what comes back, and within which bounds.

TLS is always verified and there is no switch for that; plain http is for loopback alone;
redirects are never followed, for the token would go along; proxies come from an argument, never
from the environment; an answer is bounded in size, also when it opens to more than it weighs.
Nothing that aiohttp raises leaves this module: its exceptions show headers (the token) and URLs
(phone numbers).
"""

from __future__ import annotations

import os
import ssl
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, IntEnum
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bulk_update import __version__
from bulk_update.account.addresses import checked_base_url, checked_proxy
from bulk_update.account.throttle import Slot, Throttle
from bulk_update.errors import ConfigError
from bulk_update.language import _

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of an answer, as sent and as opened; a page of 20 contacts has some 40 thousand."""

_OPENED: Final = frozenset({"gzip", "x-gzip", "deflate"})
_NEVER_LEFT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)


class Reply(NamedTuple):
    """An HTTP answer. ``whole`` is whether its body came to its end, within the bounds;
    ``retry_after`` is in seconds from now."""

    status: int
    body: bytes
    whole: bool
    retry_after: float | None = None

    @property
    def family(self) -> Family:
        """The first digit of the status, by its name."""
        return Family(self.status // 100)


class Family(IntEnum):
    """What the first digit of an HTTP status says."""

    INTERIM = 1
    SUCCESS = 2
    REDIRECT = 3
    CLIENT = 4
    SERVER = 5
    UNKNOWN = 0

    @classmethod
    def _missing_(cls, value: object) -> Family:  # noqa: ARG003
        return cls.UNKNOWN


class Loss(Enum):
    """Why there is no answer."""

    NEVER_LEFT = "never left"
    TIMED_OUT = "timed out"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class NoReply:
    """No answer came; ``words`` say why, in a way that is safe to show."""

    loss: Loss
    words: str


class Token:
    """A token that shows itself to nobody by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not (text.isascii() and text.isprintable()) or " " in text or not text:
            raise ConfigError(
                _("the token is empty or has characters that no token has"),
                hint=_("copy it again, without spaces, line ends or quotes around it"),
            )
        self._text = text

    def reveal(self) -> str:
        """The token itself: for the header, and to be masked in what servers say."""
        return self._text

    def __repr__(self) -> str:
        return "Token('***')"


class Transport:
    """Sends single requests through the throttle; keeps one session and its connections.

    ``requests`` counts every request that left by its kind, ``refused_429`` those that the
    account answered 429.
    """

    def __init__(  # noqa: PLR0913 - settings, all by name
        self,
        base_url: str,
        token: Token,
        throttle: Throttle,
        *,
        connect_timeout: float,
        request_timeout: float,
        proxy: str | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self._root = URL(self.base_url, encoded=True)
        self.throttle = throttle
        self.requests: Counter[str] = Counter()
        self.refused_429 = 0
        self._token = token
        self._proxy = checked_proxy(proxy, self.base_url) if proxy else None
        self._max_body = max_body
        self._request_timeout = request_timeout
        self._timeout = aiohttp.ClientTimeout(total=request_timeout, connect=connect_timeout)
        self._session: aiohttp.ClientSession | None = None
        self._told_time: tuple[str, float] | None = None

    @property
    def clock_skew(self) -> timedelta | None:
        """How far this machine's clock is ahead of the account's, by its last answer (to the
        second); None while it told no time."""
        if self._told_time is None or (theirs := _instant(self._told_time[0])) is None:
            return None
        return timedelta(seconds=self._told_time[1] - theirs)

    async def close(self) -> None:
        """Closes the session and its connections; the next request would open a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        kind: str,
        data: bytes | None = None,
        on_send: Callable[[], None] | None = None,
    ) -> Reply | NoReply:
        """Waits for its turn, then sends ``path`` (encoded) once.

        ``on_send`` is called right before it leaves; what it raises keeps the request from
        leaving, and is raised. A cancellation before it was called means that nothing left.
        """
        slot = await self.throttle.acquire()
        try:
            if on_send is not None:
                on_send()
        except BaseException:
            slot.never_left()
            raise
        self.requests[kind] += 1
        try:
            return await self._sent(slot, method, path, data)
        except BaseException:
            slot.lost(self._request_timeout)
            raise

    async def _sent(
        self, slot: Slot, method: str, path: str, data: bytes | None
    ) -> Reply | NoReply:
        try:
            return await self._send(slot, method, path, data)
        except _NEVER_LEFT as error:
            slot.never_left()
            return NoReply(Loss.NEVER_LEFT, self._why_no_connection(error))
        except TimeoutError:
            slot.lost()  # its time-out is over: a second from now
            return NoReply(Loss.TIMED_OUT, _("no answer in time"))
        except (aiohttp.ClientError, OSError, ValueError):
            slot.lost()  # the connection is gone: nothing of it can arrive later than now
            return NoReply(Loss.BROKEN, _("the connection broke before an answer came"))

    async def _send(self, slot: Slot, method: str, path: str, data: bytes | None) -> Reply:
        async with self._open_session().request(
            method,
            self._url(path),
            data=data,
            headers=_JSON_HEADERS if data is not None else None,
            allow_redirects=False,
            proxy=self._proxy,
        ) as response:
            too_many = response.status == HTTPStatus.TOO_MANY_REQUESTS
            slot.answered(refused=too_many)
            retry_after = _retry_after(response.headers)
            if too_many:
                self.refused_429 += 1
                self.throttle.refused(retry_after, slot=slot)
            if date := response.headers.get("Date"):
                self._told_time = date, time.time()
            body, whole = await self._body(response)
            return Reply(response.status, body, whole, retry_after)

    def _url(self, path: str) -> URL:
        """A PATCH has no query: its address is made from the parts of the account's. To take every
        address apart anew is a measurable part of what a request costs."""
        if "?" in path:
            return URL(self.base_url + path, encoded=True)
        return self._root.with_path(self._root.raw_path.rstrip("/") + path, encoded=True)

    async def _body(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        raw = await self._raw_body(response)
        if raw is None:
            response.close()
            return b"", False
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding in ("", "identity"):
            return raw, True
        return self._opened(raw) if encoding in _OPENED else (b"", True)

    async def _raw_body(self, response: aiohttp.ClientResponse) -> bytes | None:
        if (response.content_length or 0) > self._max_body:
            return None
        raw = bytearray()
        try:
            while chunk := await response.content.readany():
                raw += chunk
                if len(raw) > self._max_body:
                    return None
        except (aiohttp.ClientError, OSError):  # OSError: time-outs too
            return None
        return bytes(raw)

    def _opened(self, raw: bytes) -> tuple[bytes, bool]:
        """``raw`` unpacked, and whether it came to an end before growing too large."""
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            body = unpacker.decompress(raw, self._max_body)
        except zlib.error:
            return b"", True
        return (body, True) if unpacker.eof else (b"", False)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            secure = _tls() if self.base_url.startswith("https:") else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=secure),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                headers=self._headers(),
                auto_decompress=False,
                trust_env=False,
            )
            # aiohttp silently sends a GET again when a kept connection turns out to be closed;
            # the throttle would not see that request. It has no public switch.
            self._session._retry_connection = False  # noqa: SLF001
        return self._session

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token.reveal()}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"bulk-update/{__version__}",
        }

    def _why_no_connection(self, error: Exception) -> str:
        host = urlsplit(self.base_url).netloc
        match error:
            case aiohttp.ClientHttpProxyError() | aiohttp.ClientProxyConnectionError():
                return _("the proxy did not connect to {host}").format(host=host)
            case aiohttp.ClientConnectorCertificateError():
                return _("the certificate of {host} is not to be trusted").format(host=host)
            case aiohttp.ClientSSLError():
                return _("no secure connection to {host}").format(host=host)
            case aiohttp.ClientConnectorDNSError():
                return _("no address is known for {host}").format(host=host)
            case aiohttp.ConnectionTimeoutError():
                return _("{host} did not take the connection in time").format(host=host)
        return _("{host} takes no connection").format(host=host)


_JSON_HEADERS: Final = {"Content-Type": "application/json"}


def _tls() -> ssl.SSLContext:
    """The system's authorities, and those of ``SSL_CERT_FILE`` beside them (OpenSSL itself
    takes that file in their place)."""
    context = ssl.create_default_context()
    named = os.environ.get("SSL_CERT_FILE")
    if not named:
        return context
    try:
        context.load_verify_locations(named)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            _("SSL_CERT_FILE names no readable file of certificates: {path}").format(path=named)
        ) from error
    usual = ssl.get_default_verify_paths().openssl_cafile
    if Path(usual).is_file():
        context.load_verify_locations(usual)
    return context


# -- Retry-After -----------------------------------------------------------------------


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, headers.get("Date", ""))
    return seconds if seconds >= 0 else None  # NaN: no number compares with it


def _until(date: str, server_now: str) -> float | None:
    """Seconds until ``date``, by the server's own clock where it tells it."""
    then = _instant(date)
    now = _instant(server_now) or time.time()
    return None if then is None else max(then - now, 0.0)


def _instant(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
