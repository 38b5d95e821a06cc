"""What a mapping file says, as plain data. Reading one is in ``loading``, writing in ``saving``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bulk_update.mapping.toml_lines import line_of
from bulk_update.model import Policy

DEFAULT_CLEAR: Final = "<clear>"
"""What a cell says to empty a field, unless the mapping file names another token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """What a mapping file says of one column.

    ``target`` is as written (``cf:Status``) and None where the header is to map by itself and
    only the rest is set; ``policy`` is None where nothing is said of it. ``optional`` says that
    the sheet may lack the column. ``comment`` is for people alone.
    """

    target: str | None = None
    policy: Policy | None = None
    blank_clears: bool = False
    trim: bool = True
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    optional: bool = False
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """A mapping file. Columns go by header, constants by target, both as written.

    ``optional`` says that the sheet may lack any of its columns, as in a template. ``trim`` is
    for columns without a rule; a rule has its own. ``notes`` are lines for people, written
    above the columns. ``path`` and ``text`` are those it was read from, empty for one that was
    made here.
    """

    columns: Mapping[str, ColumnRule] = field(default_factory=dict, hash=False)
    constants: Mapping[str, str] = field(default_factory=dict, hash=False)
    skip: tuple[str, ...] = ()
    optional: bool = False
    trim: bool = True
    clear: str = DEFAULT_CLEAR
    date_format: str | None = None
    decimal: str | None = None
    region: str | None = None
    region_column: str | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)
    path: str = field(default="", compare=False)
    text: str = field(default="", compare=False, repr=False)

    def where(self, *keys: str) -> str:
        """The place of a key, for a message: ``clients.map.toml, line 12``."""
        if not self.text:
            return self.path
        return f"{self.path}, line {line_of(self.text, keys)}"
