"""A contact of the make-believe account, and how the API shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

from bulk_update.sandbox.behaviour import Behaviour, Dates, TagOrder
from bulk_update.sandbox.catalogue import Catalogue, FieldKind, SandboxTeam

Json: TypeAlias = (
    "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"  # what JSON holds
)
Stored: TypeAlias = str | int | float | tuple[str, ...] | None
"""A custom field's value as it is kept: a checkbox is a tuple of options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactState:
    """One contact as it is; a change makes a new one.

    ``number`` counts from 1 and never changes. ``bot`` is ``started``, ``in_progress`` or
    ``ended``. ``activity`` orders the listing, the greatest first; no two contacts share one.
    """

    number: int
    uuid: str
    created_at: str
    source: str
    channel_uuid: str
    name: str | None = None
    phone: str | None = None
    bsuid: str | None = None
    avatar_url: str | None = None
    closed_at: str | None = None
    blocked_at: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    assigned_user: str | None = None
    team_uuid: str | None = None
    bot: str = "started"
    activity: int = 0
    custom_fields: Mapping[str, Stored] = field(default_factory=dict)

    @property
    def digits(self) -> str:
        """The digits of the phone; ``""`` without one."""
        return phone_digits(self.phone or "")


def phone_digits(spelled: str) -> str:
    """The digits of a number, whatever stands between them."""
    return "".join(sign for sign in spelled if sign in "0123456789")


def shown(
    contact: ContactState,
    catalogue: Catalogue,
    behaviour: Behaviour,
    *,
    with_types: bool = False,
) -> dict[str, Json]:
    """The contact as the API gives it; ``with_types`` adds ``customFieldsMetadata``."""
    fields = _spelled(contact.custom_fields, catalogue, behaviour.dates)
    body: dict[str, Json] = {
        "uuid": contact.uuid,
        "name": contact.name,
        "phoneNumber": contact.phone,
        "avatarUrl": contact.avatar_url,
        "createdAt": contact.created_at,
        "closedAt": contact.closed_at,
        "blockedAt": contact.blocked_at,
        "source": contact.source,
        "href": f"https://dash.callbell.eu/contacts/{contact.uuid}",
        "conversationHref": f"https://dash.callbell.eu/chat/{contact.uuid[::-1]}",
        "funnelId": None,
        "tags": _ordered(contact.tags, behaviour.tag_order),
        "assignedUser": contact.assigned_user,
        "customFields": {name: _shown_value(value) for name, value in fields.items()},
        "team": _shown_team_of(contact, catalogue),
        "channel": _shown_channel(contact, catalogue),
        "note": contact.note,
    }
    if contact.bsuid is not None:
        body["bsuid"] = contact.bsuid
    if with_types:
        body["customFieldsMetadata"] = _metadata(fields, catalogue)
    return body


def shown_team(team: SandboxTeam) -> dict[str, Json]:
    """A team as the API gives it; ``members`` is their number."""
    return {
        "uuid": team.uuid,
        "name": team.name,
        "createdAt": team.created_at,
        "default": team.default,
        "members": len(team.members),
    }


def _ordered(tags: tuple[str, ...], order: TagOrder) -> list[str]:
    match order:
        case TagOrder.AS_SENT:
            return list(tags)
        case TagOrder.SORTED:
            return sorted(tags)
        case TagOrder.REVERSED:
            return list(reversed(tags))


def _spelled(
    fields: Mapping[str, Stored], catalogue: Catalogue, dates: Dates
) -> Mapping[str, Stored]:
    if dates is Dates.DAY:
        return fields
    kinds = catalogue.field_by_name
    return {
        name: f"{value}T00:00:00.000Z" if value and kinds[name].kind is FieldKind.DATE else value
        for name, value in fields.items()
    }


def _shown_value(value: Stored) -> Json:
    """A checkbox is a JSON list in a string (public API reference); the rest is as it is."""
    if isinstance(value, tuple):
        return orjson.dumps(value).decode()
    return value


def _shown_team_of(contact: ContactState, catalogue: Catalogue) -> Json:
    team = catalogue.team_by_uuid.get(contact.team_uuid or "")
    return shown_team(team) if team else None


def _shown_channel(contact: ContactState, catalogue: Catalogue) -> Json:
    channel = catalogue.channel_by_uuid[contact.channel_uuid]
    return {
        "uuid": channel.uuid,
        "title": channel.title,
        "type": channel.kind,
        "main": channel.main,
    }


def _metadata(fields: Mapping[str, Stored], catalogue: Catalogue) -> dict[str, Json]:
    """Type and all options of each field the contact bears; here a checkbox is an array."""
    found: dict[str, Json] = {}
    for name, value in fields.items():
        kind = catalogue.field_by_name[name]
        entry: dict[str, Json] = {
            "value": list(value) if isinstance(value, tuple) else value,
            "type": kind.kind.value,
        }
        if kind.kind in (FieldKind.DROPDOWN, FieldKind.CHECKBOX):
            entry["options"] = list(kind.options)
        found[name] = entry
    return found
