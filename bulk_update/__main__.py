"""The way in: ``bulk-update`` and ``python -m bulk_update``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything else is loaded: scripts ask it often.
        from bulk_update import __version__

        print(f"bulk-update {__version__}")
        return
    from bulk_update.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
