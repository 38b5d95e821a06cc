"""Rows that mean one contact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.model import (
    Desired,
    FieldName,
    FieldType,
    Keys,
    Policy,
    TagEdit,
    Wish,
    custom_field,
)
from bulk_update.validation import Conflict, Merged, merge

NOTE, NAME = FieldName("note"), FieldName("name")


def row(number: int, *wishes: Wish, tags=None, was=(), **keys) -> Desired:
    keys = {"shown": f"key {number}", **keys}
    return Desired(row=number, keys=Keys(**keys), wishes=wishes, tags=tags, was=was)


def wish(field, value, **more) -> Wish:
    return Wish(field=field, value=value, raw=str(value), **more)


def test_rows_that_ask_for_the_same_are_one() -> None:
    """Same by value: the first spelling is kept."""
    age = custom_field("Age")
    merged = merge(
        [
            row(2, wish(NOTE, "a\nb"), wish(age, "42", type=FieldType.NUMBER)),
            row(7, wish(NOTE, "a\r\nb"), wish(age, "42.0", type=FieldType.NUMBER)),
        ]
    )
    assert isinstance(merged, Merged)
    assert merged.rows == (2, 7)
    assert [each.value for each in merged.wishes] == ["a\nb", "42"]


def test_rows_that_ask_for_different_fields_are_united() -> None:
    merged = merge([row(2, wish(NOTE, "hi")), row(3, wish(NAME, "Bob"))])
    assert isinstance(merged, Merged)
    assert [each.field for each in merged.wishes] == [NOTE, NAME]


def test_a_field_with_two_values_is_a_conflict_that_names_both_rows() -> None:
    conflict = merge([row(2, wish(NOTE, "hi")), row(3), row(5, wish(NOTE, "bye"))])
    assert isinstance(conflict, Conflict)
    assert conflict.rows == (2, 3, 5)
    (field,) = conflict.fields
    assert (field.field, field.first, field.first_row) == (NOTE, "hi", 2)
    assert (field.second, field.second_row) == ("bye", 5)


def test_every_field_in_conflict_is_told_once() -> None:
    conflict = merge([row(n, wish(NOTE, f"note {n}"), wish(NAME, f"name {n}")) for n in (2, 3, 4)])
    assert isinstance(conflict, Conflict)
    assert [field.field for field in conflict.fields] == [NOTE, NAME]


def test_clearing_and_setting_one_field_is_a_conflict() -> None:
    user = FieldName("assigned_user")
    assert isinstance(merge([row(2, wish(user, None)), row(3, wish(user, "a@b.co"))]), Conflict)


names = st.lists(st.sampled_from("abcdef"), unique=True).map(tuple)


@given(st.lists(st.tuples(names, names), min_size=1, max_size=4))
def test_tag_adds_and_removes_unite_unless_a_tag_is_in_both(edits) -> None:
    rows = [row(n, tags=TagEdit(add=add, remove=remove)) for n, (add, remove) in enumerate(edits)]
    added = {tag for add, _ in edits for tag in add}
    removed = {tag for _, remove in edits for tag in remove}
    merged = merge(rows)
    if len(edits) > 1 and added & removed:
        assert isinstance(merged, Conflict)
    else:
        assert isinstance(merged, Merged)
        assert merged.tags is not None
        assert (set(merged.tags.add), set(merged.tags.remove)) == (added, removed)


@pytest.mark.parametrize(
    ("other", "agrees"),
    [
        (TagEdit(replace=("b", "a")), True),
        (TagEdit(add=("a",)), True),
        (TagEdit(remove=("c",)), True),
        (TagEdit(replace=("a",)), False),
        (TagEdit(replace=()), False),
        (TagEdit(add=("c",)), False),
        (TagEdit(remove=("a",)), False),
    ],
)
def test_a_whole_list_agrees_with_what_is_true_of_it(other, agrees) -> None:
    whole = TagEdit(replace=("a", "b"))
    for pair in ([whole, other], [other, whole]):
        merged = merge([row(n, tags=edit) for n, edit in enumerate(pair, start=2)])
        assert isinstance(merged, Merged) == agrees
        if isinstance(merged, Merged):
            assert merged.tags is not None
            assert set(merged.tags.replace or ()) == {"a", "b"}


def test_options_to_be_added_unite_and_others_conflict() -> None:
    wants = custom_field("Wants")
    kinds = {"type": FieldType.CHECKBOX}
    for policy, united in ((Policy.ADD, True), (Policy.OVERWRITE, False)):
        pair = [row(n, wish(wants, (name,), policy=policy, **kinds)) for n, name in enumerate("ab")]
        merged = merge(pair)
        assert isinstance(merged, Merged) == united
        if isinstance(merged, Merged):
            assert merged.wishes[0].value == ("a", "b")


def test_two_former_values_of_one_field_are_a_conflict() -> None:
    conflict = merge([row(2, was=(wish(NOTE, "x"),)), row(3, was=(wish(NOTE, "y"),))])
    assert isinstance(conflict, Conflict)
    assert conflict.fields[0].field == "was.note"


def test_each_key_is_the_first_that_a_row_has() -> None:
    merged = merge([row(2, phones=("39333",)), row(3, uuid="u", bsuid="b", phones=("1",))])
    assert isinstance(merged, Merged)
    assert merged.keys == Keys(shown="key 2", uuid="u", bsuid="b", phones=("39333",))


def test_one_row_is_merged_with_itself() -> None:
    only = row(2, wish(NOTE, "hi"), tags=TagEdit(add=("a",)))
    merged = merge([only])
    assert isinstance(merged, Merged)
    assert (merged.wishes, merged.tags, merged.rows) == (only.wishes, only.tags, (2,))
