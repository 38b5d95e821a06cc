"""What a plan would do, added up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_update.model import Change, Contact, FieldChange, FieldName, Target, Value, custom_field
from bulk_update.reporting.preview import MappingOverview, PreviewBuilder, Tally

AT = datetime(2026, 3, 3, tzinfo=UTC)


def change(row: int, **fields: tuple[Value, Value]) -> Change:
    """The change of one contact, its fields as ``name=(old, new)``."""
    return Change(
        uuid=f"u{row}",
        rows=(row,),
        before=Contact(uuid=f"u{row}", name="Ann"),
        read_at=AT,
        fields=tuple(
            FieldChange(field=FieldName(name), old=old, new=new)
            for name, (old, new) in fields.items()
        ),
    )


def test_fields_blanks_owners_and_tags_are_counted() -> None:
    """Each by its own name; a value that was not there is not blanked."""
    builder = PreviewBuilder()
    builder.add(change(2, note=("old", ""), assigned_user=("a@x.it", None)))
    builder.add(change(3, note=(None, "new"), assigned_user=(None, "b@x.it")))
    builder.add(change(4, tags=(("VIP", "Lead"), ("Lead", "New", "New")), note=("", "x")))
    preview = builder.build(seconds=2.5)
    assert (preview.contacts, preview.rows, preview.webhooks, preview.seconds) == (3, 3, 3, 2.5)
    assert preview.by_field.counts == {"note": 3, "assigned_user": 2, "tags": 1}
    assert preview.blanked.counts == {"note": 1, "assigned_user": 1}
    assert preview.owners.counts == {("a@x.it", ""): 1, ("", "b@x.it"): 1}
    assert preview.tags_added.counts == {"New": 1}
    assert preview.tags_removed.counts == {"VIP": 1}


def test_a_list_that_loses_all_is_blanked() -> None:
    """A checkbox or the tags: the plan says how many values that blanks."""
    builder = PreviewBuilder()
    builder.add(change(2, tags=(("VIP",), ())))
    preview = builder.build()
    assert preview.blanked.counts == {"tags": 1}
    assert preview.tags_removed.counts == {"VIP": 1}


def test_rows_that_share_a_contact_fire_one_webhook() -> None:
    """Contacts and rows are counted apart."""
    one = change(2, note=("a", "b"))
    builder = PreviewBuilder()
    builder.add(Change(uuid="u", rows=(2, 5), before=one.before, read_at=AT, fields=one.fields))
    preview = builder.build()
    assert (preview.contacts, preview.rows, preview.webhooks) == (1, 2, 1)


def test_the_sample_shows_a_few_of_every_field() -> None:
    """Not only those of the first contacts."""
    builder = PreviewBuilder(samples=5)
    for row in range(2, 100):
        builder.add(change(row, note=("a", "b")), key=f"+39 {row}")
    builder.add(change(100, name=("a", "b")))
    sample = builder.build().sample
    assert [(one.row, one.field) for one in sample] == [(2, "note"), (3, "note"), (100, "name")]
    assert (sample[0].key, sample[0].old, sample[0].new) == ("+39 2", "a", "b")


@settings(deadline=None)
@given(st.lists(st.text("abcdef", min_size=1, max_size=1)), st.integers(1, 4))
def test_memory_is_bounded_and_nothing_is_left_out_of_the_count(
    tags: list[str], distinct: int
) -> None:
    """Names beyond the bound are counted as others; the total is always whole."""
    builder = PreviewBuilder(distinct=distinct)
    for row, tag in enumerate(tags, 2):
        builder.add(change(row, tags=((), (tag,))))
    tally = builder.build().tags_added
    assert len(tally.counts) <= distinct
    assert tally.total == len(tags)
    assert all(Counter(tags)[tag] == count for tag, count in tally.counts.items())


@pytest.mark.parametrize(("limit", "names", "rest"), [(1, ["b"], 7), (2, ["b", "a"], 5)])
def test_the_top_of_a_tally_and_the_rest_make_the_whole(
    limit: int, names: list[str], rest: int
) -> None:
    """The most frequent first, the first met among equals, and the count of all others."""
    tally = Tally({"a": 2, "b": 3, "c": 2}, others=3)
    top, others = tally.top(limit)
    assert [name for name, _count in top] == names
    assert others == rest


def test_an_overview_spells_targets_as_users_write_them() -> None:
    """Two columns of one header stay two."""
    overview = MappingOverview.of(
        [("A", Target.parse("cf:Status")), ("A", Target.parse("was.note"))],
        constants=[(Target.parse("team"), "Sales")],
        unmapped=["Z"],
    )
    assert overview.columns == (("A", custom_field("Status")), ("A", "was.note"))
    assert overview.constants == (("team", "Sales"),)
    assert overview.unmapped == ("Z",)
