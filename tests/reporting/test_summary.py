"""The JSON document: its keys are a contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bulk_update.errors import SheetQuestion, Stopped, StorageError, UsageError
from bulk_update.model import (
    ChangeResult,
    Finding,
    FindingGroup,
    Level,
    NumberCell,
    RowResult,
    RowStatus,
)
from bulk_update.reporting import document, failure_document, render, write_reports
from bulk_update.reporting.files import write_tables
from bulk_update.reporting.summary import error_entry

KEYS = [
    *("command", "run", "account", "counts", "findings", "requests"),
    *("files", "exit_code", "error"),
]


def _loaded(content: dict[str, object]) -> dict[str, Any]:
    loaded = json.loads(render(content))
    assert isinstance(loaded, dict)
    return loaded


def test_the_keys_of_a_report(run: Any) -> None:
    """All of them, and no others, at every level."""
    content = _loaded(document(run.report(), {"results.csv": Path("/out/results (2).csv")}))
    assert list(content) == KEYS
    assert content["command"] == "apply"
    assert content["run"] == "r1"
    assert content["account"] == {
        "name": "main",
        "base_url": "https://api.callbell.eu/v1",
        "key": "https://api.callbell.eu/v1|team-1",
    }
    assert content["findings"] == [
        {
            "rows": [3],
            "count": 1,
            "column": "Status",
            "code": "option_unknown",
            "level": "error",
            "value": "Actve",
            "message": "'Actve' is not an option of Status.",
            "hint": "Did you mean 'Active'?",
        }
    ]
    assert content["requests"] == {"GET": 3, "PATCH": 1, "saved": 0}
    assert content["files"] == {"results.csv": str(Path("/out/results (2).csv"))}
    assert content["exit_code"] == 1
    assert content["error"] is None


def test_requests_that_were_refused_as_too_many_are_told_where_there_were_any(run: Any) -> None:
    """Whoever waited longer than was forecast must see why."""
    report = replace(run.report(), refused_429=2)
    assert _loaded(document(report, {}))["requests"] == {
        "GET": 3,
        "PATCH": 1,
        "saved": 0,
        "refused_429": 2,
    }


def test_counts_have_every_status_and_add_up(run: Any) -> None:
    """A script may ask for a status that no row has; ``valid`` belongs to checks."""
    counts = _loaded(document(run.report(), {}))["counts"]
    assert counts.pop("rows") == 3 == sum(counts.values())
    assert set(counts) == {status.value for status in RowStatus} - {"valid"}
    assert (counts["updated"], counts["invalid"], counts["failed"]) == (1, 1, 0)


def test_a_check_has_no_run_and_counts_valid_rows(run: Any) -> None:
    """``run`` is null; ``valid`` and ``invalid`` are always there."""
    valid = (RowResult(row=2, key="", status=RowStatus.VALID),)
    content = _loaded(document(replace(run, command="check", results=valid).report(), {}))
    assert content["run"] is None
    assert content["counts"]["valid"] == 1
    assert content["counts"]["invalid"] == 0
    assert "updated" not in content["counts"]


def test_a_failure_has_the_same_keys() -> None:
    """A script reads the same document, however early the command ended."""
    error = SheetQuestion("two sheets", hint="--sheet", code="two_sheets")
    content = _loaded(failure_document("check", error))
    assert list(content) == KEYS
    assert content["counts"] == {"rows": 0, "valid": 0, "invalid": 0, "duplicate": 0}
    assert (content["account"], content["run"], content["files"]) == (None, None, {})
    assert content["exit_code"] == 3
    assert content["error"] == {"code": "two_sheets", "message": "two sheets", "hint": "--sheet"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (Stopped("x", signal_number=2), 130),
        (Stopped("x", signal_number=15), 143),
    ],
)
def test_the_exit_code_of_a_failure(error: UsageError | Stopped, code: int) -> None:
    """That of the error's class; after a signal, the shell's."""
    assert failure_document("apply", error)["exit_code"] == code


def test_a_run_that_broke_off_says_why(run: Any) -> None:
    """Counts and files of what was done, and the error."""
    error = error_entry(UsageError("bad", hint="do this"))
    content = _loaded(document(replace(run, error=error, exit_code=6).report(), {}))
    assert content["error"] == {"code": "usage", "message": "bad", "hint": "do this"}
    assert content["counts"]["rows"] == 3


def test_any_text_of_a_sheet_can_be_rendered(run: Any) -> None:
    """Text of a workbook's cells, lone surrogates, a path that is no UTF-8."""
    finding = Finding(
        code="c", level=Level.INFO, message="m\udc80", value=NumberCell("12"), column="\ud800"
    )
    group = FindingGroup(finding=finding, rows=(), count=0)
    report = replace(run, findings=(group,)).report()
    content = _loaded(document(report, {"a.csv": Path("/out\udcff/a.csv")}))
    assert content["findings"][0]["value"] == "12"
    assert content["findings"][0]["message"] == "m\\udc80"
    assert content["findings"][0]["column"] == "\\ud800"


def test_summary_json_is_the_document(run: Any, tmp_path: Path) -> None:
    """Byte for byte what is printed for the files that were written, itself among them."""
    report = run.report()
    files = write_reports(tmp_path / "out", report)
    assert list(files) == [
        "results.csv",
        "changes.csv",
        "errors.csv",
        "changes.xlsx",
        "not_found.xlsx",
        "report.html",
        "summary.json",
    ]
    assert all(path.is_file() for path in files.values())
    assert files["summary.json"].read_bytes() == render(document(report, files))


def test_a_summary_that_got_a_number_names_itself(run: Any, tmp_path: Path) -> None:
    """Its own path in it is the true one, and it is written once."""
    (tmp_path / "summary.json").mkdir()
    files = write_reports(tmp_path, run.report())
    assert files["summary.json"] == tmp_path / "summary (2).json"
    content = json.loads(files["summary.json"].read_bytes())
    assert content["files"]["summary.json"] == str(files["summary.json"])
    assert len(list(tmp_path.iterdir())) == len(files) + 1


def test_paths_are_absolute(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cron job's log says where the files are, not where from."""
    monkeypatch.chdir(tmp_path)
    files = write_reports(Path("out"), run.report())
    assert files["results.csv"] == tmp_path / "out" / "results.csv"


def test_one_report_that_cannot_be_made_keeps_no_other_back(run: Any, tmp_path: Path) -> None:
    """The first fault is told, with the files that are whole all the same."""

    def unreadable() -> Iterator[ChangeResult]:
        raise StorageError("no room")
        yield

    written = write_tables(tmp_path, replace(run.report(), changes=unreadable))
    assert set(written.files) == {"results.csv", "errors.csv", "not_found.xlsx"}
    assert (written.error and written.error.message) == "no room"
    with pytest.raises(StorageError, match="no room"):
        write_reports(tmp_path, replace(run.report(), changes=unreadable))


def test_the_summary_names_what_the_command_made_beside_its_reports(
    run: Any, tmp_path: Path
) -> None:
    """It equals what ``--json`` prints, a saved plan included."""
    products = {"plan": tmp_path / "friday.plan"}
    files = write_reports(tmp_path, run.report(), products=products)
    printed = render(document(run.report(), {**files, **products}))
    assert files["summary.json"].read_bytes() == printed
