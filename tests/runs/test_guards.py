"""What is asked before anything is sent: who agreed, to which account, to which plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from bulk_update.account.client import CallbellClient
from bulk_update.account.discovery import Identity
from bulk_update.account.throttle import Throttle
from bulk_update.config import Settings, resolve
from bulk_update.errors import GuardTripped, UsageError
from bulk_update.model import Account
from bulk_update.runs.apply import apply
from bulk_update.runs.consent import has_consent
from bulk_update.runs.interaction import Quiet
from bulk_update.runs.job import Job
from bulk_update.runs.plan import plan
from bulk_update.runs.session import Session
from bulk_update.runs.stopping import StopSignals
from bulk_update.sandbox import SANDBOX_TOKEN, SandboxAccount, serve
from bulk_update.sandbox.people import contact_uuid

REAL = "https://api.callbell.eu/v1"
HERE = "http://127.0.0.1:8808/v1"
TOKEN = {"BULK_UPDATE_TOKEN": SANDBOX_TOKEN}


class Terminal(Quiet):
    """Somebody who would say no, if asked."""

    can_ask = True


def session_of(folder: Path, **flags: object) -> Session:
    settings = resolve({"base_url": REAL, **flags}, environ=TOKEN, cwd=folder)
    account = Account(
        base_url=settings.base_url, user_email="ops@example.com", name=settings.profile or "Ops"
    )
    client = CallbellClient(settings.base_url, SANDBOX_TOKEN, Throttle(None))
    return Session(settings=settings, client=client, identity=Identity(account=account, teams=()))


@pytest.mark.parametrize(
    ("flags", "contacts", "terminal", "code"),
    [
        ({"yes": True}, 100, False, ""),
        ({"yes": True}, 101, False, "confirm_account_missing"),
        ({"yes": True}, 101, True, ""),
        ({"yes": True, "base_url": HERE}, 101, False, ""),
        ({"yes": True, "base_url": "https://localhost/v1"}, 101, False, ""),
        ({"yes": True, "sandbox": True}, 101, False, ""),
        ({"yes": True, "confirm_account": "Ops"}, 40_000, False, ""),
        ({"yes": True, "confirm_account": "ops@example.com"}, 40_000, False, ""),
        ({"yes": True, "confirm_account": "Other"}, 1, False, "other_account"),
        ({"yes": True, "confirm_account": "Other"}, 1, True, "other_account"),
        ({"confirm_account": "Ops"}, 1, False, "yes_missing"),
        ({}, 1, False, "yes_missing"),
    ],
)
def test_many_changes_of_a_real_account_need_its_name_where_nobody_can_be_asked(
    tmp_path: Path, flags: dict[str, object], contacts: int, terminal: bool, code: str
) -> None:
    """A real account is one whose address is not this machine's own."""
    session = session_of(tmp_path, **flags)
    interaction = Terminal() if terminal else Quiet()
    if not code:
        assert has_consent(session, contacts, interaction)
        return
    with pytest.raises(UsageError) as refused:
        has_consent(session, contacts, interaction)
    assert refused.value.code == code
    assert refused.value.exit_code == 2


def test_who_is_asked_may_say_no(tmp_path: Path) -> None:
    assert not has_consent(session_of(tmp_path), 1, Terminal())


# -- saved plans ---------------------------------------------------------------------------------


def settings_for(folder: Path, base_url: str, **flags: object) -> Settings:
    given = {"base_url": base_url, "yes": True, "rate": "max", "state_dir": str(folder / "state")}
    return resolve({**given, "out": str(folder / "out"), **flags}, environ=TOKEN, cwd=folder)


async def test_a_plan_is_refused_when_it_is_old_or_its_sheet_or_its_account_is_another(
    tmp_path: Path,
) -> None:
    """Each time it is said what changed, and nothing is sent."""
    sheet, saved = tmp_path / "sheet.csv", tmp_path / "friday.plan"
    sheet.write_text(f"uuid,name\n{contact_uuid(41)},Asked\n", encoding="utf-8")
    one, other = SandboxAccount.seeded(contacts=60), SandboxAccount.seeded(contacts=60)
    async with serve(one) as here, serve(other) as elsewhere:
        settings = settings_for(tmp_path, here.base_url)
        job = Job(command="plan", file=str(sheet), settings=settings, output=saved)
        await plan(job, Quiet())

        async def refused(base_url: str = here.base_url, **flags: object) -> GuardTripped:
            settings = settings_for(tmp_path, base_url, **flags)
            job = Job(command="apply", file=str(saved), settings=settings)
            with pytest.raises(GuardTripped) as stopped:
                await apply(job, Quiet(), StopSignals())
            assert stopped.value.exit_code == 5
            return stopped.value

        old = await refused(max_plan_age="0")
        assert (old.code, "--max-plan-age 0" in old.message) == ("stale_plan", True)
        another = await refused(elsewhere.base_url)
        assert another.code == "other_account"
        sheet.write_text(f"uuid,name\n{contact_uuid(41)},Mended\n", encoding="utf-8")
        changed = await refused()
        assert changed.code == "stale_plan"
        assert f"{sheet} has changed" in changed.message
        assert not one.log.patches()
        assert not other.log.patches()


async def test_too_many_missing_contacts_are_counted_and_nothing_is_sent(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    keys = [contact_uuid(41), *(f"{number:032x}" for number in range(1, 1000))]
    lines = (f"{key},Asked" for key in keys)
    sheet.write_text("\n".join(["uuid,name", *lines]) + "\n", encoding="utf-8")
    account = SandboxAccount.seeded(contacts=60)
    async with serve(account) as server:
        settings = settings_for(tmp_path, server.base_url)
        job = Job(command="apply", file=str(sheet), settings=settings)
        result = await apply(job, Quiet(), StopSignals())
    assert result.report.exit_code == 5
    error = result.report.error
    assert error is not None
    assert error["code"] == "max_not_found"
    assert "999 of 1,000 contacts were not found" in error["message"]
    assert "check region, channel, account" in error["message"]
    assert not account.log.patches()
