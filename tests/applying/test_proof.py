"""A row is a success only when the answer agrees with what was asked and what was there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bulk_update.applying.body import request_body
from bulk_update.applying.proof import is_as_before, outcome_of, prove
from bulk_update.model import (
    Change,
    ChangeState,
    Contact,
    FieldChange,
    FieldName,
    FieldType,
    TagEdit,
    Wish,
    custom_field,
)

STATUS, TAGS = custom_field("Status"), FieldName("tags")
BEFORE = Contact(
    uuid="0" * 32,
    name="Ada",
    tags=("Lead",),
    assigned_user="ada@example.com",
    custom_fields={"Status": "Old", "City": "Rome", "Features": ("x", "y"), "Empty": ""},
)


def change(*fields: FieldChange, tags: TagEdit | None = None) -> Change:
    return Change(
        uuid=BEFORE.uuid,
        rows=(2,),
        before=BEFORE,
        read_at=datetime(2026, 3, 3, tzinfo=UTC),
        fields=fields,
        tags=tags,
    )


NEW_STATUS = FieldChange(field=STATUS, old="Old", new="New", type=FieldType.DROPDOWN)
EDIT = TagEdit(add=("VIP",), remove=("Lead",))
NEW_TAGS = FieldChange(field=TAGS, old=("Lead",), new=("VIP",))


def seen(**values: object) -> Contact:
    return replace(BEFORE, **values)  # type: ignore[arg-type]


def with_fields(**fields: object) -> Contact:
    return seen(custom_fields={**BEFORE.custom_fields, **fields})


def test_only_an_answer_that_shows_what_was_asked_is_updated() -> None:
    outcome = outcome_of(prove(change(NEW_STATUS), with_fields(Status="New")), http_status=200)
    assert (outcome.state, outcome.code) == (ChangeState.UPDATED, "")


def test_a_value_that_did_not_take_is_a_mismatch_that_names_both() -> None:
    outcome = outcome_of(prove(change(NEW_STATUS), BEFORE), http_status=200)
    assert (outcome.state, outcome.code) == (ChangeState.MISMATCH, "not_as_asked")
    assert "Old" in outcome.message
    assert "New" in outcome.message


def test_a_team_that_did_not_take_is_told_by_its_name() -> None:
    team = FieldName("team")
    asked = change(FieldChange(field=team, old="0" * 32, new="1" * 32))
    asked = replace(asked, wishes=(Wish(field=team, value="1" * 32, raw=" sales "),))
    answer = seen(team_uuid="0" * 32, team_name="General")
    message = outcome_of(prove(asked, answer), http_status=200).message
    assert "General" in message
    assert "sales" in message
    assert "000" not in message


def test_a_lost_field_that_nobody_named_is_collateral() -> None:
    proof = prove(change(NEW_STATUS), seen(custom_fields={"Status": "New"}))
    assert set(proof.lost) == {custom_field("City"), custom_field("Features")}
    assert not proof.agrees


def test_a_lost_field_is_no_fault_of_a_body_without_custom_fields() -> None:
    proof = prove(change(NEW_TAGS, tags=EDIT), seen(tags=("VIP",), custom_fields={}))
    assert proof.lost == ()
    assert custom_field("City") in proof.also_changed


def test_other_differences_are_a_warning() -> None:
    answer = replace(with_fields(Status="New"), name="Ada Lovelace")
    outcome = outcome_of(prove(change(NEW_STATUS), answer), http_status=200)
    assert (outcome.state, outcome.code) == (ChangeState.UPDATED, "also_changed")
    assert "name" in outcome.message


def test_tags_that_others_changed_meanwhile_are_no_fault() -> None:
    assert prove(change(NEW_TAGS, tags=EDIT), seen(tags=("Other", "VIP"))).agrees


def test_a_tag_that_was_dropped_is_not_as_asked() -> None:
    assert prove(change(NEW_TAGS, tags=EDIT), seen(tags=())).wrong == (TAGS,)


def test_a_removed_tag_that_is_still_there_is_not_as_asked() -> None:
    assert prove(change(NEW_TAGS, tags=EDIT), seen(tags=("Lead", "VIP"))).wrong == (TAGS,)


def test_replaced_tags_must_be_the_whole_list() -> None:
    replacing = change(NEW_TAGS, tags=TagEdit(replace=("VIP",)))
    assert prove(replacing, seen(tags=("VIP", "Other"))).wrong == (TAGS,)


def test_as_before_means_that_nothing_moved() -> None:
    assert is_as_before(change(NEW_STATUS), BEFORE)
    assert not is_as_before(change(NEW_STATUS), with_fields(Status="Third"))


def test_the_body_bears_only_what_changes() -> None:
    body = request_body(change(NEW_STATUS, NEW_TAGS, tags=EDIT), whole_object=False, types={})
    assert body == {"custom_fields": {"Status": "New"}, "tags": ["VIP"]}


def test_the_whole_object_keeps_every_field_that_holds_something() -> None:
    body = request_body(change(NEW_STATUS), whole_object=True, types={})
    assert body == {"custom_fields": {"Status": "New", "City": "Rome", "Features": ["x", "y"]}}


def test_a_date_is_sent_as_a_day_however_the_account_shows_it() -> None:
    """Beside the field that changes, and where an undo sends what was read; a text that looks
    like a moment is one."""
    moment = "2026-06-19T00:00:00.000Z"
    shown = replace(BEFORE, custom_fields={"Due": moment, "Text": moment, "Status": "Old"})
    whole = request_body(
        replace(change(NEW_STATUS), before=shown), whole_object=True, types={"Due": FieldType.DATE}
    )
    assert whole == {"custom_fields": {"Status": "New", "Due": "2026-06-19", "Text": moment}}
    back = FieldChange(field=custom_field("Due"), old="2027-01-31", new=moment, type=FieldType.DATE)
    body = request_body(change(back), whole_object=False, types={})
    assert body == {"custom_fields": {"Due": "2026-06-19"}}


def test_nobody_is_assigned_by_a_key_of_its_own() -> None:
    owner = FieldName("assigned_user")
    gone = FieldChange(field=owner, old="ada@example.com", new=None)
    assert request_body(change(gone), whole_object=False, types={}) == {"unassign_user": True}
    other = replace(gone, new="bob@example.com")
    assert request_body(change(other), whole_object=False, types={}) == {
        "assigned_user": "bob@example.com"
    }


def test_a_team_is_sent_by_its_uuid() -> None:
    team = FieldChange(field=FieldName("team"), old=None, new="t1")
    assert request_body(change(team), whole_object=False, types={}) == {"team_uuid": "t1"}
