"""One row against its contact: what of it is to be sent, and what the plan says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bulk_update.journal.records import RowRecord
from bulk_update.language import _
from bulk_update.model import (
    Change,
    ChangeState,
    Contact,
    Desired,
    FieldName,
    Finding,
    RowStatus,
)
from bulk_update.planning.diff import Difference, plan_change, was_differs
from bulk_update.planning.since_last import (
    HELD,
    AppliedFields,
    Left,
    SinceLast,
    held_findings,
    without,
)

BOTH_CHANGED: Final = "both_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is to happen to the contact of a row; ``left`` are the fields that are left alone
    because nothing new is asked of them, ``both`` those that both sides have changed."""

    difference: Difference
    state: ChangeState
    left: Left = field(default_factory=Left)
    both: tuple[FieldName, ...] = ()

    @property
    def change(self) -> Change:
        """The difference by itself."""
        return self.difference.change


@dataclass(frozen=True, slots=True)
class Judging:
    """Judges rows, since the last run where there is one to look back to."""

    since: SinceLast | None

    def judge(
        self,
        asked: Desired,
        contact: Contact,
        *,
        rows: Sequence[int],
        read_at: datetime,
        records: AppliedFields,
    ) -> Judged:
        """``asked`` against ``contact``, of which ``records`` say what was last applied."""
        left = Left()
        both: tuple[FieldName, ...] = ()
        if self.since is not None:
            left = self.since.left(asked, records)
            asked = without(asked, left.fields)
        difference = plan_change(asked, contact, rows=rows, read_at=read_at)
        if self.since is not None:
            both = self.since.changed_on_both_sides(difference, asked, records)
            if both:
                sent = without(asked, both)
                difference = plan_change(sent, contact, rows=rows, read_at=read_at)
        state = _state(difference, contact, both)
        return Judged(difference=difference, state=state, left=left, both=both)

    def held(self, left: Left, records: AppliedFields) -> tuple[Finding, ...]:
        """What is to be said of the fields that an undo holds."""
        return held_findings(left.held, records)


def said(judged: Judged) -> RowRecord:
    """What the plan says of the rows of a change; whose they are is the caller's to say."""
    code, message, hint = _remark(judged)
    both = judged.both and code == BOTH_CHANGED
    return RowRecord(
        row=0,
        key="",
        uuid=judged.change.uuid,
        status=RowStatus.DRIFTED if both else RowStatus(judged.state),
        code=code,
        message=message,
        hint=hint,
    )


def skipped(asked: Desired, uuid: str, left: Left) -> RowRecord:
    """What the plan says of a row of which every field is as it was last applied."""
    record = RowRecord(
        row=asked.row,
        key=asked.keys.shown,
        uuid=uuid,
        status=RowStatus.SKIPPED,
        code="last_applied",
    )
    return replace(record, code=HELD, message=_held(left.held)) if left.held else record


def _state(difference: Difference, contact: Contact, both: tuple[FieldName, ...]) -> ChangeState:
    if not difference.change.fields:
        return ChangeState.DRIFTED if both else ChangeState.UNCHANGED
    if was_differs(difference.change.was, contact):
        return ChangeState.DRIFTED
    return ChangeState.PLANNED


def _remark(judged: Judged) -> tuple[str, str, str]:
    difference = judged.difference
    moved = was_differs(difference.change.was, difference.change.before)
    if judged.change.fields and moved:
        text = _("no longer as the sheet says it was: {fields}")
        return "was_differs", text.format(fields=", ".join(moved)), ""
    if judged.both:
        text = _("changed in the sheet and in the account since the last run: {fields}")
        hint = _("Look at both. Without --since-last the sheet's value is sent.")
        return BOTH_CHANGED, text.format(fields=", ".join(judged.both)), hint
    if judged.left.held:
        return HELD, _held(judged.left.held), ""
    if difference.kept:
        text = _("the mapping keeps the value of {fields}")
        return "kept_by_policy", text.format(fields=", ".join(difference.kept)), ""
    return "", "", ""


def _held(fields: Sequence[FieldName]) -> str:
    return _("put back by an undo, and not sent again: {fields}").format(fields=", ".join(fields))
