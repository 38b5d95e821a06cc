"""Where the token may travel: over https, and over plain http to this machine alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bulk_update
from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle
from bulk_update.config import resolve
from bulk_update.config.addresses import is_loopback
from bulk_update.errors import ConfigError
from bulk_update.runs.job import kept_flags

ELSEWHERE = [
    "http://127.0.0.1.evil.example/v1",
    "http://localhost.evil.example/v1",
    "http://localhost@evil.example",
    "http://127.0.0.1:80@evil.example/v1",
    "http://evil.example#@127.0.0.1",
    "http://evil.example?@127.0.0.1",
    "http://evil.example\\@127.0.0.1",
    "http://127.0.0.1\\.evil.example/",
    "http://127.0.0.1\\@evil.example",
    "http://127.0.0.1;evil.example/",
    "http://127.0.0.1,evil.example/",
    "http://127.0.0.1%2eevil.example",
    "http://127.0.0.1:evil.example/",
    "http://127.0.0.1:80:80/",
    "http://127.0.0.1:0/",
    "http://[::1].evil.example/",
    "http://[::1]evil.example/",
    "http://[::1%25.evil.example]/",
    "http://[::1%25eth0]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://2130706433/v1",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://127。0。0。1/",
    "http://①27.0.0.1/",
    "http://ⓛocalhost/",
    "http://loc\u00adalhost/",
    "http://127.0.0.1\n.evil.example",
    "http://127.0.0.1 .evil.example/",
    "http:///127.0.0.1/",
    "http:127.0.0.1/",
    "//127.0.0.1/",
    "https://[::1]evil.example/",
    "https://api.callbell.eu\\@evil.example/",
    "https://api.callbell.eu%00.evil.example/",
    "https://api.callbell.eu@evil.example/",
    "file:///etc/passwd",
    "ws://127.0.0.1/",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_that_is_not_what_it_seems_is_refused(url: str) -> None:
    """By the settings, and by the client whoever makes one; none of them is taken for loopback."""
    with pytest.raises(ConfigError):
        resolve({"base_url": url}, environ={})
    with pytest.raises(ConfigError):
        CallbellClient(url, "t", Throttle(1))
    assert not is_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/v1", "http://127.9.9.9/v1", "http://[::1]:8/v1", "http://LOCALHOST"]
)
def test_this_machine_is(url: str) -> None:
    assert is_loopback(url)
    assert (
        resolve({"base_url": url}, environ={}).base_url
        == CallbellClient(url, "t", Throttle(1)).base_url
    )


def test_a_proxy_s_password_is_not_kept_with_the_run() -> None:
    """Whoever goes on with it names the proxy again; all other flags are kept."""
    flags = {"rate": "5", "proxy": "http://me:secret@proxy.example:3128"}
    assert kept_flags(flags) == {"rate": "5"}
    assert kept_flags({"proxy": "http://proxy.example:1"}) == {"proxy": "http://proxy.example:1"}


def test_no_line_of_the_program_can_weaken_tls() -> None:
    """None of the names with which Python turns the checking of certificates off."""
    weak = {"CERT_NONE", "CERT_OPTIONAL", "check_hostname", "verify_ssl", "verify_mode"}
    weak |= {"_create_unverified_context", "insecure", "fingerprint"}
    for path in Path(bulk_update.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = {getattr(node, field, None) for field in ("attr", "id", "arg")}
            assert not named & weak, (path, node.lineno)
            if isinstance(node, ast.keyword) and node.arg == "ssl":
                assert not isinstance(node.value, ast.Constant), (path, node.value.lineno)


def test_nothing_of_others_is_ever_unpickled_or_run() -> None:
    """No format that can carry code is read anywhere, but by a process from its own copies
    and from a nameless file of its own."""
    package = Path(bulk_update.__path__[0])
    own = {
        package / "runs" / "abreast.py": {"pickle"},
        package / "runs" / "stretches.py": {"pickle"},
        package / "validation" / "aside.py": {"pickle"},
    }
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in getattr(node, "names", ()) if hasattr(each, "name")]
            names += [getattr(node, "module", None) or ""]
            code = {"pickle", "marshal", "shelve", "dill", "yaml"} - own.get(path, set())
            assert not code & set(names), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile"}, (path, node.lineno)
