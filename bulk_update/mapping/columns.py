"""The one verb of this step: a header becomes a mapping, or all that is wrong with it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from bulk_update.language import _, ngettext
from bulk_update.mapping.answers import unused_answers, with_answers
from bulk_update.mapping.header import Header
from bulk_update.mapping.mapped import MappedColumn, Mapping, MappingOptions
from bulk_update.mapping.mapping_file import ColumnRule, MappingFile
from bulk_update.mapping.names import FieldNames, tidy
from bulk_update.mapping.problems import Problem, Problems, flag, listed, shown
from bulk_update.mapping.resolving import Resolver, column_answer, constant_answer, unfit
from bulk_update.mapping.rules import (
    Constant,
    Rule,
    gather_constants,
    gather_rules,
    twin_problem,
)
from bulk_update.mapping.targets import How, Recognised, nearest, recognise, short
from bulk_update.model import WAS_PREFIX, Finding, Level, Policy, Target, TargetKind

_UNITING: Final = (Target(TargetKind.TAGS), Target(TargetKind.TAGS_REMOVE))


def map_columns(
    header: Sequence[str], *, fields: Iterable[str], options: MappingOptions
) -> Mapping:
    """What each column of ``header`` means.

    ``fields`` are the names of the account's custom fields, as far as they are known. A flag
    beats the mapping file, which beats the header's own meaning.

    Raises :class:`~bulk_update.errors.SheetError` with every problem of the header at once, a
    line each (:class:`~bulk_update.errors.SheetQuestion` where flags can answer them all), and
    :class:`~bulk_update.errors.UsageError` for a ``-m`` or ``--set`` without ``=``.
    """
    return _Mapper(Header(header), FieldNames(fields), options).map()


class _Mapper:
    """One header on its way to a mapping."""

    def __init__(self, header: Header, fields: FieldNames, options: MappingOptions) -> None:
        self.header, self.fields, self.options = header, fields, options
        self.file = options.file or MappingFile()
        self.problems = Problems()
        self.findings: list[Finding] = []
        self.resolver = Resolver(fields, self.problems, self.findings, strict=options.strict)
        self.unmapped: list[int] = []

    def map(self) -> Mapping:
        self.rules = gather_rules(self.header, self.options, self.problems)
        columns = self._columns()
        constants = self._constants()
        self._check_targets(columns, constants)
        self._check_key(columns)
        self._say_unmapped()
        self._say_missing()
        self.findings += unused_answers(self.options.answers, columns)
        self.problems.raise_if_any()
        return self._mapping(columns, constants)

    def _mapping(self, columns: list[MappedColumn], constants: list[tuple[Target, str]]) -> Mapping:
        file, names = self.file, self.header.names
        return Mapping(
            header=names,
            columns=tuple(columns),
            constants=tuple(constants),
            unmapped=tuple(names[index] for index in self.unmapped),
            skipped=tuple(names[index] for index in sorted(self.rules.skipped)),
            clear_token=file.clear,
            date_format=file.date_format,
            decimal=file.decimal,
            region=file.region,
            region_column=self.rules.region_column,
            findings=tuple(self.findings),
        )

    # -- columns ------------------------------------------------------------------------

    def _columns(self) -> list[MappedColumn]:
        mapped = (self._column(index) for index in range(len(self.header.names)))
        return [column for column in mapped if column is not None]

    def _column(self, index: int) -> MappedColumn | None:
        if index in self.rules.skipped:
            return None
        rule = self.rules.columns.get(index)
        if rule is not None and rule.rule.target is not None:
            return self._ruled(index, rule, rule.rule.target)
        return self._by_itself(index, rule)

    def _ruled(self, index: int, rule: Rule, text: str) -> MappedColumn | None:
        name = self.header.names[index]
        target = self.resolver.written(
            text, where=rule.where, column=name, answer=column_answer(name)
        )
        return self._mapped(index, target, rule.how, rule) if target else None

    def _by_itself(self, index: int, rule: Rule | None) -> MappedColumn | None:
        """The column by its own header; ``rule`` may say the rest (policy, values)."""
        known = None
        if not self.header.is_blank(index) and not self.header.is_ours(index):
            known = recognise(self.header.names[index], self.fields)
        if known is None:
            self._unrecognised(index, rule)
            return None
        target = self._settled(index, known)
        return self._mapped(index, target, known.how, rule) if target else None

    def _settled(self, index: int, known: Recognised) -> Target | None:
        name = self.header.names[index]
        where = _("column {column}").format(column=shown(name))
        if known.choices:
            answer = column_answer(name)
            self.problems.add(self.resolver.ambiguous(known.target, known.choices, where, answer))
            return None
        if known.shadowed:
            self.findings.append(_shadowed(name, known))
        return self.resolver.settled(
            known.target, where=where, column=name, answer=column_answer(name)
        )

    def _mapped(
        self, index: int, target: Target, how: How, rule: Rule | None
    ) -> MappedColumn | None:
        target = self._tags(target)
        name = self.header.names[index]
        if len(self.header.twins(index)) > 1:
            self.problems.add(twin_problem(self.header, index, key=target.is_key))
            return None
        said = rule.rule if rule else ColumnRule(trim=self.file.trim)
        self._check_fit(said, target, rule)
        return MappedColumn(
            index=index,
            header=name,
            target=target,
            policy=said.policy or Policy.OVERWRITE,
            blank_clears=said.blank_clears,
            trim=said.trim,
            values=with_answers(said.values, self.options.answers.get(name, {})),
            how=how,
        )

    def _check_fit(self, said: ColumnRule, target: Target, rule: Rule | None) -> None:
        problem = unfit(said, target, where=rule.where) if rule else None
        if problem is not None:
            self.problems.add(problem)

    def _tags(self, target: Target) -> Target:
        """``tags`` as ``tags.replace`` where the user wants lists to be whole."""
        if self.options.tags_replace and target == Target(TargetKind.TAGS):
            return Target(TargetKind.TAGS_REPLACE)
        return target

    # -- what nothing maps --------------------------------------------------------------

    def _unrecognised(self, index: int, rule: Rule | None) -> None:
        if self.header.is_ours(index) and rule is None:
            return
        if rule is not None:
            self.problems.add(_no_target(self.header.names[index], rule))
        elif self.header.is_blank(index):
            self._blank(index)
        elif not self._asks(index) and index != self.rules.region_column:
            self.unmapped.append(index)

    def _blank(self, index: int) -> None:
        if index == self.rules.region_column:
            return
        message = _("column {number} has no header and is ignored").format(number=index + 1)
        hint = _("give it a header, or leave it out: {flag}").format(flag=flag("--skip", ""))
        self._ignored("blank_header", message, hint)

    def _asks(self, index: int) -> bool:
        """Whether the header is so like a target that ignoring it may be a mistake."""
        name = self.header.names[index]
        problem = self._lost_was(name) or self._near(name)
        if problem is not None and index != self.rules.region_column:
            self.problems.add(problem)
        return problem is not None

    def _near(self, name: str) -> Problem | None:
        near = nearest(name, self.fields)
        if near is None:
            return None
        message = _("the header {column} is like '{name}' ({score}%), but nothing maps it").format(
            column=shown(name), name=near.name, score=near.score
        )
        return _question(name, near.target, code="near_target", message=message)

    def _lost_was(self, name: str) -> Problem | None:
        """A ``was.`` column guards against overwriting: it is never ignored in silence."""
        if not tidy(name).casefold().startswith(WAS_PREFIX):
            return None
        message = _("the header {column} names nothing that can be compared").format(
            column=shown(name)
        )
        hint = _("after 'was.' stands a field, like was.note or was.cf:Status; or {flag}")
        return Problem(
            code="was_unknown",
            message=message,
            hint=hint.format(flag=flag("--skip", name)),
            question=True,
        )

    def _say_unmapped(self) -> None:
        if not self.unmapped:
            return
        self._say_twins()
        count = len(self.unmapped)
        message = ngettext(
            "{n} column is ignored, as nothing maps it: {columns}",
            "{n} columns are ignored, as nothing maps them: {columns}",
            count,
        ).format(n=count, columns=listed(self._names(self.unmapped), most=100))
        hint = _("map one with -m 'Column=target', or leave it out with --skip 'Column'")
        self._ignored("unmapped_columns", message, hint)

    def _say_twins(self) -> None:
        twins = {self.header.twins(index) for index in self.unmapped}
        for group in sorted(group for group in twins if len(group) > 1):
            name = self.header.names[group[0]]
            message = _("the header {column} stands {n} times").format(
                column=shown(name), n=len(group)
            )
            self.findings.append(
                Finding(code="duplicate_header", level=Level.WARNING, message=message, column=name)
            )

    def _say_missing(self) -> None:
        missing = self.rules.missing
        if missing:
            message = _("optional columns of {file} that the sheet doesn't have: {columns}")
            text = message.format(file=self.file.path, columns=listed(missing, most=len(missing)))
            self.findings.append(
                Finding(code="optional_column_missing", level=Level.INFO, message=text)
            )

    def _ignored(self, code: str, message: str, hint: str) -> None:
        """Something of the sheet that is left out: a warning, or a problem when strict."""
        if self.options.strict:
            self.problems.add(Problem(code=code, message=message, hint=hint, question=True))
        else:
            finding = Finding(code=code, level=Level.WARNING, message=message, hint=hint)
            self.findings.append(finding)

    def _names(self, indexes: Iterable[int]) -> list[str]:
        return [self.header.names[index] for index in indexes]

    # -- constants and whole-mapping checks ---------------------------------------------

    def _constants(self) -> list[tuple[Target, str]]:
        constants = gather_constants(self.options, self.fields)
        settled = ((self._constant(constant), constant.value) for constant in constants)
        return [(target, value) for target, value in settled if target is not None]

    def _constant(self, constant: Constant) -> Target | None:
        answer = constant_answer(constant.value)
        target = self.resolver.written(
            constant.target, where=constant.where, column=None, answer=answer
        )
        if target is None:
            return None
        problem = _constant_problem(constant, target, self.file.clear)
        if problem is not None:
            self.problems.add(problem)
            return None
        return self._tags(target)

    def _check_targets(
        self, columns: list[MappedColumn], constants: list[tuple[Target, str]]
    ) -> None:
        """One target, one column: else nobody knows which of two cells was meant. A constant
        may give tags beside a column of tags: they come together."""
        by_column: dict[Target, list[MappedColumn | str]] = {}
        by_constant: dict[Target, list[MappedColumn | str]] = {}
        for column in columns:
            by_column.setdefault(column.target, []).append(column)
        for target, value in constants:
            own = target in _UNITING
            (by_constant if own else by_column).setdefault(target, []).append(value)
        for target, givers in (*by_column.items(), *by_constant.items()):
            if len(givers) > 1:
                self.problems.add(_two_on_one(target, givers))

    def _check_key(self, columns: list[MappedColumn]) -> None:
        hidden = any(problem.key for problem in self.problems.found)
        if hidden or any(column.target.is_key for column in columns):
            return
        named = [name for name in self.header.names if name.strip()]
        message = _("no column says which contact a row means: uuid, bsuid or phone")
        hint = _("name the one that does: {flag} (the columns are {columns})").format(
            flag=flag("-m", "Column=phone"), columns=listed(named)
        )
        elsewhere = _(
            "Do the names stand in another row, or does something else separate the columns? "
            "Say so with --header-row or --delimiter."
        )
        self.problems.add(Problem(code="no_key", message=message, hint=f"{hint}. {elsewhere}"))


def _question(name: str, target: Target, *, code: str, message: str) -> Problem:
    hint = _("{map} if it is, {skip} if not").format(
        map=flag("-m", f"{name}={short(target)}"), skip=flag("--skip", name)
    )
    return Problem(code=code, message=message, hint=hint, question=True, key=target.is_key)


def _shadowed(name: str, known: Recognised) -> Finding:
    target = replace(Target(TargetKind.CUSTOM_FIELD, known.shadowed), was=known.target.was)
    return Finding(
        code="api_name_wins",
        level=Level.INFO,
        message=_("column {column} is taken as {target}, not as the custom field '{field}'").format(
            column=shown(name), target=short(known.target), field=known.shadowed
        ),
        hint=_("for the custom field: {flag}").format(flag=column_answer(name)(target)),
        column=name,
    )


def _no_target(name: str, rule: Rule) -> Problem:
    message = _("{where}: column {column} has no target, and its header isn't one").format(
        where=rule.where, column=shown(name)
    )
    hint = _('add one, like target = "cf:{column}"').format(column=name)
    return Problem(code="unknown_target", message=message, hint=hint)


def _constant_problem(constant: Constant, target: Target, clear: str) -> Problem | None:
    if target.is_key:
        message = _("{where}: every row would mean the same contact").format(where=constant.where)
        return Problem(code="key_constant", message=message, hint=_("give the key a column"))
    if not constant.value.strip():
        message = _("{where}: a blank value changes nothing").format(where=constant.where)
        hint = _("to empty the field: {flag}").format(
            flag=flag("--set", f"{constant.target}={clear}")
        )
        return Problem(code="blank_constant", message=message, hint=hint)
    return None


def _two_on_one(target: Target, givers: list[MappedColumn | str]) -> Problem:
    columns = [giver for giver in givers if isinstance(giver, MappedColumn)]
    values = [giver for giver in givers if isinstance(giver, str)]
    parts = [_("column {column}").format(column=shown(column.header)) for column in columns]
    parts += [_("the constant '{value}'").format(value=value) for value in values]
    message = _("{givers} have one target, {target}").format(
        givers=_(" and ").join(parts), target=short(target)
    )
    skips = _(" or ").join(flag("--skip", column.header) for column in columns)
    hint = _("keep one of them: {flags}").format(flags=skips) if skips else _("keep one of them")
    return Problem(
        code="two_on_one_target",
        message=message,
        hint=hint,
        question=all(column.how is not How.FLAG for column in columns),
        key=target.is_key,
    )
