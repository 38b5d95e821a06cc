"""What each column could mean and why, for a person to accept or to mend."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from bulk_update.language import _
from bulk_update.mapping.header import Header
from bulk_update.mapping.mapped import MappingOptions
from bulk_update.mapping.mapping_file import ColumnRule, MappingFile
from bulk_update.mapping.names import FieldNames, language_name
from bulk_update.mapping.problems import Problems, shown
from bulk_update.mapping.resolving import Resolver, column_answer, constant_answer
from bulk_update.mapping.rules import Rule, Rules, gather_constants, gather_rules
from bulk_update.mapping.targets import (
    How,
    Recognised,
    near_field,
    nearest,
    recognise,
    short,
)
from bulk_update.model import Target, TargetKind

_SAMPLES: Final = 3
_LOOKS_LIKE: Final = {
    TargetKind.UUID: re.compile(
        r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    ),
    TargetKind.PHONE: re.compile(r"(\+|00)?\d[\d ().\-/]{6,20}\d"),
}
_ENOUGH_VALUES: Final = 3


class Accept(StrEnum):
    """How much a proposal may be taken unseen: what is exact, or what is near as well."""

    EXACT = "exact"
    NEAR = "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedColumn:
    """One column of a proposal.

    ``target`` is None where nothing is like it; ``how`` and ``score`` (0 to 100) say how sure
    that is, ``reason`` says it in words. ``samples`` are up to three of its values. ``contested``
    says that another column has a claim to the same target, ``choices`` are custom fields that
    differ by case only: in both cases nothing is taken unseen.
    """

    index: int
    header: str
    target: Target | None = None
    how: How | None = None
    score: int = 0
    reason: str = ""
    samples: tuple[str, ...] = ()
    contested: bool = False
    choices: tuple[str, ...] = ()
    skipped: bool = False
    rule: ColumnRule = field(default_factory=ColumnRule)

    def taken(self, accept: Accept) -> bool:
        """Whether the column is taken when this much is accepted."""
        if self.target is None or self.skipped or self.how is How.VALUES:
            return False
        if self.how in (How.FLAG, How.FILE):
            return True
        if self.contested or self.choices:
            return False
        return accept is Accept.NEAR or self.how is not How.NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What every column of a header could mean; ``base`` has what else a mapping file said."""

    columns: tuple[ProposedColumn, ...]
    base: MappingFile

    def answered(self, index: int, target: Target) -> Proposal:
        """The proposal after somebody gave the column this target."""
        reason = _("chosen")
        return self._with(index, target=target, how=How.FLAG, score=100, reason=reason, choices=())

    def skipping(self, index: int) -> Proposal:
        """The proposal after somebody said to skip the column."""
        return self._with(index, target=None, how=None, score=0, reason="", skipped=True)

    def _with(self, index: int, **changes: object) -> Proposal:
        changed = tuple(
            replace(column, **changes) if column.index == index else column  # type: ignore[arg-type]
            for column in self.columns
        )
        return replace(self, columns=_contested(changed))

    def accepted(self, accept: Accept) -> MappingFile:
        """The mapping file of what is taken. What isn't stands in its notes, to be uncommented:
        what was a question stays one until somebody answers it."""
        taken = [column for column in self.columns if column.taken(accept)]
        left = [column for column in self.columns if not column.taken(accept)]
        return replace(
            self.base,
            columns={column.header: _rule(column) for column in taken},
            skip=tuple(column.header for column in left if column.skipped),
            notes=tuple(_note(column) for column in left if not column.skipped),
        )


def propose(
    header: Sequence[str],
    samples: Iterable[Sequence[str]],
    *,
    fields: Iterable[str],
    options: MappingOptions | None = None,
) -> Proposal:
    """What each column of ``header`` could mean.

    ``samples`` are rows of cells, a few hundred at most: they show a person what a column holds,
    and tell a key column without a telling header. Flags and mapping file stand as they are
    given. Raises :class:`~bulk_update.errors.SheetError` where those name what doesn't exist.
    """
    return _Proposing(Header(header), FieldNames(fields), options or MappingOptions()).propose(
        [tuple(row) for row in samples]
    )


class _Proposing:
    """One header on its way to a proposal."""

    def __init__(self, header: Header, fields: FieldNames, options: MappingOptions) -> None:
        self.header, self.fields, self.options = header, fields, options
        self.problems = Problems()
        self.resolver = Resolver(fields, self.problems, [], strict=False)

    def propose(self, rows: list[tuple[str, ...]]) -> Proposal:
        rules = gather_rules(self.header, self.options, self.problems)
        columns = [
            self._column(index, rules, _distinct(row[index] for row in rows if index < len(row)))
            for index in range(len(self.header.names))
            if not self.header.is_ours(index)
        ]
        base = self._base()
        self.problems.raise_if_any()
        return Proposal(columns=_contested(_keyed(columns, rows)), base=base)

    def _base(self) -> MappingFile:
        constants = gather_constants(self.options, self.fields)
        for constant in constants:
            answer = constant_answer(constant.value)
            self.resolver.written(constant.target, where=constant.where, column=None, answer=answer)
        values = {constant.target: constant.value for constant in constants}
        return replace(self.options.file or MappingFile(), constants=values)

    def _column(self, index: int, rules: Rules, samples: tuple[str, ...]) -> ProposedColumn:
        name = self.header.names[index]
        rule = rules.columns.get(index)
        said = rule.rule if rule else ColumnRule(trim=self._trim())
        column = ProposedColumn(index=index, header=name, samples=samples, rule=said)
        if index in rules.skipped:
            return replace(column, skipped=True)
        if rule is not None and rule.rule.target is not None:
            return self._given(column, rule, rule.rule.target)
        return self._recognised(column) or self._near(column) or column

    def _trim(self) -> bool:
        return self.options.file.trim if self.options.file else True

    def _given(self, column: ProposedColumn, rule: Rule, text: str) -> ProposedColumn:
        answer = column_answer(column.header)
        target = self.resolver.written(text, where=rule.where, column=column.header, answer=answer)
        reason = _("given by {where}").format(where=rule.where)
        return replace(column, target=target, how=rule.how, score=100, reason=reason)

    def _recognised(self, column: ProposedColumn) -> ProposedColumn | None:
        known = recognise(column.header, self.fields)
        if known is None:
            return None
        if known.choices:
            names = ", ".join(map(shown, known.choices))
            reason = _("custom fields that differ by case only: {names}").format(names=names)
            return replace(column, target=known.target, reason=reason, choices=known.choices)
        if known.target.custom and not self.fields.match(known.target.custom):
            return self._unseen(column, known)
        return replace(column, target=known.target, how=known.how, score=100, reason=_reason(known))

    def _unseen(self, column: ProposedColumn, known: Recognised) -> ProposedColumn:
        near = near_field(known.target.custom, self.fields)
        if near:
            target = replace(known.target, custom=near)
            reason = _("like the custom field '{name}'").format(name=near)
            return replace(column, target=target, how=How.NEAR, reason=reason)
        reason = _("a custom field that no contact read so far has")
        return replace(column, target=known.target, how=known.how, score=100, reason=reason)

    def _near(self, column: ProposedColumn) -> ProposedColumn | None:
        near = nearest(column.header, self.fields)
        if near is None:
            return None
        reason = _("like '{name}' ({score}%)").format(name=near.name, score=near.score)
        return replace(column, target=near.target, how=How.NEAR, score=near.score, reason=reason)


def _reason(known: Recognised) -> str:
    if known.how is How.API_NAME:
        return _("the API's own name")
    if known.how is How.CUSTOM_FIELD:
        return _("a custom field of the account")
    languages = ", ".join(map(language_name, known.languages))
    return _("header list: {languages}").format(languages=languages)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The first few values, each once."""
    seen: dict[str, None] = {}
    for value in values:
        if value.strip():
            seen.setdefault(value)
        if len(seen) == _SAMPLES:
            break
    return tuple(seen)


def _contested(columns: Iterable[ProposedColumn]) -> tuple[ProposedColumn, ...]:
    """Marks the columns that have a claim to a target another column claims as well."""
    several = tuple(columns)
    claims = Counter(column.target for column in several if column.target)
    return tuple(
        replace(column, contested=column.target is not None and claims[column.target] > 1)
        for column in several
    )


def _keyed(columns: list[ProposedColumn], rows: list[tuple[str, ...]]) -> list[ProposedColumn]:
    """Where no column is a key, the columns whose values look like one are proposed for it."""
    if any(column.target is not None and column.target.is_key for column in columns):
        return columns
    return [_by_values(column, rows) if column.target is None else column for column in columns]


def _by_values(column: ProposedColumn, rows: list[tuple[str, ...]]) -> ProposedColumn:
    values = [row[column.index].strip() for row in rows if column.index < len(row)]
    filled = [value for value in values if value]
    for kind, pattern in _LOOKS_LIKE.items():
        if len(filled) >= _ENOUGH_VALUES and all(map(pattern.fullmatch, filled)):
            reason = _("its values look like this")
            return replace(column, target=Target(kind), how=How.VALUES, reason=reason)
    return column


def _rule(column: ProposedColumn) -> ColumnRule:
    return replace(column.rule, target=str(column.target), comment=column.reason)


def _note(column: ProposedColumn) -> str:
    """What the file says of a column that wasn't taken."""
    if column.target is None:
        return _("{column} is not mapped").format(column=shown(column.header))
    reason = column.reason + (_("; another column is too") if column.contested else "")
    return _("{column} may be {target}: {reason}").format(
        column=shown(column.header), target=short(column.target), reason=reason
    )
