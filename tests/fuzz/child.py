"""Checks mutated files one after the other, in a process that may not take more than its share.

    python tests/fuzz/child.py FOLDER SCHEMA FIRST LAST

Prints a line of JSON for each case that did not end as the contract says. A case is a seed: the
same seed makes the same file, so that what failed can be made again.
"""

# ruff: noqa: T201

from __future__ import annotations

import contextlib
import io
import json
import resource
import signal
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from bulk_update.cli import run

EXPECTED = {0, 1, 2, 3}
MEMORY = 1_500 * 1024 * 1024
SECONDS = 30
ODD = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b"\r",
    b"\n",
    b";",
    b",",
    b"\t",
    b"=1+1",
    b"<clear>",
    b"&amp;",
    b"]]>",
    b"<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    b"\xf0\x9f\x94\xa5",
    b"\xed\xa0\x80",
    b"9" * 400,
    b"1e999999",
    b"{" * 300,
    b"[" * 300,
    b"%s%n",
    "\u202e\u0000\ufffe".encode(),
)


def mutated(data: bytes, chance: Random) -> bytes:
    """The bytes with a few faults in them."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed) + 1)
        end = min(len(changed), place + chance.choice((1, 1, 2, 8, 64, 512)))
        match chance.randrange(6):
            case 0:
                changed[place:end] = chance.choice(ODD)
            case 1:
                changed[place:place] = chance.choice(ODD)
            case 2:
                del changed[place:end]
            case 3:
                changed[place:place] = changed[place:end]
            case 4 if place < len(changed):
                changed[place] = chance.randrange(256)
            case _:
                del changed[place + chance.randrange(4096) :]
    return bytes(changed)


def inside(data: bytes, chance: Random) -> bytes:
    """A workbook whose parts have the faults: the archive itself stays whole."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        hit = set(chance.sample(names, chance.randint(1, min(3, len(names)))))
        for name in names:
            content = old.read(name)
            new.writestr(name, mutated(content, chance) if name in hit else content)
    return made.getvalue()


def made(folder: Path, seed: int) -> Path:
    """The file of a seed."""
    chance = Random(seed)
    base = chance.choice(sorted(each for each in folder.glob("base/*")))
    data = base.read_bytes()
    packed = zipfile.is_zipfile(base)
    change: Callable[[bytes, Random], bytes] = (
        inside if packed and chance.random() < 0.7 else mutated
    )
    suffix = chance.choice((base.suffix, base.suffix, base.suffix, ".csv", ".xlsx", ".xls", ".ods"))
    path = folder / f"case{suffix}"
    path.write_bytes(change(data, chance))
    return path


def tried(path: Path, schema: str) -> str:
    """What is wrong with how the check of a file ended; nothing, if it ended well."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["check", str(path), "--schema", schema, "--json"])
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    out.seek(0)
    try:
        document = json.load(out)
    except ValueError as error:
        return f"exit {code}, no document: {error}"
    if code not in EXPECTED or document["exit_code"] != code:
        return f"exit {code}: {document['error']}"
    return ""


def main() -> None:
    """Try the cases, and tell of those that failed."""
    folder, schema, first, last = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_long)
    for seed in range(int(first), int(last)):
        path = made(Path(folder), seed)
        if wrong := tried(path, schema):
            print(json.dumps({"seed": seed, "file": path.name, "wrong": wrong[:500]}), flush=True)
        path.unlink()
    print("done", flush=True)


def _too_long(_number: int, _frame: object) -> None:
    raise TimeoutError(f"longer than {SECONDS} s")


main()
