"""A token that can be searched for, an account that says it back, and sessions that meet both."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

_DRIVER = Path(__file__).parent / "security" / "session.py"

Step = dict[str, Any]

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


@dataclass(frozen=True)
class Told:
    """A session that is over: the folder it worked in, and what it said."""

    folder: Path
    out: str
    err: str


def step(expected: int, *arguments: str, bug: str | None = None, **env: str) -> Step:
    """A command, the exit code it must have, and variables that stay set from here on."""
    return {"run": list(arguments), "env": env, "bug": bug, "code": expected}


def played(desk: Path, base_url: str, steps: list[Step]) -> Told:
    """Run ``steps`` one after the other in one process, in the folder ``desk``. Fails where one
    does not end as it must."""
    plan = desk.with_name("steps.json")
    plan.write_text(json.dumps(steps), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(desk / "home"), "LC_ALL": "C.UTF-8"}
    env |= {"COLUMNS": "80", "BULK_UPDATE_BASE_URL": base_url, "BULK_UPDATE_TOKEN": TOKEN}
    done = subprocess.run(
        [sys.executable, str(_DRIVER), str(plan)],
        cwd=desk,
        env=env,
        capture_output=True,
        timeout=240,
        check=False,
    )
    told = Told(desk, done.stdout.decode(), done.stderr.decode())
    assert done.returncode == 0, told.err
    codes = json.loads(plan.with_name("codes.json").read_text(encoding="utf-8"))
    ended = zip(steps, codes, strict=True)
    wrong = [(each["run"], code) for each, code in ended if each["code"] != code]
    assert wrong == [], told.err
    return told


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Told]) -> Told:
    """What ``make`` gives for a folder of its own: made by the first test process that asks, and
    shared with those that run beside it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return make(factory.mktemp(name))
    folder = factory.getbasetemp().parent / f"{name}-{run}"
    with FileLock(f"{folder}.lock"):
        kept = folder.with_suffix(".json")
        if not kept.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed before us
            folder.mkdir()
            told = make(folder)
            kept.write_text(json.dumps([str(told.folder), told.out, told.err]), encoding="utf-8")
        desk, out, err = json.loads(kept.read_text(encoding="utf-8"))
    return Told(Path(desk), out, err)
