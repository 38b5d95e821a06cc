"""A mapping that is saved is the mapping that is loaded."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bulk_update.errors import StorageError, UsageError
from bulk_update.mapping import (
    ColumnRule,
    MappingFile,
    MappingOptions,
    load_mapping_file,
    map_columns,
)
from bulk_update.mapping.loading import parse_mapping_file
from bulk_update.mapping.names import tidy
from bulk_update.mapping.saving import mapping_text, save_mapping
from bulk_update.model import Policy

# Any text a cell can hold: the reader lets no lone surrogate through.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
filled = texts.filter(lambda text: bool(text.strip()))
rules = st.builds(
    ColumnRule,
    target=st.none() | filled,
    policy=st.sampled_from(Policy),
    blank_clears=st.booleans(),
    trim=st.booleans(),
    values=st.dictionaries(texts, texts, max_size=3),
    optional=st.booleans(),
    comment=texts,
)
files = st.builds(
    MappingFile,
    columns=st.dictionaries(texts, rules, max_size=5),
    constants=st.dictionaries(texts, texts, max_size=3),
    skip=st.lists(texts, max_size=3).map(tuple),
    optional=st.booleans(),
    trim=st.booleans(),
    clear=filled,
    date_format=st.none() | st.sampled_from(["DMY", "MDY", "YMD", "%d.%m.%Y"]),
    decimal=st.none() | st.sampled_from([",", "."]),
    region=st.none() | st.sampled_from(["IT", "GB"]),
    notes=st.lists(texts, max_size=3).map(tuple),
)


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@given(files)
@example(MappingFile(columns={"": ColumnRule(), "a.b": ColumnRule(values={"": ""})}))
@example(MappingFile(columns={"a": ColumnRule(values={"x": "y"}), "b": ColumnRule(target="t")}))
@example(MappingFile(region_column="Paese\n"))
@example(MappingFile(columns={"\u2028": ColumnRule(comment="\r\n]")}, notes=("\x00",)))
def test_what_is_written_is_read_again(file):
    assert parse_mapping_file(mapping_text(file), path="x") == file


headers = st.lists(filled, min_size=1, max_size=6, unique_by=tidy).filter(
    lambda names: all(map(tidy, names))
)


@given(headers, st.data())
def test_a_mapping_saved_as_a_file_maps_the_same_header_again(header, data):
    """With no other help than the file, whatever the headers are called."""
    others = data.draw(st.permutations(["note", "cf:Zz=1", "tags.remove", "was.cf:Q"]))
    chosen = ["phone", *others]
    columns = tuple(f"{name}={target}" for name, target in zip(header, chosen, strict=False))
    options = MappingOptions(
        columns=columns, constants=("name=x",), skip=tuple(header[len(columns) :])
    )
    mapping = map_columns(header, fields=["Zz=1", "Q"], options=options)
    text = mapping_text(mapping.as_file())
    again = map_columns(
        header,
        fields=["Zz=1", "Q"],
        options=MappingOptions(file=parse_mapping_file(text, path="x"), strict=True),
    )
    assert again.digest == mapping.digest
    assert again.skipped == mapping.skipped


def test_the_digest_tells_mappings_apart(map_header, map_file):
    plain = map_header(["phone", "x"], columns=("x=note",))
    file = map_file('[columns]\n"x" = "note"')
    same = map_header(["phone", "x"], file=file)
    other = map_header(["phone", "x"], file=file, constants=("name=y",))
    trimmed = map_header(["phone", "x"], file=map_file('trim = false\n[columns]\n"x" = "note"'))
    assert plain.digest == same.digest
    assert len({plain.digest, other.digest, trimmed.digest}) == 3


def test_the_file_reads_well():
    file = MappingFile(
        columns={
            "Telefono": ColumnRule(target="phone", comment="header list: Italian"),
            "Stato": ColumnRule(target="cf:Status", values={"Actve": "Active"}),
            "Note": ColumnRule(target="note", policy=Policy.FILL_EMPTY),
        },
        notes=("'Città' is not mapped",),
        date_format="DMY",
        constants={"tags": "Imported"},
    )
    assert mapping_text(file) == (
        "# Which column of the sheet means what.\n"
        "# Used with: bulk-update check FILE --mapping FILE.map.toml\n"
        "\n"
        'date_format = "DMY"\n'
        "\n"
        "[columns]\n"
        '"Telefono" = "phone" # header list: Italian\n'
        '"Note" = {target = "note", policy = "fill-empty"}\n'
        "# 'Città' is not mapped\n"
        "\n"
        '[columns."Stato"]\n'
        'target = "cf:Status"\n'
        "\n"
        '[columns."Stato".values]\n'
        '"Actve" = "Active"\n'
        "\n"
        "[constants]\n"
        '"tags" = "Imported"\n'
    )


def test_a_file_that_is_there_is_never_overwritten_unasked(tmp_path: Path):
    path = tmp_path / "x.map.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        save_mapping(MappingFile(), path)
    assert str(path) in caught.value.message
    assert path.read_text(encoding="utf-8") == "mine"
    assert _names(tmp_path) == ["x.map.toml"]


def test_overwriting_when_asked_keeps_the_mode_and_follows_a_link(tmp_path: Path):
    path, link = tmp_path / "x.map.toml", tmp_path / "link"
    path.write_text("mine", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    save_mapping(MappingFile(decimal=","), link, overwrite=True)
    assert load_mapping_file(path).decimal == ","
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()


def test_a_new_file_is_written_whole_and_alone(tmp_path: Path):
    save_mapping(MappingFile(skip=("x",)), tmp_path / "new.map.toml")
    assert load_mapping_file(tmp_path / "new.map.toml").skip == ("x",)
    assert _names(tmp_path) == ["new.map.toml"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(StorageError, match="can't be written"):
        save_mapping(MappingFile(), tmp_path / "none" / "x.map.toml")


def test_a_mapping_that_could_not_be_loaded_is_not_written(tmp_path: Path):
    with pytest.raises(UsageError):
        save_mapping(MappingFile(clear=" "), tmp_path / "x.map.toml")
    assert not _names(tmp_path)
