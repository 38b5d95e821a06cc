"""What a plan would do, added up for the one who is asked to agree to it.

Changes stream through :class:`PreviewBuilder`; what it keeps is bounded, whatever the plan's
size. What was not kept apart is counted, and the preview says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bulk_update.model import (
    Change,
    ChangeResult,
    FieldChange,
    FieldName,
    RowStatus,
    Target,
)
from bulk_update.reporting.tallies import (
    DISTINCT,
    SAMPLES,
    SAMPLES_OF_A_FIELD,
    Counting,
    Tally,
    blanks,
    move,
    tags_added,
    tags_removed,
)

_OWNER: Final = FieldName("assigned_user")
_TAGS: Final = FieldName("tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingOverview:
    """What each column means: (header, target), (target, constant), and the columns not used."""

    columns: tuple[tuple[str, str], ...]
    constants: tuple[tuple[str, str], ...] = ()
    unmapped: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        columns: Iterable[tuple[str, Target]],
        *,
        constants: Iterable[tuple[Target, str]] = (),
        unmapped: Iterable[str] = (),
    ) -> MappingOverview:
        """The overview of a mapping, its targets spelled as users write them."""
        return cls(
            columns=tuple((header, str(target)) for header, target in columns),
            constants=tuple((str(target), value) for target, value in constants),
            unmapped=tuple(unmapped),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPreview:
    """What a plan would do.

    ``contacts`` is how many contacts would change and ``rows`` how many rows ask for it;
    ``by_field`` counts the contacts whose field changes, ``blanked`` those whose field loses a
    value and gets none; ``owners`` counts (from, to) with ``""`` for nobody. ``seconds`` is the
    forecast, None where there is none; ``slowed`` the one at the rate to which 429s have brought
    it, None where they have not. ``sample`` shows a few changes of every field. ``skipped``
    rows ask for what was last applied; ``held`` values were put back by an undo.
    """

    contacts: int = 0
    rows: int = 0
    by_field: Tally[FieldName] = field(default_factory=Tally)
    blanked: Tally[FieldName] = field(default_factory=Tally)
    owners: Tally[tuple[str, str]] = field(default_factory=Tally)
    tags_added: Tally[str] = field(default_factory=Tally)
    tags_removed: Tally[str] = field(default_factory=Tally)
    sample: tuple[ChangeResult, ...] = ()
    seconds: float | None = None
    slowed: float | None = None
    skipped: int = 0
    held: int = 0

    @property
    def webhooks(self) -> int:
        """How many ``contact_updated`` webhooks the account will fire: one a changed contact."""
        return self.contacts


class PreviewBuilder:
    """Adds changes up in bounded memory: ``add`` each, then ``build``."""

    def __init__(self, *, samples: int = SAMPLES, distinct: int = DISTINCT) -> None:
        self._samples = samples
        self._contacts = 0
        self._rows = 0
        self._by_field = Counting[FieldName](distinct)
        self._blanked = Counting[FieldName](distinct)
        self._owners = Counting[tuple[str, str]](distinct)
        self._added = Counting[str](distinct)
        self._removed = Counting[str](distinct)
        self._sampled = Counting[FieldName](distinct)
        self._sample: list[ChangeResult] = []

    def add(self, change: Change, *, key: str = "") -> None:
        """Count one change; ``key`` is the key cell of its row, for the sample."""
        self._contacts += 1
        self._rows += len(change.rows)
        for one in change.fields:
            self._count(one)
            self._show(change, one, key)

    def build(
        self,
        *,
        seconds: float | None = None,
        slowed: float | None = None,
        skipped: int = 0,
        held: int = 0,
    ) -> PlanPreview:
        """The preview of all that was added, with the forecasts of the sending."""
        return PlanPreview(
            contacts=self._contacts,
            rows=self._rows,
            by_field=self._by_field.tally(),
            blanked=self._blanked.tally(),
            owners=self._owners.tally(),
            tags_added=self._added.tally(),
            tags_removed=self._removed.tally(),
            sample=tuple(self._sample),
            seconds=seconds,
            slowed=slowed,
            skipped=skipped,
            held=held,
        )

    def _count(self, one: FieldChange) -> None:
        self._by_field.add(one.field)
        if blanks(one.old, one.new):
            self._blanked.add(one.field)
        if one.field == _OWNER:
            self._owners.add(move(one.old, one.new))
        if one.field == _TAGS:
            for tag in tags_added(one.old, one.new):
                self._added.add(tag)
            for tag in tags_removed(one.old, one.new):
                self._removed.add(tag)

    def _show(self, change: Change, one: FieldChange, key: str) -> None:
        """Take it into the sample while there is room for its field: a few of each say more
        than many of the first."""
        if len(self._sample) >= self._samples or self._sampled[one.field] >= SAMPLES_OF_A_FIELD:
            return
        self._sampled.add(one.field)
        self._sample.append(_planned(change, one, key))


def _planned(change: Change, one: FieldChange, key: str) -> ChangeResult:
    return ChangeResult(
        row=change.rows[0],
        key=key,
        uuid=change.uuid,
        name=change.before.name,
        field=one.field,
        old=one.old,
        new=one.new,
        status=RowStatus.PLANNED,
        at=change.read_at,
    )
