"""Statements that take many rows at once.

A database's driver lets go of the interpreter's lock at every row it is given, and each time the
writer must wait until the event loop lets go of it again: measured, three quarters of what the
journal cost. So a group's rows travel as one JSON text, and the database takes them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import orjson
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
)

from bulk_update.journal.prepared import PreparedStatement

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Insert, Table, UpdateBase

Params = dict[str, object]
"""The values of one row, by name."""

Given = Mapping[str, ColumnElement[object]]
"""The values of all rows as columns, by name."""

_ROWS: Final = bindparam("rows", type_=Text)


class Batch:
    """A statement for any number of rows. ``types`` are the names and types of their values,
    ``build`` makes the statement from them. ``guarded``: each row given must touch one row, or
    the state in the journal is not what its writer believed."""

    def __init__(
        self,
        types: Mapping[str, type[Integer | Text]],
        build: Callable[[Given], UpdateBase],
        *,
        guarded: bool = False,
    ) -> None:
        self.guarded = guarded
        self._types = types
        self._build = build
        self._prepared: dict[str, PreparedStatement] = {}

    def run(self, connection: Connection, rows: Sequence[Params]) -> int:
        """For all these rows; how many rows of the table were touched."""
        prepared = self._prepared.get(connection.dialect.name)
        if prepared is None:
            prepared = self._prepared[connection.dialect.name] = self._for(connection.dialect)
        return prepared.run(connection, rows=orjson.dumps(rows).decode())

    def _for(self, dialect: Dialect) -> PreparedStatement:
        given = _of_postgresql if dialect.name == "postgresql" else _of_sqlite
        return PreparedStatement(self._build(given(self._types)), dialect)


def inserting(table: Table, names: Sequence[str]) -> Batch:
    """A batch that adds rows with these columns to ``table``."""

    def build(given: Given) -> Insert:
        return insert(table).from_select(list(names), select(*(given[name] for name in names)))

    return Batch({name: _kind(table.c[name]) for name in names}, build)


def _kind(of: Column[object]) -> type[Integer | Text]:
    return Integer if isinstance(of.type, Integer) else Text


def _of_sqlite(types: Mapping[str, type[Integer | Text]]) -> Given:
    each = func.json_each(_ROWS).table_valued("value", name="given")
    return {
        name: func.json_extract(each.c.value, literal_column(f"'$.{name}'"), type_=kind)
        for name, kind in types.items()
    }


def _of_postgresql(types: Mapping[str, type[Integer | Text]]) -> Given:
    columns: list[ColumnElement[object]] = []
    for name, kind in types.items():
        columns.append(column(name, Integer() if kind is Integer else Text()))
    each = (
        func.json_to_recordset(cast(_ROWS, JSON))
        .table_valued(*columns, name="given")
        .render_derived(with_types=True)
    )
    return {name: each.c[name] for name in types}
