"""The run at a glance: a headline, a ring of what became of the rows, and its legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bulk_update.language import _, ngettext, number
from bulk_update.model import PROBLEM_STATUSES, RowStatus
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.wording import status_meaning, status_title

AS_ASKED: Final = frozenset({RowStatus.UPDATED, RowStatus.UNCHANGED, RowStatus.SKIPPED})
_FIRST: Final = (
    RowStatus.UPDATED,
    RowStatus.VALID,
    RowStatus.PLANNED,
    RowStatus.UNCHANGED,
    RowStatus.SKIPPED,
    RowStatus.NOT_SENT,
)
_ORDER: Final = tuple(dict.fromkeys((*_FIRST, *RowStatus)))
"""The ring begins with what is well, and ends with the problems."""

_WAITING: Final = frozenset({RowStatus.PLANNED, RowStatus.NOT_SENT})
_THINNEST: Final = 0.8  # per cent of the ring: one row in a million is seen all the same
_ROUND: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One status: how many rows, and its arc of the ring, in per cent from the top clockwise.

    ``kind`` is ``good``, ``problem`` or ``waiting``: drawn differently, beside the colour.
    """

    status: RowStatus
    title: str
    meaning: str
    count: int
    percent: str
    kind: str
    start: float
    length: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """``headline`` and ``lines`` say in words what the ring shows."""

    headline: str
    lines: tuple[str, ...]
    parts: tuple[Part, ...]


def glance(report: RunReport) -> Glance:
    """The report at a glance."""
    return Glance(
        headline=_headline(report),
        lines=tuple(_lines(report.counts)),
        parts=tuple(_parts(report)),
    )


def problem_count(counts: Mapping[RowStatus, int]) -> int:
    """How many rows have a problem."""
    return sum(counts.get(status, 0) for status in PROBLEM_STATUSES)


def _headline(report: RunReport) -> str:
    rows, counts = report.rows, report.counts
    if not rows:
        return _("The sheet has no rows")
    if report.command == "check":
        fine, template = counts.get(RowStatus.VALID, 0), _("{n} of {rows} rows are valid")
    elif counts.get(RowStatus.PLANNED):
        fine, template = counts[RowStatus.PLANNED], _("{n} of {rows} rows would be changed")
    elif report.about.undoes:
        fine, template = _as_asked(counts), _("{n} of {rows} rows are as they were before")
    else:
        fine, template = _as_asked(counts), _("{n} of {rows} rows are as the sheet asks")
    return template.format(n=number(fine), rows=number(rows))


def _as_asked(counts: Mapping[RowStatus, int]) -> int:
    return sum(counts.get(status, 0) for status in AS_ASKED)


def _lines(counts: Mapping[RowStatus, int]) -> Iterator[str]:
    problems, not_sent = problem_count(counts), counts.get(RowStatus.NOT_SENT, 0)
    if problems:
        template = ngettext("{n} row has a problem.", "{n} rows have a problem.", problems)
        yield template.format(n=number(problems))
    else:
        yield _("No row has a problem.")
    if not_sent:
        template = ngettext("{n} row was not sent.", "{n} rows were not sent.", not_sent)
        yield template.format(n=number(not_sent))


def _parts(report: RunReport) -> Iterator[Part]:
    present = [(status, report.counts[status]) for status in _ORDER if report.counts.get(status)]
    lengths = _lengths([count for _status, count in present])
    start = 0.0
    for (status, count), length in zip(present, lengths, strict=True):
        yield Part(
            status=status,
            title=status_title(status),
            meaning=status_meaning(status),
            count=count,
            percent=_percent(count, report.rows),
            kind=kind_of(status),
            start=round(start, 3),
            length=round(length, 3),
        )
        start += length


def kind_of(status: RowStatus) -> str:
    """``good``, ``problem`` or ``waiting``."""
    if status in PROBLEM_STATUSES:
        return "problem"
    return "waiting" if status in _WAITING else "good"


def _lengths(counts: list[int]) -> list[float]:
    """The arcs, together the whole ring; none so thin that it would not be seen."""
    whole = sum(counts)
    least = [max(_ROUND * count / whole, _THINNEST) for count in counts]
    return [each * _ROUND / sum(least) for each in least]


def _percent(count: int, whole: int) -> str:
    """A share that never rounds something to nothing, or nearly all to all."""
    share = _ROUND * count / whole
    if share < 0.1:  # noqa: PLR2004
        return _("under {n}%").format(n="0.1")
    if share < _ROUND and share > 99.9:  # noqa: PLR2004
        return _("over {n}%").format(n="99.9")
    return f"{share:.1f}%".replace(".0%", "%")
