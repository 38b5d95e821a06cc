"""A token that can be searched for, and an account that says it back."""

from __future__ import annotations

import json
import sqlite3
import ssl
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEF.c0ffee" + "0123456789" * 5 + "marked00"


def every_byte(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that lies under ``folder``, also what is packed in it: ``(where, content)``."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            yield str(path), content
            yield from _unpacked(path, content)


def _unpacked(path: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path}!{name}", archive.read(name)
    if content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            for (packed,) in database.execute("SELECT content FROM source"):
                yield f"{path}!source", zlib.decompress(packed)


class _Server(ThreadingHTTPServer):
    said: dict[str, tuple[int, str, str]]
    asked: list[str]

    def handle_error(self, *_where: object) -> None:
        """A client that breaks off is expected."""


class _Parrot(BaseHTTPRequestHandler):
    """Says the token back, in the shape that the server was given."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Every call that is not told otherwise: nothing is there."""
        call = f"{self.command} {self.path.partition('?')[0].removeprefix('/v1')}"
        self.server.asked.append(call)
        status, kind, text = self.server.said.get(call, (404, "application/json", "{}"))
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token = self.headers["Authorization"].removeprefix("Bearer ")
        body = text.replace("TOKEN", token).replace("LOWER", token.lower()).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Token", token)
        self.send_header("Set-Cookie", f"token={token}")
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:9/?token={token}")
        self.end_headers()
        self.wfile.write(body)

    do_PATCH = do_GET  # noqa: N815 - its name in the library

    def log_message(self, *_told: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Parrot:
    """A server that answers each call as ``said`` has it: status, type, text with TOKEN in it.
    ``asked`` are the calls that came."""

    url: str
    said: dict[str, tuple[int, str, str]]
    asked: list[str]

    def json(self, call: str, status: int, body: object) -> None:
        """Answer ``call`` with this JSON."""
        self.said[call] = (status, "application/json", json.dumps(body))

    def page(self, call: str, status: int, text: str) -> None:
        """Answer ``call`` with this page."""
        self.said[call] = (status, "text/html", text)


@contextmanager
def parrot(tls: ssl.SSLContext | None = None) -> Iterator[Parrot]:
    """A parrot on a free port of loopback; behind TLS where that is given."""
    server = _Server(("127.0.0.1", 0), _Parrot)
    server.said, server.asked = {}, []
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        url = f"{scheme}://127.0.0.1:{server.server_port}/v1"
        yield Parrot(url, server.said, server.asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
