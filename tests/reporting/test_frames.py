"""Frames of the Python API: their columns and types."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from bulk_update.reporting.frames import changes_frame, findings_frame, results_frame
from bulk_update.reporting.tables import CHANGE_COLUMNS, RESULT_COLUMNS


def test_results(run: Any) -> None:
    """Typed columns: numbers to reckon with, text to group by, times in UTC."""
    frame = results_frame(run.results)
    assert tuple(frame.columns) == (*RESULT_COLUMNS, "hint")
    assert frame["row"].tolist() == [2, 3, 4]
    assert frame.groupby("status").size().to_dict() == {"invalid": 1, "not_found": 1, "updated": 1}
    assert frame["http_status"].isna().tolist() == [False, True, True]
    assert frame.loc[0, "http_status"] == 200
    assert frame.loc[0, "at"] == pd.Timestamp("2026-03-03T09:05:07.123456Z")


def test_changes(run: Any) -> None:
    """Old and new are text; nothing is missing, and not the text ``None``."""
    frame = changes_frame(run.changes)
    assert tuple(frame.columns) == CHANGE_COLUMNS
    assert frame["old"].isna().tolist() == [False, True]
    assert frame["new"].tolist()[1] == "=cmd()"


def test_findings(run: Any) -> None:
    """One line a group, the rows as a tuple."""
    frame = findings_frame(run.findings)
    assert frame.loc[0, "rows"] == (3,)
    assert frame.loc[0, "proposal"] == "Active"
    assert frame.loc[0, "count"] == 1


@pytest.mark.parametrize("make", [results_frame, changes_frame, findings_frame])
def test_an_empty_frame_has_the_types_of_a_full_one(make: Any, run: Any) -> None:
    """Code that reckons with a frame need not ask whether there was anything."""
    full = make(
        {results_frame: run.results, changes_frame: run.changes, findings_frame: run.findings}[make]
    )
    assert make([]).dtypes.to_dict() == full.dtypes.to_dict()
