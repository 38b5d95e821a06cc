"""The CSV files, read back from the disk."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_update.model import (
    PROBLEM_STATUSES,
    NumberCell,
    RowResult,
    RowStatus,
    SourceRow,
)
from bulk_update.reading.own_files import REPORT_COLUMNS
from bulk_update.reporting import tables, write_reports
from bulk_update.reporting.cells import guard

Read = Callable[[Path], list[list[str]]]

TEXT = st.text(st.characters(exclude_categories=("Cs",)))


@st.composite
def sheets(draw: st.DrawFn) -> list[list[str]]:
    """A header and rows of any text, as wide as the header."""
    width = draw(st.integers(1, 4))
    names = TEXT.filter(lambda name: name not in REPORT_COLUMNS)
    header = draw(st.lists(names, min_size=width, max_size=width))
    row = st.lists(TEXT, min_size=width, max_size=width)
    return [header, *draw(st.lists(row, max_size=5))]


def _parsed(table: tables.Table) -> list[list[str]]:
    text = b"".join(tables.csv_chunks(table)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@settings(deadline=None)
@given(sheets())
def test_any_table_of_text_comes_back_from_errors_csv(sheet: list[list[str]]) -> None:
    """Cells and header names are equal after taking the guard away; none is a live formula."""
    header, *rows = sheet
    results = [RowResult(row=i, key="", status=RowStatus.INVALID) for i in range(len(rows))]
    sources = [SourceRow(i, tuple(cells)) for i, cells in enumerate(rows)]
    back = _parsed(tables.errors_table(header, results, sources, PROBLEM_STATUSES))
    own = [[cell.removeprefix("'") for cell in line[: len(header)]] for line in back]
    assert own == sheet
    assert all(cell == guard(cell.removeprefix("'")) for line in back for cell in line)


def test_results_csv_has_a_line_for_every_row(run: Any, tmp_path: Path, read_csv: Read) -> None:
    """Its columns are the contract; ``changed`` is a list; blank where there is nothing."""
    files = write_reports(tmp_path / "out", run.report())
    header, updated, invalid, not_found = read_csv(files["results.csv"])
    assert ",".join(header) == "row,key,uuid,status,changed,code,message,http_status,attempts,at"
    assert updated[:5] == ["2", "+39 333 1", "u1", "updated", '["note","custom_fields.A;B"]']
    assert updated[5:] == ["", "", "200", "1", "2026-03-03T09:05:07+00:00"]
    assert invalid[3:] == [
        *("invalid", "", "option_unknown", "''Actve' is not an option of Status.", "", "0", "")
    ]
    assert not_found[0] == "4"


def test_changes_csv_has_old_and_new(run: Any, tmp_path: Path, read_csv: Read) -> None:
    """A line for every field; what the account or the sheet says is no formula."""
    header, tags, note = read_csv(write_reports(tmp_path, run.report())["changes.csv"])
    assert ",".join(header) == "row,key,uuid,name,field,old,new,status,at"
    assert tags[3:8] == [
        *("Ann", "tags", "VIP;Lead", '["VIP","Media (article, ad, tv)"]', "updated")
    ]
    assert note[4:7] == ["note", "", "'=cmd()"]


def test_errors_csv_has_the_bad_rows_alone(run: Any, tmp_path: Path, read_csv: Read) -> None:
    """The sheet's own cells, then the five columns."""
    lines = read_csv(write_reports(tmp_path, run.report())["errors.csv"])
    assert lines[0] == ["Phone", "Status", *REPORT_COLUMNS]
    assert lines[1] == [
        *("+39 333 2", "Actve", "3", "invalid", "option_unknown"),
        *("''Actve' is not an option of Status.", "Did you mean 'Active'?"),
    ]
    assert [line[2] for line in lines[1:]] == ["3", "4"]


def test_which_rows_are_bad_is_asked_of_the_caller(
    run: Any, tmp_path: Path, read_csv: Read
) -> None:
    """``problems`` chooses the statuses."""
    chosen = frozenset({RowStatus.UPDATED})
    files = write_reports(tmp_path, run.report(), problems=chosen)
    assert [line[2] for line in read_csv(files["errors.csv"])[1:]] == ["2"]


def test_a_mended_errors_csv_has_its_columns_replaced(
    run: Any, tmp_path: Path, read_csv: Read
) -> None:
    """Given back as the sheet, its five columns are not doubled, wherever they stand."""
    header = ("bulk_update_row", "Phone", "bulk_update_hint", "Status")
    cells = [("77", "+39 333 1", "old", "Active"), ("78", "+39 333 2", "old", "Actve")]
    again = replace(run, header=header, cells=cells, results=run.results[:2])
    lines = read_csv(write_reports(tmp_path, again.report())["errors.csv"])
    assert lines[0] == ["Phone", "Status", *REPORT_COLUMNS]
    assert lines[1][:3] == ["+39 333 2", "Actve", "3"]


def test_a_bad_row_that_the_sheet_no_longer_has_keeps_its_line() -> None:
    """It is not dropped: its cells are blank, its neighbours have their own."""
    results = [RowResult(row=row, key="", status=RowStatus.FAILED) for row in (2, 3, 4, 9)]
    sources = [SourceRow(2, ("two",)), SourceRow(4, ("four",))]
    lines = _parsed(tables.errors_table(["A"], results, sources, PROBLEM_STATUSES))
    assert [line[:2] for line in lines[1:]] == [["two", "2"], ["", "3"], ["four", "4"], ["", "9"]]


@pytest.mark.parametrize("rows", [(2, 2), (3, 2)])
def test_a_row_is_never_reported_twice(rows: tuple[int, int]) -> None:
    """Results out of order or doubled are a bug that stops the report."""
    results = [RowResult(row=row, key="", status=RowStatus.UPDATED) for row in rows]
    with pytest.raises(ValueError, match=f"row {rows[1]} comes after row {rows[0]}"):
        b"".join(tables.csv_chunks(tables.results_table(results)))


def test_the_sheet_is_not_read_when_no_row_is_bad() -> None:
    """A run without problems needs no second look at its file."""

    def untouchable() -> Iterator[SourceRow]:
        raise AssertionError("read")
        yield

    results = [RowResult(row=2, key="", status=RowStatus.UPDATED)]
    lines = _parsed(tables.errors_table(["A"], results, untouchable(), PROBLEM_STATUSES))
    assert lines == [["A", *REPORT_COLUMNS]]


def test_text_that_looks_missing_or_typed_stays_text() -> None:
    """``NA``, ``None``, leading zeros and number cells are what they are."""
    cells = ("NA", "None", "nan", "0042", "1e5", NumberCell("12.50"), "")
    header = [f"C{place}" for place in range(len(cells))]
    results = [RowResult(row=2, key="", status=RowStatus.INVALID)]
    table = tables.errors_table(header, results, [SourceRow(2, cells)], PROBLEM_STATUSES)
    assert tuple(_parsed(table)[1][: len(cells)]) == cells


def test_a_file_begins_with_one_bom_and_ends_its_lines_in_crlf(run: Any, tmp_path: Path) -> None:
    """Also when it is written in several chunks."""
    raw = write_reports(tmp_path, run.report())["results.csv"].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfrow,key,")
    assert raw.count(b"\xef\xbb\xbf") == 1
    assert raw.endswith(b"\r\n")


@pytest.mark.parametrize(("name", "size"), [("CHUNK_ROWS", 3), ("CHUNK_CHARACTERS", 40)])
def test_rows_stream_in_bounded_chunks(
    monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    """No more rows are taken than a chunk holds before its text is handed on; none is lost."""
    monkeypatch.setattr(tables, name, size)
    taken: list[int] = []

    def results() -> Iterator[RowResult]:
        for row in range(100):
            taken.append(row)
            yield RowResult(row=row, key="", status=RowStatus.UPDATED)

    chunks = tables.csv_chunks(tables.results_table(results()))
    next(chunks)
    assert taken == []
    next(chunks)
    assert 1 <= len(taken) <= 3
    rest = b"".join(chunks).decode().splitlines()
    assert len(taken) == 100
    assert rest[-1].startswith("99,")


def test_a_surrogate_does_not_stop_the_report() -> None:
    """Such a cell is a finding of its row, and the row is in the files."""
    results = [RowResult(row=2, key="\udc80", status=RowStatus.INVALID)]
    table = tables.errors_table(["A"], results, [SourceRow(2, ("x\ud800",))], PROBLEM_STATUSES)
    assert _parsed(table)[1][0] == "x\\ud800"
