"""One row: its cells together say what is asked of which contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import Final, NamedTuple

from bulk_update.language import _
from bulk_update.model import (
    Desired,
    FieldName,
    Finding,
    Keys,
    Level,
    SourceRow,
    TagEdit,
    TargetKind,
    Verdict,
    Wish,
)
from bulk_update.reading.chunks import Chunk, grouped
from bulk_update.validation.cells import is_blank
from bulk_update.validation.codes import Code
from bulk_update.validation.columns import TAG_KINDS, Cells, Column, ColumnCompiler
from bulk_update.validation.equality import equal
from bulk_update.validation.fine import FineCells
from bulk_update.validation.judged import NOTHING, THIS_CELL, Findings, Judged, Key, Part, blocking
from bulk_update.validation.memo import Memo
from bulk_update.validation.merging import merge_tags
from bulk_update.validation.text import trimmed

_findings_of: Final = itemgetter(1)

Odd = dict[int, Judged]
"""What became of those cells of a row that aren't fine, by the places of their columns."""


class Asked(NamedTuple):
    """What the cells of a row ask for, together, and what can't be asked for together."""

    wishes: tuple[Wish, ...]
    tags: TagEdit | None
    was: tuple[Wish, ...]
    findings: Findings


class RowJudge:
    """Judges rows by the columns of a mapping; ``constants`` are parts that every row has.

    ``light`` verdicts have no ``desired``: they hold what there is to say of the row.
    """

    def __init__(
        self, compiler: ColumnCompiler, constants: Sequence[Judged], *, light: bool
    ) -> None:
        self._columns = compiler.columns(light=light)
        self._light = light
        self._memos = [Memo(column.judge) for column in self._columns]
        self._fine = [_SURE_KEY if column.target.is_key else NOTHING for column in self._columns]
        self._fine_cells = [_fine_cells(column) for column in self._columns]
        self._indexes = [column.index for column in self._columns]
        self._take = _taker(self._indexes)
        self._beside = [
            (place, column)
            for place, column in enumerate(self._columns)
            if column.regions is not None
        ]
        places = range(len(self._columns))
        self._sheet_order = sorted(places, key=self._indexes.__getitem__)
        self._keys = [column for column in self._columns if column.target.is_key]
        self._key_places = frozenset(range(len(self._keys)))
        self._paired = _paired(self._columns)
        self._groups = _groups(self._columns)
        self._contested = bool(compiler.contested)
        self._by_row = not light or self._contested or bool(self._beside)
        self._parts = [constant.part for constant in constants]
        self._headers = _headers(self._columns)

    def verdicts(self, rows: Iterable[SourceRow]) -> Iterator[Verdict]:
        """The verdicts of all rows, in their order."""
        if self._by_row:
            return map(self.verdict, rows)
        return chain.from_iterable(map(self._all, grouped(rows)))

    def _all(self, chunk: Chunk) -> Iterator[Verdict]:
        faults = {verdict.row: verdict for verdict in self.faults(chunk)}
        for source in chunk.sources():
            fault = faults.get(source.row)
            yield fault or Verdict(source.row, self._shown(source.cells), None)

    def faults(self, chunk: Chunk) -> Iterator[Verdict]:
        """The verdicts of the rows of which there is something to say, in their order; here the
        time of a check is spent."""
        if self._by_row or not chunk.plain:
            yield from (each for each in map(self.verdict, chunk.sources()) if each.findings)
            return
        odd = self._odd(chunk)
        for place in chunk.faulty:
            odd.setdefault(place, {})
        for place in sorted(odd):
            verdict = self._odd_verdict(chunk, place, odd[place])
            if verdict.findings:
                yield verdict

    def _odd(self, chunk: Chunk) -> dict[int, Odd]:
        """What became of the cells of a chunk that aren't fine, by the places of their rows; those
        of a row in the order of the sheet."""
        odd: dict[int, Odd] = {}
        for place in self._sheet_order:
            index, memo = self._indexes[place], self._memos[place]
            cells = chunk.columns[index]
            fine_cells, fine = self._fine_cells[place], self._fine[place]
            for number in fine_cells.doubtful_in(chunk, index):
                judged = memo[cells[number]]
                if judged is fine:
                    fine_cells.learn(cells[number])
                else:
                    odd.setdefault(number, {})[place] = judged
        return odd

    def _odd_verdict(self, chunk: Chunk, place: int, odd: Odd) -> Verdict:
        if self._paired or not self._key_places.isdisjoint(odd):
            judged = self._fine.copy()
            for column, each in odd.items():
                judged[column] = each
            return self._whole(chunk.source(place), judged)
        # The key is sure: all that is left are the findings.
        said = chunk.findings(place)
        for each in odd.values():
            said += each.findings
        return Verdict(chunk.number(place), chunk.cells[place][self._indexes[0]], None, said)

    def verdict(self, source: SourceRow) -> Verdict:
        """What there is to say of one row: all of it."""
        judged = [
            memo[cell] if cell.__class__ is str else memo[cell.__class__, cell]
            for memo, cell in zip(self._memos, self._take(source.cells), strict=True)
        ]
        for place, column in self._beside:
            judged[place] = column.judged(source.cells)
        return self._whole(source, judged)

    def identities(self, chunk: Chunk) -> list[str]:
        """The identity of the key of each row; empty for a row without a key."""
        column = self._keys[0]
        identities = list(chunk.columns[column.index])
        for place in self._doubtful_keys(chunk, column.index):
            identities[place] = self.identity(chunk.cells[place])
        return identities

    def _doubtful_keys(self, chunk: Chunk, index: int) -> Iterable[int]:
        if not chunk.plain:
            return range(len(chunk))
        return self._fine_cells[0].doubtful_in(chunk, index)

    def identity(self, cells: Cells) -> str:
        """What the row's key is, whatever its spelling; empty where it has none."""
        for column, memo in zip(self._keys, self._memos, strict=False):
            cell = cells[column.index]
            if column.judge.is_sure(cell):
                return cell
            part = (memo.of(cell) if column.regions is None else column.judged(cells)).part
            if isinstance(part, Key):
                return part.identity
        return ""

    @property
    def key_header(self) -> str | None:
        """The header of the first key column."""
        return self._keys[0].header if self._keys else None

    def _said(self, source: SourceRow, judged: list[Judged]) -> Findings:
        """What is said of a row and its cells, in the order of the sheet."""
        if not any(map(_findings_of, judged)):
            return source.findings
        said = [judged[place][1] for place in self._sheet_order]
        return (*source.findings, *chain.from_iterable(said))

    def _as_it_was(self, cells: Cells, judged: list[Judged]) -> list[Judged]:
        """A cell that says the same as its ``was.`` cell asks nothing: the account may well hold
        what it would not take today, such as an option that is there no more."""
        for place, was in self._paired:
            cell = cells[self._columns[place].index]
            same = cell == cells[self._columns[was].index] and not is_blank(cell)
            if same and not _differ(judged[place].part, judged[was].part):
                judged[place] = NOTHING
                judged[was] = Judged(judged[was].part)
        return judged

    def _whole(self, source: SourceRow, judged: list[Judged]) -> Verdict:
        if self._paired:
            judged = self._as_it_was(source.cells, judged.copy())
        findings = self._said(source, judged)
        keys = _parts(judged[self._groups.keys])
        asked = None
        if self._contested or not self._light:
            asked = self._asked(judged)
            findings += asked.findings
        if not keys:
            findings += self._without_key(source.cells)
            return Verdict(source.row, self._shown(source.cells), None, findings)
        if self._light or asked is None or (findings and blocking(findings)):
            return Verdict(source.row, self._shown(source.cells), None, findings)
        return _desired(source.row, keys, asked, findings)  # type: ignore[arg-type]

    def _asked(self, judged: list[Judged]) -> Asked:
        groups = self._groups
        asked = [*_parts(judged[groups.fields]), *self._parts]
        wishes, clashes = self._together(_wishes(asked))
        tags, contradictions = self._tags([*_parts(judged[groups.tags]), *self._parts])
        was = _wishes(_parts(judged[groups.was]))
        return Asked(wishes, tags, tuple(was), clashes + contradictions)

    def _together(self, wishes: list[Wish]) -> tuple[tuple[Wish, ...], Findings]:
        """One wish a field; two that differ are a finding."""
        if not self._contested:
            return tuple(wishes), ()
        first: dict[FieldName, Wish] = {}
        findings: list[Finding] = []
        for wish in wishes:
            before = first.setdefault(wish.field, wish)
            if not equal(wish.field, wish.type, before.value, wish.value):
                findings.append(self._clash(before, wish))
        return tuple(first.values()), tuple(findings)

    def _tags(self, parts: Iterable[object]) -> tuple[TagEdit | None, Findings]:
        try:
            return merge_tags(part for part in parts if isinstance(part, TagEdit)), ()
        except ValueError:
            return None, (self._contradiction(),)

    def _clash(self, a: Wish, b: Wish) -> Finding:
        if a.field == "assigned_user" and None in (a.value, b.value):
            message = _("the row assigns {user}, and removes the assigned user").format(
                user=a.value or b.value
            )
            return self._error(Code.ASSIGNED_AND_UNASSIGNED, a.field, message)
        message = _("the row asks for two values of {field}: '{first}' and '{second}'").format(
            field=a.field, first=a.raw or a.value, second=b.raw or b.value
        )
        return self._error(Code.FIELD_TWICE, a.field, message)

    def _contradiction(self) -> Finding:
        message = _("the cells of the row contradict each other about its tags")
        return self._error(Code.TAGS_CONFLICT, FieldName("tags"), message)

    def _error(self, code: Code, field: FieldName, message: str) -> Finding:
        return Finding(
            code=code.value,
            level=Level.ERROR,
            message=message,
            hint=_("leave one of the cells blank"),
            column=self._headers.get(field, self._headers.get(_OBJECT)),
        )

    def _without_key(self, cells: Cells) -> Findings:
        """A row whose key can't be read has its finding already."""
        if any(not is_blank(cells[column.index]) for column in self._keys):
            return ()
        headers = ", ".join(f"'{column.header}'" for column in self._keys)
        message = _("the row doesn't say which contact it means: {headers} is blank")
        finding = Finding(
            code=Code.NO_KEY.value,
            level=Level.ERROR,
            message=message.format(headers=headers),
            hint=_("fill it in, or delete the row"),
            column=self.key_header,
            value="",
        )
        return (finding,)

    def _shown(self, cells: Cells) -> str:
        shown = (trimmed(cells[column.index]) for column in self._keys)
        return next(filter(None, shown), "")


_OBJECT: Final = FieldName(TargetKind.CUSTOM_FIELDS.value)


def _taker(indexes: list[int]) -> Callable[[Cells], Sequence[str]]:
    """Takes the cells of all columns at once."""
    return itemgetter(*indexes) if len(indexes) > 1 else lambda cells: [cells[indexes[0]]]


_SURE_KEY: Final = Judged(THIS_CELL)


def _fine_cells(column: Column) -> FineCells:
    return FineCells(column.judge.surely, repeat=not column.target.is_key)


class _Groups(NamedTuple):
    """Where the columns of each kind stand, among columns in the compiler's order."""

    keys: slice
    fields: slice
    tags: slice
    was: slice


def _groups(columns: Sequence[Column]) -> _Groups:
    keys = sum(column.target.is_key for column in columns)
    was = len(columns) - sum(column.target.was for column in columns)
    tags = was - sum(column.target.kind in TAG_KINDS for column in columns[:was])
    return _Groups(slice(keys), slice(keys, tags), slice(tags, was), slice(was, None))


def _differ(one: Part | None, other: Part | None) -> bool:
    """Whether the same text means two values: the dates of two columns may have two orders."""
    return isinstance(one, Wish) and isinstance(other, Wish) and one.value != other.value


def _paired(columns: Sequence[Column]) -> list[tuple[int, int]]:
    """The places of each column that has a ``was.`` column, and of that."""
    was = {
        replace(column.target, was=False): place
        for place, column in enumerate(columns)
        if column.target.was
    }
    return [
        (place, was[column.target]) for place, column in enumerate(columns) if column.target in was
    ]


def _parts(judged: Iterable[Judged]) -> list[Part]:
    return [part for part, _said in judged if part is not None]


def _headers(columns: Sequence[Column]) -> dict[FieldName, str]:
    """The last header that asks something of a field."""
    return {column.target.field: column.header for column in columns if not column.target.was}


def _wishes(parts: Iterable[object]) -> list[Wish]:
    wishes: list[Wish] = []
    for part in parts:
        if isinstance(part, Wish):
            wishes.append(part)
        elif type(part) is tuple:
            wishes.extend(part)
    return wishes


def _desired(row: int, keys: Sequence[Key], asked: Asked, findings: Findings) -> Verdict:
    readings = {key.kind: key.readings for key in keys}
    found = Keys(
        shown=keys[0].shown,
        uuid=readings.get(TargetKind.UUID, ("",))[0],
        bsuid=readings.get(TargetKind.BSUID, ("",))[0],
        phones=readings.get(TargetKind.PHONE, ()),
    )
    desired = Desired(row=row, keys=found, wishes=asked.wishes, tags=asked.tags, was=asked.was)
    return Verdict(row, found.shown, desired, findings)
