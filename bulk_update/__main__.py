"""The way in: ``bulk-update`` and ``python -m bulk_update``."""

from __future__ import annotations

import gc
import sys
from typing import Final

_SELDOM: Final = (20_000, 10, 10)
"""Loading what a command needs makes hundreds of thousands of objects that live on: looking among
them for garbage every 700 took a tenth of the time of a small run."""


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything else is loaded: scripts ask it often.
        from bulk_update import __version__

        print(f"bulk-update {__version__}")
        return
    gc.set_threshold(*_SELDOM)
    from bulk_update.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
