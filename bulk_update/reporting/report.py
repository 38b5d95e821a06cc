"""What the reports of a run are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bulk_update.model import (
    Account,
    ChangeResult,
    FindingGroup,
    RowResult,
    RowStatus,
    SourceRow,
    Verdict,
)


def _none() -> Iterator[ChangeResult]:
    return iter(())


def _nothing_judged() -> Iterator[Verdict]:
    return iter(())


def _nothing_meant() -> Mapping[str, ColumnMeaning]:
    return {}


class ColumnMeaning(NamedTuple):
    """What a column means (``custom_fields.Status``), and what its cells may hold, where that
    can be told."""

    target: str
    possible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What a workbook to be mended needs beside the report: ``title`` is the sheet's own name,
    ``header_row`` where its header stands.

    ``judged`` gives what validation said of the rows, in ascending order, and ``meanings`` what
    the columns mean, by header; they are called only where something is wrong. ``answers`` are
    those of a workbook that was given back, by column and value: they go on with the next one.
    ``only_bad`` leaves the good rows out.
    """

    title: str
    header_row: int = 1
    judged: Callable[[], Iterator[Verdict]] = _nothing_judged
    meanings: Callable[[], Mapping[str, ColumnMeaning]] = _nothing_meant
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only_bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom a row of the sheet means, as far as the sheet itself says: a name, and a phone number
    in its international form (``+393331234567``); ``""`` where it says none."""

    name: str = ""
    phone: str = ""


def _nobody(source: SourceRow) -> Person:
    del source
    return Person()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """When, where and by whom it was run.

    ``file`` is the sheet's path, ``began``, ``planned`` and ``ended`` are times with an offset,
    None where it never came to that; ``rate`` is the most requests a second that were allowed.
    ``retry_of`` and ``undoes`` name the run it goes back to, or are ``""``. ``teams`` are the
    names of teams by uuid, as far as they were known then.
    """

    file: str = ""
    who: str = ""
    host: str = ""
    reason: str = ""
    began: datetime | None = None
    planned: datetime | None = None
    ended: datetime | None = None
    rate: float | None = None
    retry_of: str = ""
    undoes: str = ""
    teams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """All that is told of one run (or of a check, whose ``run`` is None).

    ``results`` gives a fresh iterator over the rows of the sheet in ascending row order, each
    row once; ``sources`` one over the sheet itself, in the same order; ``changes`` one over the
    changed fields. They are called when a report needs them and are read as streams.
    ``rows`` is how many rows the sheet has and ``counts`` how many of them have each status.
    ``requests`` counts the requests by kind, ``saved_by_listing`` those that reading the account
    page by page saved, ``refused_429`` those of them that the account answered 429. ``error`` is an
    :func:`~bulk_update.reporting.summary.error_entry`, or None. ``person`` says whom a row of
    ``sources`` means by its own cells. ``mending`` is None where the rows are not to be mended in
    a workbook, as after an undo. ``became`` gives the results of the rows that became one of some
    statuses, where that can be had for less than all of them.
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
    saved_by_listing: int = 0
    refused_429: int = 0
    exit_code: int = 0
    error: Mapping[str, str] | None = None
    person: Callable[[SourceRow], Person] = _nobody
    about: Circumstances = field(default_factory=Circumstances)
    mending: Mending | None = None
    became: Callable[[frozenset[RowStatus]], Iterator[RowResult]] | None = None

    @property
    def requests_saved(self) -> int:
        """How many requests were not needed: look-ups that a listing answered, PATCHes of rows
        that were as asked, look-ups of rows that ask for what was last applied."""
        count = self.counts.get
        return self.saved_by_listing + count(RowStatus.UNCHANGED, 0) + count(RowStatus.SKIPPED, 0)

    def results_of(self, statuses: frozenset[RowStatus]) -> Iterator[RowResult]:
        """The results of the rows that became one of ``statuses``, in ascending row order."""
        if self.became is not None:
            return self.became(statuses)
        return (each for each in self.results() if each.status in statuses)
