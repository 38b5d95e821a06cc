"""What is fine is found by the column, and is what each cell by itself would be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.reading.chunks import FineChunk
from bulk_update.validation.decimals import (
    AT_MOST_ONE_SIGN,
    ONE_SIGN,
    PLAIN_DECIMAL,
    PLAIN_WHOLE,
    Sign,
    sign_votes,
)
from bulk_update.validation.fine import FineCells
from bulk_update.validation.judges.bsuid import BsuidJudge
from bulk_update.validation.judges.date import DateJudge
from bulk_update.validation.judges.email import EmailJudge
from bulk_update.validation.judges.number import NumberJudge
from bulk_update.validation.judges.phone import PhoneJudge
from bulk_update.validation.judges.text import TextJudge
from bulk_update.validation.judges.uuid import UuidJudge

JUDGES = (BsuidJudge, DateJudge, EmailJudge, NumberJudge, PhoneJudge, TextJudge, UuidJudge)
PATTERNS = [
    PLAIN_DECIMAL,
    *(judge.surely for judge in JUDGES),
    *ONE_SIGN.values(),
    *AT_MOST_ONE_SIGN.values(),
]
GOOD = ["0", "12.34", "1,5", "2026-01-02", "Ada", "a@b.it", "+39333123456", "IT.12345678", "a" * 32]
cells = st.sampled_from(
    [*GOOD, "", "\n", "0\n12", "0\n", "\n0", "12.34\n\n", "é", "02/03/2026", "x@"]
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.pattern[:20])
@given(column=st.lists(cells, min_size=1, max_size=12))
def test_a_column_has_the_doubtful_cells_that_its_cells_are(
    pattern: re.Pattern[str], column: list[str]
) -> None:
    doubtful = [place for place, cell in enumerate(column) if not pattern.fullmatch(cell)]
    assert list(FineCells(pattern, repeat=False).doubtful(column)) == doubtful


@given(st.from_regex(ONE_SIGN[1], fullmatch=True) | st.from_regex(ONE_SIGN[2], fullmatch=True))
def test_what_has_one_sign_is_never_in_doubt(text: str) -> None:
    (sign,) = [sign for sign, pattern in ONE_SIGN.items() if pattern.fullmatch(text)]
    assert sign_votes(text) == (sign, False)


@given(st.from_regex(r"-?[0-9]{1,3}(?:[.,][0-9]{0,10})?", fullmatch=True))
def test_at_most_one_sign_is_one_or_none(text: str) -> None:
    for sign, pattern in AT_MOST_ONE_SIGN.items():
        one_or_none = ONE_SIGN[sign].fullmatch(text) or PLAIN_WHOLE.fullmatch(text)
        assert bool(pattern.fullmatch(text)) == bool(one_or_none)


def test_cells_are_learned_as_long_as_there_is_room() -> None:
    column = [f"x{number}" for number in range(1_000)]
    fine = FineCells(re.compile(r"[0-9]+"))
    assert list(fine.doubtful(column)) == list(range(1_000))
    for cell in column[:500]:
        fine.learn(cell)
    assert list(fine.doubtful(column)) == list(range(500, 1_000))


def test_a_column_with_too_many_values_to_remember_is_asked_about() -> None:
    fine = FineCells(re.compile(r"[0-9]+"))
    for begin in range(0, 4_000, 100):
        column = [str(number) for number in range(begin, begin + 100)]
        assert list(fine.doubtful([*column, "x"])) == [100]
    fine.learn("x")
    assert list(fine.doubtful(["x"])) == [0]


@given(st.lists(cells, min_size=1, max_size=12), st.lists(cells, min_size=1, max_size=12))
def test_a_column_that_repeats_is_held_against_its_pattern_too(
    first: list[str], second: list[str]
) -> None:
    """What the pattern matches needs no judge to be fine, seen before or not."""
    fine = FineCells(PLAIN_DECIMAL)
    for column in (first, second):
        doubtful = [place for place, cell in enumerate(column) if not PLAIN_DECIMAL.fullmatch(cell)]
        assert list(fine.doubtful(column)) == doubtful


@given(
    st.lists(cells, min_size=1, max_size=12),
    st.permutations([PLAIN_WHOLE, AT_MOST_ONE_SIGN[Sign.POINT], PLAIN_DECIMAL]),
)
def test_what_is_asked_twice_of_a_chunk_has_the_same_answer(
    column: list[str], patterns: list[re.Pattern[str]]
) -> None:
    """Whether the first pattern was the same, one that the second goes beyond, or any other."""
    chunk = FineChunk([[cell] for cell in column], first=2, begins=2, ends=range(2, 100))
    for pattern in [*patterns, *patterns]:
        doubtful = [place for place, cell in enumerate(column) if not pattern.fullmatch(cell)]
        fine = FineCells(pattern, repeat=False)
        assert list(fine.doubtful_in(chunk, 0)) == doubtful


def test_what_no_pattern_matches_goes_on_being_remembered() -> None:
    column = [f"x{number}" for number in range(5_000)]
    fine = FineCells(re.compile(r"[0-9]+"))
    for cell in ["1", "2", *column]:
        fine.learn(cell)
    assert len(list(fine.doubtful(column))) <= 1
