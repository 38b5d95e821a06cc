"""No input whatever gives a traceback: real files with faults in their bytes.

A few hundred cases run with all tests; ``make fuzz`` tries 10,000. ``FUZZ_SEED`` says where the
seeds begin; a failure names the seed that shows it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
CASES = int(os.environ.get("FUZZ_CASES", "200"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.fixture
def bases(tmp_path: Path) -> Path:
    """Sheets as people have them, each small: a fault in a large one is seldom met."""
    folder = tmp_path / "base"
    folder.mkdir()
    samples = [
        each
        for each in SAMPLES.iterdir()
        if each.suffix in {".csv", ".xlsx", ".tsv", ".ods", ".xls"}
    ]
    for each in samples:
        if each.stat().st_size < 60_000:
            (folder / each.name).write_bytes(each.read_bytes())
    _workbooks(folder)
    return tmp_path


def _workbooks(folder: Path) -> None:
    import pandas as pd
    import xlwt

    rows = [["uuid", "Telefono", "name", "Status", "Fecha de renovación"]]
    rows += [
        [f"{n:032x}", f"+39 333 {n:07}", f"Name {n}", "Active", "31/12/2026"] for n in range(30)
    ]
    book = xlwt.Workbook()
    sheet = book.add_sheet("Contacts")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    book.save(str(folder / "old.xls"))
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame.to_excel(folder / "frame.xlsx", index=False)
    (folder / "utf16.csv").write_bytes("\n".join("\t".join(row) for row in rows).encode("utf-16"))
    (folder / "cp1252.csv").write_bytes("\n".join(";".join(row) for row in rows).encode("cp1252"))


def test_mutated_files_end_as_the_contract_says(bases: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            Path(__file__).with_name("child.py"),
            bases,
            SAMPLES / "account.schema.toml",
            str(SEED),
            str(SEED + CASES),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=bases,
    )
    *told, last = done.stdout.splitlines() or [""]
    assert last == "done", done.stderr[-2000:]
    assert [json.loads(line) for line in told] == []
