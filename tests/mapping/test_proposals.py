"""Proposals: what each column could mean, why, and how much of it is taken."""

from __future__ import annotations

import pytest

from bulk_update.errors import SheetError
from bulk_update.mapping import Accept, How, MappingOptions, map_columns, propose
from bulk_update.model import Target, TargetKind

HEADER = ["Telefono", "Name33", "Status", "City", "bulk_update_row"]
ROWS = [
    ("+39 333 1", "Ada", "Active", "", "2"),
    ("+39 333 2", "Bo", "Active", " ", "3"),
    ("+39 333 3", "Cy", "Lost", "Roma", "4"),
    ("+39 333 4", "Di", "New", "Roma", "5"),
    ("+39 333 5", "Ed", "Old", "Roma", "6"),
]


def test_every_column_has_its_reason_and_its_first_values():
    proposal = propose(HEADER, ROWS, fields=["Status", "Name3"])
    phone, name, status, city = proposal.columns
    assert (phone.how, phone.reason) == (How.HEADER_LIST, "header list: Italian, Spanish")
    assert phone.samples == ("+39 333 1", "+39 333 2", "+39 333 3")
    assert (str(name.target), name.how, name.score) == ("custom_fields.Name3", How.NEAR, 90)
    assert name.reason == "like 'Name3' (90%)"
    assert (status.how, status.reason) == (How.CUSTOM_FIELD, "a custom field of the account")
    assert status.samples == ("Active", "Lost", "New")
    assert (city.target, city.samples) == (None, ("Roma",))


def test_accepting_what_is_exact_leaves_what_is_near_a_question():
    file = propose(HEADER, ROWS, fields=["Status", "Name3"]).accepted(Accept.EXACT)
    assert {name: rule.target for name, rule in file.columns.items()} == {
        "Telefono": "phone",
        "Status": "custom_fields.Status",
    }
    assert file.notes == (
        "'Name33' may be cf:Name3: like 'Name3' (90%)",
        "'City' is not mapped",
    )
    with pytest.raises(SheetError, match="Name33"):
        map_columns(HEADER, fields=["Status", "Name3"], options=MappingOptions(file=file))


def test_accepting_what_is_near_takes_both():
    fields = ["Status", "Name3"]
    file = propose(HEADER, ROWS, fields=fields).accepted(Accept.NEAR)
    mapping = map_columns(HEADER, fields=fields, options=MappingOptions(file=file))
    assert [column.header for column in mapping.columns] == ["Telefono", "Name33", "Status"]


@pytest.mark.parametrize("header", [["phone", "Telefono"], ["phone", "Telefon"]])
def test_a_target_that_two_columns_claim_goes_to_neither_unseen(header):
    proposal = propose(header, [], fields=[])
    assert all(column.contested for column in proposal.columns)
    assert not proposal.accepted(Accept.NEAR).columns


def test_answers_settle_what_was_contested():
    proposal = propose(["phone", "Telefono", "x"], [], fields=[])
    proposal = proposal.skipping(1).answered(2, Target(TargetKind.NOTE))
    file = proposal.accepted(Accept.EXACT)
    assert {name: rule.target for name, rule in file.columns.items()} == {
        "phone": "phone",
        "x": "note",
    }
    assert file.skip == ("Telefono",)


def test_fields_that_differ_by_case_alone_are_never_taken_unseen():
    proposal = propose(["phone", "STATUS"], [], fields=["Status", "status"])
    assert proposal.columns[1].choices == ("Status", "status")
    assert list(proposal.accepted(Accept.NEAR).columns) == ["phone"]
    answered = proposal.answered(1, Target(TargetKind.CUSTOM_FIELD, "status"))
    assert answered.accepted(Accept.EXACT).columns["STATUS"].target == "custom_fields.status"


def test_a_field_nobody_has_seen_is_near_the_one_it_resembles():
    proposal = propose(["phone", "cf:Statuss", "cf:Other"], [], fields=["Status"])
    near, unseen = proposal.columns[1:]
    assert (str(near.target), near.how) == ("custom_fields.Status", How.NEAR)
    assert (str(unseen.target), unseen.how) == ("custom_fields.Other", How.API_NAME)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["333 123 4567", "+39 06-12345", "00393331234567"], TargetKind.PHONE),
        (["a" * 32, "B" * 32, "0123abcd-0123-0123-0123-0123456789ab"], TargetKind.UUID),
    ],
)
def test_a_key_without_a_telling_header_is_known_by_its_values_and_never_taken(cells, kind):
    proposal = propose(["Z", "City"], [(cell, "Roma") for cell in cells], fields=[])
    assert (proposal.columns[0].target, proposal.columns[0].how) == (Target(kind), How.VALUES)
    assert proposal.columns[1].target is None
    assert not proposal.accepted(Accept.NEAR).columns


def test_values_say_nothing_where_there_is_a_key_or_few_of_them():
    phones = [("3331234567", "x")] * 3
    assert propose(["Z", "uuid"], phones, fields=[]).columns[0].target is None
    assert propose(["Z", "City"], phones[:2], fields=[]).columns[0].target is None
    assert propose(["Z", "City"], [*phones, ("12", "")], fields=[]).columns[0].target is None


def test_flags_and_file_stand_as_given_with_all_they_say(map_file):
    file = map_file(
        'date_format = "DMY"\nskip = ["b"]\n[constants]\n"note" = "k"\n'
        '[columns]\n"a" = { target = "name", values = { "x" = "y" } }'
    )
    options = MappingOptions(file=file, columns=("c=phone",), constants=("tags=t",))
    made = propose(["a", "b", "c"], [], fields=[], options=options).accepted(Accept.EXACT)
    assert made.columns["a"].values == {"x": "y"}
    assert (made.columns["a"].target, made.columns["c"].target) == ("name", "phone")
    assert made.constants == {"note": "k", "tags": "t"}
    assert (made.skip, made.date_format) == (("b",), "DMY")


@pytest.mark.parametrize(
    "options",
    [MappingOptions(columns=("z=note",)), MappingOptions(constants=("nota=x",))],
)
def test_a_flag_for_what_does_not_exist_is_an_error_here_too(options):
    with pytest.raises(SheetError):
        propose(["phone"], [], fields=[], options=options)
