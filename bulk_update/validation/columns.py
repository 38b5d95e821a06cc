"""The mapped columns, compiled once: which cells of a row are judged by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bulk_update.model import KEY_KINDS, FieldName, FieldType, Target, TargetKind
from bulk_update.validation.cells import CellJudge, CellOptions
from bulk_update.validation.factory import CellSource, JudgeFactory
from bulk_update.validation.judged import Judged
from bulk_update.validation.options import ValidationOptions
from bulk_update.validation.regions import RegionalPhones
from bulk_update.validation.says import Says

if TYPE_CHECKING:
    from bulk_update.mapping import MappedColumn, Mapping

Cells = Sequence[str]
TAG_KINDS = (TargetKind.TAGS, TargetKind.TAGS_REMOVE, TargetKind.TAGS_REPLACE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is judged: where its cell is, and by what. ``regions`` judges a phone
    together with the cell of its region, which is at ``beside``.
    """

    index: int
    header: str
    target: Target
    judge: CellJudge
    beside: int | None = None
    regions: RegionalPhones | None = None

    def judged(self, cells: Cells) -> Judged:
        """What becomes of the column's cell in a row of ``cells``; nothing is remembered."""
        if self.regions is not None and self.beside is not None:
            return self.regions(cells[self.index], cells[self.beside])
        return self.judge(cells[self.index])


class ColumnCompiler:
    """Makes the columns of a mapping; ``light`` ones give findings only, where that's enough."""

    def __init__(self, mapping: Mapping, factory: JudgeFactory, options: ValidationOptions) -> None:
        self.mapping = mapping
        self._factory = factory
        self._options = options
        region = options.region or mapping.region
        self._region = region.upper() if region else None

    def columns(self, *, light: bool) -> list[Column]:
        """All columns: keys in the order they are asked, fields, objects, tags, ``was.``."""
        ordered = sorted(self.mapping.columns, key=lambda column: _place(column.target))
        return [self._column(column, light=light) for column in ordered]

    def source(self, column: MappedColumn) -> CellSource:
        """Where the cells of a mapped column come from."""
        return CellSource(
            target=column.target,
            says=Says(column.header, self._options),
            options=self._cell_options(column),
            index=column.index,
            policy=column.policy,
            region=self._region,
        )

    def constant(self, target: Target, value: str) -> Judged:
        """What a constant of ``--set`` gives to every row."""
        says = Says(f"--set {target}", self._options)
        options = CellOptions(clear=self.mapping.clear_token)
        source = CellSource(target=target, says=says, options=options, region=self._region)
        return self._factory.cell_judge(source)(value)

    def cell_judge(self, column: MappedColumn, *, light: bool = False) -> CellJudge:
        """The judge of a mapped column's cells."""
        return self._factory.cell_judge(self.source(column), light=light)

    def _column(self, column: MappedColumn, *, light: bool) -> Column:
        index, header, target = column.index, column.header, column.target
        light = light and not target.is_key and target.field not in self.contested
        judge, beside = self.cell_judge(column, light=light), self.mapping.region_column
        if target.kind is not TargetKind.PHONE or beside is None:
            return Column(index, header, target, judge)
        return Column(index, header, target, judge, beside, self._regional(column))

    def _regional(self, column: MappedColumn) -> RegionalPhones:
        source = self.source(column)

        def make(region: str | None) -> CellJudge:
            return self._factory.cell_judge(replace(source, region=region))

        return RegionalPhones(source.says, make, default=self._region)

    def _cell_options(self, column: MappedColumn) -> CellOptions:
        return CellOptions(
            clear=self.mapping.clear_token,
            blank_clears=column.blank_clears,
            trim=column.trim,
            values=column.values,
        )

    @property
    def contested(self) -> frozenset[FieldName]:
        """The fields that more than one cell of a row may ask something of."""
        targets = [column.target for column in self.mapping.columns if not column.target.was]
        return contested_fields([*targets, *(target for target, _value in self.mapping.constants)])


def contested_fields(targets: Sequence[Target]) -> frozenset[FieldName]:
    """The fields that more than one of ``targets`` asks something of; an object of custom
    fields may ask something of each."""
    fields = [target.field for target in targets]
    twice = {field for field in fields if fields.count(field) > 1}
    if any(target.kind is TargetKind.CUSTOM_FIELDS for target in targets):
        twice |= {target.field for target in targets if target.custom}
        twice.add(FieldName(TargetKind.CUSTOM_FIELDS.value))
    return frozenset(twice)


def _place(target: Target) -> tuple[int, int]:
    if target.is_key:
        return 0, KEY_KINDS.index(target.kind)
    if target.was:
        return 4, 0
    if target.kind in TAG_KINDS:
        return 3, 0
    return (2 if target.kind is TargetKind.CUSTOM_FIELDS else 1), 0


def typed_columns(mapping: Mapping, factory: JudgeFactory, kind: FieldType) -> list[MappedColumn]:
    """The columns of custom fields of this type, ``was.`` columns included."""
    fields = factory.schema.fields
    return [
        column
        for column in mapping.columns
        if column.target.kind is TargetKind.CUSTOM_FIELD
        and column.target.custom in fields
        and fields[column.target.custom].type is kind
    ]
