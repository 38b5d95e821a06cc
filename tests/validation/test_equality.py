"""When two values are equal."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.model import FieldName, FieldType, custom_field
from bulk_update.validation import equal, tags_equal

CUSTOM = custom_field("Any")
FIELDS = [
    *((FieldName(name), None) for name in ("name", "note", "tags", "assigned_user", "team")),
    (CUSTOM, None),
    *((CUSTOM, kind) for kind in FieldType),
]
values = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(["[]", '["a"]', "1.0", "1", "2026-03-03", "A@b.co", "a\r\nb"]),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
)


@given(st.sampled_from(FIELDS), values)
def test_a_value_equals_itself(field, value) -> None:
    assert equal(*field, value, value)


@given(st.sampled_from(FIELDS), values, values)
def test_equality_is_symmetric(field, a, b) -> None:
    assert equal(*field, a, b) == equal(*field, b, a)


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_null_empty_and_absent_are_one(field) -> None:
    assert equal(*field, None, "")


@pytest.mark.parametrize("empty", [(), "[]", "", None])
def test_every_empty_checkbox_is_one(empty) -> None:
    assert equal(CUSTOM, FieldType.CHECKBOX, empty, ())
    assert not equal(CUSTOM, FieldType.CHECKBOX, empty, ("Dark Mode",))


@given(st.lists(st.text(), min_size=1), st.randoms())
def test_a_checkbox_is_a_set_whether_list_or_json_text(names, random) -> None:
    shuffled = names.copy()
    random.shuffle(shuffled)
    text = json.dumps(shuffled)
    assert equal(CUSTOM, FieldType.CHECKBOX, tuple(names), tuple(shuffled))
    if names != [""]:
        assert equal(CUSTOM, FieldType.CHECKBOX, tuple(names), text)
        assert equal(CUSTOM, None, tuple(names), text)


def test_tags_are_sets_byte_for_byte() -> None:
    """A trailing space, the case and the composition of a tag all count."""
    assert tags_equal(["a", "b"], ("b", "a", "a"))
    assert not tags_equal(["VIP "], ["VIP"])
    assert not tags_equal(["vip"], ["VIP"])
    assert not tags_equal(["é"], ["e\u0301"])
    assert equal(FieldName("tags"), None, ("a", "b"), ("b", "a"))
    assert not equal(FieldName("tags"), None, ("a",), ("a", "b"))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**12))
def test_numbers_are_equal_by_value(number: Decimal) -> None:
    assert equal(CUSTOM, FieldType.NUMBER, f"{number:f}", f"00{number:f}0".replace("00-", "-00"))


@pytest.mark.parametrize(
    ("a", "b"), [("42", "42.0"), ("1e2", "100"), ("-0", "0"), (".5", "0.50"), ("0042", "42")]
)
def test_spellings_of_one_number_are_equal(a, b) -> None:
    assert equal(CUSTOM, FieldType.NUMBER, a, b)


@pytest.mark.parametrize(
    ("a", "b"), [("42", "42.01"), ("1_000", "1000"), ("NaN", "nan"), ("", "0")]
)
def test_what_is_no_number_is_compared_as_text(a, b) -> None:
    assert not equal(CUSTOM, FieldType.NUMBER, a, b)


def test_numbers_are_texts_in_fields_of_other_types() -> None:
    assert not equal(CUSTOM, FieldType.TEXT, "42", "42.0")
    assert not equal(CUSTOM, None, "42", "42.0")


@pytest.mark.parametrize("other", ["2026-03-03T00:00:00Z", "2026-03-03 10:00:00 UTC", "2026-03-03"])
def test_dates_are_equal_by_day(other) -> None:
    assert equal(CUSTOM, FieldType.DATE, "2026-03-03", other)
    assert not equal(CUSTOM, FieldType.DATE, "2026-03-04", other)
    assert equal(CUSTOM, FieldType.TEXT, "2026-03-03", other) == (other == "2026-03-03")


def test_emails_are_equal_without_case() -> None:
    assert equal(FieldName("assigned_user"), None, "Anna@Acme.com", "anna@acme.com")
    assert equal(CUSTOM, FieldType.EMAIL, "Anna@Acme.com", "anna@acme.com")
    assert not equal(CUSTOM, FieldType.TEXT, "Anna@Acme.com", "anna@acme.com")
    assert not equal(FieldName("assigned_user"), None, "anna@acme.com", None)


def test_line_ends_are_one_in_notes_alone() -> None:
    assert equal(FieldName("note"), None, "a\r\nb", "a\nb")
    assert not equal(FieldName("note"), None, "a\nb", "a b")
    assert not equal(CUSTOM, FieldType.TEXT, "a\r\nb", "a\nb")


@pytest.mark.parametrize("field", [FieldName("name"), FieldName("note"), FieldName("team"), CUSTOM])
@pytest.mark.parametrize(("a", "b"), [("Bob", "bob"), ("Bob", "Bob "), ("é", "e\u0301")])
def test_everything_else_is_equal_exactly(field, a, b) -> None:
    assert not equal(field, None, a, b)
