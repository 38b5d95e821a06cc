"""From a target to the judge of its cells, by the account's schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from bulk_update.account.schema import AccountSchema, FieldSchema
from bulk_update.model import (
    FieldType,
    Policy,
    Target,
    TargetKind,
    Wish,
)
from bulk_update.validation.cells import CellJudge, CellOptions
from bulk_update.validation.decisions import Decisions
from bulk_update.validation.judged import Answer, blocking
from bulk_update.validation.judges.assigned_user import AssignedUserJudge
from bulk_update.validation.judges.bot_status import BotStatusJudge
from bulk_update.validation.judges.bsuid import BsuidJudge
from bulk_update.validation.judges.checkbox import CheckboxJudge
from bulk_update.validation.judges.custom_fields import CustomFieldsJudge
from bulk_update.validation.judges.date import DateJudge
from bulk_update.validation.judges.dropdown import DropdownJudge
from bulk_update.validation.judges.email import EmailJudge
from bulk_update.validation.judges.judge import Judge
from bulk_update.validation.judges.name import NameJudge
from bulk_update.validation.judges.note import NoteJudge
from bulk_update.validation.judges.number import NumberJudge
from bulk_update.validation.judges.phone import PhoneJudge
from bulk_update.validation.judges.tags import FormerTagsJudge, TagsJudge
from bulk_update.validation.judges.team import TeamJudge
from bulk_update.validation.judges.text import TextJudge
from bulk_update.validation.judges.unassign_user import UnassignJudge
from bulk_update.validation.judges.uuid import UuidJudge
from bulk_update.validation.meanings import (
    FieldMeaning,
    KeyMeaning,
    Meaning,
    ObjectMeaning,
    TagsMeaning,
    UnassignMeaning,
)
from bulk_update.validation.says import Says


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSource:
    """Where cells come from: a column of the sheet, or a constant (``index`` is None)."""

    target: Target
    says: Says
    options: CellOptions
    index: int | None = None
    policy: Policy = Policy.OVERWRITE
    region: str | None = None


@dataclass(frozen=True, slots=True)
class JudgeFactory:
    """Makes the judges of cells, by the schema and by what was decided for whole columns."""

    schema: AccountSchema
    decisions: Decisions = field(default_factory=Decisions)

    def cell_judge(self, source: CellSource, *, light: bool = False) -> CellJudge:
        """The judge of the cells of one column."""
        return CellJudge(source.says, self._meaning(source), source.options, light=light)

    def _meaning(self, source: CellSource) -> Meaning:  # noqa: PLR0911 - one for each kind
        target, says = source.target, source.says
        if target.was:
            return self._field(source)
        match target.kind:
            case TargetKind.UUID:
                return KeyMeaning(target, UuidJudge(says))
            case TargetKind.BSUID:
                return KeyMeaning(target, BsuidJudge(says))
            case TargetKind.PHONE:
                return KeyMeaning(target, PhoneJudge(says, source.region))
            case TargetKind.TAGS | TargetKind.TAGS_REMOVE | TargetKind.TAGS_REPLACE:
                return TagsMeaning(target, self._tags(source))
            case TargetKind.UNASSIGN_USER:
                return UnassignMeaning(target, UnassignJudge(says), policy=source.policy)
            case TargetKind.CUSTOM_FIELDS:
                return ObjectMeaning(target, self._object(source))
        return self._field(source)

    def _tags(self, source: CellSource) -> TagsJudge:
        values = source.options.values
        return TagsJudge(source.says, source.target.kind, self.schema.tags, values)

    def _object(self, source: CellSource) -> CustomFieldsJudge:
        judges: dict[str, CellJudge] = {}

        def judge_cell(name: str, cell: str) -> Answer[Wish | None]:
            if name not in judges:
                judges[name] = self.cell_judge(_inside(source, name))
            part, findings = judges[name](cell)
            return Answer(
                part if isinstance(part, Wish) else None, findings, not blocking(findings)
            )

        return CustomFieldsJudge(source.says, tuple(self.schema.fields), judge_cell)

    def _field(self, source: CellSource) -> FieldMeaning:
        schema = self.schema.fields.get(source.target.custom)
        return FieldMeaning(
            source.target,
            self._judge(source, schema),
            kind=schema.type if schema and source.target.custom else None,
            policy=source.policy,
        )

    def _judge(  # noqa: PLR0911 - one for each kind
        self, source: CellSource, schema: FieldSchema | None
    ) -> Judge:
        target, says = source.target, source.says
        match target.kind:
            case TargetKind.NAME:
                return NameJudge(says)
            case TargetKind.NOTE:
                return NoteJudge(says)
            case TargetKind.TAGS:
                return FormerTagsJudge(says, self.schema.tags)
            case TargetKind.ASSIGNED_USER:
                return AssignedUserJudge(says, self.schema, lenient=target.was)
            case TargetKind.TEAM:
                return TeamJudge(says, self.schema)
            case TargetKind.BOT_STATUS:
                return BotStatusJudge(says)
        return self._custom(source, schema) if schema else TextJudge(says)

    def _custom(self, source: CellSource, schema: FieldSchema) -> Judge:
        says, index, decisions = source.says, source.index, self.decisions
        listed = partial(_listed, source, schema)
        match schema.type:
            case FieldType.EMAIL:
                return EmailJudge(says)
            case FieldType.NUMBER:
                return NumberJudge(says, decisions.sign_of(index))
            case FieldType.DATE:
                order = decisions.order_of(index)
                return DateJudge(says, order, date_1904=decisions.date_1904)
            case FieldType.DROPDOWN | FieldType.CHECKBOX:
                return listed()
        return TextJudge(says)


def _listed(source: CellSource, schema: FieldSchema) -> Judge:
    says, lenient = source.says, source.target.was
    if schema.type is FieldType.DROPDOWN:
        return DropdownJudge(says, schema.name, schema.options, lenient=lenient)
    values: Mapping[str, str] = source.options.values
    return CheckboxJudge(says, schema.name, schema.options, values=values, lenient=lenient)


def _inside(source: CellSource, name: str) -> CellSource:
    """One field of an object: it stands in no column that could decide its notation, and
    nothing it holds is cleared by being blank."""
    options = CellOptions(clear=source.options.clear, trim=source.options.trim)
    target = Target(TargetKind.CUSTOM_FIELD, name)
    return replace(source, target=target, index=None, options=options)
