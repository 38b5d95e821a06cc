"""Runs many commands in one process, as little protected as can be, and says how each ended.

Started by a test with a file of JSON: ``[{"run": [arguments], "env": {…}, "bug": text|null}]``;
the exit codes are written beside it.
The mask of new files is 000, every logger writes all it can to ``debug.log``, the event loop is
in its debugging mode. ``bug``: the command breaks with an error that holds this text.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path


def main(plan: str) -> None:
    """Run them one after the other."""
    os.umask(0)
    os.environ["PYTHONASYNCIODEBUG"] = "1"
    logging.basicConfig(filename="debug.log", level=logging.DEBUG)
    logging.captureWarnings(capture=True)
    codes: list[int] = []
    for number, step in enumerate(json.loads(Path(plan).read_text(encoding="utf-8"))):
        os.environ.update(step["env"])
        codes.append(one(step["run"], step["bug"]))
        for stream in (sys.stdout, sys.stderr):
            print(f"== step {number} ended with {codes[-1]}", flush=True, file=stream)
    Path(plan).with_name("codes.json").write_text(json.dumps(codes), encoding="utf-8")
    Path("cmdline").write_bytes(Path("/proc/self/cmdline").read_bytes())


def one(arguments: list[str], bug: str | None) -> int:
    """One command; its exit code."""
    from bulk_update.cli import run
    from bulk_update.runs import check

    if bug is None:
        return run(arguments)
    kept, check.check = check.check, broken(bug)
    try:
        return run(arguments)
    finally:
        check.check = kept


def broken(words: str):
    """In the place of ``check``: fails with these words, which come from three errors deep."""

    def check(*_arguments: object) -> None:
        try:
            try:
                {}[words]
            except KeyError as error:
                raise ValueError(words) from error
        except ValueError:
            raise RuntimeError({"headers": f"Bearer {words}"})  # noqa: B904

    return check


if __name__ == "__main__":
    main(sys.argv[1])
