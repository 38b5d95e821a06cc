"""A new pull beside what a schema's file says already: people's knowledge is kept.

What is observed accumulates: a tag, a field, a user or a channel that this pull did not meet may
exist all the same, and people may have added it because they know. What the account shows whole
is as it shows it now: the teams, and a known field's type and options.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bulk_update.account.schema import AccountSchema, FieldSchema, User
from bulk_update.account.schema_diff import Part, SchemaDifference, Turn, diff_schemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The schema ``old`` after the pull ``new``.

    ``kept`` is what only the file knew of. ``changed`` is what the account now shows whole and
    otherwise: a type, an option or a team that the file no longer says. ``left`` are e-mails of
    users that are kept though no team has them, and every team was read.
    """

    schema: AccountSchema
    kept: tuple[SchemaDifference, ...] = ()
    changed: tuple[SchemaDifference, ...] = ()
    left: tuple[str, ...] = ()


def completed(old: AccountSchema, new: AccountSchema) -> Completed:
    """``new`` with what only ``old`` knows of; both are of one account."""
    schema = replace(
        new,
        fields={**old.fields, **{name: _field(old, field) for name, field in new.fields.items()}},
        tags=tuple(dict.fromkeys((*old.tags, *new.tags))),
        users=tuple(_users(old.users, new.users)),
        contacts_read=max(old.contacts_read, new.contacts_read),
        channels=tuple({one.uuid: one for one in (*old.channels, *new.channels)}.values()),
    )
    met = {user.email.casefold() for user in new.users}
    unmet = (user.email for user in old.users if user.email.casefold() not in met)
    return Completed(
        schema=schema,
        kept=tuple(_added(new, schema)),
        changed=tuple(_no_longer(old, schema)),
        left=tuple(unmet) if new.users_complete else (),
    )


def _field(old: AccountSchema, field: FieldSchema) -> FieldSchema:
    """What the account shows whole goes before what the file says; a name alone does not."""
    return field if field.known else old.fields.get(field.name, field)


def _users(old: Iterable[User], new: Iterable[User]) -> Iterable[User]:
    """Each once, as the pull shows it; a name that only the file has stays."""
    users = {user.email.casefold(): user for user in old}
    for user in new:
        known = users.get(user.email.casefold(), user)
        users[user.email.casefold()] = replace(user, name=user.name or known.name)
    return users.values()


def _added(new: AccountSchema, schema: AccountSchema) -> Iterable[SchemaDifference]:
    """What the schema has beyond the pull: whole parts, and types that were not shown."""
    return [one for one in diff_schemas(new, schema) if one.part is not Part.OPTION]


def _no_longer(old: AccountSchema, schema: AccountSchema) -> Iterable[SchemaDifference]:
    differences = diff_schemas(old, schema)
    return [
        one
        for one in differences
        if one.turn is Turn.GONE
        or (one.turn is Turn.CHANGED and one.old and one.part is Part.FIELD)
    ]
