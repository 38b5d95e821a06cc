"""Whatever comes in: a mapping, or an error of our own that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import example, given
from hypothesis import strategies as st

from bulk_update.errors import BulkUpdateError, ConfigError, SheetError
from bulk_update.mapping import Mapping, MappingOptions, map_columns, propose
from bulk_update.mapping.loading import parse_mapping_file
from bulk_update.mapping.names import TARGET_NAMES

Result = TypeVar("Result")
words = st.sampled_from(["phone", "Telefon", "note", "cf:x", "was.", "=", "", "x", *TARGET_NAMES])
names = st.one_of(words, st.text(max_size=6), st.lists(words, max_size=3).map("".join))
lists = st.lists(names, max_size=5).map(tuple)
toml_words = st.sampled_from(
    ["[columns]\n", "skip", "=", '"x"', "{", "}", "[", "]", "\n", "values", "target", ".", "1"]
)


options_of_any_kind = st.builds(
    MappingOptions,
    columns=lists,
    constants=lists,
    skip=lists,
    strict=st.booleans(),
    tags_replace=st.booleans(),
)


def attempt(function: Callable[[], Result]) -> Result | BulkUpdateError:
    """What the function gives, or the error of ours that it raises; any other is a bug."""
    try:
        return function()
    except BulkUpdateError as error:
        return error


@given(lists, lists, options_of_any_kind)
def test_any_header_and_any_flags_are_mapped_or_explained(header, fields, options):
    mapping = attempt(lambda: map_columns(header, fields=fields, options=options))
    if isinstance(mapping, BulkUpdateError):
        assert mapping.exit_code in {2, 3}
        assert mapping.message
        return
    targets = [column.target for column in mapping.columns]
    assert any(target.is_key for target in targets)
    assert len(set(targets)) == len(targets)
    for column in mapping.columns:
        assert header[column.index] == column.header


@given(lists, lists, st.lists(lists, max_size=3))
def test_any_header_has_a_proposal(header, fields, rows):
    proposal = propose(header, rows, fields=fields)
    assert [header[column.index] for column in proposal.columns] == [
        column.header for column in proposal.columns
    ]


@given(st.one_of(st.text(), st.lists(toml_words, max_size=12).map("".join)))
@example("x = " + "9" * 5000)
@example("x = " + "[" * 5000)
@example("\x00")
@example("[columns]\nx = 1979-13-40")
def test_any_text_is_a_mapping_file_or_a_configuration_error(text):
    file = attempt(lambda: parse_mapping_file(text, path="x.map.toml"))
    if isinstance(file, BulkUpdateError):
        assert isinstance(file, ConfigError)
        assert "x.map.toml, line " in file.message
        return
    options = MappingOptions(file=file)
    mapping = attempt(lambda: map_columns(["phone", "x"], fields=[], options=options))
    assert isinstance(mapping, Mapping | SheetError)
