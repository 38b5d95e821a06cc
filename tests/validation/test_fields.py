"""What each field takes, and what it makes of it."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_update.account.schema import FieldSchema
from bulk_update.model import DateCell, FieldType, NumberCell

ADDRESS, MAIL, AGE, BORN = (f"custom_fields.{x}" for x in ("Address", "Mail", "Age", "Born"))
STATUS, WANTS, ODD = (f"custom_fields.{x}" for x in ("Status", "Wants", "P/W : é 🎯"))

slow_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


# -- text, name, note ------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["name", "note", ADDRESS, ODD])
@pytest.mark.parametrize("text", ["Main Street 1", "a  b", "'quoted'", "🎯", "3.9E+1x", "1E+9"])
def test_text_is_sent_as_it_stands(wished, target, text) -> None:
    assert wished(target, text) == text


@pytest.mark.parametrize(
    ("length", "fine"), [(1, True), (999, True), (1000, True), (1001, False), (5000, False)]
)
@pytest.mark.parametrize("character", ["x", "é", "🎯", "\n"])
def test_a_note_holds_1000_code_points(codes, length, fine, character) -> None:
    text = "a" + character * (length - 2) + ("z" if length > 1 else "")
    assert codes("note", text) == ([] if fine else [("error", "note_too_long")])


def test_a_note_is_counted_as_it_is_sent(codes) -> None:
    """What is trimmed isn't counted; every character of CRLF is."""
    assert codes("note", " " * 50 + "x" * 1000) == [("info", "trimmed")]
    assert codes("note", "x" * 998 + "\r\nx") == [("error", "note_too_long")]


# -- e-mail ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "good",
    [
        "user@example.com",
        "a.b+c@sub.example.co.uk",
        "o'brien@a-b.it",
        "info@müller.de",
        "x@foo.test",
    ],
)
def test_addresses_are_sent_as_they_stand(wished, good) -> None:
    assert wished(MAIL, good) == good


@pytest.mark.parametrize(
    ("bad", "proposal"),
    [
        ("user", None),
        ("user@", None),
        ("user@example", None),
        ("a@b@c.de", None),
        (".user@example.com", None),
        ("us..er@example.com", None),
        ("Anna <anna@acme.com>", "anna@acme.com"),
        ("mailto:anna@acme.com", "anna@acme.com"),
        ("anna@acme,com", "anna@acme.com"),
        ("anna @acme.com", "anna@acme.com"),
        ("a@b.co; c@d.co", None),
    ],
)
def test_what_is_no_address_is_an_error(judge_cell, bad, proposal) -> None:
    (finding,) = judge_cell(MAIL, bad).findings
    assert (finding.code, finding.level, finding.proposal) == ("bad_email", "error", proposal)


@given(st.from_regex(r"[a-z0-9.+'_-]{1,12}@[a-z0-9.-]{1,12}\.[a-z]{2,6}", fullmatch=True))
def test_the_quick_look_never_takes_what_the_library_refuses(text) -> None:
    from email_validator import EmailNotValidError, validate_email

    from bulk_update.validation.judges.email import SURELY_EMAIL

    if SURELY_EMAIL.fullmatch(text):
        try:
            validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            assert "special-use" in str(error)  # noqa: PT017 - a name nobody reaches, not a fault


# -- number ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [("42", "42"), ("-7", "-7"), ("0", "0"), ("3.5", "3.5"), ("3,5", "3.5"), ("12.50", "12.50")],
)
def test_plain_numbers_are_sent_without_a_word(judge_cell, cell, value) -> None:
    verdict = judge_cell(AGE, cell)
    assert verdict.findings == ()
    assert verdict.desired.wishes[0].value == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0042", "42"), ("+5", "5"), ("-0", "0"), ("007.50", "7.50"), (".5", "0.5")],
)
def test_respelled_numbers_are_counted(judge_cell, cell, value) -> None:
    verdict = judge_cell(AGE, cell)
    assert verdict.desired.wishes[0].value == value
    assert [each.code for each in verdict.findings] == ["number_respelled"]


def test_without_fixing_a_respelled_number_is_an_error_with_a_proposal(judge_cell) -> None:
    verdict = judge_cell(AGE, "0042", fix=False)
    (finding,) = verdict.findings
    assert (finding.level, finding.proposal, verdict.desired) == ("error", "42", None)
    assert "--fix safe" in finding.hint


def test_the_point_zero_of_a_whole_number_goes_and_is_counted(judge_cell) -> None:
    verdict = judge_cell(AGE, "123.0")
    assert verdict.desired.wishes[0].value == "123"
    assert [(str(f.level), f.code) for f in verdict.findings] == [("info", "point_zero")]


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1.234,50", None, "1234.50"),
        ("1,234.50", None, "1234.50"),
        ("1 234,5", None, "1234.5"),
        ("1'234.5", None, "1234.5"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234", ".", "1234"),
        ("1.234.567", None, "1234567"),
    ],
)
def test_grouped_numbers_are_read_in_the_notation_of_the_column(
    wished, cell, decimal, value
) -> None:
    assert wished(AGE, cell, decimal=decimal) == value


@pytest.mark.parametrize(
    "bad",
    [
        "abc",
        "1e5",
        "NaN",
        "inf",
        "1_000",
        "12 34",
        "1.2.3",
        "1,23.4",
        "5%",
        "€5",
        "--1",
        "٤٢",
        "1.",
        "0x10",
    ],
)
def test_what_is_no_number_is_an_error(codes, bad) -> None:
    assert codes(AGE, bad) == [("error", "bad_number")]


def test_number_cells_are_certain(wished, codes) -> None:
    assert wished(AGE, NumberCell("1.234")) == "1.234"
    assert wished(AGE, NumberCell("123456789012345")) == "123456789012345"
    assert codes(AGE, NumberCell("1234567890123456")) == [("error", "digits_lost")]
    assert wished(AGE, "1234567890123456") == "1234567890123456"
    assert codes(AGE, DateCell("2026-03-03")) == [("error", "bad_number")]


@slow_fixtures
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_the_value_of_a_number_survives(wished, number) -> None:
    from decimal import Decimal

    text = format(number, "f")
    assert Decimal(wished(AGE, text, decimal=".")) == number
    assert Decimal(wished(AGE, text.replace(".", ","), decimal=",")) == number


# -- date ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-03-03", "2026-03-03"),
        ("20260303", "2026-03-03"),
        ("2026-03-03T00:00:00", "2026-03-03"),
        ("2026-03-03 00:00:00", "2026-03-03"),
        ("2026-03-03T00:00:00Z", "2026-03-03"),
        (DateCell("2026-03-03"), "2026-03-03"),
        ("31/12/2026", "2026-12-31"),
        ("12/31/2026", "2026-12-31"),
        ("31.12.2026", "2026-12-31"),
        ("31. 12. 2026", "2026-12-31"),
        ("2026/12/31", "2026-12-31"),
        ("03/03/2026", "2026-03-03"),
        ("29/02/2024", "2024-02-29"),
    ],
)
def test_a_certain_date_is_sent_as_iso(judge_cell, cell, value) -> None:
    verdict = judge_cell(BORN, cell)
    assert verdict.findings == ()
    assert verdict.desired.wishes[0].value == value


@pytest.mark.parametrize(
    "bad",
    [
        "31/02/2026",
        "2026-02-31",
        "29/02/2026",
        "32/01/2026",
        "13/13/2026",
        "Friday",
        "12",
        "2026-13-01",
        "3 March 2026",
        "1/2/3",
        "01/02/026",
        "0001-01-01",
    ],
)
def test_what_fits_no_order_is_an_error(codes, bad) -> None:
    assert codes(BORN, bad) == [("error", "bad_date")]


@pytest.mark.parametrize(
    ("cell", "value", "date_1904"),
    [
        (NumberCell("46084"), "2026-03-03", False),
        ("46084", "2026-03-03", False),
        (NumberCell("44622"), "2026-03-03", True),
        (NumberCell("1"), "1900-01-01", False),
        (NumberCell("59"), "1900-02-28", False),
        (NumberCell("61"), "1900-03-01", False),
        (NumberCell("2957003"), "9999-12-31", True),
    ],
)
def test_serial_numbers_are_read_and_counted(judge_cell, cell, value, date_1904) -> None:
    verdict = judge_cell(BORN, cell, date_1904=date_1904)
    assert verdict.desired.wishes[0].value == value
    assert [(str(f.level), f.code) for f in verdict.findings] == [("info", "serial_date")]


@pytest.mark.parametrize(
    ("number", "date_1904"),
    [("60", False), ("2958466", False), ("2957004", True), ("2958465", True)],
)
def test_a_serial_number_of_no_day_is_a_finding(judge_cell, number, date_1904) -> None:
    verdict = judge_cell(BORN, NumberCell(number), date_1904=date_1904)
    assert [str(f.level) for f in verdict.findings] == ["error"]


@pytest.mark.parametrize("cell", ["60", "0", "-1", "99999999", "1.5.6"])
def test_numbers_that_are_no_day_are_errors(codes, cell) -> None:
    assert codes(BORN, NumberCell(cell)) == [("error", "bad_date")]


@pytest.mark.parametrize(
    "cell", ["2026-03-03T14:30:00", "2026-03-03 14:30", "31/12/2026 2:30 PM", NumberCell("46084.5")]
)
def test_a_time_of_day_is_left_out_and_said(codes, cell) -> None:
    assert ("warning", "time_dropped") in codes(BORN, cell)


@pytest.mark.parametrize(
    ("cell", "date_format", "value"),
    [
        ("03/04/2026", "DMY", "2026-04-03"),
        ("03/04/2026", "mdy", "2026-03-04"),
        ("03/04/05", "YMD", "2003-04-05"),
        ("4 March 2026", "%d %B %Y", "2026-03-04"),
        ("2026-03-04", "MDY", "2026-03-04"),
        ("2026-03-04", "%d.%m.%Y", "2026-03-04"),
        ("4 marzo 2026", "%d %B %Y", "2026-03-04"),
        ("4 de dezembro de 2026", "%d de %B de %Y", "2026-12-04"),
        ("4 AOUT 2026", "%d %B %Y", "2026-08-04"),
        ("04-févr.-26", "%d-%b-%y", "2026-02-04"),
        ("04-lug-26", "%d-%b-%y", "2026-07-04"),
        ("4 févr. 2026", "%d %b. %Y", "2026-02-04"),
        ("Sept 4, 2026", "%B %d, %Y", "2026-09-04"),
    ],
)
def test_a_given_format_decides(wished, cell, date_format, value) -> None:
    assert wished(BORN, cell, date_format=date_format) == value


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [
        ("3 marzo 2026", "'%d %B %Y'"),
        ("03-févr.-26", "%d-%B-%y"),
        ("March 3, 2026", "'%B %d, %Y'"),
        ("3 de enero de 2026", "'%d de %B de %Y'"),
    ],
)
def test_a_month_by_its_name_fits_no_order_and_names_the_pattern(judge_cell, cell, pattern) -> None:
    (finding,) = judge_cell(BORN, cell).findings
    assert (finding.code, finding.level) == ("bad_date", "error")
    assert f"--date-format {pattern}" in finding.hint
    given = judge_cell(BORN, cell, date_format=pattern.strip("'"))
    assert given.desired.wishes[0].value.startswith("2026-0")


def test_a_time_that_a_pattern_reads_is_left_out_and_said(judge_cell) -> None:
    verdict = judge_cell(BORN, "3.4.2026 14h30", date_format="%d.%m.%Y %Hh%M")
    assert verdict.desired.wishes[0].value == "2026-04-03"
    assert [finding.code for finding in verdict.findings] == ["time_dropped"]


def test_what_doesnt_fit_the_given_format_is_an_error(codes) -> None:
    assert codes(BORN, "31/12/2026", date_format="MDY") == [("error", "bad_date")]
    assert codes(BORN, "31/12/2026", date_format="%d.%m.%Y") == [("error", "bad_date")]


@slow_fixtures
@given(st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2060, 1, 1)))
def test_every_day_survives_in_every_order(wished, day) -> None:
    spelled = {"DMY": "%d/%m/%Y", "MDY": "%m/%d/%y", "YMD": "%Y.%m.%d", "%Y%j": "%Y%j"}
    for date_format, pattern in spelled.items():
        cell = day.strftime(pattern)
        assert wished(BORN, cell, date_format=date_format) == day.isoformat()


# -- dropdown and checkbox -------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["Active", "Café, bar"])
def test_an_option_is_taken_exactly(judge_cell, cell) -> None:
    verdict = judge_cell(STATUS, cell)
    assert verdict.desired.wishes[0].value == cell
    assert verdict.findings == ()


@pytest.mark.parametrize(
    "cell",
    [
        "active",
        "ACTIVE",
        " Active",
        "Active\u00a0",
        "cafe\u0301, BAR",
        "Cafe\u0301, bar",
        "Café,  bar",
        "Act\u200bive",
        "Ac\u00adtive",
    ],
)
def test_an_option_in_another_case_spacing_or_composition_is_mended_and_counted(
    judge_cell, cell
) -> None:
    """One count for each cell that is sent otherwise than it stands."""
    verdict = judge_cell(STATUS, cell)
    assert verdict.desired.wishes[0].value in ("Active", "Café, bar")
    assert [(str(f.level), f.code) for f in verdict.findings] == [("info", "respelled")]
    (finding,) = judge_cell(STATUS, cell, fix=False).findings
    assert (finding.level, finding.code) == ("error", "respelled")


def test_without_fixing_another_case_is_an_error_with_a_proposal(judge_cell) -> None:
    for target, cell, name in (
        (STATUS, "active", "Active"),
        (WANTS, "call back", "Call back"),
        ("tags", "vip", "VIP"),
        ("team", "sales", "Sales"),
    ):
        verdict = judge_cell(target, cell, fix=False)
        (finding,) = verdict.findings
        assert (finding.level, finding.proposal, verdict.desired) == ("error", name, None)


def test_an_unknown_option_is_an_error_with_did_you_mean(judge_cell) -> None:
    (finding,) = judge_cell(STATUS, "Actve").findings
    assert (finding.level, finding.code, finding.proposal) == ("error", "unknown_option", "Active")
    assert "Active" in finding.hint
    (finding,) = judge_cell(STATUS, "zzz").findings
    assert finding.proposal is None
    assert "Inactive" in finding.hint


def test_a_space_at_the_end_of_an_option_is_its_own(wished, make_schema) -> None:
    field = FieldSchema(name="S", type=FieldType.DROPDOWN, options=("On ", "On", "Off "))
    schema = make_schema(fields={"S": field})
    assert wished("custom_fields.S", "On ", schema=schema) == "On "
    assert wished("custom_fields.S", "On", schema=schema) == "On"
    assert wished("custom_fields.S", "Off", schema=schema) == "Off "


def test_options_that_differ_by_case_only_must_be_written_exactly(
    wished, codes, make_schema
) -> None:
    field = FieldSchema(name="S", type=FieldType.DROPDOWN, options=("on", "ON"))
    schema = make_schema(fields={"S": field})
    assert wished("custom_fields.S", "ON", schema=schema) == "ON"
    assert codes("custom_fields.S", "On", schema=schema) == [("error", "ambiguous_name")]


@pytest.mark.parametrize("kind", [FieldType.DROPDOWN, FieldType.CHECKBOX])
def test_without_known_options_any_value_goes_and_that_is_said_once(
    judge, make_schema, make_mapping, kind
) -> None:
    from bulk_update.validation import ValidationOptions, Validator

    schema = make_schema(fields={"S": FieldSchema(name="S", type=kind)})
    (verdict,) = judge(["uuid", "custom_fields.S"], ["a" * 32, "x"], schema=schema)
    assert verdict.findings == ()
    validator = Validator(make_mapping("uuid", "custom_fields.S"), schema, ValidationOptions())
    assert [finding.code for finding in validator.findings] == ["options_unknown"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Call back", ("Call back",)),
        ("Call back;Interested", ("Call back", "Interested")),
        ("Call back | Interested", ("Call back", "Interested")),
        ("Call back, Interested", ("Call back", "Interested")),
        ("Call back\nInterested", ("Call back", "Interested")),
        ("Call back;;Call back; ", ("Call back",)),
        ("Media (article, ad, tv)", ("Media (article, ad, tv)",)),
        ("Media (article, ad, tv), Interested", ("Media (article, ad, tv)", "Interested")),
        ("Interested,Media (article, ad, tv)", ("Interested", "Media (article, ad, tv)")),
        ('["Call back", "Interested"]', ("Call back", "Interested")),
        ("['Call back', 'Interested']", ("Call back", "Interested")),
        ('["Media (article, ad, tv)"]', ("Media (article, ad, tv)",)),
        ("[]", ()),
    ],
)
def test_lists_of_options(wished, cell, value) -> None:
    assert wished(WANTS, cell) == value


@pytest.mark.parametrize(
    "cell",
    ["['Call back', 'Int", '["Call back"', '[{"a": 1}]', "['a'] x", r'["\ud800"]', r"['\x00']"],
)
def test_broken_lists_are_errors(codes, cell) -> None:
    for target in (WANTS, "tags"):
        assert codes(target, cell)[0] == ("error", "bad_list")


def test_every_unknown_item_of_a_list_is_reported(judge_cell) -> None:
    findings = judge_cell(WANTS, "Call bck;Interested;Intrested").findings
    assert [(f.value, f.proposal) for f in findings] == [
        ("Call bck", "Call back"),
        ("Intrested", "Interested"),
    ]


option = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")), min_size=1)


@slow_fixtures
@given(st.lists(option, min_size=1, max_size=5))
def test_known_options_survive_as_a_json_list(wished, make_schema, options) -> None:
    """Whatever separators they hold, unless two differ by case or composition alone."""
    from bulk_update.validation.text import composed

    options = list({composed(each).casefold(): composed(each) for each in options}.values())
    field = FieldSchema(name="S", type=FieldType.CHECKBOX, options=tuple(options))
    schema = make_schema(fields={"S": field})
    got = wished("custom_fields.S", json.dumps(options), schema=schema)
    assert got == tuple(options)


@pytest.mark.parametrize("cell", [";", " , ", "||", "\n;\n", "; \u200b;"])
def test_separators_with_nothing_between_them_are_a_blank_cell(judge_cell, cell) -> None:
    """Formulas that join empty cells leave them; they are no word to empty a field."""
    for target in (WANTS, "tags", "tags.remove", "tags.replace", f"was.{WANTS}", "was.tags"):
        desired = judge_cell(target, cell).desired
        assert (desired.wishes, desired.tags, desired.was) == ((), None, ())


# -- tags ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "add", "remove"),
    [
        ("VIP", ("VIP",), ()),
        ("VIP;Lead", ("VIP", "Lead"), ()),
        ("+VIP;-Lead", ("VIP",), ("Lead",)),
        ("+VIP;Lead", ("VIP", "Lead"), ()),
        ("-Media (article, ad, tv), +VIP", ("VIP",), ("Media (article, ad, tv)",)),
        ("+Plus", ("+Plus",), ()),
        ("Trailing ", ("Trailing ",), ()),
        ("Trailing", ("Trailing ",), ()),
        ("['VIP', 'Lead']", ("VIP", "Lead"), ()),
    ],
)
def test_a_tags_cell_adds_and_with_signs_removes(judge_cell, cell, add, remove) -> None:
    tags = judge_cell("tags", cell).desired.tags
    assert (tags.add, tags.remove, tags.replace) == (add, remove, None)


@pytest.mark.parametrize("cell", ["V\u0406P", "\uff36\uff29\uff30", "VlP", "V1P", "VÍP"])
def test_a_tag_that_merely_looks_like_one_is_near_however_short(judge_cell, cell) -> None:
    (finding,) = judge_cell("tags", cell).findings
    assert (finding.level, finding.code, finding.proposal) == ("error", "unknown_tag", "VIP")


def test_a_tag_both_added_and_removed_is_an_error(codes) -> None:
    assert ("error", "tags_conflict") in codes("tags", "+VIP;-VIP")
    assert ("error", "tags_conflict") in codes("tags", "VIP;-vip")


def test_remove_and_replace_columns(judge_cell) -> None:
    assert judge_cell("tags.remove", "VIP;Lead").desired.tags.remove == ("VIP", "Lead")
    assert judge_cell("tags.replace", "vip").desired.tags.replace == ("VIP",)
    assert judge_cell("tags.replace", "[]").desired.tags.replace == ()
    assert judge_cell("tags", "[]").desired.tags is None


@pytest.mark.parametrize("cell", ["+VIP;-Lead", "+Brand;-Other", "VIP;-Other"])
def test_a_sign_in_a_column_that_replaces_is_a_finding(judge_cell, codes, cell) -> None:
    """Taken for new tags they would wipe those that the contact has: nobody asked for that."""
    assert ("error", "tags_conflict") in codes("tags.replace", cell)
    assert judge_cell("tags.replace", "+Plus;VIP").desired.tags.replace == ("+Plus", "VIP")


@pytest.mark.parametrize("target", ["tags", "tags.replace"])
def test_a_tag_nobody_has_seen(judge_cell, target) -> None:
    """Near to a known one it is an error until answered; else a warning; strict, an error."""
    (near,) = judge_cell(target, "VIPP").findings
    assert (near.level, near.proposal) == ("error", "VIP")
    assert re.search("schema add tag '.+' --schema FILE", near.hint)
    new = judge_cell(target, "Black Friday")
    assert [(f.level, f.code) for f in new.findings] == [("warning", "unknown_tag")]
    tags = new.desired.tags
    assert (tags.add or tags.replace) == ("Black Friday",)
    (strict,) = judge_cell(target, "Black Friday", strict=True).findings
    assert strict.level == "error"


def test_a_tag_to_remove_that_nobody_has_seen_is_a_warning(judge_cell) -> None:
    verdict = judge_cell("tags.remove", "VIPP")
    assert [(f.level, f.proposal) for f in verdict.findings] == [("warning", "VIP")]
    assert verdict.desired.tags.remove == ("VIPP",)


# -- people, teams, bot ----------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["Anna@acme.com", "anna@acme.com", " ANNA@ACME.COM"])
def test_a_user_is_found_without_case_and_sent_in_the_accounts_spelling(judge_cell, cell) -> None:
    for fix in (True, False):
        verdict = judge_cell("assigned_user", cell, fix=fix)
        assert verdict.desired.wishes[0].value == "Anna@acme.com"
        assert verdict.findings == ()


def test_an_unknown_user_is_an_error_when_all_are_known(judge_cell, make_schema) -> None:
    (finding,) = judge_cell("assigned_user", "zed@acme.com").findings
    assert (finding.level, finding.code, finding.proposal) == ("error", "unknown_user", None)
    (near,) = judge_cell("assigned_user", "bobb@acme.com").findings
    assert near.proposal == "bob@acme.com"


def test_an_unseen_user_is_a_warning_unless_near_or_strict(judge_cell, make_schema) -> None:
    observed = make_schema(users_complete=False)
    verdict = judge_cell("assigned_user", "zed@acme.com", schema=observed)
    assert [(f.level, f.code) for f in verdict.findings] == [("warning", "unknown_user")]
    assert verdict.desired.wishes[0].value == "zed@acme.com"
    assert judge_cell("assigned_user", "bobb@acme.com", schema=observed).desired is None
    strict = judge_cell("assigned_user", "zed@acme.com", schema=observed, strict=True)
    assert strict.desired is None


def test_a_users_name_proposes_the_address(judge_cell) -> None:
    (finding,) = judge_cell("assigned_user", "anna rossi").findings
    assert (finding.code, finding.proposal) == ("bad_email", "Anna@acme.com")


@pytest.mark.parametrize("word", ["yes", "Sì", "SI", "sí", "oui", "sim", "true", "1", "x", "VERO"])
def test_yes_removes_the_assigned_user(judge_cell, word) -> None:
    (wish,) = judge_cell("unassign_user", word).desired.wishes
    assert (wish.field, wish.value) == ("assigned_user", None)


@pytest.mark.parametrize("word", ["no", "NO", "non", "não", "false", "0", "falso"])
def test_no_asks_for_nothing(judge_cell, word) -> None:
    verdict = judge_cell("unassign_user", word)
    assert verdict.desired.wishes == verdict.findings == ()


def test_anything_else_is_neither(codes) -> None:
    assert codes("unassign_user", "maybe") == [("error", "bad_yes_no")]


@pytest.mark.parametrize(
    "cell", ["Sales", "sales", "0" * 31 + "1", "00000000-0000-0000-0000-000000000001"]
)
def test_a_team_is_named_or_given_by_uuid(wished, cell) -> None:
    assert wished("team", cell) == "0" * 31 + "1"


def test_an_unknown_team_is_an_error(judge_cell) -> None:
    (finding,) = judge_cell("team", "Sale").findings
    assert (finding.level, finding.code, finding.proposal) == ("error", "unknown_team", "Sales")
    assert judge_cell("team", "f" * 32).desired is None


def test_two_teams_of_one_name_need_the_uuid(codes, make_schema) -> None:
    from bulk_update.account.schema import Team

    teams = tuple(Team(uuid=c * 32, name="Sales") for c in "ab")
    assert codes("team", "Sales", schema=make_schema(teams=teams)) == [("error", "ambiguous_name")]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("bot_start", "bot_start"),
        ("Start", "bot_start"),
        ("ON", "bot_start"),
        ("bot_end", "bot_end"),
        ("end", "bot_end"),
        ("off", "bot_end"),
    ],
)
def test_the_bot_starts_or_ends(wished, cell, value) -> None:
    assert wished("bot_status", cell) == value


def test_another_bot_status_is_an_error(judge_cell) -> None:
    (finding,) = judge_cell("bot_status", "bot-start").findings
    assert (finding.code, finding.proposal) == ("bad_bot_status", "bot_start")


# -- several fields in one cell --------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        '{"Address": "Main Street 1", "Age": 42}',
        "{'Address': 'Main Street 1', 'Age': 42}",
        '{"address": "Main Street 1", "AGE": "42"}',
        '{"Address": "Main Street 1", "Age": 42, "Status": null, "Mail": " "}',
    ],
)
def test_an_object_asks_for_each_of_its_fields(judge_cell, cell) -> None:
    wishes = judge_cell("custom_fields", cell).desired.wishes
    assert {wish.field: wish.value for wish in wishes} == {
        "custom_fields.Address": "Main Street 1",
        "custom_fields.Age": "42",
    }


def test_the_values_of_an_object_are_judged_by_type(judge_cell) -> None:
    cell = """{"Status": "Actve", "Age": "x", "Born": "03/04/2026", "Wants": ["Call bck"]}"""
    codes = [finding.code for finding in judge_cell("custom_fields", cell).findings]
    assert codes == ["unknown_option", "bad_number", "date_ambiguous", "unknown_option"]


def test_an_object_reads_lists_numbers_and_the_clear_token(judge_cell) -> None:
    cell = """{"Wants": ["Call back"], "Age": 1.234, "Address": "<clear>", "P/W : é 🎯": true}"""
    wishes = judge_cell("custom_fields", cell).desired.wishes
    assert [wish.value for wish in wishes] == [("Call back",), "1.234", "", "true"]


@pytest.mark.parametrize(
    "cell",
    [
        "{'Address'",
        "[1]",
        "Address=1",
        '{"Address": {"a": 1}}',
        "{1: 2}",
        '{"Address": "a", "Address": "b"}',
        "__import__('os').getcwd()",
        "{'Address': __import__('os').getcwd()}",
        "{" * 5000,
        '{"Age": NaN}',
    ],
)
def test_what_is_no_object_is_an_error(codes, cell) -> None:
    assert codes("custom_fields", cell)[-1] == ("error", "bad_object")


def test_an_unseen_field_of_an_object(judge_cell) -> None:
    (near,) = judge_cell("custom_fields", '{"Adress": "x"}').findings
    assert (near.level, near.code, near.proposal) == ("error", "unknown_field", "Address")
    new = judge_cell("custom_fields", '{"Shoe size": "43"}')
    assert [(f.level, f.code) for f in new.findings] == [("warning", "unknown_field")]
    assert new.desired.wishes[0].field == "custom_fields.Shoe size"
    assert judge_cell("custom_fields", '{"Shoe size": "43"}', strict=True).desired is None


# -- what the contact must still have --------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "cell", "value"),
    [
        ("was.name", "Bob", "Bob"),
        ("was.note", "Hi", "Hi"),
        ("was.tags", "vip; Something else", ("VIP", "Something else")),
        ("was.assigned_user", "gone@acme.com", "gone@acme.com"),
        ("was.team", "Sales", "0" * 31 + "1"),
        ("was.bot_status", "on", "bot_start"),
        ("was.custom_fields.Status", "Abolished", "Abolished"),
        ("was.custom_fields.Wants", "Abolished; Call back", ("Abolished", "Call back")),
        ("was.custom_fields.Born", "31/12/2026", "2026-12-31"),
        ("was.custom_fields.Age", "0042", "42"),
    ],
)
def test_a_former_value_may_be_one_that_the_account_no_longer_knows(
    judge_cell, target, cell, value
) -> None:
    desired = judge_cell(target, cell).desired
    assert desired.wishes == ()
    assert desired.tags is None
    assert [wish.value for wish in desired.was] == [value]


def test_a_former_value_of_the_wrong_type_is_an_error(codes) -> None:
    assert codes("was.custom_fields.Age", "x") == [("error", "bad_number")]


def test_a_name_in_brackets_is_a_name(judge_cell, make_schema) -> None:
    assert judge_cell("tags", "[Campaign]").desired.tags.add == ("[Campaign]",)
    assert judge_cell("tags", "[2024, 2025]").desired.tags.add == ("2024", "2025")
    schema = make_schema(tags=("[a; b]",))
    assert judge_cell("tags", "[A; B]", schema=schema).desired.tags.add == ("[a; b]",)


def test_a_hint_that_asks_is_not_followed_by_a_semicolon(judge_cell) -> None:
    (finding,) = judge_cell("tags", "VIPP").findings
    assert "did you mean 'VIP'? if it is another tag: " in finding.hint
