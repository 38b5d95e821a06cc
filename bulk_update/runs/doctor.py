"""Is everything set up? Configuration as resolved and from where, connection, token, account,
journal, clock: each looked at by itself, so that one fault does not hide the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.errors import BulkUpdateError
from bulk_update.journal import Journal
from bulk_update.language import _
from bulk_update.model import Finding, FindingGroup, Level
from bulk_update.runs.held import JOURNAL_FILE
from bulk_update.runs.session import open_session, require_token

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.runs.interaction import Interaction

CLOCK_TOLERANCE: Final = timedelta(minutes=2)
_SHOWN: Final = ("profile", "base_url", "rate", "workers", "state_dir", "schema_path", "proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One thing that was looked at; ``error`` is what is wrong with it."""

    what: str
    found: str
    error: BulkUpdateError | None = None

    @property
    def finding(self) -> FindingGroup:
        """The same as the document of ``--json`` tells it."""
        finding = Finding(
            code=self.what.replace(" ", "_"),
            level=Level.INFO if self.error is None else Level.ERROR,
            message=self.found,
            hint="" if self.error is None else self.error.hint,
        )
        return FindingGroup(finding=finding, rows=(), count=0)


async def examine(settings: Settings, interaction: Interaction) -> AsyncIterator[Examined]:
    """Look at one thing after the other; nothing is raised, everything is told."""
    for each in _configuration(settings):
        yield each
    yield _journal(settings)
    try:
        require_token(settings)
    except BulkUpdateError as error:
        yield Examined(what=_("token"), found=error.message, error=error)
        return
    origin = "--sandbox" if settings.sandbox else settings.origin("token")
    yield Examined(what=_("token"), found=_("from {origin}").format(origin=origin))
    try:
        async with open_session(settings, interaction) as session:
            yield Examined(what=_("connection"), found=session.settings.base_url)
            yield Examined(what=_("account"), found=session.account.name)
            yield _clock(session.client.clock_skew)
    except BulkUpdateError as error:
        yield Examined(what=_("connection"), found=error.message, error=error)


def _configuration(settings: Settings) -> list[Examined]:
    files = ", ".join(str(path) for path in settings.files) or _("none")
    values = [
        Examined(what=name, found=f"{getattr(settings, name)} ({settings.origin(name)})")
        for name in _SHOWN
        if getattr(settings, name) is not None
    ]
    return [Examined(what=_("configuration"), found=files), *values]


def _journal(settings: Settings) -> Examined:
    url = settings.journal_url
    path: str | Path = settings.state_dir / JOURNAL_FILE
    try:
        with Journal.open(path if url is None else url.get_secret_value()) as journal:
            count = len(journal.runs())
    except BulkUpdateError as error:
        return Examined(what=_("journal"), found=error.message, error=error)
    where = path if url is None else settings.origin("journal")
    return Examined(what=_("journal"), found=_("{where}, {n} runs").format(where=where, n=count))


def _clock(skew: timedelta | None) -> Examined:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if skew is None:
        return Examined(
            what=_("clock"), found=_("{now}; the account tells no time").format(now=now)
        )
    seconds = round(skew.total_seconds())
    found = _("{now}, {seconds} s off the account's").format(now=now, seconds=seconds)
    if abs(skew) <= CLOCK_TOLERANCE:
        return Examined(what=_("clock"), found=found)
    wrong = BulkUpdateError(found, hint=_("Set this machine's clock: times in reports are wrong."))
    return Examined(what=_("clock"), found=found, error=wrong)
