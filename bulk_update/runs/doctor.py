"""Is everything set up? Configuration as resolved and from where, connection, token, account,
journal, clock: each looked at by itself, so that one fault does not hide the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.account.schema_reading import load_schema
from bulk_update.account.transport import Token
from bulk_update.errors import BulkUpdateError, TokenRefused
from bulk_update.journal import Journal
from bulk_update.language import _
from bulk_update.model import Finding, FindingGroup, Level
from bulk_update.runs.held import JOURNAL_FILE
from bulk_update.runs.session import (
    open_session,
    require_schema_of,
    require_token,
    state_folder,
)

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.model import Account
    from bulk_update.runs.interaction import Interaction

CLOCK_TOLERANCE: Final = timedelta(minutes=2)
_SHOWN: Final = ("profile", "base_url", "rate", "workers", "state_dir", "schema_path", "proxy")
_NOT_SANDBOX: Final = frozenset({"base_url", "proxy"})
"""What the embedded sandbox has its own of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One thing that was looked at; ``error`` is what is wrong with it, ``warning`` what is to
    be done about it though nothing fails for it. ``account`` is there once it is known."""

    what: str
    found: str
    error: BulkUpdateError | None = None
    warning: str = ""
    account: Account | None = None

    @property
    def hint(self) -> str:
        """What to do about it."""
        return self.warning if self.error is None else self.error.hint

    @property
    def level(self) -> Level:
        """Whether it is fine (info), is to be looked after, or is wrong."""
        if self.error is not None:
            return Level.ERROR
        return Level.WARNING if self.warning else Level.INFO

    @property
    def finding(self) -> FindingGroup:
        """The same as the document of ``--json`` tells it."""
        finding = Finding(
            code=self.what.replace(" ", "_"),
            level=self.level,
            message=self.found,
            hint=self.hint,
        )
        return FindingGroup(finding=finding, rows=(), count=0)


async def examine(settings: Settings, interaction: Interaction) -> AsyncIterator[Examined]:
    """Look at one thing after the other; nothing is raised, everything is told."""
    for each in _configuration(settings):
        yield each
    yield _journal(settings)
    token = _token(settings)
    yield token
    if token.error is None:
        async for each in _connection(settings, interaction):
            yield each
    elif settings.schema_path is not None:
        yield _schema(settings.schema_path, None)


def _token(settings: Settings) -> Examined:
    """Whether there is one that could be sent; whether it is good, the account says."""
    try:
        require_token(settings)
        if settings.token is not None:
            Token(settings.token.get_secret_value())
    except BulkUpdateError as error:
        return Examined(what=_("token"), found=error.message, error=error)
    origin = "--sandbox" if settings.sandbox else settings.origin("token")
    return Examined(what=_("token"), found=_("from {origin}").format(origin=origin))


async def _connection(settings: Settings, interaction: Interaction) -> AsyncIterator[Examined]:
    account: Account | None = None
    try:
        async with open_session(settings, interaction) as session:
            account = session.account
            yield Examined(what=_("connection"), found=session.settings.base_url)
            yield Examined(what=_("account"), found=account.name, account=account)
            yield clock_of(session.client.clock_skew)
    except TokenRefused as error:
        yield Examined(what=_("connection"), found=settings.base_url)
        yield Examined(what=_("account"), found=error.message, error=error)
    except BulkUpdateError as error:
        yield Examined(what=_("connection"), found=error.message, error=error)
    if settings.schema_path is not None:
        yield _schema(settings.schema_path, account)


def _schema(path: Path, account: Account | None) -> Examined:
    """Whether the file of ``--schema`` can be used, for this account where that is known."""
    try:
        schema = load_schema(path)
        if account is not None:
            require_schema_of(schema, account, path)
    except BulkUpdateError as error:
        return Examined(what=_("schema"), found=error.message, error=error)
    found = _("{fields} fields and {tags} tags of {account}").format(
        fields=len(schema.fields),
        tags=len(schema.tags),
        account=schema.account.name or schema.account.base_url,
    )
    return Examined(what=_("schema"), found=found)


def _configuration(settings: Settings) -> list[Examined]:
    own = state_folder(settings)
    files = ", ".join(str(path) for path in settings.files) or _("none")
    values = [
        Examined(what=name, found=f"{getattr(own, name)} ({settings.origin(name)})")
        for name in _SHOWN
        if getattr(settings, name) is not None and not (settings.sandbox and name in _NOT_SANDBOX)
    ]
    return [Examined(what=_("configuration"), found=files), *values]


def _journal(settings: Settings) -> Examined:
    settings = state_folder(settings)
    url = settings.journal_url
    path: str | Path = settings.state_dir / JOURNAL_FILE
    try:
        with Journal.open(path if url is None else url.get_secret_value()) as journal:
            count = len(journal.runs())
    except BulkUpdateError as error:
        return Examined(what=_("journal"), found=error.message, error=error)
    where = path if url is None else settings.origin("journal")
    return Examined(what=_("journal"), found=_("{where}, {n} runs").format(where=where, n=count))


def clock_of(skew: timedelta | None) -> Examined:
    """How far this machine's clock is ahead of the account's (None: it told no time)."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if skew is None:
        return Examined(
            what=_("clock"), found=_("{now}; the account tells no time").format(now=now)
        )
    seconds = round(skew.total_seconds())
    found = _("{now}, {seconds} s off the account's").format(now=now, seconds=seconds)
    if abs(skew) <= CLOCK_TOLERANCE:
        return Examined(what=_("clock"), found=found)
    hint = _("Set this machine's clock: times in reports are wrong.")
    return Examined(what=_("clock"), found=found, warning=hint)
