"""Schemas compared, and completed by people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bulk_update.account.schema import AccountSchema, Channel, FieldSchema, Team, User
from bulk_update.account.schema_reading import near
from bulk_update.errors import ConfigError
from bulk_update.language import _
from bulk_update.model import FieldType

_WITH_OPTIONS: Final = (FieldType.DROPDOWN, FieldType.CHECKBOX)


class Part(StrEnum):
    """The parts of a schema."""

    ACCOUNT = "account"
    FIELD = "field"
    OPTION = "option"
    TAG = "tag"
    TEAM = "team"
    USER = "user"
    CHANNEL = "channel"

    @property
    def word(self) -> str:
        """What people call it."""
        return {
            Part.ACCOUNT: _("account"),
            Part.FIELD: _("field"),
            Part.OPTION: _("option"),
            Part.TAG: _("tag"),
            Part.TEAM: _("team"),
            Part.USER: _("user"),
            Part.CHANNEL: _("channel"),
        }[self]


class Turn(StrEnum):
    """How a part differs."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDifference:
    """One difference from an old schema to a new one; ``str()`` of it is a readable line.

    ``NOT_SEEN`` is of what is merely observed: it may exist all the same. ``field`` is the
    field that an option belongs to.
    """

    part: Part
    turn: Turn
    name: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        what = f"{self.part.word} {self.name!r}"
        if self.field:
            what += _(" of field {field}").format(field=repr(self.field))
        match self.turn:
            case Turn.ADDED:
                return f"+ {what}" + (f" ({self.new})" if self.new else "")
            case Turn.GONE:
                return f"- {what}"
            case Turn.NOT_SEEN:
                return _("? {what}: not seen this time").format(what=what)
        return f"~ {what}: {self.old or '-'} -> {self.new or '-'}"


def diff_schemas(old: AccountSchema, new: AccountSchema) -> list[SchemaDifference]:
    """What ``new`` says otherwise than ``old``: the account, fields, options, tags, teams,
    users, channels, in this order. Times and counts are no difference."""
    return [
        *_diff_account(old, new),
        *_diff_fields(old, new),
        *_diff_names(Part.TAG, old.tags, new.tags, Turn.NOT_SEEN),
        *_diff_teams(old.teams, new.teams),
        *_diff_names(
            Part.USER,
            [user.email for user in old.users],
            [user.email for user in new.users],
            Turn.GONE if new.users_complete else Turn.NOT_SEEN,
        ),
        *_diff_channels(old.channels, new.channels),
    ]


def _diff_account(old: AccountSchema, new: AccountSchema) -> Iterator[SchemaDifference]:
    if not old.is_of(new.account):
        yield SchemaDifference(
            part=Part.ACCOUNT,
            turn=Turn.CHANGED,
            name=new.account.name,
            old=old.account.key,
            new=new.account.key,
        )


def _diff_fields(old: AccountSchema, new: AccountSchema) -> Iterator[SchemaDifference]:
    for name, field in new.fields.items():
        before = old.fields.get(name)
        if before is None:
            kind = field.type.value if field.type else ""
            yield SchemaDifference(part=Part.FIELD, turn=Turn.ADDED, name=name, new=kind)
        elif field.known:
            yield from _diff_field(before, field)
    for name in old.fields:
        if name not in new.fields:
            yield SchemaDifference(part=Part.FIELD, turn=Turn.NOT_SEEN, name=name)


def _diff_field(old: FieldSchema, new: FieldSchema) -> Iterator[SchemaDifference]:
    if old.type is not new.type:
        yield SchemaDifference(
            part=Part.FIELD,
            turn=Turn.CHANGED,
            name=new.name,
            old=old.type or "",
            new=new.type or "",
        )
    yield from (
        replace(one, field=new.name)
        for one in _diff_names(Part.OPTION, old.options, new.options, Turn.GONE)
    )


def _diff_teams(old: Iterable[Team], new: Iterable[Team]) -> Iterator[SchemaDifference]:
    return _diff_by_uuid(
        Part.TEAM,
        {team.uuid: team.name for team in old},
        {team.uuid: team.name for team in new},
        Turn.GONE,
    )


def _diff_channels(old: Iterable[Channel], new: Iterable[Channel]) -> Iterator[SchemaDifference]:
    return _diff_by_uuid(
        Part.CHANNEL,
        {channel.uuid: channel.title for channel in old},
        {channel.uuid: channel.title for channel in new},
        Turn.NOT_SEEN,
    )


def _diff_by_uuid(
    part: Part, before: Mapping[str, str], after: Mapping[str, str], missing: Turn
) -> Iterator[SchemaDifference]:
    """Names by uuid: another name for the same uuid is a change."""
    yield from _diff_names(
        part,
        [name for uuid, name in before.items() if uuid not in after],
        [name for uuid, name in after.items() if uuid not in before],
        missing,
    )
    for uuid, name in after.items():
        if before.get(uuid, name) != name:
            yield SchemaDifference(
                part=part, turn=Turn.CHANGED, name=name, old=before[uuid], new=name
            )


def _diff_names(
    part: Part, old: Sequence[str], new: Sequence[str], missing: Turn
) -> Iterator[SchemaDifference]:
    before, after = set(old), set(new)
    for name in new:
        if name not in before:
            yield SchemaDifference(part=part, turn=Turn.ADDED, name=name)
    for name in old:
        if name not in after:
            yield SchemaDifference(part=part, turn=missing, name=name)


# -- completing ------------------------------------------------------------------------


def add(
    schema: AccountSchema,
    *,
    kind: str,
    name: str,
    type: str | None = None,  # noqa: A002 - the word that the file and the flag use
    options: Sequence[str] = (),
) -> AccountSchema:
    """The schema with one more ``tag``, ``field`` or ``user`` that people know of; a field
    that is there gets the type and options that it lacks. Raises ConfigError for a kind or a
    type there is none of, and for what contradicts the schema."""
    if not name:
        raise _mistake(_("a name is missing"))
    if kind != "field" and (type or options):
        raise _mistake(_("only a field has a type and options"))
    match kind:
        case "tag":
            tags = (*schema.tags, *(() if name in schema.tags else (name,)))
            return replace(schema, tags=tags)
        case "user":
            return _with_user(schema, name)
        case "field":
            return _with_field(schema, name, _field_type(type), tuple(options))
    said = _("{kind} is none of tag, field, user").format(kind=repr(kind))
    raise _mistake(said + near(kind, ("tag", "field", "user")))


def _with_user(schema: AccountSchema, email: str) -> AccountSchema:
    if "@" not in email:
        raise ConfigError(
            _("{email} is no e-mail address").format(email=repr(email)),
            hint=_("for example: schema add user ada@example.com"),
            code="schema_add",
        )
    if any(user.email.casefold() == email.casefold() for user in schema.users):
        return schema
    return replace(schema, users=(*schema.users, User(email=email)))


def _field_type(text: str | None) -> FieldType | None:
    try:
        return FieldType(text) if text else None
    except ValueError as error:
        raise _mistake(
            _("there is no type {text}; types are {types}").format(
                text=repr(text), types=", ".join(FieldType)
            )
            + near(text or "", FieldType)
        ) from error


def _with_field(
    schema: AccountSchema, name: str, kind: FieldType | None, options: tuple[str, ...]
) -> AccountSchema:
    before = schema.fields.get(name, FieldSchema(name=name))
    if kind and before.known and before.type is not kind:
        raise _mistake(
            _("the field {name} is known as {type}").format(name=repr(name), type=before.type)
        )
    kind = kind or before.type
    if options and kind not in _WITH_OPTIONS:
        raise _mistake(_("only dropdown and checkbox have options"))
    both = tuple(dict.fromkeys((*before.options, *options)))
    if kind in _WITH_OPTIONS and not both:
        raise _mistake(_("a {type} needs its options").format(type=kind))
    field = FieldSchema(name=name, type=kind, options=both)
    return replace(schema, fields={**schema.fields, name: field})


def _mistake(message: str) -> ConfigError:
    return ConfigError(
        message,
        hint=_("for example: schema add field Plan --type dropdown --option Basic --option Pro"),
        code="schema_add",
    )
