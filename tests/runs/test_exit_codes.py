"""Which exit code a command ends with, where several hold."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from bulk_update import errors
from bulk_update.cli.running import run
from bulk_update.errors import BulkUpdateError, Stopped, more_urgent, single
from bulk_update.model import RowStatus
from bulk_update.runs.exit_codes import error_exit_code, exit_code

ORDER: list[BulkUpdateError] = [
    Stopped("stopped", signal_number=2),
    errors.StorageError("disk"),
    errors.TokenRefused("token"),
    errors.AccountUnreachable("network"),
    errors.GuardTripped("guard"),
    errors.InvalidRows("rows"),
]


def test_signal_8_4_6_5_1() -> None:
    """The order of the contract, whichever came first."""
    assert [error_exit_code(each) for each in ORDER] == [130, 8, 4, 6, 5, 1]
    for urgent, other in itertools.combinations(ORDER, 2):
        assert more_urgent(urgent, other) is urgent
        assert more_urgent(other, urgent) is urgent


def test_no_error_is_less_than_any() -> None:
    assert more_urgent(None, ORDER[0]) is more_urgent(ORDER[0], None) is ORDER[0]
    assert more_urgent(None, None) is None


def test_of_two_alike_the_first_counts() -> None:
    first, second = errors.GuardTripped("a"), errors.GuardTripped("b")
    assert more_urgent(first, second) is first


def test_a_bug_is_not_hidden_by_a_guard() -> None:
    bug, guard = BulkUpdateError("bug"), errors.GuardTripped("guard")
    assert more_urgent(guard, bug) is bug
    assert more_urgent(bug, errors.StorageError("disk")).exit_code == 8


@pytest.mark.parametrize("status", [RowStatus.INVALID, RowStatus.DUPLICATE])
def test_what_stops_a_run_cannot_be_accepted(status: RowStatus) -> None:
    """Nothing was sent: that is not "everything asked is so"."""
    assert exit_code({status: 1}, accepted={status}) == 0
    assert exit_code({status: 1}, accepted={status}, on_invalid="stop") == 1
    assert exit_code({RowStatus.UPDATED: 1}, on_invalid="stop") == 0


def test_of_tasks_that_failed_together_the_most_urgent_counts_and_a_bug_before_all() -> None:
    lost, refused, bug = errors.AccountUnreachable("a"), errors.TokenRefused("b"), KeyError("c")
    assert single(ExceptionGroup("tasks", [lost, refused])) is refused
    assert single(BaseExceptionGroup("tasks", [refused, lost])) is refused
    assert single(ExceptionGroup("tasks", [refused, bug, lost])) is bug


def test_an_end_of_input_that_nobody_expected_is_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The command line's parser takes it for Ctrl-D at a prompt; nobody was asked anything."""

    def ended(*_given: object, **_flags: object) -> None:
        raise EOFError

    monkeypatch.setattr("bulk_update.runs.doctor.examine", ended)
    monkeypatch.setenv("BULK_UPDATE_STATE_DIR", str(tmp_path))
    assert run(["doctor", "--json"]) == 70
    assert json.loads(capsys.readouterr().out)["error"]["message"].endswith("EOFError")
