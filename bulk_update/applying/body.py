"""The body of a PATCH: only the keys that change (public API reference, PATCH /contacts/:uuid)."""

from __future__ import annotations

from bulk_update.model import CUSTOM_PREFIX, Change, FieldChange, Value

Json = str | bool | list[str] | dict[str, "str | list[str]"]


def request_body(change: Change, *, whole_object: bool) -> dict[str, Json]:
    """What to send for ``change``.

    ``whole_object``: the account replaces ``custom_fields``, so the fields that the change does
    not name are sent along as they were read.
    """
    body: dict[str, Json] = {}
    custom: dict[str, str | list[str]] = {}
    for each in change.fields:
        if each.field.startswith(CUSTOM_PREFIX):
            custom[each.field[len(CUSTOM_PREFIX) :]] = _custom_value(each.new)
        else:
            body.update([_own_field(each)])
    if custom and whole_object:
        former = change.unnamed_fields.items()
        custom |= {name: _custom_value(value) for name, value in former}
    if custom:
        body["custom_fields"] = dict(custom)
    return body


def _own_field(each: FieldChange) -> tuple[str, Json]:
    match each.field, each.new:
        case "assigned_user", None:
            return "unassign_user", True
        case "team", str(uuid):
            return "team_uuid", uuid
        case "tags", tuple(tags):
            return "tags", list(tags)
        case name, str(text):
            return name, text
    raise ValueError(each.field)


def _custom_value(value: Value) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else value or ""
