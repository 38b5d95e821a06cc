"""A schema to TOML that people can read, complete and commit."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, KeyType, SingleKey, Table

from bulk_update.account.schema import AccountSchema, Channel, FieldSchema, Team, User
from bulk_update.account.schema_reading import parse_schema
from bulk_update.errors import ConfigError
from bulk_update.model import Account

_TOP = """\
What is known of this account's fields, tags, teams, users and channels.
Made by `bulk-update schema pull`; complete it and commit it: `check --schema` needs no network.

Known:    a field with a type (its options come whole), the teams, and the users where
          users_complete is true. A cell outside of these is an error.
Observed: tags, channels, and fields without a type: met on the contacts that were read, so
          what is not here may exist all the same. Add what you know of (or let
          `bulk-update schema add` do it): another pull keeps it."""

# C1 controls, and the marks that turn the direction of text or can't be seen: a terminal or an
# editor would obey them. TOML's other controls are spelled out by its library.
_UNSEEN: Final = re.compile("[\x80-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

_TYPES = "type: text, email, number, date, dropdown or checkbox; the last two have options."
_NO_TYPE = "only its name was observed; add its type, and its options"


def schema_text(schema: AccountSchema) -> str:
    """The schema as the TOML text that :func:`save_schema` writes."""
    document = tomlkit.document()
    for line in _TOP.splitlines():
        document.add(tomlkit.comment(line) if line else tomlkit.nl())
    document.add(tomlkit.nl())
    if schema.pulled_at is not None:
        document.add("pulled_at", tomlkit.item(schema.pulled_at))
    document.add("contacts_read", tomlkit.item(schema.contacts_read))
    document.add("users_complete", tomlkit.item(schema.users_complete))
    document.add("tags", _array(schema.tags))
    document.add(tomlkit.nl())
    document.add("account", _account(schema.account))
    document.add(tomlkit.nl())
    document.add(tomlkit.comment(_TYPES))
    document.add("fields", _fields(schema.fields.values()))
    if schema.teams:
        document.add("team", _tables(map(_team, schema.teams)))
    if schema.users:
        document.add("user", _tables(map(_user, schema.users)))
    if schema.channels:
        document.add("channel", _tables(map(_channel, schema.channels)))
    return _UNSEEN.sub(_spelled, tomlkit.dumps(document))


def _spelled(unseen: re.Match[str]) -> str:
    return f"\\u{ord(unseen[0]):04x}"


def save_schema(schema: AccountSchema, path: str | Path) -> None:
    """Writes the schema to ``path``, whole or not at all; the comments that people wrote into
    a schema that is there stay. Raises OSError."""
    target = Path(path)
    text = _over(target, schema) or schema_text(schema)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _over(path: Path, schema: AccountSchema) -> str | None:
    """The file at ``path`` with what differs changed; None where there is no schema, or where
    the result would not say exactly what ``schema`` says."""
    try:
        old = path.read_text(encoding="utf-8-sig")
        before = parse_schema(old, str(path))
        document = tomlkit.parse(old)
        _update(document, before, schema)
        text = tomlkit.dumps(document)
        return text if parse_schema(text, str(path)) == schema else None
    except (OSError, ConfigError, TOMLKitError, ValueError, LookupError, TypeError):
        return None


def _update(document: TOMLDocument, before: AccountSchema, schema: AccountSchema) -> None:
    for name in ("pulled_at", "contacts_read", "users_complete"):
        if (value := getattr(schema, name)) != getattr(before, name):
            document[name] = value
    if schema.tags != before.tags:
        document["tags"] = _array(schema.tags)
    if schema.account != before.account:
        document["account"] = _account(schema.account)
    if schema.fields != before.fields:
        _update_fields(document, before, schema)
    if schema.teams != before.teams:
        document["team"] = _tables(map(_team, schema.teams))
    if schema.users != before.users:
        document["user"] = _tables(map(_user, schema.users))
    if schema.channels != before.channels:
        document["channel"] = _tables(map(_channel, schema.channels))


def _update_fields(document: TOMLDocument, before: AccountSchema, schema: AccountSchema) -> None:
    tables = document.setdefault("fields", tomlkit.table(is_super_table=True))
    for name in before.fields:
        if name not in schema.fields:
            tables.remove(name)
    for name, field in schema.fields.items():
        if name not in before.fields:
            tables.append(SingleKey(name, t=KeyType.Basic), _field(field))
        elif field != before.fields[name]:
            table = tables[name]
            if table.as_string().strip() == f"# {_NO_TYPE}":  # no longer true
                tables[name] = table = tomlkit.table()
            if field.type is not None:
                table["type"] = field.type.value
            if field.options != before.fields[name].options:
                table["options"] = _array(field.options)


def _account(account: Account) -> Table:
    table = tomlkit.table()
    table.add("base_url", account.base_url)
    for key in ("default_team", "user_email", "name"):
        if value := getattr(account, key):
            table.add(key, value)
    return table


def _fields(fields: Iterable[FieldSchema]) -> Table:
    tables = tomlkit.table(is_super_table=True)
    for field in fields:
        tables.add(SingleKey(field.name, t=KeyType.Basic), _field(field))
    return tables


def _field(field: FieldSchema) -> Table:
    table = tomlkit.table()
    if field.type is None:
        table.add(tomlkit.comment(_NO_TYPE))
    else:
        table.add("type", field.type.value)
    if field.options:
        table.add("options", _array(field.options))
    return table


def _team(team: Team) -> Table:
    table = tomlkit.table()
    table.add("uuid", team.uuid)
    table.add("name", team.name)
    if team.default:
        table.add("default", value=True)
    return table


def _user(user: User) -> Table:
    table = tomlkit.table()
    table.add("email", user.email)
    if user.name is not None:
        table.add("name", user.name)
    return table


def _channel(channel: Channel) -> Table:
    table = tomlkit.table()
    table.add("uuid", channel.uuid)
    table.add("title", channel.title)
    table.add("type", channel.type)
    if channel.main:
        table.add("main", value=True)
    return table


def _tables(tables: Iterable[Table]) -> AoT:
    all_of_them = tomlkit.aot()
    for table in tables:
        all_of_them.append(table)
    return all_of_them


def _array(names: Iterable[str]) -> Array:
    array = tomlkit.array()
    array.extend(names)
    return array.multiline(multiline=True) if len(array) > 1 else array
