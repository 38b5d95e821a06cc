"""The rules of one cell of a report."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_update.reporting.cells import encodable, guard, joined, stamp, value_text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(A1)", "\tx", "\rx", "'quoted", "+cmd", "-2+A1", "+39x", "+1\t2", "+", "-", "+١"],
)
def test_a_cell_that_could_be_a_formula_gets_one_quote(text: str) -> None:
    """``=``, ``@``, tab, CR, ``'``, and ``+`` or ``-`` before anything but a phone or number."""
    assert guard(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", "Ann", "+39 333 123", "-1.5", "+1 (555) 01-02", "a=b", " =x", "0042", "é"]
)
def test_every_other_cell_stays_as_it_is(text: str) -> None:
    """Phones and negative numbers above all are not damaged."""
    assert guard(text) == text


@settings(deadline=None)
@given(st.text())
def test_the_guard_comes_off_by_taking_one_quote_away(text: str) -> None:
    """No cell is lost, and none that is left begins as a live formula."""
    cell = guard(text)
    assert cell.removeprefix("'") == text
    assert not re.match(r"[=@\t\r]|[+-](?![0-9 ().-]+\Z)", cell)


def test_a_lone_surrogate_is_spelled_out() -> None:
    """Its row is invalid and must get into UTF-8 reports all the same."""
    assert guard("a\ud800é") == "a\\ud800é"
    assert encodable("😀") == "😀"


@settings(deadline=None)
@given(st.lists(st.text()))
def test_a_list_can_be_read_back(items: list[str]) -> None:
    """JSON where the cell begins with ``[``, else split at ``;``."""
    cell = joined(items)
    plain = cell.split(";") if cell else []
    assert (json.loads(cell) if cell.startswith("[") else plain) == items


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        ("a;b", "a;b"),
        ((), ""),
        (("VIP", "Lead"), "VIP;Lead"),
        (("VIP", "Media (article, ad, tv)"), '["VIP","Media (article, ad, tv)"]'),
        (("a;b",), '["a;b"]'),
        (("trailing ",), '["trailing "]'),
    ],
)
def test_values_in_a_cell(value: str | tuple[str, ...] | None, cell: str) -> None:
    """Text as it is, lists by ``;`` or as JSON, nothing as a blank cell."""
    assert value_text(value) == cell


def test_times_have_an_offset_and_whole_seconds() -> None:
    """ISO 8601; the offset is kept as it was given, a naive time gets the local one."""
    at = datetime(2026, 3, 3, 9, 5, 7, 999999, tzinfo=UTC)
    assert stamp(at) == "2026-03-03T09:05:07+00:00"
    rome = at.astimezone(timezone(timedelta(hours=1)))
    assert stamp(rome) == "2026-03-03T10:05:07+01:00"
    assert stamp(None) == ""
    assert datetime.fromisoformat(stamp(datetime(2026, 3, 3))).tzinfo is not None
