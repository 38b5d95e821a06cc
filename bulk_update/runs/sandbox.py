"""Serve a make-believe account on loopback until a signal ends it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.errors import UsageError
from bulk_update.language import _, number
from bulk_update.sandbox import SANDBOX_TOKEN, Rehearsal, SandboxAccount, load_rehearsal, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulk_update.sandbox.log import TruthLog


async def serve_sandbox(
    *, port: int, contacts: int, faults: Path | None, say: Callable[[str], None]
) -> None:
    """Serve until cancelled, then tell what was done. Raises UsageError when the port is taken,
    ConfigError for a bad file of faults.

    Whatever the file's seed, the contacts are those of ``--sandbox`` and of the sample data.
    """
    rehearsal = load_rehearsal(faults) if faults else Rehearsal()
    account = SandboxAccount.seeded(contacts=contacts)
    try:
        async with serve(
            account,
            behaviour=rehearsal.behaviour,
            faults=rehearsal.faults,
            rate_limit=rehearsal.rate_limit,
            latency=rehearsal.latency,
            port=port,
        ) as server:
            say(_how_to_use(server.base_url, server.root_url, contacts))
            try:
                await asyncio.Event().wait()
            finally:
                say(_what_it_did(account.log))
    except OSError as error:
        raise UsageError(
            _("port {port} can't be had: {reason}").format(port=port, reason=error.strerror),
            hint=_("Choose another with --port; 0 takes a free one."),
        ) from error


def _what_it_did(log: TruthLog) -> str:
    """How many requests, faults and changes there were: the truth beside the run's own report."""
    played = Counter(each.fault for each in log.requests if each.fault)
    counts = _("{requests} requests, {patches} of them PATCH; {changes} changes were made.").format(
        requests=number(len(log.requests)),
        patches=number(len(log.patches())),
        changes=number(sum(bool(each.new or each.old) for each in log.changes)),
    )
    faults = ", ".join(f"{kind} {number(count)}" for kind, count in played.most_common())
    return (
        counts if not faults else f"{counts}\n{_('Faults played: {faults}').format(faults=faults)}"
    )


def _how_to_use(base_url: str, root_url: str, contacts: int) -> str:
    return "\n".join(
        (
            _("A make-believe account with {n} contacts. Ctrl-C ends it.").format(n=contacts),
            "",
            f"  export BULK_UPDATE_BASE_URL={base_url}",
            f"  export BULK_UPDATE_TOKEN={SANDBOX_TOKEN}",
            "",
            _("What it was asked and what it did: {url}").format(url=f"{root_url}/_sandbox/log"),
        )
    )
