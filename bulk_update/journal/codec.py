"""The model as JSON text and back.

Writing is orjson's own dataclass encoding; reading rebuilds the frozen types. A journal outlives
the program that wrote it, so keys that are missing take the type's default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from bulk_update.journal.records import Asked
from bulk_update.model import (
    Account,
    Change,
    Contact,
    Desired,
    FieldChange,
    FieldName,
    FieldType,
    Finding,
    FindingGroup,
    Keys,
    Level,
    Policy,
    TagEdit,
    Value,
    Wish,
)

Document = Mapping[str, Any]
"""A decoded JSON object of ours: only this module looks inside."""


def encode(thing: object) -> str:
    """Any dataclass of the model, mapping or list of them as JSON text."""
    return orjson.dumps(thing, option=orjson.OPT_NON_STR_KEYS).decode()


def decode_change(text: str) -> Change:
    """The change that :func:`encode` wrote."""
    doc: Document = orjson.loads(text)
    return Change(
        uuid=doc["uuid"],
        rows=tuple(doc["rows"]),
        before=_contact(doc["before"]),
        read_at=datetime.fromisoformat(doc["read_at"]),
        fields=tuple(_field_change(each) for each in doc["fields"]),
        wishes=_wishes(doc.get("wishes", ())),
        tags=_tags(doc.get("tags")),
        was=_wishes(doc.get("was", ())),
        restoring=doc.get("restoring", False),
    )


class Differences(NamedTuple):
    """What results tell of a change: the contact's name before, and the fields that differ."""

    name: str | None
    fields: tuple[FieldChange, ...]


def decode_differences(text: str) -> Differences:
    """Of the change that :func:`encode` wrote, what results tell: in a third of the time."""
    doc: Document = orjson.loads(text)
    return Differences(doc["before"]["name"], tuple(map(_field_change, doc["fields"])))


def decode_desired(text: str) -> Desired:
    """The desired state that :func:`encode` wrote."""
    doc: Document = orjson.loads(text)
    keys = doc["keys"]
    return Desired(
        row=doc["row"],
        keys=Keys(
            shown=keys["shown"],
            uuid=keys["uuid"],
            bsuid=keys["bsuid"],
            phones=tuple(keys["phones"]),
        ),
        wishes=_wishes(doc["wishes"]),
        tags=_tags(doc["tags"]),
        was=_wishes(doc["was"]),
    )


def decode_contact(text: str) -> Contact:
    """The contact that :func:`encode` wrote."""
    return _contact(orjson.loads(text))


def decode_account(text: str) -> Account:
    """The account that :func:`encode` wrote."""
    return Account(**orjson.loads(text))


def decode_findings(text: str) -> tuple[FindingGroup, ...]:
    """The grouped findings that :func:`encode` wrote."""
    return tuple(_group(each) for each in orjson.loads(text))


def decode_asked(text: str) -> Asked:
    """The value, or the edit of tags, that :func:`encode` wrote."""
    loaded = orjson.loads(text)
    return _tags(loaded) if isinstance(loaded, dict) else _value(loaded)


def decode_mapping(text: str) -> dict[str, object]:
    """A JSON object as it stands."""
    loaded: dict[str, object] = orjson.loads(text)
    return loaded


def _group(doc: Document) -> FindingGroup:
    finding = dict(doc["finding"])
    finding["level"] = Level(finding["level"])
    return FindingGroup(finding=Finding(**finding), rows=tuple(doc["rows"]), count=doc["count"])


def _value(loaded: object) -> Value:
    if isinstance(loaded, list):
        return tuple(str(each) for each in loaded)
    return loaded if isinstance(loaded, str) else None


def _contact(doc: Document) -> Contact:
    plain = dict(doc)
    plain["tags"] = tuple(plain["tags"])
    plain["custom_fields"] = {name: _value(v) for name, v in plain["custom_fields"].items()}
    return Contact(**plain)


def _type(loaded: str | None) -> FieldType | None:
    return FieldType(loaded) if loaded else None


def _field_change(doc: Document) -> FieldChange:
    return FieldChange(
        field=FieldName(doc["field"]),
        old=_value(doc["old"]),
        new=_value(doc["new"]),
        type=_type(doc["type"]),
    )


def _wishes(docs: Sequence[Document]) -> tuple[Wish, ...]:
    return tuple(
        Wish(
            field=FieldName(doc["field"]),
            value=_value(doc["value"]),
            raw=doc["raw"],
            type=_type(doc["type"]),
            policy=Policy(doc["policy"]),
        )
        for doc in docs
    )


def _tags(doc: Document | None) -> TagEdit | None:
    if doc is None:
        return None
    replace = doc["replace"]
    return TagEdit(
        add=tuple(doc["add"]),
        remove=tuple(doc["remove"]),
        replace=None if replace is None else tuple(replace),
        order=tuple(doc.get("order", ())),  # journals of earlier programs have none
    )
