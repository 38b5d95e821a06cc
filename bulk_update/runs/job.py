"""What a command was asked for, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.reading import ReadOptions

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.mapping import MappingFile
    from bulk_update.reporting import RunReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A sheet, how to read and map it, and the settings to work with.

    ``file`` is a path, ``-`` for standard input, or (for apply) a saved plan. ``columns``,
    ``constants`` and ``skip`` are the texts of ``-m``, ``--set`` and ``--skip``; ``mapping``
    is a mapping that was read already, in place of ``mapping_file``. ``output`` is where a plan
    is saved. ``flags`` are the settings that were given as flags: a run that goes
    on later keeps them.
    """

    command: str
    file: str
    settings: Settings
    read: ReadOptions = field(default_factory=ReadOptions)
    columns: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    mapping_file: Path | None = None
    mapping: MappingFile | None = None
    output: Path | None = None
    detailed_exitcode: bool = False
    flags: Mapping[str, object] = field(default_factory=dict)


FLAGS: Final = "flags"
"""Under which name a run's record keeps them."""


_PATHS: Final = frozenset({"out", "schema"})


def kept_flags(flags: Mapping[str, object]) -> dict[str, object]:
    """The flags as a run's record keeps them: whoever goes on may stand in another folder.

    A proxy with a user's name, and so maybe with a password, is named again each time. Where the
    journal is, is no matter of a run that lies in it: it may be moved.
    """
    left_out = {"state_dir"} | ({"proxy"} if "@" in str(flags.get("proxy", "")) else set())
    kept = {name: given for name, given in flags.items() if name not in left_out}
    whole = {
        name: str(Path(str(kept[name])).expanduser().absolute()) for name in _PATHS & kept.keys()
    }
    return kept | whole


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """The report of a command that came to one, and the files it wrote, by their name in the
    contract; ``saved`` is the plan that was kept."""

    report: RunReport
    files: Mapping[str, Path] = field(default_factory=dict)
    saved: Path | None = None
