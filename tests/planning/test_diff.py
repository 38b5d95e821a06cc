"""Old -> new: what a row asks, held against the contact as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.model import (
    Contact,
    Desired,
    FieldChange,
    FieldName,
    FieldType,
    Keys,
    Policy,
    TagEdit,
    Wish,
    custom_field,
)
from bulk_update.planning import plan_change, result_tags, was_differs
from bulk_update.planning.diff import Difference

NAME, NOTE = FieldName("name"), FieldName("note")
FEATURES = custom_field("Features")
CONTACT = Contact(
    uuid="0" * 32,
    name="  Ada ",
    tags=("VIP ", "Lead"),
    custom_fields={"Features": ("b", "a"), "Score": "42", "Empty": None},
)
tags = st.lists(st.text(max_size=3), unique=True, max_size=4).map(tuple)


def planned(*wishes: Wish, edit: TagEdit | None = None, was: tuple[Wish, ...] = ()) -> Difference:
    desired = Desired(row=2, keys=Keys(shown="k"), wishes=wishes, tags=edit, was=was)
    return plan_change(desired, CONTACT, rows=(2,), read_at=datetime.now(UTC))


def test_a_raw_cell_equal_to_the_account_is_unchanged_before_trimming() -> None:
    wish = Wish(field=NAME, value="Ada", raw="  Ada ")
    assert planned(wish).change.fields == ()


def test_a_trimmed_value_that_differs_is_a_change() -> None:
    wish = Wish(field=NAME, value="Ada", raw="Ada ")
    assert planned(wish).change.fields == (FieldChange(field=NAME, old="  Ada ", new="Ada"),)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(field=FEATURES, value=("a", "b"), type=FieldType.CHECKBOX),
        Wish(field=custom_field("Score"), value="42.0", type=FieldType.NUMBER),
        Wish(field=custom_field("Empty"), value=""),
        Wish(field=custom_field("Absent"), value=""),
        Wish(field=NOTE, value=""),
    ],
)
def test_equal_values_are_no_change(wish: Wish) -> None:
    assert planned(wish).change.fields == ()


@pytest.mark.parametrize(
    ("policy", "field", "kept"),
    [
        (Policy.NEVER, NAME, True),
        (Policy.FILL_EMPTY, NAME, True),
        (Policy.FILL_EMPTY, NOTE, False),
        (Policy.OVERWRITE, NAME, False),
    ],
)
def test_a_policy_keeps_what_is_there(policy: Policy, field: FieldName, kept: bool) -> None:
    found = planned(Wish(field=field, value="new", policy=policy))
    assert (found.kept == (field,)) is kept
    assert bool(found.change.fields) is not kept


def test_the_policy_add_keeps_what_a_checkbox_has() -> None:
    wish = Wish(field=FEATURES, value=("c",), type=FieldType.CHECKBOX, policy=Policy.ADD)
    (change,) = planned(wish).change.fields
    assert change.new == ("b", "a", "c")


def test_adding_and_removing_tags_leaves_every_other_alone() -> None:
    (change,) = planned(edit=TagEdit(add=("New",), remove=("Lead",))).change.fields
    assert change.new == ("VIP ", "New")


def test_tags_are_compared_byte_for_byte() -> None:
    """A tag with a trailing space is another tag."""
    (change,) = planned(edit=TagEdit(replace=("VIP", "Lead"))).change.fields
    assert change.new == ("VIP", "Lead")


def test_the_order_of_tags_is_no_difference() -> None:
    assert planned(edit=TagEdit(replace=("Lead", "VIP "))).change.fields == ()


def test_replacing_with_nothing_removes_all() -> None:
    (change,) = planned(edit=TagEdit(replace=())).change.fields
    assert change.new == ()


@given(current=tags, add=tags, remove=tags)
def test_an_edit_is_done_after_once(
    current: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    """Whatever the tags were: added ones are there, removed ones gone, and again is the same."""
    edit = TagEdit(add=add, remove=tuple(tag for tag in remove if tag not in add))
    after = result_tags(edit, current)
    assert set(edit.add) <= set(after)
    assert not set(edit.remove) & set(after)
    assert set(after) - set(add) == set(current) - set(edit.remove) - set(add)
    assert result_tags(edit, after) == after


def test_was_names_the_fields_that_moved() -> None:
    was = (
        Wish(field=NAME, value="Ada", raw="  Ada "),
        Wish(field=NOTE, value="old note", raw="old note"),
    )
    assert was_differs(was, CONTACT) == (NOTE,)
