"""A workbook to fill in: the account's fields as columns, its options as drop-downs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.account.schema_reading import load_schema
from bulk_update.language import in_use
from bulk_update.model import Account, FindingGroup
from bulk_update.reporting.contact_columns import contact_columns, unnameable
from bulk_update.reporting.sheets_out import Look, RowOut
from bulk_update.runs.contact_workbook import left_out, place_for, write_contacts
from bulk_update.runs.session import account_schema, open_session

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.runs.interaction import Interaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that was written: where, for which account, what is to be said of it, and the
    requests it took."""

    path: Path
    account: Account
    columns: int
    notices: tuple[FindingGroup, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)


async def template(
    settings: Settings, interaction: Interaction, *, path: Path | None, force: bool
) -> Template:
    """Write a template as ``path``, by the schema of ``--schema`` or of the account.

    Raises UsageError, ConfigError, StorageError, and what reading the account raises.
    """
    place = place_for(path, force=force)
    if settings.schema_path is not None:
        return _written(place, load_schema(settings.schema_path), {})
    async with open_session(settings, interaction) as session:
        schema = await account_schema(session, interaction)
        return _written(place, schema, dict(session.client.requests))


def _written(path: Path, schema: AccountSchema, requests: Mapping[str, int]) -> Template:
    columns = contact_columns(schema, language=in_use())
    cells = [column.example for column in columns]
    example = RowOut(cells, looks=dict.fromkeys(range(len(cells)), Look.EXAMPLE))
    write_contacts(path, columns, [example])
    return Template(
        path=path,
        account=schema.account,
        columns=len(columns),
        notices=tuple(left_out(unnameable(schema))),
        requests=requests,
    )
