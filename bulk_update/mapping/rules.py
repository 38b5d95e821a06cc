"""What flags and the mapping file say of each column, put together: a flag beats the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bulk_update.errors import UsageError
from bulk_update.language import _
from bulk_update.mapping.header import Header
from bulk_update.mapping.mapped import MappingOptions
from bulk_update.mapping.mapping_file import ColumnRule, MappingFile
from bulk_update.mapping.names import FieldNames, field_key, parse_or_none
from bulk_update.mapping.problems import Problem, Problems, flag, shown
from bulk_update.mapping.targets import How


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What somebody said of one column; ``where`` is the flag or the file's line."""

    rule: ColumnRule
    how: How
    where: str


@dataclass(slots=True)
class Rules:
    """What was said of the columns, by index; ``missing`` are optional columns not there."""

    columns: dict[int, Rule] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    region_column: int | None = None
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A value for every row, its target as written."""

    target: str
    value: str
    where: str


def gather_rules(header: Header, options: MappingOptions, problems: Problems) -> Rules:
    """What flags and file say of the header's columns; columns it lacks become problems."""
    gathering = _Gathering(header, problems)
    if options.file is not None:
        gathering.take_file(options.file)
    gathering.take_flags(options.columns)
    gathering.take_skips(options.skip)
    return gathering.rules


class _Gathering:
    """The file first, then the flags over it."""

    def __init__(self, header: Header, problems: Problems) -> None:
        self.header, self.problems = header, problems
        self.rules = Rules()

    def take_file(self, file: MappingFile) -> None:
        for name, rule in file.columns.items():
            where = file.where("columns", name)
            optional = file.optional or rule.optional
            key = _is_key(rule.target or name)
            for index in self._find(name, where, optional=optional, key=key):
                self._set(index, Rule(rule=rule, how=How.FILE, where=where))
        for name in file.skip:
            found = self._find(name, file.where("skip"), optional=file.optional)
            self._skip_by_file(found, file)
        if file.region_column is not None:
            self._region(file.region_column, file)

    def _skip_by_file(self, found: Iterable[int], file: MappingFile) -> None:
        for index in found:
            if index in self.rules.columns:
                self._twice(index, file.where("skip"), self.rules.columns[index].where)
            self.rules.skipped.add(index)

    def _region(self, name: str, file: MappingFile) -> None:
        found = self._find(name, file.where("region"), optional=file.optional)
        if len(found) > 1:
            self.problems.add(twin_problem(self.header, found[0]))
        self.rules.region_column = found[0] if found else None

    def take_flags(self, texts: Iterable[str]) -> None:
        given: dict[int, Rule] = {}
        for text in texts:
            for index, rule in self._flag_rules(text):
                if given.setdefault(index, rule).rule.target != rule.rule.target:
                    self._twice(index, given[index].where, rule.where)
        self.rules.columns.update(given)
        self.rules.skipped -= set(given)

    def _flag_rules(self, text: str) -> list[tuple[int, Rule]]:
        if "=" not in text:
            raise UsageError(
                _("-m '{text}' has no '='").format(text=text),
                hint=_("write -m 'Column=target', for example -m 'Telefono=phone'"),
            )
        name, target = self.header.split(text)
        where = flag("-m", text)
        found = self._find(name, where, key=_is_key(target.strip()))
        return [(index, self._over(index, target.strip(), where)) for index in found]

    def _over(self, index: int, target: str, where: str) -> Rule:
        """A flag gives the target; what else the file says of the column still holds."""
        below = self.rules.columns.get(index)
        rule = below.rule if below else ColumnRule()
        return Rule(rule=replace(rule, target=target), how=How.FLAG, where=where)

    def take_skips(self, names: Iterable[str]) -> None:
        for name in names:
            where = flag("--skip", name)
            for index in self._find(name, where):
                rule = self.rules.columns.pop(index, None)
                if rule is not None and rule.how is How.FLAG:
                    self._twice(index, rule.where, where)
                self.rules.skipped.add(index)

    def _find(
        self, name: str, where: str, *, optional: bool = False, key: bool = False
    ) -> tuple[int, ...]:
        found = self.header.find(name)
        if not found and optional:
            self.rules.missing.append(name)
        elif not found:
            self.problems.add(self.header.unknown(name, where, key=key))
        return found

    def _set(self, index: int, rule: Rule) -> None:
        before = self.rules.columns.setdefault(index, rule)
        if before is not rule:
            self._twice(index, before.where, rule.where)

    def _twice(self, index: int, first: str, second: str) -> None:
        message = _("{first} and {second} say different things of column {column}").format(
            first=first, second=second, column=shown(self.header.names[index])
        )
        hint = _("keep one of them")
        self.problems.add(Problem(code="column_twice", message=message, hint=hint))


def _is_key(text: str) -> bool:
    target = parse_or_none(text)
    return target is not None and target.is_key


def twin_problem(header: Header, index: int, *, key: bool = False) -> Problem:
    """Says that a header which means something (``key``: the contact) stands more than once."""
    numbers = ", ".join(str(twin + 1) for twin in header.twins(index))
    name = header.names[header.twins(index)[0]]
    message = _("the header {column} stands more than once (columns {numbers})").format(
        column=shown(name), numbers=numbers
    )
    hint = _("give each column of the sheet its own header, or leave them all out: {flag}")
    return Problem(
        code="duplicate_header",
        message=message,
        hint=hint.format(flag=flag("--skip", name)),
        key=key,
    )


def gather_constants(options: MappingOptions, fields: FieldNames) -> list[Constant]:
    """The constants of the file, then those of ``--set``, which replace the file's.

    Raises :class:`UsageError` for a ``--set`` without ``=``.
    """
    flags = [_constant(text, fields) for text in options.constants]
    set_by_flag = {_same(constant.target) for constant in flags}
    file = options.file
    below = [
        Constant(target=target, value=value, where=file.where("constants", target))
        for target, value in (file.constants.items() if file else ())
        if file and _same(target) not in set_by_flag
    ]
    return below + flags


def _same(target: str) -> str:
    """What two spellings of one target have in common."""
    parsed = parse_or_none(target)
    return field_key(str(parsed)) if parsed else target


def _constant(text: str, fields: FieldNames) -> Constant:
    if "=" not in text:
        raise UsageError(
            _("--set '{text}' has no '='").format(text=text),
            hint=_("write --set target=value, for example --set 'tags=Imported'"),
        )
    target, value = _split_constant(text, fields)
    return Constant(target=target, value=value, where=flag("--set", text))


def _split_constant(text: str, fields: FieldNames) -> tuple[str, str]:
    """The longest target that exists wins, as a custom field's name may have a ``=``."""
    for at in reversed([at for at, char in enumerate(text) if char == "="]):
        target = parse_or_none(text[:at].strip())
        if target is not None and (not target.custom or fields.match(target.custom)):
            return text[:at].strip(), text[at + 1 :]
    target_text, _sign, value = text.partition("=")
    return target_text.strip(), value
