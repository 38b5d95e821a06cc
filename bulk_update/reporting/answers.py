"""The one JSON document of commands that answer a question about runs that are over.

It has the keys of every document, and one more that bears the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from bulk_update.model import Account, FindingGroup, RowStatus
from bulk_update.reporting.cells import encodable, stamp
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.summary import Document, document


def answer_document(  # noqa: PLR0913 - all but two by name
    command: str,
    answer: Mapping[str, object],
    *,
    run: str | None = None,
    account: Account | None = None,
    counts: Mapping[RowStatus, int] | None = None,
    findings: tuple[FindingGroup, ...] = (),
    files: Mapping[str, Path] | None = None,
) -> Document:
    """The document of ``command``, with ``answer`` behind its usual keys. The command itself
    made no request, and ended with 0."""
    counted = counts or {}
    report = RunReport(
        command=command,
        run=run,
        account=account,
        rows=sum(counted.values()),
        counts=counted,
        header=(),
        results=lambda: iter(()),
        sources=lambda: iter(()),
        findings=findings,
    )
    return {
        **document(report, files or {}),
        **{name: plain(value) for name, value in answer.items()},
    }


def plain(value: object) -> object:  # noqa: PLR0911 - one for each kind
    """Any of our data as JSON takes it: dataclasses by their fields, times with their offset."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, datetime):
        return stamp(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {encodable(str(plain(key))): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence | AbstractSet):
        return [plain(each) for each in value]
    return value
