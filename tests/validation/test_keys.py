"""Which contact a row means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_update.errors import UsageError
from bulk_update.model import DateCell, NumberCell
from bulk_update.validation.phones import read_phone, region_code

UUID = "0123456789abcdef0123456789abcdef"


def keys_of(judge, target, cell, **given):
    (verdict,) = judge([target, "note"], [cell, "Hi"], **given)
    return verdict.desired.keys if verdict.desired else None


@pytest.mark.parametrize(
    "cell",
    [
        UUID,
        UUID.upper(),
        f" {UUID}\u00a0",
        "01234567-89ab-cdef-0123-456789abcdef",
        "{01234567-89AB-CDEF-0123-456789ABCDEF}",
    ],
)
def test_a_uuid_may_have_dashes_and_capitals(judge, cell) -> None:
    keys = keys_of(judge, "uuid", cell)
    assert keys.uuid == UUID
    assert keys.shown == cell.strip()


@pytest.mark.parametrize("cell", ["x", UUID[:-1], UUID + "0", "g" * 32, "0"])
def test_what_is_no_uuid_is_an_error_and_still_shown(judge, cell) -> None:
    (verdict,) = judge(["uuid"], [cell])
    assert [finding.code for finding in verdict.findings] == ["bad_uuid"]
    assert (verdict.key, verdict.desired) == (cell, None)


def test_a_uuid_inside_a_link_is_proposed(judge) -> None:
    (verdict,) = judge(["uuid"], [f"https://dash.callbell.eu/contacts/{UUID}"])
    assert verdict.findings[0].proposal == UUID


def test_a_bsuid_is_taken_as_it_stands(judge) -> None:
    assert keys_of(judge, "bsuid", " US.13491208655302741918 ").bsuid == "US.13491208655302741918"
    assert keys_of(judge, "bsuid", "abc.DEF").bsuid == "abc.DEF"
    assert keys_of(judge, "bsuid", "two words") is None


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("+393331234567", "393331234567"),
        ("+39 333 123-4567", "393331234567"),
        ("0039 333 1234567", "393331234567"),
        ("+39 (333) 123.45/67", "393331234567"),
        ("+44 (0)20 7946 0000", "442079460000"),
        ("393331234567", "393331234567"),
        (NumberCell("393331234567"), "393331234567"),
        ("393331234567.0", "393331234567"),
        ("+506 6020 41026666", "506602041026666"),
        ("tel:+39 333", "39333"),
        ("'+39333", "39333"),
        ("+39\u00a0333\u200b", "39333"),
        ("\uff0b39333", "39333"),
        ("12", "12"),
        ("02/1234567", "021234567"),
        ("333 - 1234567", "3331234567"),
    ],
)
def test_phones_are_read_as_digits_and_need_not_be_valid(judge, cell, digits) -> None:
    assert keys_of(judge, "phone", cell).phones == (digits,)


@pytest.mark.parametrize(
    ("cell", "region", "readings"),
    [
        ("3331234567", "IT", ("3331234567", "393331234567")),
        ("333 123 4567", "it", ("3331234567", "393331234567")),
        ("02 1234567", "IT", ("021234567", "39021234567")),
        ("0612345678", "FR", ("0612345678", "33612345678")),
        ("393331234567", "IT", ("393331234567",)),
        ("+33612345678", "IT", ("33612345678",)),
        ("0033612345678", "IT", ("33612345678",)),
        ("1", "IT", ("1",)),
    ],
)
def test_without_plus_a_phone_has_two_readings_in_a_region(judge, cell, region, readings) -> None:
    """As written first, then as a national number."""
    assert keys_of(judge, "phone", cell, region=region).phones == readings


@given(
    st.from_regex(r"[1-9][0-9]{5,14}", fullmatch=True), st.sampled_from(["IT", "FR", "US", "BR"])
)
def test_an_international_number_has_one_reading_whatever_the_region(digits, region) -> None:
    for spelled in (f"+{digits}", f"00{digits}", f"+{digits[:2]} {digits[2:]}"):
        assert read_phone(spelled, region) == (digits,)


@pytest.mark.parametrize(
    "cell",
    [
        *("abc", "+39 333 ext 5", "+39333 / +39334", "333;334", "+", "--", "++39333", "n/a"),
        *("39+333", "3331234567/3347654321", "333 123 4567 - 334 765 4321"),
        "3331234567\n3347654321",
    ],
)
def test_what_is_not_one_number_is_an_error(judge, cell) -> None:
    (verdict,) = judge(["phone"], [cell])
    assert [finding.code for finding in verdict.findings] == ["bad_phone"]


@pytest.mark.parametrize("target", ["uuid", "bsuid", "phone"])
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("3.93E+11", "exponent_cell"),
        ("3,93E+11", "exponent_cell"),
        (NumberCell("3933312345670000"), "digits_lost"),
    ],
)
def test_keys_that_excel_damaged_are_beyond_repair(judge, target, cell, code) -> None:
    (verdict,) = judge([target], [cell])
    assert [(str(f.level), f.code) for f in verdict.findings] == [("error", code)]


def test_the_point_zero_of_a_key_is_repaired_and_counted(judge) -> None:
    (verdict,) = judge(["phone"], ["393331234567.0"])
    assert [(str(f.level), f.code) for f in verdict.findings] == [("info", "point_zero")]


@pytest.mark.parametrize(
    ("region", "readings"),
    [
        ("IT", ("3331234567", "393331234567")),
        ("Italia", ("3331234567", "393331234567")),
        ("italy", ("3331234567", "393331234567")),
        ("+39", ("3331234567", "393331234567")),
        ("", ("3331234567", "333331234567")),
        (" ", ("3331234567", "333331234567")),
    ],
)
def test_the_region_may_stand_in_a_column(judge, region, readings) -> None:
    """A blank one is that of the flag."""
    (verdict,) = judge(["phone", "-"], ["3331234567", region], region_column=1, region="FR")
    assert verdict.desired.keys.phones[0] == readings[0]
    if region.strip():
        assert verdict.desired.keys.phones == readings


def test_a_region_that_is_none_is_a_warning_where_it_is_needed(judge) -> None:
    verdicts = judge(
        ["phone", "-"], ["3331234567", "Atlantis"], ["+39334", "Atlantis"], region_column=1
    )
    assert [finding.code for finding in verdicts[0].findings] == ["unknown_region"]
    assert verdicts[0].desired.keys.phones == ("3331234567",)
    assert verdicts[1].findings == ()


def test_regions_are_known_by_letters_names_and_calling_codes() -> None:
    assert region_code("it") == "IT"
    assert region_code("Alemania") == "DE"
    assert region_code("0033") == "FR"
    assert region_code("Atlantis") is None
    assert region_code("+999") is None


def test_a_region_of_the_flag_that_is_none_is_a_usage_error(judge) -> None:
    with pytest.raises(UsageError) as caught:
        judge(["phone"], ["1"], region="Italy")
    assert "--region" in caught.value.hint


@given(
    st.from_regex(r"[0-9]{1,15}", fullmatch=True),
    st.sampled_from(["IT", "FR", "DE", "ES", "PT", "US", "BR", "GB", "AR", "MX", "CI", "SM", "LU"]),
)
def test_the_quick_reading_is_the_librarys(digits, region) -> None:
    from bulk_update.validation.phones import asked_of_library, national_reading

    assert national_reading(digits, region) == asked_of_library(digits, region)


def test_a_date_cell_is_no_key(judge) -> None:
    (verdict,) = judge(["phone"], [DateCell("2026-03-03")])
    assert [finding.code for finding in verdict.findings] == ["date_as_key"]


def test_all_keys_of_a_row_are_given_and_the_first_is_shown(judge) -> None:
    (verdict,) = judge(["phone", "bsuid", "uuid"], ["+39333", "US.1", UUID])
    keys = verdict.desired.keys
    assert (keys.uuid, keys.bsuid, keys.phones, keys.shown) == (UUID, "US.1", ("39333",), UUID)
    (verdict,) = judge(["phone", "uuid"], ["+39333", " "])
    assert (verdict.desired.keys.shown, verdict.key) == ("+39333", "+39333")


def test_a_row_without_a_key_is_an_error_once(judge) -> None:
    (verdict,) = judge(["uuid", "phone", "note"], ["", " ", "Hi"])
    (finding,) = verdict.findings
    assert (finding.code, finding.level, finding.column) == ("no_key", "error", "uuid")
    assert "'uuid', 'phone'" in finding.message
    (verdict,) = judge(["uuid", "phone"], ["x", ""])
    assert [finding.code for finding in verdict.findings] == ["bad_uuid"]


def test_a_value_map_is_read_for_keys_too(judge, make_mapping, make_rows, schema) -> None:
    from dataclasses import replace

    from bulk_update.validation import ValidationOptions, Validator

    mapping = make_mapping("uuid")
    column = replace(mapping.columns[0], values={"boss": UUID})
    validator = Validator(replace(mapping, columns=(column,)), schema, ValidationOptions())
    (verdict,) = validator.judge(make_rows(["boss"]))
    assert verdict.desired is not None
    assert verdict.desired.keys.uuid == UUID
