"""An account's schema as a TOML file: pulled, completed by people, committed, compared.

Every part but ``[account]`` may be left out, so that a file can be written by hand::

    [account]
    base_url = "https://api.callbell.eu/v1"

    [fields."Plan"]
    type = "dropdown"
    options = ["Basic", "Pro"]

``[[field]]`` with a ``name`` does as well as ``[fields."Name"]``.
"""

from __future__ import annotations

from bulk_update.account.schema_diff import SchemaDifference, add, diff_schemas
from bulk_update.account.schema_reading import load_schema, parse_schema
from bulk_update.account.schema_writing import save_schema, schema_text

__all__ = [
    "SchemaDifference",
    "add",
    "diff_schemas",
    "load_schema",
    "parse_schema",
    "save_schema",
    "schema_text",
]
