"""What keeps a header from being mapped, and what is merely said."""

from __future__ import annotations

import pytest

from bulk_update.errors import SheetQuestion
from bulk_update.mapping.codes import FINDINGS, PROBLEMS
from bulk_update.model import Level


@pytest.mark.parametrize(
    ("header", "like"),
    [
        ("Telefon", "phone"),
        ("Phone 2", "phone"),
        ("Statuss", "cf:Status"),
        ("tag.remove", "tags.remove"),
    ],
)
def test_a_header_near_a_target_is_a_question_until_a_flag_answers(fails, map_header, header, like):
    error = fails(["uuid", header], ["Status"])
    assert isinstance(error, SheetQuestion)
    assert error.code == "near_target"
    assert error.hint == f"-m '{header}={like}' if it is, --skip '{header}' if not"
    assert not map_header(["uuid", header], ["Status"], skip=(header,)).unmapped
    assert map_header(["uuid", header], ["Status"], columns=(f"{header}={like}",)).columns[1:]


def test_a_field_that_only_folds_alike_is_near_and_not_taken(fails):
    assert fails(["uuid", "lead_status"], ["Lead Status"]).code == "near_target"


@pytest.mark.parametrize("header", ["No", "n°", "City", "Last name", "Company name", "User"])
def test_a_header_like_nothing_is_listed_and_ignored(map_header, header):
    mapping = map_header(["phone", header], ["Status"])
    assert mapping.unmapped == (header,)
    (finding,) = mapping.findings
    assert (finding.code, finding.level) == ("unmapped_columns", Level.WARNING)
    assert f"'{header}'" in finding.message


def test_all_ignored_columns_stand_in_one_finding(map_header):
    mapping = map_header(["phone", "City", "Zip", "Zone"])
    assert [finding.code for finding in mapping.findings] == ["unmapped_columns"]
    assert mapping.findings[0].message.startswith("3 columns are ignored")


def test_ignored_columns_are_an_error_when_strict(fails):
    assert fails(["phone", "City"], strict=True).code == "unmapped_columns"


@pytest.mark.parametrize("header", ["was.phone", "was.tags.remove", "was.Nothing", "was."])
def test_a_was_column_is_never_ignored_in_silence(fails, header):
    """It is there to guard what somebody else wrote; without it the guard is gone."""
    assert fails(["phone", header]).code == "was_unknown"


def test_two_columns_on_one_target_name_each_other(fails):
    error = fails(["phone", "Telefono"])
    assert error.code == "two_on_one_target"
    assert "'phone' and column 'Telefono'" in error.message
    assert error.hint.endswith("--skip 'phone' or --skip 'Telefono'")


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["phone", "team", "team_uuid"], ()),
        (["phone", "Status", "cf:status"], ()),
        (["phone", "note", "x"], ("x=note",)),
        (["phone", "x", "y"], ("x=cf:New", "y=custom_fields.New")),
    ],
)
def test_one_target_in_two_spellings_is_one_target(fails, header, columns):
    error = fails(header, ["Status"], columns=columns)
    assert error.code == "two_on_one_target"


def test_a_duplicate_header_that_is_mapped_is_an_error(fails):
    error = fails(["phone", "Note", "x", "Note "])
    assert error.code == "duplicate_header"
    assert "(columns 2, 4)" in error.message


def test_a_duplicate_header_that_a_flag_maps_is_an_error(fails):
    assert fails(["phone", "x", "x"], columns=("x=note",)).code == "duplicate_header"


def test_a_duplicate_header_that_is_skipped_is_none(map_header):
    assert len(map_header(["phone", "Note", "Note"], skip=("Note",)).columns) == 1


def test_a_duplicate_header_that_nothing_maps_is_a_warning(map_header):
    mapping = map_header(["phone", "x", "x"])
    assert {finding.code for finding in mapping.findings} == {
        "duplicate_header",
        "unmapped_columns",
    }
    assert all(finding.level is Level.WARNING for finding in mapping.findings)


def test_a_duplicate_key_is_not_called_missing(fails):
    assert fails(["phone", "phone"]).code == "duplicate_header"


def test_a_column_without_a_header_is_said(map_header, fails):
    mapping = map_header(["phone", "", "\u00a0"])
    assert [finding.code for finding in mapping.findings] == ["blank_header", "blank_header"]
    assert "column 2" in mapping.findings[0].message
    assert fails(["phone", ""], strict=True).code == "blank_header"
    assert not map_header(["phone", ""], strict=True, skip=("",)).findings


def test_no_key_column_is_an_error_that_names_the_columns(fails):
    error = fails(["Città", "note"])
    assert error.code == "no_key"
    assert "-m 'Column=phone'" in error.hint
    assert "'Città', 'note'" in error.hint


def test_an_empty_header_has_no_key(fails):
    assert fails([]).code == "no_key"


@pytest.mark.parametrize(
    ("header", "columns"),
    [(["Telefon"], ()), (["x"], ("y=phone",)), (["x"], ("x=fone",))],
)
def test_a_key_that_is_itself_in_question_is_not_reported_missing_too(fails, header, columns):
    assert fails(header, columns=columns).code != "no_key"


def test_all_problems_are_said_together_a_line_each(fails):
    error = fails(
        ["x", "Statuss", "note", "Nota"],
        ["Status"],
        columns=("y=name", "x=nome"),
        constants=("tags=",),
    )
    head, *lines = error.message.split("\n")
    assert head == "6 problems keep the columns from being mapped:"
    assert len(lines) == 6
    for word in ("'y'", "'nome'", "'Statuss'", "'Nota'", "blank value", "which contact"):
        assert sum(word in line for line in lines) >= 1
    assert error.code == "mapping"


def test_a_message_is_one_line_whatever_the_header_holds(fails):
    error = fails(["phone\n1\x00", "y" * 1_000_000])
    assert "\n" not in error.message
    assert "\n" not in error.hint
    assert len(error.hint) < 1_000


def test_a_header_of_twenty_thousand_columns_is_mapped(map_header):
    mapping = map_header(["phone", *(f"Zq{number}" for number in range(20_000))])
    assert len(mapping.unmapped) == 20_000
    assert "and 19900 more" in mapping.findings[0].message


def test_every_code_is_in_the_catalogue(map_header, fails):
    mapping = map_header(["phone", "name", "x", "x", "", "cf:New", "cf:z"], ["name", "Z"])
    assert {finding.code for finding in mapping.findings} <= FINDINGS.keys()
    assert fails(["x"]).code in PROBLEMS
