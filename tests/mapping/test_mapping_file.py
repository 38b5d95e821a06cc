"""FILE.map.toml: what it says, and what is said of its mistakes."""

from __future__ import annotations

import pytest

from bulk_update.errors import ConfigError
from bulk_update.mapping import How, load_mapping_file
from bulk_update.mapping.loading import parse_mapping_file
from bulk_update.mapping.toml_lines import line_of
from bulk_update.model import Policy

WHOLE = """\
# a comment
date_format = "DMY"
decimal = ","
region = { column = "Paese" }
clear = "-"
trim = false
skip = ["Interno"]

[columns]
"Telefono" = "phone"
"Etichette" = { policy = "add" }

[columns."Stato"]
target = "cf:Status"
policy = "fill-empty"
blank = "clear"
trim = true
values = { "Actve" = "Active" }

[constants]
"note" = "importato"
"""
HEADER = ["Telefono", "Stato", "Etichette", "Paese", "Interno"]


def test_a_file_says_targets_policies_values_and_settings(map_header, map_file):
    mapping = map_header(HEADER, ["Status"], file=map_file(WHOLE), strict=True)
    phone, state, tags = mapping.columns
    assert (str(phone.target), phone.trim, phone.how) == ("phone", False, How.FILE)
    assert str(state.target) == "custom_fields.Status"
    assert (state.policy, state.blank_clears, state.trim) == (Policy.FILL_EMPTY, True, True)
    assert state.values == {"Actve": "Active"}
    assert (str(tags.target), tags.policy, tags.how) == ("tags", Policy.ADD, How.HEADER_LIST)
    assert [(str(target), value) for target, value in mapping.constants] == [("note", "importato")]
    assert (mapping.date_format, mapping.decimal, mapping.clear_token) == ("DMY", ",", "-")
    assert (mapping.region, mapping.region_column) == (None, 3)
    assert (mapping.skipped, mapping.unmapped) == (("Interno",), ())


def test_the_region_column_may_mean_something_as_well(map_header, map_file):
    file = map_file('region = { column = "Paese" }')
    mapping = map_header(["phone", "Paese"], ["Paese"], file=file)
    assert (mapping.region_column, mapping.columns[1].index) == (1, 1)


def test_the_region_column_is_not_asked_about_for_being_near(map_header, map_file):
    file = map_file('region = { column = "Telefon" }')
    assert map_header(["phone", "Telefon"], file=file).region_column == 1


def test_a_region_is_a_country_code(map_header, map_file):
    assert map_header(["phone"], file=map_file('region = "it"')).region == "IT"
    with pytest.raises(ConfigError, match="a country code"):
        map_file('region = "UK"')


def test_trim_of_the_file_holds_for_columns_it_does_not_name(map_header, map_file):
    (phone,) = map_header(["phone"], file=map_file("trim = false")).columns
    assert phone.trim is False


def test_a_file_may_begin_with_a_bom_and_have_windows_line_ends(tmp_path):
    path = tmp_path / "x.map.toml"
    path.write_bytes(b'\xef\xbb\xbfdecimal = ","\r\n[columns]\r\n"a" = "note"\r\n')
    assert load_mapping_file(path).columns["a"].target == "note"


def test_a_flag_beats_the_file_and_keeps_what_else_it_says(map_header, map_file):
    file = map_file('[columns]\n"x" = { target = "note", values = { "a" = "b" } }')
    column = map_header(["phone", "x"], file=file, columns=("x=name",)).columns[1]
    assert (str(column.target), column.values, column.how) == ("name", {"a": "b"}, How.FLAG)


def test_a_flag_maps_what_the_file_skips_and_skips_what_it_maps(targets, map_file):
    file = map_file('skip = ["x"]\n[columns]\n"y" = "note"')
    assert targets(["phone", "x", "y"], file=file, columns=("x=name",), skip=("y",)) == {
        "phone": "phone",
        "x": "name",
    }


def test_a_constant_of_a_flag_replaces_that_of_the_file(map_header, map_file):
    file = map_file('[constants]\n"cf:Status" = "old"\n"note" = "kept"')
    mapping = map_header(["phone"], ["Status"], file=file, constants=("custom_fields.status=new",))
    assert [value for _target, value in mapping.constants] == ["kept", "new"]


def test_the_file_beats_the_header_itself(targets, map_file):
    file = map_file('[columns]\n"Note" = "cf:x"')
    assert targets(["phone", "Note"], ["x"], file=file)["Note"] == "custom_fields.x"


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ('[columns]\n\n"Zzz" = "note"', 3, "unknown_column"),
        ('[columns]\n"x" = "note"\n"Nome" = "nome"', 3, "unknown_target"),
        ('skip = ["Zzz"]', 1, "unknown_column"),
        ('decimal = ","\nregion = { column = "Zzz" }', 2, "unknown_column"),
        ('[constants]\n"nota" = "a"', 2, "unknown_target"),
        ('[constants]\n"phone" = "1"', 2, "key_constant"),
        ('[columns]\n"x" = { policy = "add" }', 2, "unknown_target"),
        ('[columns]\n"phone" = { policy = "never" }', 2, "setting_unfit"),
        ('[columns]\n"Nome" = { policy = "add" }', 2, "setting_unfit"),
        ('[columns]\n"Nome" = { blank = "clear" }', 2, "setting_unfit"),
        ('[columns]\n"x" = { target = "tags", policy = "overwrite" }', 2, "setting_unfit"),
        ('[columns]\n"x" = { target = "was.note", blank = "clear" }', 2, "setting_unfit"),
        ('[columns]\n"x" = "note"\n"X" = "cf:a"', 2, "column_twice"),
        ('skip = ["x"]\n[columns]\n"x" = "note"', 1, "column_twice"),
    ],
)
def test_what_the_sheet_or_the_account_lacks_is_pointed_at_by_line(
    fails, map_file, text, line, code
):
    """It is for the sheet to have the column: exit 3, as with ``-m``."""
    error = fails(["phone", "Nome", "x"], ["Status"], file=map_file(text))
    assert error.code == code
    assert f"clients.map.toml, line {line}" in error.message


@pytest.mark.parametrize(
    ("target", "policy", "instead"),
    [
        ("tags", "never", "skip = "),
        ("tags.remove", "never", "skip = "),
        ("tags", "fill-empty", 'target = "tags" only adds'),
        ("tags.replace", "fill-empty", 'target = "tags" only adds'),
        ("tags", "overwrite", 'target = "tags.replace"'),
        ("was.tags", "never", "leave the setting out"),
    ],
)
def test_a_policy_that_tags_cannot_have_says_what_to_use(fails, map_file, target, policy, instead):
    """Without ``never`` the column would add: to leave out the setting is no answer to it."""
    text = f'[columns]\n"x" = {{ target = "{target}", policy = "{policy}" }}'
    assert instead in fails(["phone", "x"], file=map_file(text)).hint


def test_a_template_may_name_columns_that_the_sheet_lacks(map_header, map_file):
    text = 'optional = true\nskip = ["A"]\nregion = { column = "B" }\n[columns]\n"C" = "note"'
    mapping = map_header(["phone"], file=map_file(text))
    (finding,) = mapping.findings
    assert finding.code == "optional_column_missing"
    assert all(name in finding.message for name in ("'A'", "'B'", "'C'"))
    assert mapping.region_column is None


def test_one_column_may_be_optional_by_itself(map_header, map_file, fails):
    text = '[columns]\n"C" = { target = "note", optional = true }\n'
    assert map_header(["phone"], file=map_file(text)).columns
    assert fails(["phone"], file=map_file(text + '"D" = "name"')).code == "unknown_column"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('dateformat = "DMY"', 1, "there is no setting 'dateformat'. Did you mean 'date_format'?"),
        ("zzzz = 1", 1, "(there are columns, constants, skip"),
        ('\ndate_format = "DD/MM"', 2, "date_format has to be DMY, MDY, YMD, or a pattern"),
        ('decimal = ";"', 1, 'decimal has to be one of ",", "."'),
        ('skip = "x"', 1, "skip has to be a list of columns"),
        ("skip = [1]", 1, "skip has to be a list of columns"),
        ('clear = " "', 1, "clear has to be a text"),
        ('trim = "no"', 1, "trim has to be true or false, without quotes"),
        ("region = 39", 1, "region has to be a country code"),
        ('columns = ["a"]', 1, "columns has to be a table"),
        ('[columns]\n"x" = 3', 2, "'x' has to be a target in quotes"),
        ('[columns]\n"x" = ""', 2, "x has to be a target in quotes"),
        ('[columns]\nskip = ["x"]', 2, "skip is a setting of the whole file: put it above"),
        ('[columns]\n"x" = { taget = "note" }', 2, "'taget'. Did you mean 'target'?"),
        ('[columns]\n"x" = { policy = "fill_empty" }', 2, "Did you mean 'fill-empty'?"),
        ('[columns]\n"x" = { blank = "leave" }', 2, 'blank has to be one of "keep", "clear"'),
        ('[columns]\nE.mail = "note"', 2, 'is put in quotes: "E.mail"'),
        ('[columns]\n[columns.x.values]\na = "b"\n1 = 2', 4, "'1' has to be a text in quotes"),
        ('[constants]\nnote = "a"\n"cf:Score" = 42', 3, "'cf:Score' has to be a text in quotes"),
    ],
)
def test_mistakes_of_the_file_are_pointed_at_by_line(map_file, text, line, says):
    with pytest.raises(ConfigError) as caught:
        map_file(text)
    assert caught.value.exit_code == 2
    assert f"clients.map.toml, line {line}: " in caught.value.message
    assert says in caught.value.message


def test_all_mistakes_of_a_file_are_said_together_in_their_order(map_file):
    with pytest.raises(ConfigError) as caught:
        map_file('skip = 1\ntrim = 2\n\n[columns]\n"x" = 3\n')
    lines = [line.split(":")[0][-1] for line in caught.value.message.split("\n")]
    assert lines == ["1", "2", "5"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb =\n", 2), ("[columns]\nNome cliente = 'name'\n", 2), ('a = """\nb', 2)],
)
def test_what_is_not_toml_is_pointed_at_by_line(map_file, text, line):
    with pytest.raises(ConfigError) as caught:
        map_file(text)
    assert f"line {line}: this is not TOML" in caught.value.message
    assert "quotes" in caught.value.hint


def test_a_file_that_cannot_be_read_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.map\.toml can't be read"):
        load_mapping_file(tmp_path / "none.map.toml")
    with pytest.raises(ConfigError, match="can't be read"):
        load_mapping_file(tmp_path)
    (tmp_path / "x").write_bytes("decimal = ','".encode("utf-16"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_mapping_file(tmp_path / "x")


def test_lines_are_found_between_values_of_several_lines():
    text = 'a = """\nb = 1\n"""\nb = [\n 1,\n 2,\n]\n\n[c]\n"x.y" = 1\n[c.d]\ne = 2\n'
    assert line_of(text, ["a"]) == 1
    assert line_of(text, ["b"]) == 4
    assert line_of(text, ["c"]) == 9
    assert line_of(text, ["c", "x.y"]) == 10
    assert line_of(text, ["c", "d", "e"]) == 12


def test_every_line_of_a_long_file_is_found():
    text = "".join(f'"k{number}" = "v"\n' for number in range(97))
    assert [line_of(text, [f"k{number}"]) for number in range(97)] == list(range(1, 98))


def test_two_files_that_say_the_same_are_equal():
    one = parse_mapping_file('skip = ["a"]\n[columns]\n"b" = "note"', path="one")
    other = parse_mapping_file('skip=["a"]\n\ncolumns = { b = "note" }', path="other")
    assert one == other
