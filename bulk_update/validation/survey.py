"""The first pass: in which order a column writes dates, and with which sign decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from bulk_update.errors import SheetQuestion
from bulk_update.language import _
from bulk_update.model import FieldType, NumberCell, SourceRow
from bulk_update.validation.ballots import Ballot
from bulk_update.validation.chunks import FineCells, all_plain
from bulk_update.validation.columns import ColumnCompiler, typed_columns
from bulk_update.validation.dates import Order, certain, votes
from bulk_update.validation.decimals import Sign, sign_votes
from bulk_update.validation.decisions import Decisions
from bulk_update.validation.factory import JudgeFactory
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
        self,
        column: MappedColumn,
        notation: Notation,
        read: Callable[[str], tuple[str, str]],
        *,
        date_1904: bool,
    ) -> None:
        self.header = column.header
        self.index = column.index
        self.notation = notation
        self.ballot = Ballot()
        self._read = read
        self._date_1904 = date_1904
        self._votes = Memo(self._vote)
        self._counted = FineCells(_sure(notation))

    def take(self, chunk: list[SourceRow], *, plain: bool) -> None:
        """Counts the votes of some rows; ``plain`` when all their cells are plain text."""
        cells = [source.cells[self.index] for source in chunk]
        for number in self._counted.doubtful(cells) if plain else range(len(cells)):
            if self._count(chunk[number].row, cells[number]):
                self._counted.learn(cells[number])

    def _count(self, row: int, cell: str) -> bool:
        """Counts one cell; true when counting it again would change nothing."""
        bits, in_doubt = self._votes.of(cell)
        return not bits or self.ballot.cast(row, cell, bits, in_doubt=in_doubt)

    def _vote(self, cell: str) -> Vote:
        text, cell = self._read(cell)
        bits, in_doubt = 0, False
        if self.notation is Notation.DECIMALS:
            if not isinstance(cell, NumberCell):
                bits, in_doubt = sign_votes(text)
        elif certain(text, cell, date_1904=self._date_1904) is None:
            bits, in_doubt = votes(text)
        return int(bits), in_doubt


def _sure(notation: Notation) -> Callable[[str], object]:
    judge = DateJudge if notation is Notation.DATES else NumberJudge
    return judge.surely.fullmatch


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
        read = self._compiler.cell_judge(column).read
        return ColumnQuestion(column, notation, read, date_1904=self._decisions.date_1904)

    def take(self, chunk: list[SourceRow]) -> None:
        """Counts the votes of some rows."""
        plain = all_plain(chunk)
        for question in self._questions:
            question.take(chunk, plain=plain)

    def decide(self) -> None:
        """Writes down what the columns decided.

        Raises :class:`SheetQuestion`, with all columns in one message, for what they left open.
        """
        open_ones = [question for question in self._questions if question.ballot.question]
        if open_ones:
            raise _asking(open_ones)
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
