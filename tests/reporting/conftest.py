"""What the tests of the reports share: a small run with a row of most kinds."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bulk_update.model import (
    Account,
    ChangeResult,
    FieldName,
    Finding,
    FindingGroup,
    Level,
    RowResult,
    RowStatus,
    SourceRow,
)
from bulk_update.reporting import RunReport
from bulk_update.reporting.report import Circumstances, Person

AT = datetime(2026, 3, 3, 9, 5, 7, 123456, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as plain data, to be changed by ``dataclasses.replace`` and made into a report."""

    header: tuple[str, ...] = ("Phone", "Status")
    cells: Sequence[tuple[str, ...]] = (
        ("+39 333 1", "Active"),
        ("+39 333 2", "Actve"),
        ("+39 333 3", "Active"),
    )
    results: Sequence[RowResult] = ()
    changes: Sequence[ChangeResult] = ()
    findings: tuple[FindingGroup, ...] = ()
    command: str = "apply"
    first_row: int = 2
    exit_code: int = 0
    error: dict[str, str] | None = None
    person: Callable[[SourceRow], Person] = lambda _source: Person()
    about: Circumstances = field(default_factory=Circumstances)
    account: Account | None = field(
        default_factory=lambda: Account(
            base_url="https://api.callbell.eu/v1", default_team="team-1", name="main"
        )
    )

    def report(self) -> RunReport:
        counts: dict[RowStatus, int] = {}
        for result in self.results:
            counts[result.status] = counts.get(result.status, 0) + 1
        return RunReport(
            command=self.command,
            run=None if self.command == "check" else "r1",
            account=self.account,
            rows=len(self.cells),
            counts=counts,
            header=self.header,
            results=lambda: iter(self.results),
            sources=self._sources,
            changes=lambda: iter(self.changes),
            findings=self.findings,
            requests={"GET": 3, "PATCH": 1},
            exit_code=self.exit_code,
            error=self.error,
            person=self.person,
            about=self.about,
        )

    def _sources(self) -> Iterator[SourceRow]:
        return (SourceRow(row, cells) for row, cells in enumerate(self.cells, self.first_row))


@pytest.fixture
def run() -> Run:
    """Three rows: one updated, one invalid, one not found."""
    return Run(
        results=(
            RowResult(
                row=2,
                key="+39 333 1",
                uuid="u1",
                status=RowStatus.UPDATED,
                changed=(FieldName("note"), FieldName("custom_fields.A;B")),
                http_status=200,
                attempts=1,
                at=AT,
            ),
            RowResult(
                row=3,
                key="+39 333 2",
                status=RowStatus.INVALID,
                code="option_unknown",
                message="'Actve' is not an option of Status.",
                hint="Did you mean 'Active'?",
            ),
            RowResult(row=4, key="+39 333 3", status=RowStatus.NOT_FOUND, code="no_contact"),
        ),
        changes=(
            ChangeResult(
                row=2,
                key="+39 333 1",
                uuid="u1",
                name="Ann",
                field=FieldName("tags"),
                old=("VIP", "Lead"),
                new=("VIP", "Media (article, ad, tv)"),
                status=RowStatus.UPDATED,
                at=AT,
            ),
            ChangeResult(
                row=2,
                key="+39 333 1",
                uuid="u1",
                name="Ann",
                field=FieldName("note"),
                old=None,
                new="=cmd()",
                status=RowStatus.UPDATED,
                at=AT,
            ),
        ),
        findings=(
            FindingGroup(
                finding=Finding(
                    code="option_unknown",
                    level=Level.ERROR,
                    message="'Actve' is not an option of Status.",
                    hint="Did you mean 'Active'?",
                    column="Status",
                    value="Actve",
                    proposal="Active",
                ),
                rows=(3,),
                count=1,
            ),
        ),
        exit_code=1,
    )


@pytest.fixture
def read_csv() -> Callable[[Path], list[list[str]]]:
    """Reads a report as a stranger would: BOM, comma, the standard library."""

    def read(path: Path) -> list[list[str]]:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.reader(handle))

    return read
