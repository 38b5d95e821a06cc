"""What only a whole column can say: the order of dates, the decimal sign."""

from __future__ import annotations

import pytest

from bulk_update.errors import SheetQuestion, UsageError
from bulk_update.model import DateCell, NumberCell

BORN, AGE = "custom_fields.Born", "custom_fields.Age"


@pytest.fixture
def column(judge):
    """The values that a column of cells asks for; "!" with the code where a cell is bad."""

    def judged(target, *cells, **given):
        rows = [[f"{number:032x}", cell] for number, cell in enumerate(cells)]
        verdicts = judge(["uuid", target], *rows, **given)
        return [
            verdict.desired.wishes[0].value
            if verdict.desired
            else "!" + ",".join(finding.code for finding in verdict.findings)
            for verdict in verdicts
        ]

    return judged


def test_one_date_that_proves_its_order_decides_the_column(column) -> None:
    assert column(BORN, "03/04/2026", "13/04/2026") == ["2026-04-03", "2026-04-13"]
    assert column(BORN, "03/04/2026", "04/13/2026") == ["2026-03-04", "2026-04-13"]
    assert column(BORN, "03.04.05", "2004/05/06") == ["2003-04-05", "2004-05-06"]


def test_the_proof_may_come_last(column) -> None:
    cells = ["01/02/2026"] * 5000 + ["31/01/2026"]
    assert column(BORN, *cells)[0] == "2026-02-01"


def test_a_value_that_fits_no_order_has_no_vote(column) -> None:
    assert column(BORN, "31/02/2026", "02/13/2026") == ["!bad_date", "2026-02-13"]
    assert column(BORN, "99/99/9999", "x", "13/02/2026")[2] == "2026-02-13"


def test_iso_dates_date_cells_and_serials_have_no_vote(column) -> None:
    certain = ["2026-02-03", DateCell("2026-02-03"), NumberCell("46056")]
    assert column(BORN, *certain, "13/02/2026") == ["2026-02-03"] * 3 + ["2026-02-13"]
    with pytest.raises(SheetQuestion):
        column(BORN, *certain, "03/02/2026")


def test_a_day_that_is_the_same_in_every_order_asks_nothing(column) -> None:
    assert column(BORN, "03/03/2026", "04.04.2026") == ["2026-03-03", "2026-04-04"]


def test_different_orders_are_a_question(column) -> None:
    with pytest.raises(SheetQuestion) as caught:
        column(BORN, "2026-01-01", "13/04/2026", "04/13/2026")
    assert "'13/04/2026' in row 3" in caught.value.message
    assert "'04/13/2026' in row 4" in caught.value.message
    assert BORN in caught.value.message
    assert "--date-format" in caught.value.hint
    assert (caught.value.code, caught.value.exit_code) == ("date_order", 3)


def test_nothing_but_ambiguous_dates_is_a_question_with_the_first_rows(column) -> None:
    with pytest.raises(SheetQuestion) as caught:
        column(BORN, "", "03/04/2026", *["05/06/2026"] * 9)
    assert "'03/04/2026' in row 3" in caught.value.message
    assert caught.value.message.count("05/06/2026") == 2


@pytest.mark.parametrize(("flag", "value"), [("DMY", "2026-04-03"), ("MDY", "2026-03-04")])
def test_the_flag_answers_the_question(column, flag, value) -> None:
    assert column(BORN, "03/04/2026", date_format=flag) == [value]


def test_each_column_decides_for_itself(judge) -> None:
    targets = ["uuid", BORN, f"was.{BORN}"]
    rows = [["a" * 32, "13/04/2026", "04/13/2026"], ["b" * 32, "03/04/2026", "03/04/2026"]]
    desired = judge(targets, *rows)[1].desired
    assert (desired.wishes[0].value, desired.was[0].value) == ("2026-04-03", "2026-03-04")


def test_values_are_mapped_before_they_vote(column) -> None:
    assert column(
        BORN, "someday", "13/04/2026", settings={"values": {"someday": "04/05/2026"}}
    ) == ["2026-05-04", "2026-04-13"]


def test_one_number_that_proves_its_sign_decides_the_column(column) -> None:
    assert column(AGE, "1.234", "1,5") == ["1234", "1.5"]
    assert column(AGE, "1.234", "1.5") == ["1.234", "1.5"]
    assert column(AGE, "1,234", "0.123") == ["1234", "0.123"]


def test_whole_numbers_number_cells_and_point_zero_have_no_vote(column) -> None:
    certain = ["12", "12.0", NumberCell("1.5"), NumberCell("1.234")]
    assert column(AGE, *certain, "1,5") == ["12", "12", "1.5", "1.234", "1.5"]
    with pytest.raises(SheetQuestion):
        column(AGE, *certain, "1.234")


def test_a_number_cell_is_never_taken_for_the_same_text(column) -> None:
    cells = ["1.234", NumberCell("1.234"), "7,5"]
    assert column(AGE, *cells) == ["1234", "1.234", "7.5"]
    assert column(AGE, *reversed(cells)) == ["7.5", "1.234", "1234"]


@pytest.mark.parametrize("cells", [["1.234"], ["1,234", "5"], ["1.234", "1,234"]])
def test_nothing_but_ambiguous_numbers_is_a_question(column, cells) -> None:
    with pytest.raises(SheetQuestion) as caught:
        column(AGE, *cells)
    assert "'1" in caught.value.message
    assert "row 2" in caught.value.message
    assert "--decimal" in caught.value.hint
    assert caught.value.code == "decimal_sign"


def test_different_signs_are_a_question(column) -> None:
    with pytest.raises(SheetQuestion) as caught:
        column(AGE, "1.5", "1,5")
    assert "'1.5' in row 2, '1,5' in row 3" in caught.value.message


def test_what_is_no_number_has_no_vote(column) -> None:
    assert column(AGE, "1.2.3,4,5", "1e5", "1,5") == ["!bad_number", "!bad_number", "1.5"]


def test_the_flag_for_decimals_answers(column) -> None:
    assert column(AGE, "1.234", decimal=",") == ["1234"]
    assert column(AGE, "1.234", "1,5", decimal=".") == ["1.234", "!bad_number"]


@pytest.mark.parametrize("row", [3, 300])
def test_one_number_that_disagrees_is_found_among_many(column, row) -> None:
    """Also when so many agreed before it that nobody counts them any more."""
    numbers = [f"{number}.5" for number in range(500)]
    numbers[row] = "1,5"
    with pytest.raises(SheetQuestion) as caught:
        column(AGE, *numbers)
    assert f"'1,5' in row {row + 2}" in caught.value.message


def test_all_questions_are_asked_at_once(judge) -> None:
    with pytest.raises(SheetQuestion) as caught:
        judge(["uuid", BORN, AGE], ["a" * 32, "03/04/2026", "1.234"])
    assert BORN in caught.value.message
    assert AGE in caught.value.message
    assert "--date-format" in caught.value.hint
    assert "--decimal" in caught.value.hint


def test_questions_are_asked_of_typed_fields_alone(column) -> None:
    assert column("custom_fields.Address", "03/04/2026") == ["03/04/2026"]
    assert column("note", "1.234") == ["1.234"]


def test_many_distinct_values_are_all_counted(column) -> None:
    """More than are remembered at once."""
    cells = [f"{number}.{number % 90 + 10}" for number in range(20_000)]
    assert column(AGE, *cells)[:2] == ["0.10", "1.11"]
    with pytest.raises(SheetQuestion):
        column(AGE, *cells, "7,25")


@pytest.mark.parametrize("text", ["DDMMYYYY", "%Q", "%d/%m", "", "%H:%M", "day"])
def test_a_date_format_that_is_none_is_a_usage_error(column, text) -> None:
    if not text:
        return
    with pytest.raises(UsageError) as caught:
        column(BORN, "2026-01-01", date_format=text)
    assert "--date-format" in caught.value.hint


def test_a_decimal_sign_that_is_none_is_a_usage_error(column) -> None:
    with pytest.raises(UsageError):
        column(AGE, "1", decimal=";")
