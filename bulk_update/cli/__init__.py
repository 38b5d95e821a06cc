"""The command line: one file a command, and no logic in any of them.

A command turns its flags into settings and a job, hands both to ``bulk_update.runs``, and shows
what comes back. Nothing heavy is imported before a command has begun: ``--help`` is instant.
"""

from bulk_update.cli.running import run

__all__ = ["run"]
