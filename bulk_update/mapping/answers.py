"""What somebody answered in a workbook that was given back, as value maps of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bulk_update.language import _
from bulk_update.mapping.mapped import MappedColumn
from bulk_update.mapping.problems import shown
from bulk_update.model import Finding, Level


def with_answers(values: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    """A value map, and what was answered to what it gave: where a map reads ``ok`` as ``Actve``
    and the answer to ``Actve`` is ``Active``, it reads both as ``Active``."""
    mapped = {value: answers.get(read, read) for value, read in values.items()}
    return {**mapped, **answers}


def unused_answers(
    answers: Mapping[str, Mapping[str, str]], columns: Sequence[MappedColumn]
) -> Iterator[Finding]:
    """Says which answers are about columns that mean nothing, and so change nothing."""
    mapped = {column.header for column in columns}
    for header, answered in answers.items():
        if answered and header not in mapped:
            yield Finding(
                code="answers_unused",
                level=Level.WARNING,
                message=_(
                    "the answers to values of {column} change nothing: it is not used"
                ).format(column=shown(header)),
                hint=_("Map the column with -m, as when the workbook was made."),
                column=header,
            )
