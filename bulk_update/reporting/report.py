"""What the reports of a run are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bulk_update.model import (
    Account,
    ChangeResult,
    FindingGroup,
    RowResult,
    RowStatus,
    SourceRow,
)


def _none() -> Iterator[ChangeResult]:
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """All that is told of one run (or of a check, whose ``run`` is None).

    ``results`` gives a fresh iterator over the rows of the sheet in ascending row order, each
    row once; ``sources`` one over the sheet itself, in the same order; ``changes`` one over the
    changed fields. They are called when a report needs them and are read as streams.
    ``rows`` is how many rows the sheet has and ``counts`` how many of them have each status.
    ``requests`` counts the requests by kind. ``error`` is an
    :func:`~bulk_update.reporting.summary.error_entry`, or None.
    """

    command: str
    run: str | None
    account: Account | None
    rows: int
    counts: Mapping[RowStatus, int]
    header: tuple[str, ...]
    results: Callable[[], Iterator[RowResult]]
    sources: Callable[[], Iterator[SourceRow]]
    changes: Callable[[], Iterator[ChangeResult]] = _none
    findings: tuple[FindingGroup, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)
    exit_code: int = 0
    error: Mapping[str, str] | None = None
