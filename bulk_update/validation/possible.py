"""What a column may hold, where that can be told: what a drop-down offers."""

from __future__ import annotations

from bulk_update.account.schema import AccountSchema
from bulk_update.model import Target, TargetKind


def possible_values(target: Target, schema: AccountSchema) -> tuple[str, ...]:
    """The texts that a cell of ``target`` is likely to mean, in the account's own spelling and
    order, each once; none where anything is possible. A list of them may stand in a cell of tags
    or of a checkbox, and teams that share a name go by their uuid."""
    match target.kind:
        case TargetKind.CUSTOM_FIELD:
            field = schema.fields.get(target.custom)
            found = field.options if field else ()
        case TargetKind.TAGS | TargetKind.TAGS_REMOVE | TargetKind.TAGS_REPLACE:
            found = schema.tags
        case TargetKind.ASSIGNED_USER:
            found = tuple(user.email for user in schema.users)
        case TargetKind.TEAM:
            found = _teams(schema)
        case TargetKind.BOT_STATUS:
            found = ("start", "end")
        case TargetKind.UNASSIGN_USER:
            found = ("yes", "no")
        case _:
            found = ()
    return tuple(dict.fromkeys(found))


def _teams(schema: AccountSchema) -> tuple[str, ...]:
    names = [team.name for team in schema.teams]
    return tuple(team.uuid if names.count(team.name) > 1 else team.name for team in schema.teams)
