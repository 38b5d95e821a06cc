"""All the files of a run, each written whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bulk_update.errors import StorageError
from bulk_update.model import PROBLEM_STATUSES, RowStatus
from bulk_update.reporting.folder import open_folder, put_aside, write_whole
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.summary import document, render

RESULTS: Final = "results.csv"
CHANGES: Final = "changes.csv"
ERRORS: Final = "errors.csv"
ANNOTATED: Final = "annotated.xlsx"
CHANGES_BOOK: Final = "changes.xlsx"
NOT_FOUND_BOOK: Final = "not_found.xlsx"
PAGE: Final = "report.html"
SUMMARY: Final = "summary.json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where each file really is, by its name in the contract, and the first error where one
    could not be written."""

    files: dict[str, Path]
    error: StorageError | None = None


def write_reports(
    out_dir: Path,
    report: RunReport,
    *,
    problems: frozenset[RowStatus] = PROBLEM_STATUSES,
    products: Mapping[str, Path] | None = None,
) -> dict[str, Path]:
    """Write the reports of a run to ``out_dir``: ``results.csv``, ``changes.csv``, ``errors.csv``,
    ``changes.xlsx``, ``not_found.xlsx``, ``report.html`` and ``summary.json``; and
    ``annotated.xlsx`` where there is something to mend.

    ``problems`` are the statuses of rows that are to be mended; ``products`` are the files that
    the command has made beside its reports, for the summary to name. Returns where each report
    really is, by its name in the contract: one that is held open elsewhere was given a number.
    Rows are read as streams; memory does not grow with them. Raises ``StorageError`` when a file
    can't be written; the others are whole.
    """
    written = write_tables(out_dir, report, problems=problems)
    if written.error is not None:
        raise written.error
    written.files[SUMMARY] = write_summary(out_dir, report, written.files, products=products)
    return written.files


def write_tables(
    out_dir: Path, report: RunReport, *, problems: frozenset[RowStatus] = PROBLEM_STATUSES
) -> Written:
    """Write what :func:`write_reports` writes but the summary, as much of it as can be: one file
    that has no room must not keep the others back. A file that there is no need of, and that an
    earlier run left in the folder, is put aside: nobody shall mend it again."""
    files: dict[str, Path] = {}
    first: StorageError | None = None
    for name, content in _contents(report, problems).items():
        try:
            if chunks := content():
                files[name] = write_whole(open_folder(out_dir), name, chunks)
            else:
                put_aside(open_folder(out_dir), name, unless=Path(report.about.file))
        except StorageError as error:
            first = first or error
    return Written(files, first)


def write_summary(
    out_dir: Path,
    report: RunReport,
    files: Mapping[str, Path],
    *,
    products: Mapping[str, Path] | None = None,
) -> Path:
    """Write the summary, which names every file, itself too: so again if it was given a number.
    Raises ``StorageError``."""
    folder, made = open_folder(out_dir), products or {}

    def content(itself: Path) -> list[bytes]:
        return [render(document(report, {**files, SUMMARY: itself, **made}))]

    expected = folder / SUMMARY
    path = write_whole(folder, SUMMARY, content(expected))
    return path if path == expected else write_whole(folder, path.name, content(path))


def _contents(
    report: RunReport, problems: frozenset[RowStatus]
) -> dict[str, Callable[[], Iterable[bytes] | None]]:
    """The files and what is in them, in the order they are written; None for one that there is
    no need of. A check changes nothing and looks nobody up: it has no workbook of either."""
    from bulk_update.reporting.annotated import annotated_chunks
    from bulk_update.reporting.page import page_chunks
    from bulk_update.reporting.tables import changes_table, csv_chunks, errors_table, results_table
    from bulk_update.reporting.totals import total_changes
    from bulk_update.reporting.workbooks import changes_workbook, not_found_workbook

    totals = cache(lambda: total_changes(report.changes()))
    books: dict[str, Callable[[], Iterable[bytes]]] = {
        CHANGES_BOOK: lambda: changes_workbook(report, totals()),
        NOT_FOUND_BOOK: lambda: not_found_workbook(report),
    }
    return {
        RESULTS: lambda: csv_chunks(results_table(report.results())),
        CHANGES: lambda: csv_chunks(changes_table(report.changes())),
        ERRORS: lambda: csv_chunks(
            errors_table(
                report.header,
                report.results_of(problems),
                report.sources(),
                problems,
                meanings=report.mending.meanings if report.mending else dict,
            )
        ),
        ANNOTATED: lambda: annotated_chunks(report, problems),
        **(books if report.command != "check" else {}),
        PAGE: lambda: page_chunks(report, totals(), problems),
    }
