"""A process that ends between its plan and its first request: ``--yes`` had agreed to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bulk_update.config import resolve
from bulk_update.errors import UsageError
from bulk_update.runs import Job, Quiet
from bulk_update.runs.apply import apply
from bulk_update.runs.held import open_journal
from bulk_update.runs.job import CommandResult
from bulk_update.runs.resume import resume
from bulk_update.runs.stopping import StopSignals
from bulk_update.runs.work import Work
from bulk_update.sandbox import SANDBOX_TOKEN, SandboxAccount, serve
from bulk_update.sandbox.people import contact_uuid


class Killed(BaseException):
    """The end of a process, as far as one inside it can tell."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a sheet of one row, and a token."""
    monkeypatch.setenv("BULK_UPDATE_TOKEN", SANDBOX_TOKEN)
    (tmp_path / "sheet.csv").write_text(f"uuid,name\n{contact_uuid(41)},Asked\n", encoding="utf-8")
    return tmp_path


def job_at(desk: Path, base_url: str, *, yes: bool) -> Job:
    flags: dict[str, object] = {
        "base_url": base_url,
        "state_dir": str(desk / "state"),
        "out": str(desk / "out"),
        "yes": yes,
    }
    settings = resolve(flags, cwd=desk)
    return Job(command="apply", file=str(desk / "sheet.csv"), settings=settings, flags=flags)


async def planned_and_killed(job: Job) -> None:
    """The plan is whole in the journal; nobody was shown it, and nothing was sent."""

    async def killed(_work: Work) -> CommandResult:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Work, "do", killed)
        with pytest.raises(Killed):
            await apply(job, Quiet(), StopSignals())


async def resumed(desk: Path, name: str | None = None) -> CommandResult | None:
    return await resume(name, {"state_dir": str(desk / "state")}, Quiet(), StopSignals())


async def test_resume_begins_to_send_what_was_agreed_to_beforehand(desk: Path) -> None:
    account = SandboxAccount.seeded(contacts=60)
    async with serve(account) as server:
        job = job_at(desk, server.base_url, yes=True)
        await planned_and_killed(job)
        assert not account.log.patches()
        result = await resumed(desk)
        assert result is not None
        assert account.contact(41).name == "Asked"
        assert (desk / "out" / "results.csv").exists()
        assert await resumed(desk) is None


async def test_resume_sends_nothing_that_nobody_has_agreed_to(desk: Path) -> None:
    account = SandboxAccount.seeded(contacts=60)
    async with serve(account) as server:
        await planned_and_killed(job_at(desk, server.base_url, yes=False))
        assert await resumed(desk) is None
        with pytest.raises(UsageError):
            await resumed(desk, "last")
        assert not account.log.patches()


async def test_resume_leaves_a_plan_that_another_run_came_after(desk: Path) -> None:
    account = SandboxAccount.seeded(contacts=60)
    async with serve(account) as server:
        job = job_at(desk, server.base_url, yes=True)
        await planned_and_killed(job)
        with open_journal(job.settings) as journal:
            [earlier] = journal.run_names()
        await apply(job, Quiet(), StopSignals())
        account.edit(41, {"name": "Theirs"})
        assert await resumed(desk) is None
        with pytest.raises(UsageError):
            await resumed(desk, earlier)
        assert account.contact(41).name == "Theirs"
