"""Every code this step gives, with its meaning in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FINDINGS: Final[Mapping[str, str]] = {
    "api_name_wins": "a header is both a target and a custom field; the target was taken",
    "blank_header": "a column without a header is ignored",
    "custom_field_spelling": "a custom field was found in another case or composition",
    "custom_field_unseen": "a custom field that the schema has not seen; the account may have it",
    "duplicate_header": "a header that nothing maps stands more than once",
    "optional_column_missing": "an optional column of the mapping file is not in the sheet",
    "unmapped_columns": "columns that nothing maps are ignored",
}
"""The codes of ``Mapping.findings``."""

PROBLEMS: Final[Mapping[str, str]] = {
    "blank_constant": "a constant without a value",
    "column_twice": "one column is given two targets, or is mapped and skipped at once",
    "custom_field_ambiguous": "custom fields that differ by case only; which one is meant?",
    "custom_field_near": "a custom field nobody has seen, but nearly so called is one that exists",
    "duplicate_header": "a header that is mapped stands more than once",
    "key_constant": "a constant can't say which contact a row means",
    "mapping": "several of these at once; the message has a line for each",
    "near_target": "a header is like a target, and nothing maps it",
    "no_key": "no column says which contact a row means",
    "setting_unfit": "a policy or a blank setting that its target can't have",
    "two_on_one_target": "two columns, or a column and a constant, have one target",
    "unknown_column": "a column that the sheet doesn't have",
    "unknown_target": "a target that doesn't exist",
    "was_unknown": "a 'was.' column of something that can't be compared",
}
"""The codes of :class:`~bulk_update.errors.SheetError` from this step. With ``strict`` the codes
``blank_header``, ``custom_field_unseen`` and ``unmapped_columns`` are among them."""
