"""frictionless, with a schema of its own: prints the number of bad cells."""

import sys
from pathlib import Path

import sheets
from frictionless import Checklist, Resource, Schema, system

from bulk_update.model import FieldType


def parts_of(options: tuple[str, ...]) -> str:
    """A pattern for one or more of the options."""
    one = "|".join(options)
    return f"(?:{one})(?:;(?:{one}))*"


def field(column: sheets.Column) -> dict[str, object]:
    """A column, as a table schema has it."""
    told: dict[str, object] = {"name": column.header, "type": "string"}
    match column.kind:
        case FieldType.EMAIL:
            return told | {"constraints": {"pattern": r"[^@\s]+@[^@\s]+\.[^@\s]+"}}
        case FieldType.NUMBER:
            return told | {"type": "number"}
        case FieldType.DATE:
            return told | {"type": "date"}
        case FieldType.DROPDOWN:
            return told | {"constraints": {"enum": list(column.options)}}
        case FieldType.CHECKBOX:
            return told | {"constraints": {"pattern": parts_of(column.options)}}
    constraints = {
        "uuid": {"pattern": "[0-9a-f]{32}"},
        "note": {"maxLength": 1000},
        "assigned_user": {"enum": list(sheets.USERS)},
        "team": {"enum": list(sheets.TEAMS)},
    }
    return told | {"constraints": constraints.get(column.header, {})}


def main() -> None:
    """Count them."""
    schema = Schema.from_descriptor({"fields": [field(column) for column in sheets.COLUMNS]})
    path = Path(sys.argv[1])
    with system.use_context(trusted=True):
        resource = Resource(path=path.name, basepath=str(path.parent), schema=schema)
        report = resource.validate(Checklist(), limit_errors=10**9)
    print(report.stats["errors"])


main()
