"""What the sheet says as it was last applied is left alone, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from bulk_update.journal.records import LastApplied
from bulk_update.model import (
    ChangeState,
    Contact,
    Desired,
    FieldName,
    FieldType,
    Keys,
    Policy,
    RowStatus,
    TagEdit,
    Wish,
    custom_field,
)
from bulk_update.planning.judging import Judged, Judging, said
from bulk_update.planning.since_last import SinceLast, key_identity

NAME, NOTE, TAGS = FieldName("name"), FieldName("note"), FieldName("tags")
SCORE, FEATURES = custom_field("Score"), custom_field("Features")
KEYS = Keys(shown="k", uuid="u1")
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


class Nothing:
    """A memory that is never asked: the records are given."""

    def known(self) -> int:
        raise NotImplementedError

    def contacts(self, identities: Iterable[str]) -> dict[str, str]:
        raise NotImplementedError

    def records(self, uuids: Iterable[str]) -> dict[str, dict[FieldName, LastApplied]]:
        raise NotImplementedError


def judged(
    *wishes: Wish,
    contact: Contact,
    tags: TagEdit | None = None,
    released: Iterable[str] = (),
    was: tuple[Wish, ...] = (),
    **records: LastApplied,
) -> Judged:
    """A row against a contact; the records by field (``Score`` is the custom field)."""
    named = {FieldName(name): record for name, record in records.items()}
    for custom in ("Score", "Features"):
        if custom in named:
            named[custom_field(custom)] = named.pop(FieldName(custom))
    since = SinceLast(memory=Nothing(), released=frozenset(released))
    asked = Desired(row=2, keys=KEYS, wishes=wishes, tags=tags, was=was)
    return Judging(since).judge(asked, contact, rows=(2,), read_at=NOON, records=named)


def contact(**values: object) -> Contact:
    return Contact(uuid="u1", **values)  # type: ignore[arg-type]


def sent(row: Judged) -> list[str]:
    return [each.field for each in row.change.fields]


def test_what_was_last_applied_is_left_alone_whatever_the_account_has() -> None:
    row = judged(
        Wish(field=NAME, value="Ada"),
        contact=contact(name="Somebody's"),
        name=LastApplied(value="Ada"),
    )
    assert row.left.whole
    assert sent(row) == []


def test_equality_is_that_of_the_values_and_not_of_their_spelling() -> None:
    row = judged(
        Wish(field=SCORE, value="42", type=FieldType.NUMBER),
        contact=contact(custom_fields={"Score": "7"}),
        Score=LastApplied(value="42.0"),
    )
    assert row.left.whole


def test_what_only_the_sheet_changed_is_sent() -> None:
    row = judged(
        Wish(field=NAME, value="Eve"), contact=contact(name="Ada"), name=LastApplied(value="Ada")
    )
    assert (sent(row), row.state, row.both) == (["name"], ChangeState.PLANNED, ())


def test_a_contact_that_has_the_cell_as_it_was_is_as_it_was_left() -> None:
    """A cell that was byte for byte what the account has was never sent, and is no change."""
    row = judged(
        Wish(field=NAME, value="Eve"),
        contact=contact(name=" Ada "),
        name=LastApplied(value="Ada", raw=" Ada "),
    )
    assert row.both == ()


def test_what_both_changed_is_not_sent_and_the_row_is_drifted() -> None:
    row = judged(
        Wish(field=NAME, value="Eve"), contact=contact(name="Ida"), name=LastApplied(value="Ada")
    )
    assert (sent(row), row.state, row.both) == ([], ChangeState.DRIFTED, (NAME,))
    assert (said(row).status, said(row).code) == (RowStatus.DRIFTED, "both_changed")


def test_the_rest_of_such_a_row_goes_and_it_is_drifted_all_the_same() -> None:
    row = judged(
        Wish(field=NAME, value="Eve"),
        Wish(field=NOTE, value="new"),
        contact=contact(name="Ida"),
        name=LastApplied(value="Ada"),
    )
    assert (sent(row), row.state) == (["note"], ChangeState.PLANNED)
    assert said(row).status is RowStatus.DRIFTED
    # What was not sent was not applied: it is compared again next time.
    assert [each.field for each in row.change.wishes] == ["note"]


def test_what_both_changed_to_the_same_is_no_conflict() -> None:
    row = judged(
        Wish(field=NAME, value="Eve"), contact=contact(name="Eve"), name=LastApplied(value="Ada")
    )
    assert (row.state, row.both) == (ChangeState.UNCHANGED, ())


def test_a_field_that_was_never_applied_is_compared_with_the_account_alone() -> None:
    row = judged(Wish(field=NAME, value="Eve"), contact=contact(name="Ida"))
    assert (sent(row), row.both) == (["name"], ())


@pytest.mark.parametrize(
    ("asked", "last", "alone"),
    [
        (TagEdit(add=("a", "b")), TagEdit(add=("b", "a")), True),
        (TagEdit(add=("a",)), TagEdit(add=("a", "b")), False),
        (TagEdit(add=("a",)), TagEdit(remove=("a",)), False),
        (TagEdit(replace=("a",)), TagEdit(replace=("a",)), True),
        (TagEdit(replace=()), TagEdit(), False),
    ],
)
def test_edits_of_tags_are_compared_with_each_other(
    asked: TagEdit, last: TagEdit, alone: bool
) -> None:
    since = SinceLast(memory=Nothing())
    left = since.left(Desired(row=2, keys=KEYS, tags=asked), {TAGS: LastApplied(value=last)})
    assert left.whole is alone


def test_an_option_that_is_only_added_still_stands_beside_others() -> None:
    wish = Wish(field=FEATURES, value=("b",), type=FieldType.CHECKBOX, policy=Policy.ADD)
    row = judged(
        wish,
        contact=contact(custom_fields={"Features": ("a", "z")}),
        Features=LastApplied(value=("a",)),
    )
    assert (sent(row), row.both) == ([FEATURES], ())


UNDONE = LastApplied(value="Ada", run="r1", undone_by="r2", restored="Ida")


def test_what_an_undo_put_back_is_held() -> None:
    row = judged(Wish(field=NAME, value="Ada"), contact=contact(name="Ida"), name=UNDONE)
    assert (row.left.held, row.left.whole) == ((NAME,), True)


def test_what_the_sheet_says_anew_after_an_undo_is_sent_unless_somebody_was_faster() -> None:
    wish = Wish(field=NAME, value="Eve")
    assert sent(judged(wish, contact=contact(name="Ida"), name=UNDONE)) == ["name"]
    assert judged(wish, contact=contact(name="Zoe"), name=UNDONE).both == (NAME,)


def test_a_released_undo_holds_nothing() -> None:
    wish = Wish(field=NAME, value="Ada")
    row = judged(wish, contact=contact(name="Ida"), name=UNDONE, released=["r2"])
    assert (sent(row), row.left.held, row.both) == (["name"], (), ())


def test_a_was_column_of_a_field_that_is_left_alone_guards_nothing() -> None:
    """Its old value is gone since the first night: the rest of the row must not wait for it."""
    row = judged(
        Wish(field=NAME, value="Ada"),
        Wish(field=NOTE, value="new"),
        contact=contact(name="Ada"),
        was=(Wish(field=NAME, value="Before", raw="Before"),),
        name=LastApplied(value="Ada"),
    )
    assert (sent(row), row.state) == (["note"], ChangeState.PLANNED)


def test_a_key_is_what_is_looked_up_and_not_the_cell() -> None:
    one = Keys(shown="+39 333", phones=("39333",))
    same = Keys(shown="0039333", phones=("39333",))
    regional = Keys(shown="333", phones=("333", "39333"))
    assert key_identity(one, "") == key_identity(same, "")
    assert len({key_identity(each, "") for each in (one, regional)}) == 2
    assert key_identity(one, "") != key_identity(one, "another-channel")
    by_uuid = Keys(shown="u", uuid="AB-CD")
    assert key_identity(by_uuid, "") == key_identity(Keys(shown="x", uuid="abcd"), "elsewhere")
    assert "39333" not in key_identity(one, "")
