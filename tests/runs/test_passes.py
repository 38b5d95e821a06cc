"""Several processes find what one finds: the same findings in the same order, whatever is in the
file and wherever it is cut; and where one of them is lost, nobody notices."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_update.account.schema import AccountSchema, FieldSchema
from bulk_update.errors import SheetError, SheetQuestion, StorageError
from bulk_update.mapping import MappingOptions, map_columns
from bulk_update.model import Account, FieldType, FindingGroup, RowStatus
from bulk_update.reading import ReadOptions, Sheet, delimited, open_sheet, pieces
from bulk_update.runs import abreast, passes, stretches
from bulk_update.runs.interaction import Quiet
from bulk_update.validation import (
    FindingCollector,
    ValidationOptions,
    Validator,
    aside,
    conflicts,
    duplicates,
    status_of,
)

# The processes that run the tests have threads of their own, which matter to no copy here.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

Said = tuple[list[FindingGroup], dict[RowStatus, int]]
"""The findings of all rows, in the order in which they came up, and how many rows are not valid."""

MOST_GROUPS = 3
"""Few, so that what is folded is compared too."""

SCHEMA = AccountSchema(
    account=Account(base_url="http://127.0.0.1/v1", default_team="1" * 32),
    fields={
        "Age": FieldSchema(name="Age", type=FieldType.NUMBER),
        "Born": FieldSchema(name="Born", type=FieldType.DATE),
    },
    tags=("VIP",),
)
HEAD = "uuid,note,tags,Age,Born\n"
key = st.integers(0, 30).map(lambda number: f"{number:032x}") | st.sampled_from(["", "bad"])
note = st.sampled_from(["x", "", '"two\nlines"', '"a ""quote"" in it"', '5" pipe', " x ", "Muñoz"])
tags = st.sampled_from(["VIP", "vip", "Nobody", "", "VIP;-VIP"])
age = st.sampled_from(["1", "2.5", "3.25", "1.234", "many", "", "7,5"])
born = st.sampled_from(["2000-01-02", "31/12/1999", "01/02/2003", "12/31/1999", "", "never"])
row = st.tuples(key, note, tags, age, born).map(lambda cells: ",".join(cells) + "\n")
rows = st.lists(row, max_size=30).map("".join)
oddity = st.sampled_from(
    [
        "",
        "\n",
        "a\n",
        "<example>,,,,\n",
        '"broken" x,,,,\n',
        '"open\n',
        "\r\n",
        "\x00,",
        '="1",,,,\n',
    ]
)
table = st.tuples(rows, oddity, rows).map("".join)


def outcome(path: Path, judged: Callable[[Sheet, Validator], Said]) -> object:
    """All that a check knows of a sheet when it has judged it."""
    try:
        with open_sheet(str(path), ReadOptions()) as sheet:
            mapping = map_columns(sheet.header, fields=("Age", "Born"), options=MappingOptions())
            validator = Validator(mapping, SCHEMA, ValidationOptions())
            said = judged(sheet, validator)
            return validator.keyed, validator.repeats, said, sheet.findings
    except (SheetError, SheetQuestion) as error:
        return error.code, error.message, error.hint


def one_by_one(sheet: Sheet, validator: Validator) -> Said:
    """Pass after pass, as everything began."""
    validator.survey(sheet.chunks())
    validator.resolve(sheet.chunks())
    collector, bad = FindingCollector(most_groups=MOST_GROUPS), Counter[RowStatus]()
    for each in validator.judge(sheet.rows(), build=False):
        collector.add(each.row, each.findings)
        bad[status_of(each.findings)] += 1
    del bad[RowStatus.VALID]
    return collector.groups(), dict(bad)


def passed(sheet: Sheet, validator: Validator) -> Said:
    mine = passes.Passes(sheet, lambda: Quiet().progress("", None))
    mine.survey(validator)
    validator.resolve(sheet.chunks())
    with mine.stretches(validator) as given:
        found = list(given)
    assert sum(stretch.rows for stretch in found) == sum(1 for _row in sheet.rows())
    collector, bad = FindingCollector(most_groups=MOST_GROUPS), Counter[RowStatus]()
    for stretch in found:
        collector.extend(stretch.groups)
        bad += stretch.bad
    return collector.groups(), dict(bad)


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch):
    """Makes several processes work on a file, however small, in parts of some bytes."""

    def into(size: int, copies: int) -> None:
        monkeypatch.setattr(delimited, "WORTH_CUTTING", 0)
        monkeypatch.setattr(delimited, "PART", size)
        monkeypatch.setattr(abreast, "worth_making", lambda: copies)

    return into


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100
)
@given(
    table,
    st.sampled_from(["utf-8", "utf-8-sig"]),
    st.tuples(
        st.sampled_from([40, 100, 1_000]),
        st.sampled_from([1, 2, 3]),
        st.sampled_from([0, 1, 16]),
        st.sampled_from([0, 900, 1 << 20]),
    ),
)
def test_one_pass_by_several_finds_what_two_by_one_find(tmp_path, cut, text, encoding, how) -> None:
    """Whatever was guessed, and however much is kept of what was judged by it."""
    size, copies, guessed, kept = how
    path = tmp_path / "any.csv"
    path.write_text(HEAD + text, encoding=encoding)
    cut(size, copies)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "CHUNK", 5)
        patch.setattr(passes, "_TOGETHER", 2)
        patch.setattr(passes, "_GUESSED_BY", guessed)
        patch.setattr(passes, "_MOST_KEPT", kept)
        assert outcome(path, passed) == outcome(path, one_by_one)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(table, st.sampled_from([1, 2, 3]), st.sampled_from([1, 5]), st.sampled_from([0, 1 << 20]))
def test_rows_compared_in_a_file_are_judged_as_those_in_memory(
    tmp_path, cut, text, copies, held, in_memory
) -> None:
    """Also by copies of the process that put them aside."""
    path = tmp_path / "any.csv"
    path.write_text(HEAD + text)
    cut(100, copies)
    expected = outcome(path, one_by_one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "_MOST_KEPT", 0)
        patch.setattr(duplicates, "_MOST_HELD", held)
        patch.setattr(duplicates, "_TOGETHER", 2)
        patch.setattr(conflicts, "_BUCKET_BITS", 3)
        patch.setattr(aside, "_MOST_IN_MEMORY", in_memory)
        assert outcome(path, passed) == expected


def test_no_room_to_compare_rows_is_said(large, monkeypatch) -> None:
    """Instead of comparing some of them."""
    monkeypatch.setattr(duplicates, "_MOST_HELD", 1)
    monkeypatch.setattr(duplicates, "_TOGETHER", 1)
    monkeypatch.setattr(aside, "_MOST_IN_MEMORY", 0)
    with Path("/dev/full").open("r+b", buffering=0) as full:
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_how: full)
        with pytest.raises(StorageError, match="No space left") as caught:
            outcome(large, one_by_one)
    assert (caught.value.code, "TMPDIR" in caught.value.hint) == ("disk_full", True)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Four hundred rows with a fault in every seventh, and one key twice."""
    keys = [f"{number:032x}" for number in range(400)]
    keys[300] = keys[3]
    path = tmp_path / "large.csv"
    rows = (
        f"{key},note {place % 9},{'No' if place % 7 else ''},,\n" for place, key in enumerate(keys)
    )
    path.write_text(HEAD + "".join(rows))
    return path


@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_the_parts_are_really_judged_by_copies(large, cut, monkeypatch, kept) -> None:
    """Or all that is shown here would be that one process finds what it finds."""
    monkeypatch.setattr(passes, "_MOST_KEPT", kept)
    cut(500, 2)
    parent, really = os.getpid(), passes.stretch_of

    def only_in_a_copy(*asked: object) -> stretches.Stretch:
        assert os.getpid() != parent
        return really(*asked)

    monkeypatch.setattr(passes, "stretch_of", only_in_a_copy)
    assert outcome(large, passed) == outcome(large, one_by_one)


def test_a_sheet_whose_first_rows_are_right_is_read_once(large, cut, monkeypatch) -> None:
    """And once more only to compare the rows that bear the same key."""
    cut(500, 1)
    read: list[int] = []
    really = delimited.DelimitedSheet._chunks
    monkeypatch.setattr(
        delimited.DelimitedSheet, "_chunks", lambda sheet: read.append(1) or really(sheet)
    )
    outcome(large, passed)
    few_for_guessing, counting_rows, resolving = 1, 1, 1
    assert len(read) == few_for_guessing + 1 + resolving + counting_rows


@pytest.mark.parametrize("copies", [1, 2])
def test_a_column_that_says_late_how_it_is_written_is_judged_by_that(
    tmp_path, cut, monkeypatch, copies
) -> None:
    """The first rows don't say; by what they say, every date of the rest would be in doubt."""
    monkeypatch.setattr(passes, "_GUESSED_BY", 1)
    path = tmp_path / "late.csv"
    dates = ["" if number < 300 else f"{number % 28 + 1:02}/02/2020" for number in range(600)]
    dates[500] = "30/02/2020"
    rows = (f"{number:032x},,,,{date}\n" for number, date in enumerate(dates))
    path.write_text(HEAD + "".join(rows))
    cut(2_000, copies)
    assert outcome(path, passed) == outcome(path, one_by_one)
    *_others, (groups, bad), _findings = outcome(path, passed)
    assert [(each.rows, each.finding.code) for each in groups] == [((502,), "bad_date")]
    assert bad == {RowStatus.INVALID: 1}


@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_a_copy_that_is_lost_is_done_without(large, cut, monkeypatch, kept) -> None:
    """In the first pass, or the second one where nothing was kept of the first."""
    monkeypatch.setattr(passes, "_MOST_KEPT", kept)
    cut(500, 2)
    parent, calls = os.getpid(), [0]
    name = "_survey_part" if kept else "_judged"
    real = getattr(passes.Passes, name)

    def dies_at_the_third(*asked: object) -> object:
        calls[0] += 1
        if os.getpid() != parent and calls[0] == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*asked)

    monkeypatch.setattr(passes.Passes, name, dies_at_the_third)
    assert outcome(large, passed) == outcome(large, one_by_one)


@pytest.mark.parametrize("kept", [0, 1 << 20])
@pytest.mark.parametrize("made", [0, 1])
def test_a_machine_that_has_no_room_for_a_copy_is_no_error(
    large, cut, monkeypatch, kept, made
) -> None:
    """A limit on processes or memory refuses the first copy, or a later one."""
    monkeypatch.setattr(passes, "_MOST_KEPT", kept)
    cut(500, 2)
    fork, left = os.fork, [made]

    def refused() -> int:
        left[0] -= 1
        if left[0] < 0:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return fork()

    def open_files() -> int:
        return sum(1 for _each in Path("/proc/self/fd").iterdir())

    before = open_files()
    monkeypatch.setattr(os, "fork", refused)
    assert outcome(large, passed) == outcome(large, one_by_one)
    assert open_files() == before


def test_a_file_that_changes_meanwhile_is_told(large, cut, monkeypatch) -> None:
    monkeypatch.setattr(passes, "_MOST_KEPT", 0)
    cut(500, 2)
    with open_sheet(str(large), ReadOptions()) as sheet:
        mapping = map_columns(sheet.header, fields=(), options=MappingOptions())
        validator = Validator(mapping, SCHEMA, ValidationOptions())
        mine = passes.Passes(sheet, lambda: Quiet().progress("", None))
        mine.survey(validator)
        assert mine._before
        with mine.stretches(validator) as given, large.open("a") as file:
            next(given)
            file.write("more\n")
            file.flush()
            with pytest.raises(SheetError, match="changed"):
                list(given)


def test_no_copy_outlives_the_work() -> None:
    with abreast.Copies(3, lambda number: iter([number, "more"])) as copies:
        processes = list(copies._processes)
        assert [copies.next(number) for number in (2, 0, 1, 0)] == [2, 0, 1, "more"]
        with pytest.raises(abreast.CopyLostError):
            copies.next(0)
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
