"""What the changes of a run come to: by field, by owner, by team, by tag, and what became of them.

They stream through :func:`total_changes`; what it keeps is bounded, whatever the run's size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic

from bulk_update.model import ChangeResult, FieldName, RowStatus, Value
from bulk_update.reading.row_id import MOST_CHARACTERS
from bulk_update.reporting.cells import value_text
from bulk_update.reporting.tallies import (
    SAMPLES,
    SAMPLES_OF_A_FIELD,
    Counting,
    K,
    Tally,
    blanks,
    move,
    tags_added,
    tags_removed,
)

if TYPE_CHECKING:
    import pandas as pd

_OWNER: Final = FieldName("assigned_user")
_TEAM: Final = FieldName("team")
_TAGS: Final = FieldName("tags")

Move = tuple[str, str]
"""From whom to whom; ``""`` is nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTotals:
    """The changed fields of a run, counted with the status of their row.

    ``owners`` and ``teams`` count from whom to whom (teams by uuid); ``blanked`` the fields that
    lose a value and get none. ``sample`` shows a few changes of every field; ``cut`` have a text
    that no cell of a workbook can hold whole.
    """

    fields: Tally[tuple[FieldName, RowStatus]] = field(default_factory=Tally)
    blanked: Tally[FieldName] = field(default_factory=Tally)
    owners: Tally[tuple[Move, RowStatus]] = field(default_factory=Tally)
    teams: Tally[tuple[Move, RowStatus]] = field(default_factory=Tally)
    added: Tally[tuple[str, RowStatus]] = field(default_factory=Tally)
    removed: Tally[tuple[str, RowStatus]] = field(default_factory=Tally)
    sample: tuple[ChangeResult, ...] = ()
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Line(Generic[K]):
    """One name of a table of totals: how many of its changes have which status."""

    name: K
    counts: Mapping[RowStatus, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


class _Totalling:
    """The totals in the making."""

    def __init__(self) -> None:
        self._fields = Counting[tuple[FieldName, RowStatus]]()
        self._blanked = Counting[FieldName]()
        self._moves: dict[FieldName, Counting[tuple[Move, RowStatus]]] = {
            _OWNER: Counting(),
            _TEAM: Counting(),
        }
        self._added = Counting[tuple[str, RowStatus]]()
        self._removed = Counting[tuple[str, RowStatus]]()
        self._sampled = Counting[FieldName]()
        self._sample: list[ChangeResult] = []
        self._cut = 0

    def add(self, change: ChangeResult) -> None:
        self._fields.add((change.field, change.status))
        if blanks(change.old, change.new):
            self._blanked.add(change.field)
        if change.field in self._moves:
            self._moves[change.field].add((move(change.old, change.new), change.status))
        if change.field == _TAGS:
            self._count_tags(change)
        self._cut += max(_length(change.old), _length(change.new)) > MOST_CHARACTERS
        if len(self._sample) < SAMPLES and self._sampled[change.field] < SAMPLES_OF_A_FIELD:
            self._sampled.add(change.field)
            self._sample.append(change)

    def _count_tags(self, change: ChangeResult) -> None:
        for tag in tags_added(change.old, change.new):
            self._added.add((tag, change.status))
        for tag in tags_removed(change.old, change.new):
            self._removed.add((tag, change.status))

    def totals(self) -> ChangeTotals:
        return ChangeTotals(
            fields=self._fields.tally(),
            blanked=self._blanked.tally(),
            owners=self._moves[_OWNER].tally(),
            teams=self._moves[_TEAM].tally(),
            added=self._added.tally(),
            removed=self._removed.tally(),
            sample=tuple(self._sample),
            cut=self._cut,
        )


def _length(value: Value) -> int:
    return len(value if isinstance(value, str) else value_text(value))


def total_changes(changes: Iterable[ChangeResult]) -> ChangeTotals:
    """What ``changes`` come to."""
    totalling = _Totalling()
    for change in changes:
        totalling.add(change)
    return totalling.totals()


def lines(tally: Tally[tuple[K, RowStatus]]) -> list[Line[K]]:
    """The names of ``tally``, those with the most changes first, each with its statuses in their
    order; equals in the order they came up."""
    if not tally.counts:
        return []
    names = list(dict.fromkeys(name for name, _status in tally.counts))
    frame = _pivot(tally, {name: place for place, name in enumerate(names)})
    return [
        Line(names[int(place)], {RowStatus(str(status)): int(n) for status, n in row.items() if n})
        for place, row in zip(frame.index, frame.to_dict("records"), strict=True)
    ]


def _pivot(tally: Tally[tuple[K, RowStatus]], places: Mapping[K, int]) -> pd.DataFrame:
    """A line a name (by its place), a column a status; the longest lines first."""
    import pandas as pd

    counted = [(places[name], status.value, n) for (name, status), n in tally.counts.items()]
    long = pd.DataFrame(counted, columns=["place", "status", "count"])
    wide = long.pivot_table(
        index="place", columns="status", values="count", aggfunc="sum", fill_value=0
    )
    wide = wide[[status.value for status in RowStatus if status.value in wide.columns]]
    return wide.loc[wide.sum(axis=1).sort_values(ascending=False, kind="stable").index]
