"""Server-side validation: what a PATCH would make of a contact, or all that is wrong with it.

The rules are those of the public API reference (custom fields are validated by type since
March 2026): tags, fields, users and teams must exist; a dropdown takes one of its options, a
checkbox a list of them, exactly; a date is ``YYYY-MM-DD``; a note has at most 1,000
characters; ``assigned_user`` and ``unassign_user`` never come together. Where the reference is
silent, :class:`~bulk_update.sandbox.behaviour.Behaviour` decides. One fault refuses the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from bulk_update.sandbox.behaviour import Behaviour, Clear, Cleared, CustomFields, Unknown
from bulk_update.sandbox.catalogue import Catalogue, CustomField, FieldKind
from bulk_update.sandbox.contact import ContactState, Json, Stored
from bulk_update.sandbox.refusals import Refusal, Refused

NOTE_LIMIT: Final = 1000
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_BOT: Final = {"bot_start": "started", "bot_end": "ended"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One key of a PATCH, and what it is judged by."""

    value: Json
    contact: ContactState
    catalogue: Catalogue
    behaviour: Behaviour
    body: Mapping[str, Json]


@dataclass(slots=True)
class _Sum:
    """The contact as it becomes, and what is wrong on the way."""

    contact: ContactState
    refusals: list[Refusal] = field(default_factory=list)


def patched(
    contact: ContactState, body: Json, catalogue: Catalogue, behaviour: Behaviour
) -> ContactState:
    """``contact`` as this PATCH makes it; ``Refused`` with every fault of the body."""
    if not isinstance(body, Mapping):
        raise Refused(400, Refusal("base", "The body must be a JSON object"))
    total = _Sum(contact)
    for key, value in body.items():
        _one_key(total, key, Cell(value, total.contact, catalogue, behaviour, body))
    if total.refusals:
        raise Refused(behaviour.refusal_status, *total.refusals)
    return total.contact


def _one_key(total: _Sum, key: str, cell: Cell) -> None:
    check = _CHECKS.get(key)
    if check is None:
        total.refusals.append(Refusal(key, f"{key} is not a parameter of this call"))
        return
    try:
        total.contact = check(cell)
    except Refused as refused:
        total.refusals.extend(refused.refusals)


def _refuse(about: str, message: str) -> Refused:
    return Refused(422, Refusal(about, message))


def _text(cell: Cell, key: str) -> str:
    if not isinstance(cell.value, str):
        raise _refuse(key, f"{key} must be a string")
    return cell.value


def _name(cell: Cell) -> ContactState:
    return replace(cell.contact, name=_text(cell, "name"))


def _note(cell: Cell) -> ContactState:
    note = _text(cell, "note")
    if len(note) > NOTE_LIMIT:
        raise _refuse("note", f"note is too long (maximum is {NOTE_LIMIT} characters)")
    return replace(cell.contact, note=note or None)


def _tags(cell: Cell) -> ContactState:
    tags = _strings(cell.value, "tags")
    unknown = [tag for tag in tags if tag not in cell.catalogue.tag_names]
    if unknown and cell.behaviour.unknown_tags is Unknown.REFUSE:
        raise Refused(422, *(Refusal("tags", f"Tag not found: {tag}") for tag in unknown))
    return replace(cell.contact, tags=tuple(tag for tag in tags if tag not in unknown))


def _strings(value: Json, key: str) -> tuple[str, ...]:
    """A list of strings, each once, in the order it came."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _refuse(key, f"{key} must be a list of strings")
    return tuple(dict.fromkeys(value))


def _assigned_user(cell: Cell) -> ContactState:
    email = _text(cell, "assigned_user")
    if cell.body.get("unassign_user") is True:
        raise _refuse("assigned_user", "assigned_user and unassign_user exclude each other")
    user = cell.catalogue.user_by_email.get(email.lower())
    if user is None or not user.confirmed:
        raise _refuse("assigned_user", f"User not found: {email}")
    return replace(cell.contact, assigned_user=user.email)


def _unassign_user(cell: Cell) -> ContactState:
    if not isinstance(cell.value, bool):
        raise _refuse("unassign_user", "unassign_user must be a boolean")
    return replace(cell.contact, assigned_user=None) if cell.value else cell.contact


def _team_uuid(cell: Cell) -> ContactState:
    uuid = _text(cell, "team_uuid")
    if uuid == "" and cell.behaviour.clear_team is not Clear.REFUSED:
        takes = cell.behaviour.clear_team is Clear.TAKES
        return replace(cell.contact, team_uuid=None) if takes else cell.contact
    if uuid not in cell.catalogue.team_by_uuid:
        raise _refuse("team_uuid", f"Team not found: {uuid}")
    return replace(cell.contact, team_uuid=uuid)


def _bot_status(cell: Cell) -> ContactState:
    status = _BOT.get(_text(cell, "bot_status"))
    if status is None:
        raise _refuse("bot_status", "bot_status must be bot_start or bot_end")
    if cell.catalogue.bot is None:
        raise _refuse("bot_status", "No bot is enabled in this account")
    return replace(cell.contact, bot=status)


def _custom_fields(cell: Cell) -> ContactState:
    if not isinstance(cell.value, Mapping):
        raise _refuse("custom_fields", "custom_fields must be an object")
    merges = cell.behaviour.custom_fields is CustomFields.MERGE
    kept = dict(cell.contact.custom_fields) if merges else {}
    refusals: list[Refusal] = []
    for name, value in cell.value.items():
        try:
            _put_field(kept, name, value, cell)
        except Refused as refused:
            refusals.extend(refused.refusals)
    if refusals:
        raise Refused(422, *refusals)
    return replace(cell.contact, custom_fields=kept)


def _put_field(kept: dict[str, Stored], name: str, value: Json, cell: Cell) -> None:
    """Put the value of one field into ``kept``, clear it there, or leave it alone."""
    known = cell.catalogue.field_by_name.get(name)
    if known is None:
        if cell.behaviour.unknown_fields is Unknown.REFUSE:
            raise _refuse(name, f"Custom field not found: {name}")
        return
    clear = _clearing(known, value, cell.behaviour)
    if clear is None:
        kept[name] = _FIELD_CHECKS[known.kind](known, value, cell.behaviour)
    elif clear is Clear.REFUSED:
        raise _refuse(name, f"{name} can't be blank")
    elif clear is Clear.TAKES:
        _clear_field(kept, known, cell.behaviour.cleared_shows)
    elif name in cell.contact.custom_fields:
        kept[name] = cell.contact.custom_fields[name]


def _clearing(known: CustomField, value: Json, behaviour: Behaviour) -> Clear | None:
    """What becomes of ``value`` when it is an empty one; None when it is not."""
    if value is None:
        return behaviour.clear_by_null
    if known.kind is FieldKind.CHECKBOX:
        return behaviour.clear_checkbox if value == [] else None
    return behaviour.clear_by_empty if value == "" else None


def _clear_field(kept: dict[str, Stored], known: CustomField, shows: Cleared) -> None:
    empty: Stored = () if known.kind is FieldKind.CHECKBOX else ""
    if shows is Cleared.ABSENT:
        kept.pop(known.name, None)
    else:
        kept[known.name] = None if shows is Cleared.NULL else empty


def _string_of(known: CustomField, value: Json) -> str:
    if not isinstance(value, str):
        raise _refuse(known.name, f"{known.name} must be a string")
    return value


def _text_field(known: CustomField, value: Json, _behaviour: Behaviour) -> Stored:
    return _string_of(known, value)


def _email_field(known: CustomField, value: Json, _behaviour: Behaviour) -> Stored:
    text = _string_of(known, value)
    if not _EMAIL.fullmatch(text):
        raise _refuse(known.name, f"{known.name} is not a valid email")
    return text


def _number_field(known: CustomField, value: Json, behaviour: Behaviour) -> Stored:
    if isinstance(value, int | float) and not isinstance(value, bool) and behaviour.bare_numbers:
        return value
    text = _string_of(known, value)
    if not _NUMBER.fullmatch(text):
        raise _refuse(known.name, f"{known.name} is not a number")
    return text


def _date_field(known: CustomField, value: Json, _behaviour: Behaviour) -> Stored:
    text = _string_of(known, value)
    if not _DATE.fullmatch(text) or not _is_day(text):
        raise _refuse(known.name, f"{known.name} is not a valid date (YYYY-MM-DD)")
    return text


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _dropdown_field(known: CustomField, value: Json, _behaviour: Behaviour) -> Stored:
    text = _string_of(known, value)
    if text not in known.options:
        raise _refuse(known.name, f"{text} is not an option of {known.name}")
    return text


def _checkbox_field(known: CustomField, value: Json, _behaviour: Behaviour) -> Stored:
    chosen = _strings(value, known.name)
    unknown = [option for option in chosen if option not in known.options]
    if unknown:
        raise _refuse(known.name, f"{', '.join(unknown)}: not an option of {known.name}")
    return chosen


_FIELD_CHECKS: Final[Mapping[FieldKind, Callable[[CustomField, Json, Behaviour], Stored]]] = {
    FieldKind.TEXT: _text_field,
    FieldKind.EMAIL: _email_field,
    FieldKind.NUMBER: _number_field,
    FieldKind.DATE: _date_field,
    FieldKind.DROPDOWN: _dropdown_field,
    FieldKind.CHECKBOX: _checkbox_field,
}

_CHECKS: Final[Mapping[str, Callable[[Cell], ContactState]]] = {
    "name": _name,
    "note": _note,
    "tags": _tags,
    "assigned_user": _assigned_user,
    "unassign_user": _unassign_user,
    "team_uuid": _team_uuid,
    "bot_status": _bot_status,
    "custom_fields": _custom_fields,
}
