"""Findings over a whole sheet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bulk_update.model import Finding, Level
from bulk_update.validation import FindingCollector, RowsByFinding


def finding(value, level=Level.ERROR, code="bad", column="A", message="bad") -> Finding:
    return Finding(code=code, level=level, message=message, column=column, value=value)


def test_equal_findings_are_one_group_with_all_their_rows() -> None:
    """Equal, not identical: a value may be judged twice."""
    collector = FindingCollector()
    for row in (2, 5, 9):
        collector.add(row, [finding("x")])
    (group,) = collector.groups()
    assert (group.rows, group.count) == ((2, 5, 9), 3)


def test_groups_go_by_column_code_and_value() -> None:
    collector = FindingCollector()
    collector.add(2, [finding("x"), finding("y"), finding("x", code="c"), finding("x", column="B")])
    assert len(collector.groups()) == 4


def test_a_row_counts_once_though_it_bears_a_finding_twice() -> None:
    collector = FindingCollector()
    collector.add(2, [finding("x"), finding("x")])
    assert collector.groups()[0].count == 1


def test_rows_are_complete_up_to_a_thousand_and_the_count_always() -> None:
    collector = FindingCollector()
    for row in range(2, 2502):
        collector.add(row, [finding("x")])
    (group,) = collector.groups()
    assert group.rows == tuple(range(2, 1002))
    assert group.count == 2500


def test_errors_come_first_then_the_commonest() -> None:
    collector = FindingCollector()
    collector.add(2, [finding("info", Level.INFO), finding("warn", Level.WARNING), finding("a")])
    collector.add(3, [finding("info", Level.INFO), finding("b")])
    collector.add(4, [finding("b")])
    assert [group.finding.value for group in collector.groups()] == ["b", "a", "warn", "info"]


def test_what_is_folded_is_counted_and_said() -> None:
    """Beyond the bound one group stands for all others of its column and code."""
    collector = FindingCollector(most_groups=3)
    for row in range(2, 102):
        collector.add(row, [finding(f"value {row}", message=f"bad: {row}")])
    groups = collector.groups()
    assert len(groups) == 4
    assert sum(group.count for group in groups) == 100
    folded = groups[0]
    assert folded.count == 97
    assert folded.finding.value is None
    assert "97" in folded.finding.message
    assert "bad: 5" in folded.finding.message
    assert folded.rows[0] == 5


def test_infos_never_push_errors_out_of_the_list() -> None:
    collector = FindingCollector(most_groups=2)
    for row in range(2, 12):
        collector.add(row, [finding(f"{row}", Level.INFO)])
    collector.add(20, [finding("the error")])
    assert collector.groups()[0].finding.value == "the error"


def test_a_row_counts_once_also_where_no_more_rows_are_listed() -> None:
    collector = FindingCollector()
    for row in range(2, 1_502):
        collector.add(row, [finding("x"), finding("x")])
    assert collector.groups()[0].count == 1_500


some = st.builds(
    finding,
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from(list(Level)),
    column=st.sampled_from(["A", "B"]),
)


@given(st.lists(st.lists(some, max_size=4), max_size=30), st.integers(1, 10), st.integers(0, 4))
def test_rows_counted_together_are_counted_as_one_by_one(
    said: list[list[Finding]], together: int, most: int
) -> None:
    """Also what is folded, and whatever the order in which findings came up."""
    rows = list(enumerate(said, 2))
    one_by_one, at_once = (FindingCollector(most_groups=most) for _each in range(2))
    for row, findings in rows:
        one_by_one.add(row, findings)
    for begin in range(0, len(rows), together):
        found = RowsByFinding()
        for row, findings in rows[begin : begin + together]:
            found.add(row, findings)
        at_once.extend(found.groups)
    assert at_once.groups() == one_by_one.groups()
