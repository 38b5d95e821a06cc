"""The first pass: in which order a column writes dates, and with which sign decimals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from bulk_update.errors import SheetQuestion
from bulk_update.language import _
from bulk_update.model import FieldType, NumberCell
from bulk_update.reading.chunks import Chunk
from bulk_update.validation.ballots import Ballot
from bulk_update.validation.cells import CellJudge
from bulk_update.validation.columns import ColumnCompiler, typed_columns
from bulk_update.validation.dates import Order, certain, votes
from bulk_update.validation.decimals import AT_MOST_ONE_SIGN, Sign, sign_votes
from bulk_update.validation.decisions import Decisions
from bulk_update.validation.factory import JudgeFactory
from bulk_update.validation.fine import FineCells
from bulk_update.validation.judges.date import DateJudge
from bulk_update.validation.judges.number import NumberJudge
from bulk_update.validation.memo import Memo

if TYPE_CHECKING:
    from bulk_update.mapping import MappedColumn

Vote = tuple[int, bool]
"""The notations that a value fits, as bits, and whether they give it different values."""


class Notation(StrEnum):
    """What is asked of a column."""

    DATES = "date_order"
    DECIMALS = "decimal_sign"


class ColumnQuestion:
    """The question of one column."""

    def __init__(
        self, column: MappedColumn, notation: Notation, judge: CellJudge, *, date_1904: bool
    ) -> None:
        self.header = column.header
        self.index = column.index
        self.notation = notation
        self.ballot = Ballot()
        self._read = judge.read
        self._date_1904 = date_1904
        self._votes = Memo(self._vote)
        # Where a value map stands between cell and meaning, no cell is sure by itself.
        sure = None if judge.surely is None else _without_vote(notation)
        self._alike: dict[int, re.Pattern[str]] = {}
        if sure and notation is Notation.DECIMALS:
            self._alike = {int(sign): pattern for sign, pattern in AT_MOST_ONE_SIGN.items()}
        self._counted = FineCells(sure)

    def take(self, chunk: Chunk) -> None:
        """Counts the votes of some rows."""
        cells = chunk.columns[self.index]
        for place in self._doubtful(chunk):
            bits, in_doubt = self._votes.of(cells[place])
            if not bits or self._cast(chunk.number(place), cells[place], bits, in_doubt=in_doubt):
                self._counted.learn(cells[place])

    def _doubtful(self, chunk: Chunk) -> Iterable[int]:
        return self._counted.doubtful_in(chunk, self.index) if chunk.plain else range(len(chunk))

    def _cast(self, row: int, cell: str, bits: int, *, in_doubt: bool) -> bool:
        """Counts one vote; true when counting it again would change nothing."""
        enough = self.ballot.cast(row, cell, bits, in_doubt=in_doubt)
        if enough and bits in self._alike:
            self._counted = FineCells(self._alike[bits])
            self._alike = {}  # those of the other sign contradict these, and are few
        return enough

    def _vote(self, cell: str) -> Vote:
        text, cell = self._read(cell)
        bits, in_doubt = 0, False
        if self.notation is Notation.DECIMALS:
            if not isinstance(cell, NumberCell):
                bits, in_doubt = sign_votes(text)
        elif certain(text, cell, date_1904=self._date_1904) is None:
            bits, in_doubt = votes(text)
        return int(bits), in_doubt


def _without_vote(notation: Notation) -> re.Pattern[str]:
    """Matches what means the same in every notation."""
    judge = DateJudge if notation is Notation.DATES else NumberJudge
    return judge.surely


class Survey:
    """All questions about columns that nobody has answered yet."""

    def __init__(
        self, compiler: ColumnCompiler, factory: JudgeFactory, decisions: Decisions
    ) -> None:
        self._decisions = decisions
        self._compiler = compiler
        asked: list[tuple[MappedColumn, Notation]] = []
        if decisions.date_format is None:
            dates = typed_columns(compiler.mapping, factory, FieldType.DATE)
            asked += [(column, Notation.DATES) for column in dates]
        if decisions.decimal is None:
            numbers = typed_columns(compiler.mapping, factory, FieldType.NUMBER)
            asked += [(column, Notation.DECIMALS) for column in numbers]
        self._questions = [self._question(*each) for each in asked]

    def _question(self, column: MappedColumn, notation: Notation) -> ColumnQuestion:
        judge = self._compiler.cell_judge(column)
        return ColumnQuestion(column, notation, judge, date_1904=self._decisions.date_1904)

    def take(self, chunk: Chunk) -> None:
        """Counts the votes of some rows."""
        for question in self._questions:
            question.take(chunk)

    @property
    def ballots(self) -> list[Ballot]:
        """What was counted, question by question."""
        return [question.ballot for question in self._questions]

    def add(self, ballots: Iterable[Ballot], row_of: Callable[[int], int]) -> None:
        """Counts what was counted elsewhere; ``row_of`` says which row a number there means."""
        for mine, theirs in zip(self.ballots, ballots, strict=True):
            mine.add(theirs, row_of)

    def decide(self) -> None:
        """Writes down what the columns decided.

        Raises :class:`SheetQuestion`, with all columns in one message, for what they left open.
        """
        open_ones = [question for question in self._questions if question.ballot.question]
        if open_ones:
            raise _asking(open_ones)
        self.settle()

    def settle(self) -> None:
        """Writes down what the columns decided, and asks nothing."""
        for question in self._questions:
            decided = question.ballot.decided
            if decided is not None:
                self._settle(question, decided)

    def _settle(self, question: ColumnQuestion, decided: int) -> None:
        if question.notation is Notation.DATES:
            self._decisions.orders[question.index] = Order(decided)
        else:
            self._decisions.signs[question.index] = Sign(decided)


def _asking(questions: Iterable[ColumnQuestion]) -> SheetQuestion:
    asked = list(questions)
    notations = {question.notation for question in asked}
    return SheetQuestion(
        "\n".join(_asked_of(question) for question in asked),
        hint="\n".join(_flag(notation) for notation in sorted(notations)),
        code=notations.pop().value if len(notations) == 1 else "",
    )


def _asked_of(question: ColumnQuestion) -> str:
    examples = ", ".join(
        _("'{value}' in row {row}").format(value=each.text, row=each.row)
        for each in question.ballot.first_examples()
    )
    return _what(question).format(column=question.header, examples=examples)


def _what(question: ColumnQuestion) -> str:
    conflict = question.ballot.conflict
    if question.notation is Notation.DATES:
        if conflict:
            return _("the dates of column '{column}' have different orders: {examples}")
        return _("the dates of column '{column}' may have several orders: {examples}")
    if conflict:
        return _("the numbers of column '{column}' have different decimal signs: {examples}")
    return _("the numbers of column '{column}' may have a decimal point or comma: {examples}")


def _flag(notation: Notation) -> str:
    if notation is Notation.DATES:
        return _("say which with --date-format DMY, MDY, YMD or a pattern such as %d/%m/%Y")
    return _("say which with --decimal , or --decimal .")
