"""The account's schema: pull it, show it, compare it, complete it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.account.discovery import pull_schema
from bulk_update.account.schema_file import add, diff_schemas, load_schema, save_schema
from bulk_update.errors import ConfigError, StorageError
from bulk_update.language import _
from bulk_update.model import Finding, FindingGroup, Level
from bulk_update.runs.session import account_schema, open_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.runs.interaction import Interaction


async def pull(settings: Settings, interaction: Interaction, *, full: bool) -> AccountSchema:
    """The schema as the account shows it now."""
    async with open_session(settings, interaction) as session:
        with interaction.progress(_("Requests"), None) as progress:
            schema = await pull_schema(session.client, full=full, progress=progress.advance)
        return replace(schema, account=session.account)


async def shown(settings: Settings, interaction: Interaction) -> AccountSchema:
    """The schema in the file of ``--schema``, else as the account shows it now."""
    if settings.schema_path is not None:
        return load_schema(settings.schema_path)
    async with open_session(settings, interaction) as session:
        return await account_schema(session, interaction)


async def differences(settings: Settings, interaction: Interaction, path: Path) -> Sequence[str]:
    """What the account shows otherwise than the file ``path`` says, a readable line each."""
    kept = load_schema(path)
    now = await pull(settings, interaction, full=False)
    return [str(each) for each in diff_schemas(kept, now)]


def as_finding(difference: str) -> FindingGroup:
    """A difference as the document of ``--json`` tells it."""
    finding = Finding(code="schema_differs", level=Level.INFO, message=difference)
    return FindingGroup(finding=finding, rows=(), count=0)


def complete(
    path: Path, *, kind: str, name: str, field_type: str | None, options: Sequence[str]
) -> AccountSchema:
    """Add a tag, field or user that people know of to the file ``path``.

    Raises ConfigError for a kind or type there is none of.
    """
    schema = add(load_schema(path), kind=kind, name=name, type=field_type, options=options)
    save(schema, path, force=True)
    return schema


def save(schema: AccountSchema, path: Path, *, force: bool) -> None:
    """Write the schema. Raises ConfigError when the file is there and ``force`` is not given,
    StorageError when it can't be written."""
    if path.exists() and not force:
        raise ConfigError(
            _("{path} is there already; people may have completed it").format(path=path),
            hint=_("Compare with `schema diff {path}`, or replace it with --force.").format(
                path=path
            ),
            code="file_exists",
        )
    try:
        save_schema(schema, path)
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(path=path, reason=error.strerror)
        ) from error
