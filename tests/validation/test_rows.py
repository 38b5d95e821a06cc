"""What the cells of a row say together, and what rows with one key say of each other."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_update.errors import SheetError, UsageError
from bulk_update.model import (
    DateCell,
    Finding,
    FormulaCell,
    Level,
    NumberCell,
    Policy,
    SourceRow,
    TagEdit,
)
from bulk_update.reading.chunks import grouped
from bulk_update.validation import FINDINGS, Code, ValidationOptions, Validator

A, B, C = "a" * 32, "b" * 32, "c" * 32


def codes(verdict) -> list[str]:
    return [finding.code for finding in verdict.findings]


# -- one row ---------------------------------------------------------------------------------


def test_every_finding_of_a_row_is_reported_in_the_order_of_the_sheet(judge) -> None:
    targets = ["custom_fields.Age", "note", "uuid", "team", "tags", "custom_fields.Wants"]
    (verdict,) = judge(targets, ["x", "#N/A", "zz", "Sale", "VIPP", "Call bck; Intrested"])
    assert codes(verdict) == [
        "bad_number",
        "error_cell",
        "bad_uuid",
        "unknown_team",
        "unknown_tag",
        "unknown_option",
        "unknown_option",
    ]
    assert [finding.column for finding in verdict.findings][:3] == [targets[0], "note", "uuid"]


def test_findings_of_the_row_itself_come_first_and_block_it(make_mapping, schema) -> None:
    ragged = Finding(code="ragged", level=Level.ERROR, message="too many cells")
    odd = Finding(code="odd", level=Level.WARNING, message="odd")
    rows = [
        SourceRow(2, (A, "x"), 2, (ragged,)),
        SourceRow(3, (B, "y"), 3, (odd,)),
    ]
    validator = Validator(make_mapping("uuid", "note"), schema, ValidationOptions())
    validator.survey(grouped(rows))
    blocked, warned = validator.judge(rows)
    assert (blocked.desired, codes(blocked)) == (None, ["ragged"])
    assert warned.desired is not None
    light = [verdict.findings for verdict in validator.judge(rows, build=False)]
    assert light == [(ragged,), (odd,)]


def test_assigned_and_unassigned_together_is_an_error(judge) -> None:
    targets = ["uuid", "assigned_user", "unassign_user"]
    rows = [[A, "bob@acme.com", "yes"], [B, "bob@acme.com", "no"], [C, "<clear>", "yes"]]
    both, assigned, cleared = judge(targets, *rows)
    assert codes(both) == ["assigned_and_unassigned"]
    assert both.findings[0].level == "error"
    assert [wish.value for wish in assigned.desired.wishes] == ["bob@acme.com"]
    assert [wish.value for wish in cleared.desired.wishes] == [None]


def test_an_object_and_a_column_may_not_differ_about_a_field(judge) -> None:
    targets = ["uuid", "custom_fields.Age", "custom_fields"]
    agree, differ = judge(targets, [A, "42", "{'Age': 42.0}"], [B, "42", "{'Age': 43}"])
    assert [wish.value for wish in agree.desired.wishes] == ["42"]
    assert codes(differ) == ["field_twice"]


def test_tag_columns_unite_and_may_not_contradict(judge) -> None:
    targets = ["uuid", "tags", "tags.remove"]
    fine, wrong = judge(targets, [A, "VIP", "Lead"], [B, "VIP", "vip"])
    assert fine.desired.tags == TagEdit(add=("VIP",), remove=("Lead",))
    assert codes(wrong)[-1] == "tags_conflict"


def test_a_row_that_asks_for_nothing_is_fine(judge) -> None:
    (verdict,) = judge(["uuid", "note", "tags"], [A, "", ""])
    assert verdict.desired is not None
    assert (verdict.desired.wishes, verdict.desired.tags) == ((), None)


def test_constants_are_asked_of_every_row(judge) -> None:
    constants = {"tags": "VIP", "note": "Imported"}
    verdicts = judge(["uuid", "tags.remove"], [A, ""], [B, "Lead"], constants=constants)
    assert [v.desired.wishes[0].value for v in verdicts] == ["Imported", "Imported"]
    assert verdicts[1].desired.tags == TagEdit(add=("VIP",), remove=("Lead",))


def test_a_constant_that_cant_be_sent_is_a_usage_error(judge) -> None:
    with pytest.raises(UsageError) as caught:
        judge(["uuid"], [A], constants={"team": "Sale", "custom_fields.Age": "x"})
    assert "--set team" in caught.value.message
    assert "--set custom_fields.Age" in caught.value.message
    assert "Sales" in caught.value.hint


def test_a_constant_may_clash_with_a_cell(judge) -> None:
    constants = {"assigned_user": "bob@acme.com"}
    (verdict,) = judge(["uuid", "unassign_user"], [A, "yes"], constants=constants)
    assert codes(verdict) == ["assigned_and_unassigned"]


def test_what_is_said_of_columns_is_said_once(make_mapping, schema) -> None:
    mapping = make_mapping("uuid", "custom_fields.P/W : é 🎯", constants={"tags": "Black Friday"})
    findings = Validator(mapping, schema, ValidationOptions()).findings
    assert [finding.code for finding in findings] == ["field_type_unknown", "unknown_tag"]
    assert all(finding.level is Level.WARNING for finding in findings)


def test_every_code_has_a_meaning() -> None:
    assert set(FINDINGS) == set(Code)
    assert all(meaning for meaning in FINDINGS.values())


# -- rows with one key -----------------------------------------------------------------------


def test_rows_that_agree_about_one_contact_are_fine(judge) -> None:
    rows = [[A, "Hi", "VIP"], [B, "Ho", ""], [A.upper(), "Hi", "Lead"], [A, "", ""]]
    verdicts = judge(["uuid", "note", "tags"], *rows)
    assert all(verdict.desired for verdict in verdicts)
    assert [verdict.row for verdict in verdicts] == [2, 3, 4, 5]


def test_rows_that_disagree_name_each_other(judge) -> None:
    rows = [[A, "Hi"], [B, "Ho"], [A, "Bye"], [B, "Ho"], [A, ""]]
    verdicts = judge(["uuid", "note"], *rows)
    assert [verdict.row for verdict in verdicts] == [2, 3, 4, 5, 6]
    assert [codes(verdict) for verdict in verdicts] == [
        ["duplicate"],
        [],
        ["duplicate"],
        [],
        ["duplicate"],
    ]
    (finding,) = verdicts[2].findings
    assert (finding.level, finding.column, finding.value) == ("error", "uuid", A)
    assert "2, 4, 6" in finding.message
    assert "'Hi' in row 2" in finding.message
    assert "'Bye' in row 4" in finding.message
    assert [verdict.desired is None for verdict in verdicts] == [True, False, True, False, True]


def test_a_phone_is_one_key_in_every_spelling(judge) -> None:
    rows = [["+39 333 1234567", "a"], ["0039-333-1234567", "b"], ["393331234567", "c"]]
    assert all(codes(v) == ["duplicate"] for v in judge(["phone", "note"], *rows))
    rows = [["3331234567", "a"], ["+393331234567", "b"]]
    assert all(codes(v) == ["duplicate"] for v in judge(["phone", "note"], *rows, region="IT"))
    assert all(codes(v) == [] for v in judge(["phone", "note"], *rows))


def test_the_first_key_of_a_row_is_the_one_that_counts(judge) -> None:
    """Two contacts may share a phone."""
    rows = [[A, "+39333", "x"], [B, "+39333", "y"], ["", "+39333", "z"], ["", "+39333", "w"]]
    verdicts = judge(["uuid", "phone", "note"], *rows)
    assert [codes(verdict) for verdict in verdicts] == [[], [], ["duplicate"], ["duplicate"]]


def test_a_bsuid_that_looks_like_a_uuid_is_another_key(judge) -> None:
    rows = [[A, "", "x"], ["", A, "y"]]
    assert all(codes(verdict) == [] for verdict in judge(["uuid", "bsuid", "note"], *rows))


def test_a_row_that_is_invalid_anyway_contradicts_nobody(judge) -> None:
    rows = [[A, "Hi", "1"], [A, "Bye", "x"]]
    fine, bad = judge(["uuid", "note", "custom_fields.Age"], *rows)
    assert fine.desired is not None
    assert codes(bad) == ["bad_number"]


def test_a_hash_collision_is_no_duplicate(judge, monkeypatch) -> None:
    """Hashes name suspects; the rows themselves are compared."""
    from bulk_update.validation import duplicates, validator

    for module in (duplicates, validator):
        monkeypatch.setattr(module, "hash", lambda _text: 7, raising=False)
    verdicts = judge(["uuid", "note"], [A, "x"], [B, "y"], [C, "z"], [C, "w"])
    assert [codes(verdict) for verdict in verdicts] == [[], [], ["duplicate"], ["duplicate"]]


def test_without_the_extra_pass_such_rows_come_last_but_judged_the_same(judge) -> None:
    rows = [[A, "Hi"], [B, "Ho"], [A, "Bye"], [C, "x"], [B, "Ho"]]
    for build in (True, False):
        resolved = judge(["uuid", "note"], *rows, build=build)
        held = judge(["uuid", "note"], *rows, build=build, resolve=False)
        assert [verdict.row for verdict in held] == [5, 2, 3, 4, 6]
        assert sorted(held, key=lambda verdict: verdict.row) == resolved


def test_nothing_repeats_nothing_is_held(make_mapping, make_rows, schema) -> None:
    rows = make_rows(*([f"{number:032x}", "x"] for number in range(1000)))
    validator = Validator(make_mapping("uuid", "note"), schema, ValidationOptions())
    validator.survey(grouped(rows))
    assert not validator.repeats
    assert len(list(validator.judge(rows))) == 1000


def test_a_judge_without_a_survey_still_judges(make_mapping, make_rows, schema) -> None:
    """Then nothing is decided by columns: what needs it is an error that names the flag."""
    targets = ("uuid", "custom_fields.Born", "custom_fields.Age")
    validator = Validator(make_mapping(*targets), schema, ValidationOptions())
    (verdict,) = validator.judge(make_rows([A, "03/04/2026", "1.234"]))
    assert codes(verdict) == ["date_ambiguous", "number_ambiguous"]
    assert "--date-format" in verdict.findings[0].hint
    assert "--decimal" in verdict.findings[1].hint


# -- any row whatever ------------------------------------------------------------------------

ALL_TARGETS = (
    "uuid",
    "phone",
    "bsuid",
    "name",
    "note",
    "tags",
    "assigned_user",
    "team",
    "bot_status",
    "custom_fields.Address",
    "custom_fields.Mail",
    "custom_fields.Age",
    "custom_fields.Born",
    "custom_fields.Status",
    "custom_fields.Wants",
    "was.note",
)
CONTESTED = (*ALL_TARGETS, "tags.remove", "tags.replace", "unassign_user", "custom_fields")
tricky = st.sampled_from(
    [
        *(A, B, "+39333", "3331234567", "Hi", "VIP;Lead", "-VIP", "Active", "active", "Call back"),
        *("03/04/2026", "31/02/2026", "2026-01-01", "1.234", "1,5", "42", "<clear>", "#N/A", "[]"),
        *("['Call back']", '{"Age": 1}', "{'Age'", "yes", "on", "Sales", "bob@acme.com", "(", "[["),
        *("\u200b", "\u00a0x", "x" * 1001, "+", "-", "+-", ";", ",", "00", "..", "@", "%"),
        *(NumberCell("1.234"), NumberCell("3933312345678901"), DateCell("2026-01-01")),
        *(FormulaCell("=A1"), "=A1", "2026-01-01", "1.234"),
    ]
)
cells = st.one_of(st.just(""), tricky, st.text(max_size=12))


def faults(validator, rows) -> list[tuple[int, str, object]]:
    found = [verdict for chunk in grouped(rows) for verdict in validator.faults(chunk)]
    return [(each.row, each.key, each.findings) for each in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([ALL_TARGETS, CONTESTED]),
    st.data(),
    st.booleans(),
    st.booleans(),
)
def test_no_sheet_whatever_breaks_it_and_every_way_says_the_same(
    make_mapping, schema, targets, data, strict, fix
) -> None:
    """Light or full, chunk by chunk or row by row, resolved or held back."""
    row = st.lists(cells, min_size=len(targets), max_size=len(targets)).map(tuple)
    table = data.draw(st.lists(row, max_size=6))
    plain = all(type(cell) is str for line in table for cell in line)
    options = ValidationOptions(date_format="DMY", decimal=",", strict=strict, fix=fix)
    mapping = make_mapping(*targets)
    by_row = [SourceRow(number, line) for number, line in enumerate(table, start=2)]
    ways = [by_row]
    if plain:
        ways.append([SourceRow(each.row, each.cells, each.row) for each in by_row])
    answers = []
    for rows in ways:
        for build in (True, False):
            for resolve in (True, False):
                validator = Validator(mapping, schema, options)
                validator.survey(grouped(rows))
                if resolve:
                    validator.resolve(grouped(rows))
                verdicts = sorted(validator.judge(rows, build=build), key=lambda each: each.row)
                answers.append([(each.row, each.key, each.findings) for each in verdicts])
                if resolve:
                    said = [(each.row, each.key, each.findings) for each in verdicts]
                    assert faults(validator, rows) == [each for each in said if each[2]]
                for verdict in verdicts:
                    blocked = any(f.level is Level.ERROR for f in verdict.findings)
                    assert (verdict.desired is None) == (blocked or not build)
                    assert all(f.code in set(Code) and f.message for f in verdict.findings)
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]) == len(table)


@pytest.mark.parametrize("target", ["Address", "Status", "Age"])
def test_what_holds_one_value_cant_be_added_to(make_mapping, schema, target) -> None:
    """The value that is there would go: the policy says the opposite."""
    adding = {"policy": Policy.ADD}
    mapping = make_mapping("uuid", f"custom_fields.{target}", settings=adding)
    with pytest.raises(SheetError) as caught:
        Validator(mapping, schema, ValidationOptions())
    assert (caught.value.exit_code, caught.value.code) == (3, "setting_unfit")
    assert target in caught.value.message
    mapping = make_mapping("uuid", "custom_fields.Wants", settings=adding)
    assert Validator(mapping, schema, ValidationOptions())
