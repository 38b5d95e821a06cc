"""``bulk-update doctor``."""

from __future__ import annotations

from bulk_update.cli import flags as f
from bulk_update.cli.jobs import resolved
from bulk_update.errors import BulkUpdateError


@f.with_flags(f.CONNECTION, f.SCHEMA, f.STATE, f.OUTPUT)
def command(flags: f.Flags) -> int:
    """Show the configuration and where it comes from; try connection, token, account, journal.

    Examples:

      bulk-update doctor

      bulk-update doctor --profile spain
    """
    from bulk_update.cli.terminal import Terminal
    from bulk_update.runs.doctor import examine
    from bulk_update.runs.exit_codes import error_exit_code
    from bulk_update.runs.stopping import StopSignals

    settings = resolved(flags)
    terminal = Terminal(settings)

    async def look() -> int:
        first: BulkUpdateError | None = None
        findings, account = [], None
        async for each in examine(settings, terminal):
            terminal.show_examined(each)
            findings.append(each.finding)
            account = each.account or account
            first = first or each.error
        code = 0 if first is None else error_exit_code(first)
        return terminal.end(
            "doctor", account=account, findings=findings, error=first, exit_code=code
        )

    return StopSignals().run(look())
