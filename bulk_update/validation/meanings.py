"""What the cells of a column mean: from a judge's answer to a part of the row."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from bulk_update.model import FieldName, FieldType, Policy, TagEdit, Target, TargetKind, Wish
from bulk_update.validation.judged import Answer, Key, Part
from bulk_update.validation.judges.checkbox import CheckboxJudge
from bulk_update.validation.judges.custom_fields import CustomFieldsJudge
from bulk_update.validation.judges.judge import Judge
from bulk_update.validation.judges.key import KeyJudge
from bulk_update.validation.judges.note import NoteJudge
from bulk_update.validation.judges.tags import FormerTagsJudge, TagsJudge
from bulk_update.validation.judges.text import TextJudge
from bulk_update.validation.judges.unassign_user import UnassignJudge


class Meaning(ABC):
    """What a column asks for.

    ``surely`` matches cells that need no judging: :meth:`sure` gives their part at once.
    ``free_text`` says that white space would be sent, were it not trimmed; ``lists`` that a cell
    may name several things, so that one with separators alone names nothing.
    """

    surely: re.Pattern[str] | None = None
    clearable: bool = False
    free_text: bool = False
    lists: bool = False

    def __init__(self, target: Target) -> None:
        self.target = target

    @abstractmethod
    def judge(self, text: str, cell: str) -> Answer[Part]:
        """The part of the row that a filled cell gives."""

    def sure(self, cell: str) -> Part:
        """The part that a cell gives which ``surely`` matches."""
        raise NotImplementedError

    def cleared(self) -> Part:
        """The part that empties the field; only where ``clearable``."""
        raise NotImplementedError


class FieldMeaning(Meaning):
    """A field with one value; ``kind`` is that of a custom field, where it is known."""

    def __init__(
        self, target: Target, judge: Judge, *, kind: FieldType | None, policy: Policy
    ) -> None:
        super().__init__(target)
        self._judge = judge
        self._field = target.field
        self._type = kind
        self._policy = policy
        self.surely = judge.surely
        self.clearable = target.was or target.kind not in _NEVER_CLEARED
        self.free_text = isinstance(judge, TextJudge | NoteJudge)
        self.lists = isinstance(judge, CheckboxJudge | FormerTagsJudge)

    def judge(self, text: str, cell: str) -> Answer[Part]:
        """The part of the row that a filled cell gives."""
        value, findings, ok = self._judge(text, cell)
        return Answer(self._wish(value, cell), findings, ok)

    def sure(self, cell: str) -> Part:
        """The cell is the value."""
        return self._wish(cell, cell)

    def cleared(self) -> Part:
        """The part that empties the field."""
        return self._wish(self._judge.empty, "")

    def _wish(self, value: str | tuple[str, ...] | None, cell: str) -> Wish:
        return Wish(
            field=self._field,
            value=value,
            raw=str(cell),
            type=self._type,
            policy=self._policy,
        )


_NEVER_CLEARED = (TargetKind.NAME, TargetKind.TEAM, TargetKind.BOT_STATUS)


class UnassignMeaning(Meaning):
    """Whether the assigned user goes."""

    def __init__(self, target: Target, judge: UnassignJudge, *, policy: Policy) -> None:
        super().__init__(target)
        self._judge = judge
        self._gone = Wish(field=FieldName("assigned_user"), value=None, policy=policy)

    def judge(self, text: str, cell: str) -> Answer[Part]:
        """The part of the row that a filled cell gives."""
        gone, findings, ok = self._judge(text, cell)
        return Answer(self._gone if gone else None, findings, ok)


class TagsMeaning(Meaning):
    """Tags to add, to remove, or instead of all others."""

    lists = True

    def __init__(self, target: Target, judge: TagsJudge) -> None:
        super().__init__(target)
        self._judge = judge
        self.clearable = target.kind is not TargetKind.TAGS_REMOVE

    def judge(self, text: str, cell: str) -> Answer[Part]:
        """The part of the row that a filled cell gives."""
        edit, findings, ok = self._judge(text, cell)
        asks = edit.add or edit.remove or edit.replace is not None
        return Answer(edit if asks else None, findings, ok)

    def cleared(self) -> Part:
        """The part that empties the field."""
        return TagEdit(replace=())


class ObjectMeaning(Meaning):
    """Several custom fields in one cell."""

    def __init__(self, target: Target, judge: CustomFieldsJudge) -> None:
        super().__init__(target)
        self._judge = judge

    def judge(self, text: str, cell: str) -> Answer[Part]:
        """The part of the row that a filled cell gives."""
        wishes, findings, ok = self._judge(text, cell)
        return Answer(wishes, findings, ok)


class KeyMeaning(Meaning):
    """Which contact the row means."""

    def __init__(self, target: Target, judge: KeyJudge) -> None:
        super().__init__(target)
        self._judge = judge
        self.surely = judge.surely

    def judge(self, text: str, cell: str) -> Answer[Part]:
        """The part of the row that a filled cell gives."""
        key, findings, ok = self._judge(text, cell)
        return Answer(key, findings, ok)

    def sure(self, cell: str) -> Key:
        """The cell is the key."""
        return self._judge.sure(cell)
