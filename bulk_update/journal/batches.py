"""Statements that take many rows at once, as cheap as each database can have them.

With SQLite each row is bound by itself. PostgreSQL would answer each one over the network: there
all of them travel as one JSON text, and the database takes them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import orjson
from sqlalchemy import JSON, ColumnElement, Integer, Text, bindparam, cast, func, literal_column

from bulk_update.errors import StorageError
from bulk_update.journal.prepared import PreparedStatement
from bulk_update.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, UpdateBase

Values = tuple[object, ...]
"""The values of one row, in the order of its batch: text, whole numbers, None."""

Given = Mapping[str, ColumnElement[object]]
"""The values of all rows as columns, by name."""

Types = Mapping[str, type[Integer | Text]]
"""What the values of a row are, in their order."""

Build = Callable[[Given], "UpdateBase"]
Execute = Callable[["Connection", Sequence[Values]], int]
"""Runs a statement for rows; how many rows of the table it touched."""

_ROWS: Final = bindparam("rows", type_=Text)


class Batch:
    """Statements for any number of rows, one after the other. ``types`` are the names and types
    of a row's values, ``builds`` make the statements from them."""

    def __init__(self, types: Types, *builds: Build) -> None:
        self._types = types
        self._builds = builds
        self._prepared: dict[str, tuple[Execute, ...]] = {}

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """For all these rows. Raises StorageError unless every statement touches each of them
        once: the state in the journal is not what its writer believed."""
        for execute in self._for(connection.dialect):
            touched = execute(connection, rows)
            if touched != len(rows):
                raise StorageError(
                    _(
                        "the journal holds another state than this run: {found} of {asked} rows"
                    ).format(found=touched, asked=len(rows)),
                    code="journal_state",
                )

    def _for(self, dialect: Dialect) -> tuple[Execute, ...]:
        if dialect.name not in self._prepared:
            prepare = _as_one_text if dialect.name == "postgresql" else _one_by_one
            made = (prepare(self._types, build, dialect) for build in self._builds)
            self._prepared[dialect.name] = tuple(made)
        return self._prepared[dialect.name]


def _one_by_one(types: Types, build: Build, dialect: Dialect) -> Execute:
    given = {name: bindparam(name, type_=kind) for name, kind in types.items()}
    compiled = build(given).compile(dialect=dialect)
    text = str(compiled)
    fixed = {name: value for name, value in compiled.params.items() if name not in types}
    names = [*types, *fixed]
    constants = tuple(fixed.values())
    in_order = itemgetter(*(names.index(name) for name in compiled.positiontup or ()))

    def execute(connection: Connection, rows: Sequence[Values]) -> int:
        bound = [in_order(row + constants) for row in rows]
        return connection.exec_driver_sql(text, bound).rowcount

    return execute


def _as_one_text(types: Types, build: Build, dialect: Dialect) -> Execute:
    each = func.json_array_elements(cast(_ROWS, JSON)).table_valued("value", name="given")
    given: dict[str, ColumnElement[object]] = {}
    for place, (name, kind) in enumerate(types.items()):
        given[name] = cast(each.c.value.op("->>")(literal_column(str(place))), kind)
    prepared = PreparedStatement(build(given), dialect)

    def execute(connection: Connection, rows: Sequence[Values]) -> int:
        return prepared.run(connection, rows=orjson.dumps(rows).decode())

    return execute
