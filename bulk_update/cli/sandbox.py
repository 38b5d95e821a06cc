"""``bulk-update sandbox``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import resolved


@f.with_flags(f.OUTPUT)
def command(
    flags: f.Flags,
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8765,
    contacts: Annotated[int, typer.Option(help="How many contacts it has.", min=0)] = 500,
    faults: Annotated[
        Path | None, typer.Option(help="A TOML file: how it misbehaves.", metavar="FILE")
    ] = None,
) -> int:
    r"""Serve a make-believe account on loopback, to rehearse with; at its end it forgets all.

    Rehearse a migration: serve it in one terminal,

      bulk-update sandbox --contacts 10000 --faults rough-night.faults.toml

    (the file is in templates/), put the two lines it prints into another, and
    do there what you will do that night:

      bulk-update apply sample_data/large.csv --yes --rate max --out night

      bulk-update resume          where it ended with 5 or 6, or you stopped it

      bulk-update retry last      what was not as asked

      bulk-update undo last       and back

    What it claims is in night/results.csv. What was really done, request by
    request, and which fault was played on each:

      curl http://127.0.0.1:8765/_sandbox/log

    Write a file of faults of your own: by rate, by script, by schedule.

      \[\[fault]]
      kind = "status"            an error of the server's
      status = 503
      rate = 0.05                on this share of the changes

      \[\[fault]]
      kind = "reset"             no answer,
      applied = true             though it was done
      nth = \[3, 40]              on the 3rd and the 40th

      \[\[fault]]
      kind = "status"            an outage,
      on = \["any"]               of everything,
      after = 60                 from one minute on,
      until = 90                 for half a minute

      \[behaviour]
      custom_fields = "replace"  what nobody publishes

      \[latency]
      mean = 0.05                seconds

    Kinds without an answer: reset, hang, late, slow. That mislead: html,
    cut_json, cut_body, error_body, other_contact, other_envelope, stale,
    untrue, ignored. That refuse: status, too_many, token_refused, redirect.
    Without measure: drip, endless_headers, huge_body, gzip_bomb. Others at
    work: person_edits, person_follows, stir. What each of them does is in
    docs/command-line.md, "sandbox".
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.errors import Stopped
    from bulk_update.runs.sandbox import serve_sandbox
    from bulk_update.runs.stopping import StopSignals

    terminal = Terminal(resolved(flags))

    def say(line: str) -> None:
        terminal.show_lines([line])

    with suppress(Stopped):  # the way it is meant to end
        StopSignals().run(serve_sandbox(port=port, contacts=contacts, faults=faults, say=say))
    return terminal.end("sandbox")
