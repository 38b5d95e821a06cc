"""Step 3: cells x schema -> what each row asks for, or all that is wrong with it.

:class:`Validator` judges rows::

    validator = Validator(mapping, schema, ValidationOptions())
    validator.survey(sheet.chunks())  # dates, decimals and repeated keys, by the whole column
    if validator.repeats:
        validator.resolve(sheet.chunks())  # compares rows that bear the same key
    for verdict in validator.judge(sheet.rows()):
        ...

Each kind of value has a judge of its own in ``judges``; ``cells`` is what all columns do alike,
``rows`` what a row's cells say together. Every distinct value of a column is judged once. The
codes of findings are listed in ``codes``; :class:`FindingCollector` groups and counts them.

:func:`merge` puts rows that mean one contact together, and :func:`equal` is the one rule for
when two values are the same; planning and applying use both.
"""

from bulk_update.validation.codes import FINDINGS, Code
from bulk_update.validation.collector import FindingCollector, RowsByFinding
from bulk_update.validation.equality import equal, tags_equal
from bulk_update.validation.merging import Conflict, FieldConflict, Merged, merge
from bulk_update.validation.options import ValidationOptions
from bulk_update.validation.possible import possible_values
from bulk_update.validation.rejected import rejected_row, status_of, uuid_of
from bulk_update.validation.validator import Validator

__all__ = [
    "FINDINGS",
    "Code",
    "Conflict",
    "FieldConflict",
    "FindingCollector",
    "Merged",
    "RowsByFinding",
    "ValidationOptions",
    "Validator",
    "equal",
    "merge",
    "possible_values",
    "rejected_row",
    "status_of",
    "tags_equal",
    "uuid_of",
]
