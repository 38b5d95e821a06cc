"""What every cell goes through, whatever it means."""

from __future__ import annotations

import pytest

from bulk_update.model import FormulaCell, NumberCell, Policy, TagEdit

FIELDS = [
    "name",
    "note",
    "tags",
    "tags.remove",
    "tags.replace",
    "assigned_user",
    "unassign_user",
    "team",
    "bot_status",
    "custom_fields",
    "custom_fields.Address",
    "custom_fields.Mail",
    "custom_fields.Age",
    "custom_fields.Born",
    "custom_fields.Status",
    "custom_fields.Wants",
    "custom_fields.P/W : é 🎯",
    "was.note",
    "was.team",
]
BLANKS = ["", " ", "\t", "\u00a0", "\u200b\ufeff", " \u202f\n"]
CLEARED = {
    "note": "",
    "assigned_user": None,
    "custom_fields.Address": "",
    "custom_fields.Mail": "",
    "custom_fields.Age": "",
    "custom_fields.Born": "",
    "custom_fields.Status": "",
    "custom_fields.Wants": (),
    "custom_fields.P/W : é 🎯": "",
    "was.note": "",
}


@pytest.mark.parametrize("target", FIELDS)
@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
@pytest.mark.parametrize("trim", [True, False])
def test_a_blank_cell_leaves_the_field_as_it_is(judge_cell, target, blank, trim) -> None:
    verdict = judge_cell(target, blank, settings={"trim": trim})
    assert verdict.findings == ()
    assert verdict.desired.wishes == verdict.desired.was == ()
    assert verdict.desired.tags is None


@pytest.mark.parametrize(("target", "value"), CLEARED.items())
def test_the_clear_token_empties_a_field(judge_cell, target, value) -> None:
    verdict = judge_cell(target, " <clear> ")
    (wish,) = verdict.desired.wishes + verdict.desired.was
    assert (wish.value, wish.raw) == (value, "")
    assert verdict.findings == ()


@pytest.mark.parametrize("target", ["tags", "tags.replace"])
def test_the_clear_token_removes_all_tags(judge_cell, target) -> None:
    assert judge_cell(target, "<clear>").desired.tags == TagEdit(replace=())


@pytest.mark.parametrize(
    "target", ["name", "team", "bot_status", "tags.remove", "unassign_user", "custom_fields"]
)
def test_what_cant_be_cleared_is_a_finding(codes, target) -> None:
    assert codes(target, "<clear>") == [("error", "cannot_clear")]
    assert codes(target, "", settings={"blank_clears": True}) == [("error", "cannot_clear")]


@pytest.mark.parametrize("key", ["uuid", "bsuid", "phone"])
def test_a_key_cant_be_cleared(judge, key) -> None:
    (verdict,) = judge([key, "note"], ["<clear>", "Hi"])
    assert [finding.code for finding in verdict.findings] == ["cannot_clear"]
    assert verdict.desired is None


def test_the_mapping_may_name_another_clear_token(wished) -> None:
    assert wished("note", "LEER", clear_token="LEER") == ""
    assert wished("note", "<clear>", clear_token="LEER") == "<clear>"
    assert wished("note", "leer", clear_token="LEER") == "leer"


@pytest.mark.parametrize("cell", ["<CLEAR>", "<Clear>", "\u200b<clear>\u00a0"], ids=ascii)
def test_the_clear_token_in_brackets_means_it_in_any_case(wished, cell) -> None:
    assert wished("note", cell) == ""


@pytest.mark.parametrize(("target", "value"), CLEARED.items())
def test_a_blank_cell_clears_where_its_column_says_so(wished, target, value) -> None:
    assert wished(target, " ", settings={"blank_clears": True}) == value


@pytest.mark.parametrize("cell", [" Hi", "Hi\u00a0", "\ufeffHi", "\u200bHi \t"], ids=ascii)
def test_outer_white_space_is_trimmed_and_counted(judge_cell, cell) -> None:
    """The raw cell stays, byte for byte: it may be what the account has."""
    verdict = judge_cell("note", cell)
    (wish,) = verdict.desired.wishes
    assert (wish.value, wish.raw) == ("Hi", cell)
    assert [(str(each.level), each.code) for each in verdict.findings] == [("info", "trimmed")]
    assert verdict.findings[0].value is None  # all rows of a column are one group


def test_accents_are_composed(judge_cell) -> None:
    (wish,) = judge_cell("name", "Jose\u0301").desired.wishes
    assert (wish.value, wish.raw) == ("José", "Jose\u0301")


@pytest.mark.parametrize("cell", [" Hi ", "Jose\u0301", "\u00a0x"], ids=ascii)
@pytest.mark.parametrize("target", ["name", "note", "custom_fields.Address"])
def test_untrimmed_columns_send_what_stands(judge_cell, target, cell) -> None:
    verdict = judge_cell(target, cell, settings={"trim": False})
    assert verdict.desired.wishes[0].value == cell
    assert verdict.findings == ()


def test_untrimmed_columns_still_read_numbers_and_names(wished) -> None:
    settings = {"trim": False}
    assert wished("custom_fields.Age", " 42 ", settings=settings) == "42"
    assert wished("custom_fields.Status", " Active ", settings=settings) == "Active"


FORMER_TEXTS = frozenset({"was.name", "was.note"})
"""A contact may have had anything there: that is what gets repaired."""


@pytest.mark.parametrize("target", [*FIELDS, "uuid", "phone"])
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("#N/A", "error_cell"),
        ("#REF!", "error_cell"),
        ("#n/a", "error_cell"),
        ("#¡VALOR!", "error_cell"),
        ("#NOME?", "error_cell"),
        ("Err:502", "error_cell"),
        ("3.93E+11", "exponent_cell"),
        ("3,93E+11", "exponent_cell"),
        ("1E+15", "exponent_cell"),
        ("3.93e+11", "exponent_cell"),
        (NumberCell("1234567890123456"), "digits_lost"),
        (NumberCell("-1234567890123450000"), "digits_lost"),
        (FormulaCell("=A1+1"), "formula_without_value"),
    ],
)
def test_damage_is_named_in_every_column(judge, target, cell, code) -> None:
    targets = [target] if target in ("uuid", "phone") else ["uuid", target]
    row = [cell] if len(targets) == 1 else ["a" * 32, cell]
    (verdict,) = judge(targets, row)
    former_text = target in FORMER_TEXTS and type(cell) is str
    level = "warning" if former_text else "error"
    assert [(str(each.level), each.code) for each in verdict.findings] == [(level, code)]
    assert verdict.findings[0].value == cell
    assert (verdict.desired is None) == (not former_text)


@pytest.mark.parametrize("text", ["0.333333333333333", "0.0000001", "-123456789012345", "12.5"])
def test_a_fraction_may_be_long_and_has_lost_nothing(wished, text) -> None:
    assert wished("custom_fields.Age", NumberCell(text)) == text
    assert wished("custom_fields.Address", NumberCell(text)) == text


@pytest.mark.parametrize("target", ["name", "note", "custom_fields.Address"])
@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("MuÃ±oz", "Muñoz"),
        ("CittÃ\u00a0", "Città"),
        ("Â¡Hola!", "¡Hola!"),
        ("â‚¬ 5", "€ 5"),
        ("don’t".encode().decode("cp1252"), "don’t"),
        ("🔥 hot".encode().decode("cp1252"), "🔥 hot"),
        ("Mu\ufffdoz", None),
    ],
)
def test_letters_of_a_wrong_encoding_are_a_warning_with_what_was_meant(
    judge_cell, target, cell, meant
) -> None:
    verdict = judge_cell(target, cell)
    (found,) = [each for each in verdict.findings if each.code == "garbled_text"]
    assert (str(found.level), found.value, found.proposal) == ("warning", cell, meant)
    assert verdict.desired.wishes[0].raw == cell
    assert judge_cell(target, cell, strict=True).desired is None


@pytest.mark.parametrize(
    "text",
    ["São Tomé", "IRMÃ", "Â", "Ångström ± 5", "Ça «va»", "MÃE ÃO", "Île-d’Yeu", "東京", "ñ±"],
)
def test_accented_text_is_not_taken_for_a_wrong_encoding(judge_cell, text) -> None:
    assert judge_cell("custom_fields.Address", text).findings == ()


def test_text_that_begins_like_a_formula_is_text(wished) -> None:
    assert wished("note", "=A1+1") == "=A1+1"
    assert wished("custom_fields.Address", "#1 Main Street") == "#1 Main Street"


def test_a_formula_is_told_from_the_same_text(judge) -> None:
    """Cells that Python holds equal are judged apart, whichever comes first."""
    for cells in (["=A1", FormulaCell("=A1")], [FormulaCell("=A1"), "=A1"]):
        verdicts = judge(["uuid", "note"], *(["a" * 32, cell] for cell in cells), resolve=False)
        fine = [each.desired is not None for each in sorted(verdicts)]
        assert fine == [type(cell) is str for cell in cells]


def test_zeros_stay_outside_number_fields(wished) -> None:
    assert wished("custom_fields.Address", "0042") == "0042"
    assert wished("custom_fields.Address", "123.0") == "123.0"
    assert wished("name", NumberCell("42")) == "42"


def test_a_value_map_is_read_before_judging(judge_cell) -> None:
    settings = {"values": {"Actve": "Active", "n/a": "", "none": "<clear>", " odd ": "Inactive"}}
    verdict = judge_cell("custom_fields.Status", "Actve", settings=settings)
    (wish,) = verdict.desired.wishes
    assert (wish.value, wish.raw) == ("Active", "Active")
    assert judge_cell("custom_fields.Status", " Actve ", settings=settings).findings == ()
    assert judge_cell("custom_fields.Status", "n/a", settings=settings).desired.wishes == ()
    cleared = judge_cell("custom_fields.Status", "none", settings=settings).desired.wishes
    assert cleared[0].value == ""
    exact = judge_cell("custom_fields.Status", " odd ", settings=settings).desired.wishes
    assert exact[0].value == "Inactive"


def test_a_value_map_is_read_for_each_item_of_a_list(judge_cell) -> None:
    settings = {"values": {"cb": "Call back", "V": "VIP"}}
    wish = judge_cell("custom_fields.Wants", "cb;Interested", settings=settings).desired.wishes[0]
    assert wish.value == ("Call back", "Interested")
    tags = judge_cell("tags", "+V;-cb", settings=settings).desired.tags
    assert (tags.add, tags.remove) == (("VIP",), ("Call back",))


@pytest.mark.parametrize("policy", list(Policy))
def test_the_columns_policy_goes_with_the_wish(judge_cell, policy) -> None:
    for target, cell in {"note": "Hi", "assigned_user": "bob@acme.com"}.items():
        wishes = judge_cell(target, cell, settings={"policy": policy}).desired.wishes
        assert wishes[0].policy is policy


def test_the_type_of_a_custom_field_goes_with_the_wish(judge_cell, schema) -> None:
    for name, field in schema.fields.items():
        cleared = judge_cell(f"custom_fields.{name}", "<clear>").desired.wishes[0]
        assert cleared.type is field.type


@pytest.mark.parametrize("light", [True, False])
def test_a_cell_that_says_what_was_asks_nothing(judge, light) -> None:
    """An option that is there no more may well be what the contact has."""
    headers = ("uuid", "custom_fields.Status", "was.custom_fields.Status")
    rows = [
        (f"{number}" * 32, *cells)
        for number, cells in enumerate([("Gone", "Gone"), ("Gone", "Active"), ("Active", "Active")])
    ]
    kept, wrong, same = judge(headers, *rows, build=not light)
    assert kept.findings == same.findings == ()
    assert [each.code for each in wrong.findings] == ["unknown_option"]
    if not light:
        assert kept.desired.wishes == same.desired.wishes == ()


@pytest.mark.parametrize("text", ["31 February", "3.9E+11"])
def test_what_was_is_no_fault_of_a_row_that_leaves_it(judge, text) -> None:
    headers = ("uuid", "custom_fields.Born", "was.custom_fields.Born", "name")
    (verdict,) = judge(headers, ("a" * 32, text, text, "Ada"))
    assert verdict.findings == ()
    assert [each.field for each in verdict.desired.wishes] == ["name"]
    assert verdict.desired.was == ()


@pytest.mark.parametrize("text", ["#N/A", "3.93E+11", "MuÃ±oz"])
def test_what_a_contact_had_may_be_what_gets_repaired(judge, text) -> None:
    """Sent it would be wrong; the account may have it all the same, and be asked for it."""
    headers = ("uuid", "note", "was.note")
    changed, kept = judge(headers, ("a" * 32, "Ada", text), ("b" * 32, text, text))
    assert "error" not in [str(each.level) for each in changed.findings]
    assert [each.value for each in changed.desired.was] == [text]
    assert kept.findings == ()
    assert kept.desired.wishes == ()
    (formula,) = judge(headers, ("a" * 32, "Ada", FormulaCell("=A1")))
    assert formula.desired is None
