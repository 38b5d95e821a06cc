"""What this step takes and gives: options in, a mapping out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from bulk_update.mapping.mapping_file import DEFAULT_CLEAR, ColumnRule, MappingFile
from bulk_update.mapping.targets import How
from bulk_update.model import Finding, Policy, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingOptions:
    """How the user wants the columns mapped.

    ``columns`` are the raw ``Column=target`` texts of ``-m``, ``constants`` the raw
    ``target=value`` texts of ``--set``, ``skip`` the columns of ``--skip``. ``strict`` makes
    errors of what is otherwise ignored; ``tags_replace`` reads the target ``tags`` as
    ``tags.replace``. ``answers`` are more values to be read for others, by header: of a workbook
    that was given back.
    """

    columns: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    file: MappingFile | None = None
    strict: bool = False
    tags_replace: bool = False
    answers: Dict[str, Dict[str, str]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """A column that means something.

    ``index`` counts from 0 in the header. ``values`` says what to read for a cell (``Actve`` ->
    ``Active``); ``blank_clears`` that a blank cell empties the field; ``trim`` that outer white
    space goes. ``how`` says where the target came from.
    """

    index: int
    header: str
    target: Target
    policy: Policy = Policy.OVERWRITE
    blank_clears: bool = False
    trim: bool = True
    values: Dict[str, str] = field(default_factory=dict, hash=False)
    how: How = How.FLAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which column means what, in the order of the sheet, with what else the rows need.

    ``unmapped`` names the columns that are ignored because nothing maps them, ``skipped`` those
    that somebody said to skip. ``region_column`` is the index of the column that holds each row's
    region. ``findings`` are about the header and are said before anything else.
    """

    header: tuple[str, ...]
    columns: tuple[MappedColumn, ...]
    constants: tuple[tuple[Target, str], ...] = ()
    unmapped: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    clear_token: str = DEFAULT_CLEAR
    date_format: str | None = None
    decimal: str | None = None
    region: str | None = None
    region_column: int | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def digest(self) -> str:
        """A SHA-256 of all that changes what a cell means: two mappings with one digest read
        the same header alike. Findings, and how a target was found, don't count."""
        text = json.dumps(self._meaning(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def _meaning(self) -> dict[str, object]:
        return {
            "header": self.header,
            "columns": [_column_meaning(column) for column in self.columns],
            "constants": [(str(target), value) for target, value in self.constants],
            "clear": self.clear_token,
            "date_format": self.date_format,
            "decimal": self.decimal,
            "region": self.region,
            "region_column": self.region_column,
        }

    def as_file(self) -> MappingFile:
        """The mapping file that maps the same header to this mapping again."""
        return MappingFile(
            columns={column.header: _rule(column) for column in self.columns},
            constants={str(target): value for target, value in self.constants},
            skip=self.skipped,
            clear=self.clear_token,
            date_format=self.date_format,
            decimal=self.decimal,
            region=self.region,
            region_column=None if self.region_column is None else self.header[self.region_column],
        )


def _column_meaning(column: MappedColumn) -> list[object]:
    return [
        column.index,
        str(column.target),
        column.policy.value,
        column.blank_clears,
        column.trim,
        sorted(column.values.items()),
    ]


def _rule(column: MappedColumn) -> ColumnRule:
    return ColumnRule(
        target=str(column.target),
        policy=None if column.policy is Policy.OVERWRITE else column.policy,
        blank_clears=column.blank_clears,
        trim=column.trim,
        values=dict(column.values),
    )
