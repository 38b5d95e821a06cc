"""From the API's JSON to what travels between the steps.

Tolerant of absent keys, strict about types: anything that is not what the reference promises
raises :class:`Misshapen`, which the client turns into an answer that proves nothing. A contact
without ``uuid``, ``tags`` or ``customFields`` is not whole: to take an absent list of tags for an
empty one would wipe the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from bulk_update.account.bodies import Json
from bulk_update.account.schema import Channel, FieldSchema, Team, User
from bulk_update.model import Contact, FieldType, Value

Object = Mapping[str, Json]

_TYPES: Final = {one.value: one for one in FieldType}
_LIST: Final = FieldType.CHECKBOX
_BOT_STATES: Final = {"started": "bot_start", "in_progress": "bot_start", "ended": "bot_end"}


class Misshapen(Exception):
    """JSON that is not of the promised shape; the text names the place, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The paging of an answer. ``has_next`` is whether the server speaks of cursors at all."""

    page: int | None = None
    pages: int | None = None
    next: str | None = None
    has_next: bool = False


def load(body: bytes) -> Json:
    """The JSON document in ``body``; raises :class:`Misshapen` for anything else."""
    try:
        loaded: Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Misshapen("not JSON") from None
    return loaded


def as_object(said: Json, place: str) -> Object:
    """``said`` where it is an object."""
    if not isinstance(said, dict):
        raise Misshapen(place)
    return said


def as_list(said: Json, place: str) -> list[Json]:
    """``said`` where it is a list; null is an empty one."""
    if said is None:
        return []
    if not isinstance(said, list):
        raise Misshapen(place)
    return said


# -- contacts --------------------------------------------------------------------------


def enveloped_contact(said: Json) -> Object | None:
    """What ``contact`` holds: an object (as observed) or an array of one (as the reference has
    it). None where it is null, absent or an empty array."""
    inner = as_object(said, "answer").get("contact")
    if isinstance(inner, list):
        if len(inner) > 1:
            raise Misshapen("contact: more than one")
        inner = inner[0] if inner else None
    return None if inner is None else as_object(inner, "contact")


def contact(
    said: Json,
    types: Mapping[str, FieldType] | None = None,
    *,
    shown: tuple[FieldSchema, ...] | None = None,
) -> Contact:
    """The contact in one ``contact`` or one item of ``contacts``. ``types`` are field types
    that are known already; the contact's own metadata goes before them. ``shown`` is what
    :func:`fields` made of that, where it was asked before."""
    whole = as_object(said, "contact")
    for name in ("uuid", "tags", "customFields"):
        if name not in whole:
            raise Misshapen(f"contact without {name}")
    team = _optional_object(whole, "team")
    return Contact(
        uuid=_required_text(whole, "uuid"),
        name=_text(whole, "name"),
        phone=_text(whole, "phoneNumber"),
        bsuid=_text(whole, "bsuid"),
        note=_text(whole, "note"),
        tags=_names(whole["tags"], "contact.tags"),
        assigned_user=_text(whole, "assignedUser"),
        team_uuid=_text(team, "uuid"),
        team_name=_text(team, "name"),
        source=_text(whole, "source"),
        channel_uuid=_text(_optional_object(whole, "channel"), "uuid"),
        custom_fields=_custom_values(whole, types or {}, shown),
    )


def _custom_values(
    whole: Object, types: Mapping[str, FieldType], shown: tuple[FieldSchema, ...] | None
) -> dict[str, Value]:
    raw = _optional_object(whole, "customFields")
    metadata = _optional_object(whole, "customFieldsMetadata")
    if metadata:
        shown = fields(whole) if shown is None else shown
        types = {**types, **{one.name: one.type for one in shown if one.type}}
    values: dict[str, Value] = {}
    for name, value in raw.items():
        if isinstance(value, str) and "[" not in value and types.get(name) is not _LIST:
            values[name] = value  # nearly all are such
        else:
            values[name] = custom_value(value, types.get(name))
    for name, described in metadata.items():
        value = as_object(described, "customFieldsMetadata").get("value")
        if name not in values and value is not None:
            values[name] = custom_value(value, types.get(name))
    return values


def custom_value(raw: Json, kind: FieldType | None = None) -> Value:
    """One value of ``customFields``, made uniform: a checkbox comes as a JSON list in a string
    there, as an array in the metadata. Numbers are as JSON spells them."""
    if isinstance(raw, str):
        return _maybe_list(raw, kind) if kind in (None, _LIST) else raw
    if raw is None:
        return None
    return tuple(map(_spelled, raw)) if isinstance(raw, list) else _spelled(raw)


def _maybe_list(raw: str, kind: FieldType | None) -> Value:
    if raw.lstrip()[:1] == "[":
        try:
            inner = orjson.loads(raw)
        except orjson.JSONDecodeError:
            inner = None
        if isinstance(inner, list) and (texts := _texts(inner)) is not None:
            return texts
    if kind is _LIST:
        return (raw,) if raw else ()
    return raw


def _spelled(raw: Json) -> str:
    return raw if isinstance(raw, str) else orjson.dumps(raw).decode()


# -- what an account has ---------------------------------------------------------------


def fields(said: Json) -> tuple[FieldSchema, ...]:
    """The custom fields that a contact shows: by their metadata, with type and options, where
    it has any (known), by their name alone elsewhere (observed)."""
    whole = as_object(said, "contact")
    metadata = _optional_object(whole, "customFieldsMetadata")
    bare = (name for name in _optional_object(whole, "customFields") if name not in metadata)
    return (
        *(_field(name, as_object(one, "customFieldsMetadata")) for name, one in metadata.items()),
        *(FieldSchema(name=name) for name in bare),
    )


def _field(name: str, described: Object) -> FieldSchema:
    kind = _TYPES.get(_text(described, "type") or "")
    options = _names(described.get("options"), "options")
    return FieldSchema(name=name, type=kind, options=options if kind else ())


def channel(said: Json) -> Channel | None:
    """The channel that a contact shows; None where it shows none."""
    whole = _optional_object(as_object(said, "contact"), "channel")
    uuid = _text(whole, "uuid")
    if not uuid:
        return None
    return Channel(
        uuid=uuid,
        title=_text(whole, "title") or "",
        type=_text(whole, "type") or "",
        main=whole.get("main") is True,
    )


def team(said: Json) -> Team:
    """One item of ``teams``."""
    whole = as_object(said, "team")
    return Team(
        uuid=_required_text(whole, "uuid"),
        name=_text(whole, "name") or "",
        default=whole.get("default") is True,
    )


def user(said: Json) -> User:
    """One item of ``users``."""
    whole = as_object(said, "user")
    return User(email=_required_text(whole, "email"), name=_text(whole, "name"))


def bot_status(said: Json) -> str | None:
    """``bot_start`` or ``bot_end`` from ``GET /contacts/:uuid/bot``; None where there is no
    bot, or its state is none that the reference knows."""
    bot = _optional_object(as_object(said, "answer"), "bot")
    return _BOT_STATES.get(_text(bot, "status") or "")


def meta(said: Json) -> Meta:
    """The paging of a listing; everything in it may be absent."""
    inner = _optional_object(as_object(said, "answer"), "meta")
    return Meta(
        page=_whole(inner, "page"),
        pages=_whole(inner, "pages"),
        next=_text(inner, "next") or None,
        has_next="next" in inner,
    )


def as_text(said: Object, name: str) -> str:
    """A text of an object, ``""`` where it is absent or null."""
    return _text(said, name) or ""


def same_uuid(one: str, other: str) -> bool:
    """Whether two spellings name one uuid: letter case and hyphens don't tell them apart."""
    return one == other or _plain(one) == _plain(other)


def _plain(uuid: str) -> str:
    return uuid.replace("-", "").lower()


# -- types -----------------------------------------------------------------------------


def _optional_object(said: Object, name: str) -> Object:
    inner = said.get(name)
    return {} if inner is None else as_object(inner, name)


def _text(said: Object, name: str) -> str | None:
    value = said.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Misshapen(name)


def _required_text(said: Object, name: str) -> str:
    value = _text(said, name)
    if not value:
        raise Misshapen(name)
    return value


def _whole(said: Object, name: str) -> int | None:
    value = said.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise Misshapen(name)
    return value


def _names(said: Json, place: str) -> tuple[str, ...]:
    names = _texts(as_list(said, place))
    if names is None:
        raise Misshapen(place)
    return names


def _texts(items: list[Json]) -> tuple[str, ...] | None:
    """The items, where each is a text."""
    texts = tuple([item for item in items if isinstance(item, str)])
    return texts if len(texts) == len(items) else None
