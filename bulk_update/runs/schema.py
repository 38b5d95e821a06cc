"""The account's schema: pull it, show it, compare it, complete it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.account.discovery import pull_schema
from bulk_update.account.listing import PAGE_SIZE
from bulk_update.account.schema_diff import Part
from bulk_update.account.schema_file import add, diff_schemas, load_schema, save_schema
from bulk_update.account.schema_keeping import Completed, completed
from bulk_update.errors import ConfigError, StorageError
from bulk_update.language import _, ngettext, number
from bulk_update.model import Finding, FindingGroup, Level
from bulk_update.runs.session import account_schema, open_session

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.model import Account
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A schema as it is now known, what is to be said of it, and the requests it took."""

    schema: AccountSchema
    notices: tuple[FindingGroup, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What an account shows otherwise than a file says, a readable line each."""

    account: Account
    lines: tuple[str, ...]
    requests: Mapping[str, int]


async def pull(
    settings: Settings,
    interaction: Interaction,
    *,
    full: bool,
    path: Path | None = None,
    force: bool = False,
) -> Pulled:
    """The schema as the account shows it now, saved as ``path``.

    A schema of the same account that is there is brought up to date: what only it knows of is
    kept. Anything else that is there is replaced by ``force`` alone: without it this raises
    ConfigError before contacts are read. Raises StorageError when the file can't be written.
    """
    before = None if path is None else _there(path, force=force)
    async with open_session(settings, interaction) as session:
        if path is not None and before is not None:
            before = _of_this_account(before, path, session, force=force)
        with (
            interaction.progress(_("Requests"), None) as progress,
            session.client.waiting_out_outages(interaction.note),
        ):
            schema = await pull_schema(
                session.client,
                full=full,
                progress=progress.advance,
                identity=session.identity,
                say=interaction.note,
                on_page=lambda _number, page, seconds: session.listed.measure(page, seconds),
            )
        requests = dict(session.client.requests)
    if left_out := _left_out(session.listed.pages or 0, schema.contacts_read):
        interaction.note(left_out)
    whole = Completed(schema=schema) if before is None else completed(before, schema)
    if path is not None:
        save(whole.schema, path)
    notices = tuple(_notices(whole, path)) if path is not None else ()
    return Pulled(schema=whole.schema, notices=notices, requests=requests)


def _left_out(pages: int, read: int) -> str:
    """What is to be said of the contacts on so many pages of which so many contacts were read;
    nothing where none was left out."""
    if pages <= 1 or read > (pages - 1) * PAGE_SIZE:
        return ""
    return _(
        "This is a sample: {read} of about {all} contacts were read. Fields, tags and users "
        "that only the others have are not in it; schema pull --full reads all contacts, in "
        "about {requests} requests."
    ).format(read=number(read), all=number(pages * PAGE_SIZE), requests=number(pages))


def _there(path: Path, *, force: bool) -> AccountSchema | None:
    """The schema that is in the file already; None where there is none to be kept."""
    if not path.exists():
        if path.parent.is_dir():
            return None
        reason = _("there is no folder {folder}").format(folder=path.parent)
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason))
    if path.is_dir():
        reason = _("it is a folder")
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason))
    if not path.stat().st_size:
        return None
    try:
        return load_schema(path)
    except ConfigError as error:
        if force:
            return None
        raise ConfigError(
            _("{path} is there already and can't be brought up to date:\n{why}").format(
                path=path, why=error.message
            ),
            hint=_("Mend it, name another file, or replace all of it with --force."),
            code="file_exists",
        ) from error


def _of_this_account(
    before: AccountSchema, path: Path, session: Session, *, force: bool
) -> AccountSchema | None:
    if before.is_of(session.account):
        return before
    if force:
        return None
    raise ConfigError(
        _("{path} is the schema of another account: {named}, this is {found}").format(
            path=path,
            named=before.account.name or before.account.base_url,
            found=session.account.name,
        ),
        hint=_("Name another file with -o, or replace all of it with --force."),
        code="other_account",
    )


# -- what a pull over a file says ------------------------------------------------------


def _notices(whole: Completed, path: Path) -> Iterator[FindingGroup]:
    if whole.kept:
        text = _("Kept what only {path} knows of: {parts}.")
        yield _notice("schema_kept", text.format(path=path, parts=_counted(whole)))
    for each in whole.changed:
        text = _("The account shows it otherwise now: {difference}")
        yield _notice("schema_changed", text.format(difference=each))
    if whole.left:
        text = _("In no team, kept all the same: {emails}.")
        hint = _("Remove from {path} who has left.").format(path=path)
        yield _notice("schema_users_left", text.format(emails=", ".join(whole.left)), hint)


def _counted(whole: Completed) -> str:
    counts = Counter(each.part for each in whole.kept)
    return ", ".join(_number_of(part, counts[part]) for part in Part if counts[part])


def _number_of(part: Part, n: int) -> str:
    texts: Final = {
        Part.FIELD: ngettext("{n} field", "{n} fields", n),
        Part.TAG: ngettext("{n} tag", "{n} tags", n),
        Part.USER: ngettext("{n} user", "{n} users", n),
        Part.CHANNEL: ngettext("{n} channel", "{n} channels", n),
    }
    return texts[part].format(n=n)


def _notice(code: str, message: str, hint: str = "") -> FindingGroup:
    finding = Finding(code=code, level=Level.INFO, message=message, hint=hint)
    return FindingGroup(finding=finding, rows=(), count=0)


# -- the other commands ----------------------------------------------------------------


async def shown(settings: Settings, interaction: Interaction) -> Pulled:
    """The schema in the file of ``--schema``, else as the account shows it now."""
    if settings.schema_path is not None:
        return Pulled(schema=load_schema(settings.schema_path))
    async with open_session(settings, interaction) as session:
        schema = await account_schema(session, interaction)
        return Pulled(schema=schema, requests=dict(session.client.requests))


async def differences(settings: Settings, interaction: Interaction, path: Path) -> Compared:
    """What the account shows otherwise than the file ``path`` says."""
    kept = load_schema(path)
    now = await pull(settings, interaction, full=False)
    return Compared(
        account=now.schema.account,
        lines=tuple(str(each) for each in diff_schemas(kept, now.schema)),
        requests=now.requests,
    )


def as_finding(difference: str) -> FindingGroup:
    """A difference as the document of ``--json`` tells it."""
    return _notice("schema_differs", difference)


def complete(
    path: Path, *, kind: str, name: str, field_type: str | None, options: Sequence[str]
) -> bool:
    """Add a tag, field or user that people know of to the file ``path``; whether that was
    news to it.

    Raises ConfigError for a kind or type there is none of.
    """
    before = load_schema(path)
    schema = add(before, kind=kind, name=name, type=field_type, options=options)
    if schema != before:
        save(schema, path)
    return schema != before


def save(schema: AccountSchema, path: Path) -> None:
    """Write the schema. Raises StorageError when it can't be written."""
    try:
        save_schema(schema, path)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=path, reason=error.strerror)
        ) from error
