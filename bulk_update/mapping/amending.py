"""Adding values to a mapping file that people wrote in: all else of it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import tomlkit
from tomlkit.items import AbstractTable

from bulk_update.mapping.answers import with_answers
from bulk_update.mapping.header import Header
from bulk_update.mapping.loading import parse_mapping_file
from bulk_update.mapping.mapping_file import ColumnRule, MappingFile
from bulk_update.mapping.saving import quoted_key, table_with_values, write_mapping

Answers = Mapping[str, Mapping[str, str]]
"""By column and value, what is to be read for it."""


def with_values(file: MappingFile, answers: Answers) -> MappingFile:
    """The mapping file with more values to be read for others."""
    columns = dict(file.columns)
    for header, answered in answers.items():
        name = _named(file, header)
        rule = columns.get(name, ColumnRule(trim=file.trim))
        columns[name] = replace(rule, values=with_answers(rule.values, answered))
    return replace(file, columns=columns)


def _named(file: MappingFile, header: str) -> str:
    """How the file calls the column, which may differ by case and white space."""
    names = tuple(file.columns)
    found = Header(names).find(header)
    return names[found[0]] if found else header


def add_values(path: Path, answers: Answers) -> None:
    """Write ``answers`` into the mapping file at ``path``, whose comments and order stay.

    Raises :class:`~bulk_update.errors.ConfigError` for a file that is not sound, and what
    :func:`save_mapping` raises.
    """
    text = path.read_text(encoding="utf-8-sig")
    file = parse_mapping_file(text, path=str(path))
    wanted = with_values(file, answers)
    document = tomlkit.parse(text)
    columns = document.setdefault("columns", tomlkit.table())
    for name in (_named(file, header) for header in answers):
        _amend(columns, name, wanted.columns[name], trim=wanted.trim)
    write_mapping(wanted, tomlkit.dumps(document), path, overwrite=True)


def _amend(columns: AbstractTable, name: str, rule: ColumnRule, *, trim: bool) -> None:
    known = columns.get(name)
    if isinstance(known, AbstractTable) and isinstance(known.get("values"), AbstractTable):
        values = known["values"]
        for value, read in rule.values.items():
            if value in values:
                values[value] = read
            else:
                values.append(quoted_key(value), tomlkit.string(read))
        return
    if known is not None:
        columns.remove(name)  # a table with values can't stand on one line
    columns.append(quoted_key(name), table_with_values(rule, trim=trim))
