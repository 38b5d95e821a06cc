"""The body of a PATCH: only the keys that change (public API reference, PATCH /contacts/:uuid)."""

from __future__ import annotations

from collections.abc import Mapping

from bulk_update.model import CUSTOM_PREFIX, Change, FieldChange, FieldType, Value
from bulk_update.validation.equality import day_of

Json = str | bool | list[str] | dict[str, "str | list[str]"]


def request_body(
    change: Change, *, whole_object: bool, types: Mapping[str, FieldType]
) -> dict[str, Json]:
    """What to send for ``change``; ``types`` are those of the custom fields that are known.

    ``whole_object``: the account replaces ``custom_fields``, so the fields that the change does
    not name are sent along as they were read.
    """
    body: dict[str, Json] = {}
    custom: dict[str, str | list[str]] = {}
    for each in change.fields:
        if each.field.startswith(CUSTOM_PREFIX):
            name = each.field[len(CUSTOM_PREFIX) :]
            custom[name] = _custom_value(each.new, each.type or types.get(name))
        else:
            key, value = _own_field(each)
            body[key] = value
    if custom and whole_object:
        former = change.unnamed_fields.items()
        custom |= {name: _custom_value(value, types.get(name)) for name, value in former}
    if custom:
        body["custom_fields"] = custom
    return body


def _own_field(each: FieldChange) -> tuple[str, Json]:
    name, new = each.field, each.new
    if isinstance(new, str):
        return ("team_uuid" if name == "team" else name), new
    if name == "assigned_user" and new is None:
        return "unassign_user", True
    if name == "tags" and new is not None:
        return "tags", list(new)
    raise ValueError(name)


def _custom_value(value: Value, kind: FieldType | None) -> str | list[str]:
    """An account may show a date as a moment, and take nothing but a day."""
    if isinstance(value, tuple):
        return list(value)
    return day_of(value or "") if kind is FieldType.DATE else value or ""
