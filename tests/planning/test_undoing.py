"""What a run did to a contact, and what of it goes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bulk_update.journal.records import PastChange
from bulk_update.model import (
    CUSTOM_PREFIX,
    Change,
    ChangeState,
    Contact,
    Desired,
    FieldName,
    FieldType,
    Keys,
    RowStatus,
    TagEdit,
    Target,
    Value,
    Wish,
    custom_field,
)
from bulk_update.planning import plan_change, result_tags
from bulk_update.planning.undoing import (
    Footprint,
    PutBack,
    Remark,
    Why,
    findings,
    footprint,
    put_back,
    row_remark,
)
from bulk_update.validation.equality import equal

NAME, NOTE, TEAM = FieldName("name"), FieldName("note"), FieldName("team")
OWNER, BOT, TAGS = FieldName("assigned_user"), FieldName("bot_status"), FieldName("tags")
STATUS, FEATURES, SCORE = custom_field("Status"), custom_field("Features"), custom_field("Score")
TYPES: Mapping[str, FieldType] = {
    "Status": FieldType.DROPDOWN,
    "Features": FieldType.CHECKBOX,
    "Score": FieldType.NUMBER,
}
BEFORE = Contact(
    uuid="0" * 32,
    name="Ada",
    note="Old note",
    tags=("VIP", "Lead"),
    assigned_user="ada@example.com",
    team_uuid="t1",
    bot_status="bot_start",
    custom_fields={"Status": "Active", "Features": ("a", "b"), "Score": "42"},
)
_OWN = {TEAM: "team_uuid"}


def wish(field: FieldName, value: Value) -> Wish:
    kind = TYPES.get(field.removeprefix(CUSTOM_PREFIX))
    return Wish(field=field, value=value, raw=repr(value), type=kind)


def planned(contact: Contact, *wishes: Wish, tags: TagEdit | None = None) -> Change:
    desired = Desired(row=2, keys=Keys(shown="k"), wishes=wishes, tags=tags)
    return plan_change(desired, contact, rows=(2,), read_at=datetime.now(UTC)).change


def with_value(contact: Contact, field: FieldName, value: Value) -> Contact:
    """The contact with one field as the account has it once it was sent."""
    if field.startswith(CUSTOM_PREFIX):
        name = field.removeprefix(CUSTOM_PREFIX)
        return replace(contact, custom_fields={**contact.custom_fields, name: value})
    return replace(contact, **{_OWN.get(field, field): value})


def carried_out(change: Change, contact: Contact) -> Contact:
    """The contact once an account that does what it is asked took ``change``."""
    for each in change.fields:
        if each.field != TAGS:
            contact = with_value(contact, each.field, each.new)
    if change.tags is None:
        return contact
    return replace(contact, tags=result_tags(change.tags, contact.tags))


def past(
    change: Change,
    seen: Contact | None,
    state: ChangeState = ChangeState.UPDATED,
    *,
    sent: bool = True,
    run: str = "r1",
) -> PastChange:
    return PastChange(run=run, change=change, state=state, seen=seen, sent=sent)


def undone(change: Change, now: Contact, *, seen: Contact | None = None) -> PutBack:
    """What goes back of a change that was proven, on the contact as it is now."""
    shown = carried_out(change, change.before) if seen is None else seen
    return put_back(footprint(past(change, shown), TYPES), now)


def again(back: PutBack, contact: Contact) -> Change:
    """The change that a plan makes of it."""
    return plan_change(back, contact, rows=(2,), read_at=datetime.now(UTC)).change


def differing(one: Contact, other: Contact) -> set[str]:
    own = {f for f in (NAME, NOTE, TEAM, OWNER, BOT, TAGS) if not same(f, one, other)}
    custom = {*one.custom_fields, *other.custom_fields}
    return own | {name for name in custom if not same(custom_field(name), one, other)}


def same(field: FieldName, one: Contact, other: Contact) -> bool:
    kind = TYPES.get(field.removeprefix(CUSTOM_PREFIX))
    return equal(field, kind, one.value(field), other.value(field))


# -- whatever was sent ---------------------------------------------------------------------

texts = st.sampled_from(["", "x", "y", " x ", "[]", '["a"]', "0"])
numbers = st.sampled_from(["", "1", "1.0", "042"])
lists = st.lists(st.sampled_from("abc"), unique=True).map(tuple)
names = st.sampled_from(["t1", "t2"])
contacts = st.builds(
    Contact,
    uuid=st.just("0" * 32),
    name=st.one_of(st.none(), texts),
    note=st.one_of(st.none(), texts),
    tags=lists,
    assigned_user=st.sampled_from([None, "a@x", "b@x"]),
    team_uuid=st.one_of(st.none(), names),
    bot_status=st.sampled_from(["bot_start", "bot_end"]),
    custom_fields=st.fixed_dictionaries(
        {"Status": st.one_of(st.none(), texts), "Features": lists, "Score": numbers},
        optional={"Other": texts},
    ),
)
wishes = st.fixed_dictionaries(
    {},
    optional={
        NAME: st.sampled_from(["x", "y"]),
        NOTE: texts,
        TEAM: names,
        OWNER: st.sampled_from([None, "a@x", "b@x"]),
        BOT: st.sampled_from(["bot_start", "bot_end"]),
        STATUS: texts,
        FEATURES: lists,
        SCORE: numbers,
        custom_field("Other"): texts,
    },
).map(lambda asked: tuple(wish(field, value) for field, value in asked.items()))
edits = st.one_of(
    st.none(),
    st.builds(TagEdit, replace=lists),
    st.builds(
        lambda add, remove: TagEdit(add=add, remove=tuple(t for t in remove if t not in add)),
        lists,
        lists,
    ),
)


@given(before=contacts, asked=wishes, tags=edits)
def test_what_was_done_and_undone_is_as_before(
    before: Contact, asked: tuple[Wish, ...], tags: TagEdit | None
) -> None:
    """But for a name and a team that were not there: those can't be taken away, and are said."""
    change = planned(before, *asked, tags=tags)
    after = carried_out(change, before)
    back = undone(change, after)
    restored = carried_out(again(back, after), after)
    stay = {each.field for each in back.remarks}
    assert differing(before, restored) == stay
    if any(each.field == TAGS for each in change.fields):
        assert restored.tags == before.tags  # in their order
    assert stay <= {field for field in (NAME, TEAM) if not before.value(field)}
    assert {each.why for each in back.remarks} <= {Why.NEVER_EMPTY}


@given(before=contacts, asked=wishes, tags=edits)
def test_an_undone_undo_is_as_after_the_run(
    before: Contact, asked: tuple[Wish, ...], tags: TagEdit | None
) -> None:
    """The undo is a change like any other."""
    change = planned(before, *asked, tags=tags)
    after = carried_out(change, before)
    undoing = again(undone(change, after), after)
    restored = carried_out(undoing, after)
    redoing = again(undone(undoing, restored), restored)
    assert differing(after, carried_out(redoing, restored)) == set()


@given(before=contacts, asked=wishes, tags=edits, person=wishes)
def test_what_somebody_changed_since_is_never_overwritten(
    before: Contact, asked: tuple[Wish, ...], tags: TagEdit | None, person: tuple[Wish, ...]
) -> None:
    """And everything else that the run changed still goes back."""
    change = planned(before, *asked, tags=tags)
    after = carried_out(change, before)
    edited = planned(after, *person)
    now = carried_out(edited, after)
    theirs = {each.field for each in edited.fields}
    back = undone(change, now)
    result = carried_out(again(back, now), now)
    assert all(same(field, result, now) for field in theirs)
    said = {each.field for each in back.remarks}
    ours = {each.field for each in change.fields} - theirs
    assert all(same(field, result, before) for field in ours - said)
    assert {each.field for each in back.remarks if each.is_possible} == {
        field for field in theirs & {f.field for f in change.fields} if not same(field, now, before)
    }


@given(before=contacts, tags=edits, others=lists)
def test_tags_of_other_people_stay(before: Contact, tags: TagEdit | None, others: tuple[str, ...]):
    """Tags that somebody put on since the run stay, one by one."""
    assume(tags is not None)
    change = planned(before, tags=tags)
    after = carried_out(change, before)
    theirs = tuple(tag.upper() for tag in others)
    now = replace(after, tags=theirs + after.tags)
    result = carried_out(again(undone(change, now), now), now)
    assert set(result.tags) == set(before.tags) | set(theirs)


@given(before=contacts, asked=wishes, tags=edits)
def test_undone_twice_asks_for_nothing_more(
    before: Contact, asked: tuple[Wish, ...], tags: TagEdit | None
) -> None:
    """What is already back is neither sent nor remarked upon."""
    change = planned(before, *asked, tags=tags)
    back = undone(change, before, seen=carried_out(change, before))
    assert again(back, before).fields == ()
    assert back.remarks == ()


# -- what a run did ------------------------------------------------------------------------


def done(change: Change, seen: Contact | None, state: ChangeState, *, sent: bool = True):
    return footprint(past(change, seen, state, sent=sent), TYPES)


@pytest.mark.parametrize("state", [ChangeState.REFUSED, ChangeState.FAILED, ChangeState.PLANNED])
def test_what_is_known_not_to_be_applied_left_nothing(state: ChangeState) -> None:
    """Also when somebody else set the same value later."""
    assert done(planned(BEFORE, wish(NOTE, "New")), None, state) == Footprint()


@pytest.mark.parametrize("state", [ChangeState.UNKNOWN, ChangeState.DRIFTED, ChangeState.UNCHANGED])
def test_what_was_sent_and_never_proven_may_be_there(state: ChangeState) -> None:
    """Held against the contact, it shows; without a request it is nothing of the run's."""
    change = planned(BEFORE, wish(NOTE, "New"))
    assert done(change, None, state).touched == (NOTE,)
    assert done(change, None, state, sent=False) == Footprint()
    taken = put_back(done(change, None, state), with_value(BEFORE, NOTE, "New"))
    assert [each.value for each in taken.wishes] == ["Old note"]
    assert put_back(done(change, None, state), BEFORE) == PutBack()


def test_a_mismatch_goes_back_from_what_the_account_made_of_it() -> None:
    """The account kept another value than was asked: that is how the run left it."""
    change = planned(BEFORE, wish(NOTE, "Long"), wish(STATUS, "Trial"))
    seen = with_value(BEFORE, NOTE, "Lo")
    back = put_back(done(change, seen, ChangeState.MISMATCH), seen)
    assert [(each.field, each.value) for each in back.wishes] == [(NOTE, "Old note")]


def test_fields_that_the_run_lost_come_back() -> None:
    """Nobody named them: collateral of a mismatch."""
    change = planned(BEFORE, wish(STATUS, "Trial"))
    seen = replace(BEFORE, custom_fields={"Status": "Trial"})
    back = put_back(done(change, seen, ChangeState.MISMATCH), seen)
    assert {each.field: each.value for each in back.wishes} == {
        STATUS: "Active",
        FEATURES: ("a", "b"),
        SCORE: "42",
    }
    assert {each.type for each in back.wishes} == set(TYPES.values())


def test_a_lost_field_that_somebody_filled_is_left_alone() -> None:
    """It is no longer as the run left it."""
    change = planned(BEFORE, wish(STATUS, "Trial"))
    seen = replace(BEFORE, custom_fields={"Status": "Trial", "Features": ("a", "b")})
    now = with_value(seen, SCORE, "7")
    back = put_back(done(change, seen, ChangeState.MISMATCH), now)
    assert [each.field for each in back.wishes] == [STATUS]
    assert back.remarks == (Remark(SCORE, Why.CHANGED_SINCE),)


@pytest.mark.parametrize("state", [ChangeState.PLANNED, ChangeState.MISMATCH, ChangeState.UNKNOWN])
@pytest.mark.parametrize("answered", [True, False])
def test_a_first_loss_that_was_never_mended_comes_back(state: ChangeState, answered: bool) -> None:
    """The account dropped what nobody named, and the request that was to mend it never came to
    be, was refused, or got no answer: the contact itself shows what is still lost."""
    seen = replace(BEFORE, custom_fields={"Status": "Trial"})
    change = replace(planned(BEFORE, wish(STATUS, "Trial")), restoring=True)
    left = done(change, seen if answered else None, state)
    assert set(left.touched) == {STATUS, FEATURES, SCORE}
    now = with_value(seen, SCORE, "42")
    assert {each.field: each.value for each in put_back(left, now).wishes} == {
        STATUS: "Active",
        FEATURES: ("a", "b"),
    }


def test_a_loss_that_was_mended_is_none() -> None:
    """The second request brought it all back."""
    change = replace(planned(BEFORE, wish(STATUS, "Trial")), restoring=True)
    assert done(change, carried_out(change, BEFORE), ChangeState.UPDATED).touched == (STATUS,)


def test_a_change_that_was_seen_not_to_be_applied_left_nothing() -> None:
    """It is planned again."""
    change = planned(BEFORE, wish(STATUS, "Trial"))
    assert done(change, BEFORE, ChangeState.PLANNED) == Footprint()


def test_a_change_without_custom_fields_lost_none() -> None:
    """Who cleared a field meanwhile was somebody else."""
    change = planned(BEFORE, wish(NOTE, "Long"))
    seen = replace(with_value(BEFORE, NOTE, "Lo"), custom_fields={})
    assert done(change, seen, ChangeState.MISMATCH).touched == (NOTE,)


def test_tags_that_the_account_did_not_take_are_not_taken_away() -> None:
    """Somebody may have put them there since."""
    change = planned(BEFORE, tags=TagEdit(add=("New", "Newer"), remove=("VIP", "Lead")))
    seen = replace(BEFORE, tags=("VIP", "New"))
    left = done(change, seen, ChangeState.MISMATCH)
    assert (left.added, left.removed) == (("New",), ("Lead",))


# -- what can't be put back ----------------------------------------------------------------


def test_a_value_comes_back_over_an_empty_one() -> None:
    """A blank cell that equals the account's blank asks for nothing; a value never is one."""
    change = planned(BEFORE, wish(NOTE, ""), wish(STATUS, ""), wish(FEATURES, ()))
    now = carried_out(change, BEFORE)
    restored = carried_out(again(undone(change, now), now), now)
    assert differing(BEFORE, restored) == set()


def test_nobody_is_assigned_again_where_nobody_was() -> None:
    """None, which is sent as ``unassign_user``."""
    change = planned(replace(BEFORE, assigned_user=None), wish(OWNER, "b@x"))
    back = undone(change, carried_out(change, change.before))
    assert [(each.field, each.value) for each in back.wishes] == [(OWNER, None)]


@pytest.mark.parametrize("field", [NAME, TEAM])
def test_a_name_and_a_team_can_not_be_taken_away(field: FieldName) -> None:
    """The API has no way to; it is said, and the rest goes back."""
    empty = with_value(BEFORE, field, None)
    change = planned(empty, wish(field, "t2"), wish(NOTE, "New"))
    back = undone(change, carried_out(change, empty))
    assert back.remarks == (Remark(field, Why.NEVER_EMPTY),)
    assert [each.field for each in back.wishes] == [NOTE]


@pytest.mark.parametrize(("before", "now"), [(None, "bot_end"), ("bot_start", None)])
def test_a_bot_whose_status_was_not_read_stays(before: str | None, now: str | None) -> None:
    """Before the run or now."""
    change = planned(replace(BEFORE, bot_status=before), wish(BOT, "bot_end"))
    seen = replace(BEFORE, bot_status="bot_end")
    back = undone(change, replace(BEFORE, bot_status=now), seen=seen)
    assert back.wishes == ()
    assert back.remarks == (Remark(BOT, Why.BOT_UNREAD),)


# -- who changed it since ------------------------------------------------------------------


def later_run(now: Contact, field: FieldName, value: Value, run: str) -> tuple[PastChange, Contact]:
    change = planned(now, wish(field, value))
    after = carried_out(change, now)
    return past(change, after, run=run), after


def test_a_later_run_is_named() -> None:
    """The last one that touched the field, as the journal knows."""
    change = planned(BEFORE, wish(NOTE, "One"))
    second, now = later_run(carried_out(change, BEFORE), NOTE, "Two", "r2")
    third, now = later_run(now, NOTE, "Three", "r3")
    fourth, now = later_run(now, STATUS, "Trial", "r4")
    left = footprint(past(change, carried_out(change, BEFORE)), TYPES)
    back = put_back(left, now, [second, third, fourth])
    assert back.remarks == (Remark(NOTE, Why.LATER_RUN, "r3"),)
    person = with_value(now, NOTE, "A person's")
    assert put_back(left, person, [second, third]).remarks == (Remark(NOTE, Why.CHANGED_SINCE),)


def test_a_field_that_later_runs_put_back_goes_back() -> None:
    """It is as the run left it, whoever saw to that."""
    change = planned(BEFORE, wish(NOTE, "One"))
    left = footprint(past(change, carried_out(change, BEFORE)), TYPES)
    second, now = later_run(carried_out(change, BEFORE), NOTE, "Two", "r2")
    third, now = later_run(now, NOTE, "One", "r3")
    assert [each.value for each in put_back(left, now, [second, third]).wishes] == ["Old note"]


# -- only ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "fields"),
    [
        ([], {NOTE, STATUS, SCORE, OWNER, TAGS}),
        (["note"], {NOTE}),
        (["tags.remove"], {TAGS}),
        (["unassign_user", "cf:Status"], {OWNER, STATUS}),
        (["custom_fields"], {STATUS, SCORE}),
        (["name"], set()),
    ],
)
def test_only_what_is_named_goes_back(spelled: list[str], fields: set[FieldName]) -> None:
    """Targets in every spelling; all without any."""
    asked = (wish(NOTE, "N"), wish(STATUS, "Trial"), wish(SCORE, "1"), wish(OWNER, "b@x"))
    change = planned(BEFORE, *asked, tags=TagEdit(add=("New",)))
    whole = footprint(past(change, carried_out(change, BEFORE)), TYPES)
    assert set(whole.only([Target.parse(each) for each in spelled]).touched) == fields


# -- in words ------------------------------------------------------------------------------

LATER = Remark(NOTE, Why.LATER_RUN, "r2")
SINCE = Remark(STATUS, Why.CHANGED_SINCE)
NEVER = Remark(TEAM, Why.NEVER_EMPTY)


@pytest.mark.parametrize(
    ("remarks", "status", "code"),
    [
        ((LATER,), RowStatus.DRIFTED, "later_run"),
        ((LATER, SINCE), RowStatus.DRIFTED, "changed_since"),
        ((LATER, NEVER), RowStatus.FAILED, "cannot_put_back"),
    ],
)
def test_a_row_with_a_remark_is_never_called_done(
    remarks: tuple[Remark, ...], status: RowStatus, code: str
) -> None:
    """Every field that stays is named, with its reason."""
    said = row_remark(remarks)
    assert said is not None
    assert (said.status, said.code) == (status, code)
    assert all(each.field in said.message and each.reason in said.message for each in remarks)
    assert said.hint


def test_no_remark_is_no_word() -> None:
    """A contact that goes back whole."""
    assert row_remark(()) is None
    assert findings(()) == ()


def test_findings_tell_the_field_and_the_run() -> None:
    """So that they can be grouped over all rows."""
    found = findings((LATER, SINCE, NEVER))
    assert [(each.column, each.code) for each in found] == [
        (NOTE, "later_run"),
        (STATUS, "changed_since"),
        (TEAM, "cannot_put_back"),
    ]
    assert "r2" in found[0].message
