"""What judging gives: an answer for a value, and a part of a row for a cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, NamedTuple, TypeVar

from bulk_update.model import Finding, Level, TagEdit, TargetKind, Wish

T = TypeVar("T")

Findings = tuple[Finding, ...]


class Answer(NamedTuple, Generic[T]):
    """What a judge makes of a value. When ``ok`` is false there is none: ``value`` is then an
    empty one of its kind and means nothing, and a finding says why."""

    value: T
    findings: Findings = ()
    ok: bool = True


class Key(NamedTuple):
    """A key cell that was understood.

    ``identity`` is the same text for every spelling of one key, and tells keys of different
    kinds apart; where a cell is a key beyond doubt, it is the cell itself. ``readings`` are the
    digits a phone may mean, the likeliest first, or the one spelling of a uuid or bsuid.
    """

    kind: TargetKind
    shown: str
    identity: str
    readings: tuple[str, ...]


THIS_CELL: Final = Key(TargetKind.UUID, "", "", ())
"""Stands for the key of a cell that is one beyond doubt, where nobody asks for more than that."""

Part = Wish | tuple[Wish, ...] | TagEdit | Key | None
"""What a cell gives to the state its row asks for; None when it asks for nothing."""


class Judged(NamedTuple):
    """What became of a cell: its part of the row, and what there is to say of it."""

    part: Part
    findings: Findings = ()


NOTHING: Final = Judged(None)
"""A cell that asks for nothing, and of which there is nothing to say."""


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether one of the findings keeps its row from being sent."""
    return any(finding.level is Level.ERROR for finding in findings)
