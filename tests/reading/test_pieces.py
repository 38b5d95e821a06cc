"""Reading by the piece gives what reading record by record gives, whatever is in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_update.errors import SheetError, SheetQuestion
from bulk_update.model import SourceRow
from bulk_update.reading import ReadOptions, chunks, delimited, open_sheet, parts, pieces

SCRAPS = st.sampled_from(
    [
        *('"', '""', ",", "\n", "\r\n", "\r", "a", "1", " ", "b,c\n", '"x\ny"', '"x,""y",2\n'),
        *("\u00a0", "é", "'=1", "<example>", "sep=,", "\x00", '5" pipe', '"a" b,', "1,2\n3,4\n"),
        *("\v", "\f", "\x1c", "\x85", "\u2028"),
    ]
)
FAULT = tuple[str, str]


def outcome(path: str) -> list[SourceRow] | FAULT:
    try:
        with open_sheet(path, ReadOptions()) as sheet:
            rows = list(sheet.rows())
            assert [row for chunk in sheet.chunks() for row in chunk.sources()] == rows
            for chunk in sheet.chunks():
                sources = chunk.sources()
                assert [chunk.number(place) for place in range(len(chunk))] == [
                    row.row for row in sources
                ]
                assert [tuple(cells) for cells in chunk.cells] == [row.cells for row in sources]
                faulty = [place for place, row in enumerate(sources) if row.findings]
                assert list(chunk.faulty) == faulty
            return rows
    except (SheetError, SheetQuestion) as error:
        return error.code, error.message


def one_by_one(_piece: str, _separator: str) -> None:
    raise csv.Error


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(SCRAPS, min_size=1, max_size=40).map("".join),
    st.sampled_from([1, 7, 30, 1 << 16]),
    st.sampled_from([1, 3, 128]),
    st.sampled_from(["", "phone,note\n"]),
    st.sampled_from([0, 1_000]),
)
def test_any_size_of_piece_reads_the_same(tmp_path, text, piece, chunk, head, sparse) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes((head + text).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "record_groups", one_by_one)
        asked = outcome(str(path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_PIECE", piece)
        patch.setattr(pieces, "_SPARSE", sparse)
        patch.setattr(pieces, "_MOST_LINES", 2)
        for module in (chunks, pieces):
            patch.setattr(module, "CHUNK", chunk)
        assert outcome(str(path)) == asked


@given(st.lists(SCRAPS, max_size=40).map("".join), st.sampled_from([1, 7, 30]))
def test_a_text_at_hand_is_cut_as_a_file_is(text: str, size: int) -> None:
    """All of it, in its order, and never within a line or a quoted cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_PIECE", size)
        cut = list(pieces.pieces_of(text))
    assert "".join(cut) == text
    for piece in cut[:-1]:
        assert piece.endswith("\n")
        assert piece.count('"') % 2 == 0


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize(
    "strange", ["\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_what_only_python_calls_a_line_end_stays_in_its_cell(
    tmp_path: Path, strange: str, encoding: str
) -> None:
    path = tmp_path / "strange.csv"
    path.write_bytes(f"phone,note\n+391,a{strange}b\n".encode(encoding, "ignore"))
    with open_sheet(str(path), ReadOptions(encoding=encoding)) as sheet:
        (row,) = sheet.rows()
    kept = strange.encode(encoding, "ignore").decode(encoding)
    assert row.cells == ("+391", f"a{kept}b")


def test_a_cell_that_is_too_long_to_be_one_is_said_without_any_quote(tmp_path: Path) -> None:
    """The CSV reader refuses it, so cutting must not take it."""
    path = tmp_path / "long.csv"
    path.write_text("phone,note\n+391,x\n+392," + "y" * 2_000 + "\n")
    with open_sheet(str(path), ReadOptions()) as sheet:
        before = csv.field_size_limit(1_000)
        try:
            with pytest.raises(SheetError):
                list(sheet.rows())
        finally:
            csv.field_size_limit(before)


def test_a_file_whose_lines_end_in_cr_alone_is_read_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no place to be cut at, and one part would be held in memory, all of it."""
    monkeypatch.setattr(delimited, "WORTH_CUTTING", 0)
    monkeypatch.setattr(parts, "MOST_OF_A_PART", 1_000)
    cut = []
    for end in ("\n", "\r"):
        path = tmp_path / "lines.csv"
        path.write_text("phone,note" + end + f"+391,x{end}" * 5_000, newline="")
        with (
            open_sheet(str(path), ReadOptions()) as sheet,
            monkeypatch.context() as patch,
        ):
            patch.setattr(delimited, "PART", 500)
            cut.append(bool(sheet.parts()))
            assert sum(map(len, sheet.chunks())) == 5_000
    assert cut == [True, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_part_is_read_in_the_encoding_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Also one whose bytes would be text in another encoding."""
    monkeypatch.setattr(delimited, "WORTH_CUTTING", 0)
    monkeypatch.setattr(delimited, "PART", 200)
    path = tmp_path / "parts.csv"
    path.write_text("phone,name\n" + "+391,Nicol\u00c3\u00b2\n" * 100, encoding=encoding)
    with open_sheet(str(path), ReadOptions(encoding=encoding)) as sheet:
        at = parts.Place()
        apart = [row for part in sheet.parts() for row in rows_of(sheet.chunks_of(part, at))]
        assert len(sheet.parts()) > 2
        assert apart == list(sheet.rows())


def rows_of(found: Iterable[chunks.Chunk]) -> list[SourceRow]:
    return [row for chunk in found for row in chunk.sources()]


def test_a_short_row_at_the_end_of_a_chunk_is_not_cut_off(tmp_path: Path) -> None:
    """Only the last row of the file can be; the file ends open, far below."""
    path = tmp_path / "short.csv"
    path.write_text("phone,note,name\n" + "+391,x\n" * 300 + "+392,y")
    with open_sheet(str(path), ReadOptions()) as sheet:
        assert [row.row for row in sheet.rows() if row.findings] == [302]


def test_a_broken_record_after_many_pieces_is_that_record_alone(tmp_path: Path) -> None:
    """The rows before it and after it have the numbers and lines that they have in the file."""
    fine = '+39{0:06},"two\nlines"\n'
    rows = [fine.format(number) for number in range(10_000)]
    rows[9_000] = '+39000000,"broken" here\n'
    path = tmp_path / "long.csv"
    path.write_text("phone,note\n" + "".join(rows))
    with open_sheet(str(path), ReadOptions()) as sheet:
        read = list(sheet.rows())
    assert [row.row for row in read] == list(range(2, 10_002))
    assert [row.row for row in read if row.findings] == [9_002]
    assert read[8_999].line == 2 + 2 * 8_999
    assert read[9_000].line == 2 + 2 * 9_000
    assert read[9_001].line == read[9_000].line + 1


def test_a_quote_that_many_lines_do_not_close_is_read_all_the_same(tmp_path: Path) -> None:
    long = "\n".join(f"line {number}" for number in range(5_000))
    path = tmp_path / "long.csv"
    path.write_text("phone,note\n" + "+391,x\n" * 20_000 + f'+392,"{long}"\n+393,y\n')
    with open_sheet(str(path), ReadOptions()) as sheet:
        *_others, cell, last = sheet.rows()
    assert cell.cells == ("+392", long)
    assert (last.row, last.line) == (20_003, 25_002)
