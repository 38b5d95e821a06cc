"""All the files of a run, each written whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.model import PROBLEM_STATUSES, RowStatus
from bulk_update.reporting.folder import open_folder, write_whole
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.summary import document, render

if TYPE_CHECKING:
    from bulk_update.reporting.tables import Table

RESULTS: Final = "results.csv"
CHANGES: Final = "changes.csv"
ERRORS: Final = "errors.csv"
SUMMARY: Final = "summary.json"


def write_reports(
    out_dir: Path,
    report: RunReport,
    *,
    problems: frozenset[RowStatus] = PROBLEM_STATUSES,
) -> dict[str, Path]:
    """Write ``results.csv``, ``changes.csv``, ``errors.csv`` and ``summary.json`` to ``out_dir``.

    ``problems`` are the statuses whose rows go to ``errors.csv``. Returns where each file really
    is, by its name in the contract: one that is held open elsewhere was given a number. Rows are
    read as streams; memory does not grow with them. Raises ``StorageError`` when a file can't be
    written; the files written before it are whole.
    """
    from bulk_update.reporting.tables import csv_chunks

    folder = open_folder(out_dir)
    files = {
        name: write_whole(folder, name, csv_chunks(table()))
        for name, table in _tables(report, problems).items()
    }
    files[SUMMARY] = _write_summary(folder, report, files)
    return files


def _tables(report: RunReport, problems: frozenset[RowStatus]) -> dict[str, Callable[[], Table]]:
    """The CSV files and what is in them, in the order they are written."""
    from bulk_update.reporting.tables import changes_table, errors_table, results_table

    return {
        RESULTS: lambda: results_table(report.results()),
        CHANGES: lambda: changes_table(report.changes()),
        ERRORS: lambda: errors_table(report.header, report.results(), report.sources(), problems),
    }


def _write_summary(folder: Path, report: RunReport, files: Mapping[str, Path]) -> Path:
    """Write the summary, which names every file, itself too: so again if it was given a number."""
    expected = folder / SUMMARY
    path = write_whole(folder, SUMMARY, [_summary(report, files, expected)])
    if path == expected:
        return path
    return write_whole(folder, path.name, [_summary(report, files, path)])


def _summary(report: RunReport, files: Mapping[str, Path], itself: Path) -> bytes:
    return render(document(report, {**files, SUMMARY: itself}))
