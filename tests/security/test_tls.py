"""Certificates, by the installed command against a server behind TLS."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sysconfig
from pathlib import Path

import pytest
from marked_token import TOKEN, Parrot, parrot

COMMAND = Path(sysconfig.get_path("scripts")) / "bulk-update"
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificates")

TRICKS = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "SSL_CERT_DIR": "/nowhere",
    "BULK_UPDATE_INSECURE": "1",
}
"""What turns verification off elsewhere."""


def certificate(folder: Path, name: str, *, days: int = 2) -> tuple[Path, Path]:
    """A self-signed certificate for ``name``, and its key."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    command = [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days)]
    command += ["-subj", "/CN=test", "-addext", f"subjectAltName={name}"]
    subprocess.run([*command, "-keyout", key, "-out", cert], capture_output=True, check=True)
    return cert, key


def behind(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def doctor(it: Parrot, folder: Path, **env: str) -> tuple[int, str]:
    """How ``doctor`` ends, and what it says."""
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    base |= {"BULK_UPDATE_BASE_URL": it.url, "BULK_UPDATE_TOKEN": TOKEN}
    done = subprocess.run(
        [str(COMMAND), "doctor"],
        env=base | env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_only_an_authority_that_was_named_is_believed(tmp_path: Path) -> None:
    """Refused with every trick; accepted once ``SSL_CERT_FILE`` adds it; no word went before."""
    cert, key = certificate(tmp_path, "IP:127.0.0.1")
    with parrot(behind(cert, key)) as it:
        it.json("GET /auth/me", 200, {"status": "ok", "user_email": "a@b.it"})
        it.json("GET /teams", 200, {"teams": []})
        for env in ({}, TRICKS):
            code, said = doctor(it, tmp_path, **env)
            assert (code, "not to be trusted" in said) == (6, True), said
        assert it.asked == []
        code, said = doctor(it, tmp_path, SSL_CERT_FILE=str(cert))
        assert (code, "a@b.it" in said) == (0, True), said


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    """Though its authority is known."""
    cert, key = certificate(tmp_path, "DNS:api.callbell.eu")
    with parrot(behind(cert, key)) as it:
        code, said = doctor(it, tmp_path, SSL_CERT_FILE=str(cert))
        assert (code, "not to be trusted" in said, it.asked) == (6, True, []), said
