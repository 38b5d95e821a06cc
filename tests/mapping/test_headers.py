"""Headers that map by themselves."""

from __future__ import annotations

import pytest

from bulk_update.mapping import How
from bulk_update.mapping.names import api_names, fold, header_list, language_name
from bulk_update.model import Level, Target, TargetKind


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("uuid", "uuid"),
        ("Contact ID", "uuid"),
        ("identificativo", "uuid"),
        ("TELÉFONO", "phone"),
        ("Numero di telefono", "phone"),
        ("numero_di-telefono", "phone"),
        ("phoneNumber", "phone"),
        ("Téléphone", "phone"),
        ("Te\u0301le\u0301phone", "phone"),
        ("\ufeffphone\u00a0", "phone"),
        ("Nome", "name"),
        ("NOM", "name"),
        ("Observação", "note"),
        ("Étiquettes", "tags"),
        ("tags.remove", "tags.remove"),
        ("tags.replace", "tags.replace"),
        ("Tags.Remove", "tags.remove"),
        ("assigned_user", "assigned_user"),
        ("assignedUser", "assigned_user"),
        ("assegn_utente", "unassign_user"),
        ("team_uuid", "team"),
        ("Équipe", "team"),
        ("bot_status", "bot_status"),
        ("customFields", "custom_fields"),
        ("custom_fields.Status", "custom_fields.Status"),
        ("Custom_Fields.Status", "custom_fields.Status"),
        ("cf:Status", "custom_fields.Status"),
        ("CF:status", "custom_fields.Status"),
        ("was.note", "was.note"),
        ("was.cf:Status", "was.custom_fields.Status"),
        ("Was.Nome", "was.name"),
        ("was.status", "was.custom_fields.Status"),
        ("Status", "custom_fields.Status"),
        ("STATUS", "custom_fields.Status"),
        ("PI : MF-FOCUS/2 🎯", "custom_fields.PI : MF-FOCUS/2 🎯"),
        ("Citta\u0300", "custom_fields.Città"),
        ("PI :\nmf-focus/2\u00a0 🎯", "custom_fields.PI : MF-FOCUS/2 🎯"),  # wrapped in its cell
    ],
)
def test_a_header_maps_by_api_name_by_list_or_by_field(targets, header, target):
    """Compared without case, accents, spaces, hyphens and underscores; fields without case,
    composition and the spacing of words."""
    fields = ["Status", "PI : MF-FOCUS/2 🎯", "Città"]
    key = "bsuid" if target == "uuid" else "uuid"
    assert targets([key, header], fields)[header] == target


def test_an_accent_more_or_less_is_another_custom_field(map_header):
    """Case and composition are forgiven in a field's name, accents aren't: it may be another."""
    mapping = map_header(["phone", "Citta"], ["Città"], skip=("Citta",))
    assert [column.header for column in mapping.columns] == ["phone"]


def test_the_exact_field_wins_over_its_like_in_another_case(targets):
    assert targets(["phone", "status"], ["Status", "status"])["status"] == "custom_fields.status"


def test_fields_that_differ_by_case_alone_are_a_question(fails):
    error = fails(["phone", "STATUS"], ["Status", "status"])
    assert error.code == "custom_field_ambiguous"
    assert error.hint == "-m 'STATUS=cf:Status' or -m 'STATUS=cf:status'"


@pytest.mark.parametrize("header", ["name", "Name", "Nombre"])
def test_a_target_wins_over_a_field_of_the_same_name_and_says_so(map_header, header):
    mapping = map_header(["phone", header], [header])
    assert mapping.columns[1].target == Target(TargetKind.NAME)
    (finding,) = mapping.findings
    assert (finding.code, finding.level) == ("api_name_wins", Level.INFO)
    assert finding.hint.endswith(f"-m '{header}=cf:{header}'")


def test_cf_names_the_field_that_a_target_shadows(map_header):
    mapping = map_header(["phone", "name", "cf:name"], ["name"])
    assert [str(column.target) for column in mapping.columns[1:]] == ["name", "custom_fields.name"]


def test_the_columns_of_our_own_reports_are_skipped_in_silence(map_header):
    ours = ["bulk_update_row", "bulk_update_status", "bulk_update_code"]
    mapping = map_header([*ours, "phone", "bulk_update_error", "bulk_update_hint"], strict=True)
    assert [column.index for column in mapping.columns] == [3]
    assert not mapping.unmapped
    assert not mapping.findings


def test_how_a_column_came_to_its_target_is_known(map_header):
    mapping = map_header(["uuid", "Telefono", "Status", "x"], ["Status"], columns=("x=note",))
    assert [column.how for column in mapping.columns] == [
        How.API_NAME,
        How.HEADER_LIST,
        How.CUSTOM_FIELD,
        How.FLAG,
    ]


def test_tags_replace_reads_tags_as_tags_replace(targets):
    found = targets(["phone", "Etichette", "was.tags"], tags_replace=True)
    assert found == {"phone": "phone", "Etichette": "tags.replace", "was.tags": "was.tags"}


def test_the_list_has_every_name_for_one_target_in_the_five_languages():
    languages = {language for known in header_list().values() for language in known.languages}
    assert languages == {"en", "it", "es", "fr", "pt"}
    assert len({language_name(code) for code in languages}) == 5
    assert header_list()[fold("note")].languages == ("en", "it", "fr")
    assert {str(known.target) for known in header_list().values()} <= {
        str(target) for target in api_names().values()
    }


def test_no_name_of_the_list_contradicts_an_api_name():
    for folded, target in api_names().items():
        known = header_list().get(folded)
        assert known is None or known.target == target
