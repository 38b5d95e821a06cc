"""How files that this program wrote are known again when they are given back.

``errors.csv`` and ``annotated.xlsx`` bear five columns of our own. The workbook has more: a
hidden id in each row, by which its two sheets of rows belong together however they are sorted,
and a hidden sheet that says what is what.
"""

from __future__ import annotations

from typing import Final

REPORT_COLUMNS: Final = (
    "bulk_update_row",
    "bulk_update_status",
    "bulk_update_code",
    "bulk_update_error",
    "bulk_update_hint",
)
"""What a report says of each row; known, and skipped, when it is given back."""

ROW_ID: Final = "bulk_update_id"
"""The hidden column of the sheet itself: which row it was, and what stood in it."""

FIX_ID: Final = "bulk_update_fix"
"""The same in the sheet that has only the bad rows."""

VALUE_COLUMN: Final = "bulk_update_column"
VALUE: Final = "bulk_update_value"
"""The hidden columns of the sheet of values: which value of which column is asked about."""

OWN_COLUMNS: Final = frozenset({*REPORT_COLUMNS, ROW_ID, FIX_ID})
"""Columns of ours; no other file has one, and none of them ever means a target."""

MARKS_SHEET: Final = "bulk_update"
"""The hidden sheet of a workbook of ours."""

MARK_NAMES: Final = "bulk_update_names"
MARK_VALUES: Final = "bulk_update_said"
MARK_HEADER: Final = "bulk_update_header"
"""Its columns: names and what is said of each; the sheet's own header, one name a row."""

SAID_COLUMN: Final = "column"
SAID_VALUE: Final = "value"
SAID_ANSWER: Final = "answer"
"""Under these names it says how the titles of the sheet of values read, which are translated."""
