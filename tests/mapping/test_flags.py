"""``-m``, ``--set`` and ``--skip``."""

from __future__ import annotations

import pytest

from bulk_update.errors import SheetQuestion, UsageError
from bulk_update.model import Level


def test_a_flag_beats_the_header_itself(targets):
    assert targets(["phone", "Note"], ["x"], columns=("Note=cf:x",))["Note"] == "custom_fields.x"


@pytest.mark.parametrize(
    ("header", "flag", "column", "target"),
    [
        (["a", "a=b"], "a=b=phone", "a=b", "phone"),
        (["a", "z"], "a=cf:x=y", "a", "custom_fields.x=y"),
        (["a", "a=cf:x"], "a=cf:x=phone", "a=cf:x", "phone"),
        (["=", "z"], "==phone", "=", "phone"),
        (["Tel. cliente ", "z"], "Tel. cliente=phone", "Tel. cliente ", "phone"),
        (["Tel.\ncliente", "z"], "tel. CLIENTE=phone", "Tel.\ncliente", "phone"),
        (["Citta\u0300", "z"], "Città=phone", "Citta\u0300", "phone"),
        (["", "z"], "=phone", "", "phone"),
    ],
)
def test_column_and_target_may_both_have_an_equals_sign(targets, header, flag, column, target):
    """The longest column of the header wins; exact first, then white space, then case."""
    flags = (flag,) if target == "phone" else (flag, "z=phone")
    assert targets(header, ["x=y"], columns=flags)[column] == target


def test_a_column_is_found_exactly_before_loosely(targets):
    found = targets(["tel", "TEL"], columns=("TEL=phone",), skip=("tel",))
    assert found == {"TEL": "phone"}


def test_a_column_in_two_cases_can_only_be_named_exactly(fails):
    error = fails(["Rif", "RIF", "phone"], columns=("rif=note",))
    assert error.code == "unknown_column"


def test_an_unknown_column_is_named_with_what_is_near(fails):
    error = fails(["phone", "Commento", "Città"], columns=("Comento=note",))
    assert error.code == "unknown_column"
    assert error.message == "-m 'Comento=note': the sheet has no column 'Comento'"
    assert error.hint == "did you mean 'Commento'?"


def test_an_unknown_column_like_no_other_is_named_with_those_there_are(fails):
    error = fails(["phone", "Città"], skip=("zzz",))
    assert error.hint == "its columns are 'phone', 'Città'"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fone", "phone"),
        ("Phone", "phone"),
        ("telefono", "phone"),
        ("tag.remove", "tags.remove"),
        ("Status", "cf:Status"),
        ("was.phone", "phone"),
    ],
)
def test_an_unknown_target_is_named_with_what_was_meant(fails, written, meant):
    error = fails(["phone", "x"], ["Status"], columns=(f"x={written}",))
    assert error.code == "unknown_target"
    assert f"'{written}'" in error.message
    if written != "was.phone":
        assert error.hint == f"did you mean '{meant}'?"


def test_an_unknown_target_like_no_other_lists_all(fails):
    error = fails(["phone", "x"], columns=("x=qqqqqq",))
    assert "tags.remove" in error.hint
    assert "cf:<Name>" in error.hint


@pytest.mark.parametrize("option", ["columns", "constants"])
def test_a_flag_without_an_equals_sign_is_wrong_usage(map_header, option):
    with pytest.raises(UsageError) as caught:
        map_header(["phone"], **{option: ("phone",)})
    assert caught.value.exit_code == 2


def test_a_field_the_schema_has_not_seen_is_allowed_with_a_warning(map_header):
    mapping = map_header(["phone", "x"], ["Status"], columns=("x=cf:Birthday",))
    assert str(mapping.columns[1].target) == "custom_fields.Birthday"
    (finding,) = mapping.findings
    assert (finding.code, finding.level) == ("custom_field_unseen", Level.WARNING)
    assert "schema add field 'Birthday' --schema FILE" in finding.hint


def test_a_field_the_schema_has_not_seen_is_an_error_when_strict(fails):
    error = fails(["phone", "x"], ["Status"], columns=("x=cf:Birthday",), strict=True)
    assert error.code == "custom_field_unseen"


@pytest.mark.parametrize("header", ["x", "cf:Statuss"])
def test_a_near_miss_of_a_field_is_an_error_until_it_is_answered(fails, header):
    columns = ("x=cf:Statuss",) if header == "x" else ()
    error = fails(["phone", header], ["Status"], columns=columns)
    assert error.code == "custom_field_near"
    assert f"-m '{header}=cf:Status'" in error.hint
    assert "schema add field 'Statuss'" in error.hint


def test_a_field_in_another_case_is_taken_as_the_account_spells_it(map_header):
    mapping = map_header(["phone", "x"], ["Status"], columns=("x=cf:STATUS",))
    assert mapping.columns[1].target.custom == "Status"
    assert [finding.code for finding in mapping.findings] == ["custom_field_spelling"]


def test_one_column_with_two_targets_is_an_error(fails):
    error = fails(["phone", "x"], columns=("x=note", "x=name"))
    assert error.code == "column_twice"


def test_the_same_flag_twice_is_once(targets):
    assert targets(["phone", "x"], columns=("x=note", "x=note"))["x"] == "note"


def test_a_column_mapped_and_skipped_is_an_error(fails):
    assert fails(["phone", "x"], columns=("x=note",), skip=("x",)).code == "column_twice"


def test_a_skipped_column_is_neither_mapped_nor_listed(map_header):
    mapping = map_header(["phone", "Note", "x"], skip=("note", "x"), strict=True)
    assert [column.header for column in mapping.columns] == ["phone"]
    assert mapping.skipped == ("Note", "x")
    assert not mapping.unmapped


def test_constants_give_targets_a_value_for_every_row(map_header):
    mapping = map_header(["phone"], ["x=y", "x"], constants=("tags=a=b", "cf:X=Y=1=2", "note= z "))
    assert [(str(target), value) for target, value in mapping.constants] == [
        ("tags", "a=b"),
        ("custom_fields.x=y", "1=2"),
        ("note", " z "),
    ]


def test_tags_replace_holds_for_constants_too(map_header):
    mapping = map_header(["phone"], constants=("tags=VIP",), tags_replace=True)
    assert str(mapping.constants[0][0]) == "tags.replace"


@pytest.mark.parametrize(
    ("constant", "code"),
    [
        ("phone=1", "key_constant"),
        ("nota=x", "unknown_target"),
        ("note=", "blank_constant"),
        ("note=  ", "blank_constant"),
        ("name=x", "two_on_one_target"),
    ],
)
def test_a_constant_that_makes_no_sense_is_an_error(fails, constant, code):
    assert fails(["phone", "name"], constants=(constant,)).code == code


def test_two_constants_for_one_target_are_an_error(fails):
    assert fails(["phone"], constants=("note=a", "note=b")).code == "two_on_one_target"


def test_constant_tags_come_together_with_a_column_of_tags(map_header, fails):
    mapping = map_header(["phone", "tags", "tags.remove"], constants=("tags=New", "tags.remove=x"))
    assert len(mapping.constants) == 2
    assert fails(["phone", "tags"], constants=("tags=a", "tags=b")).code == "two_on_one_target"
    whole = fails(["phone", "tags"], constants=("tags=a",), tags_replace=True)
    assert whole.code == "two_on_one_target"


def test_what_only_flags_can_answer_is_a_question(fails):
    assert isinstance(fails(["phone", "Telefon"]), SheetQuestion)
    assert not isinstance(fails(["phone", "x"], columns=("x=fone",)), SheetQuestion)
