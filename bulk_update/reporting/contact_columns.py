"""The columns of a workbook of contacts: what each is called, how it is filled in, what it offers.

A template and an export have the same ones. A header maps by itself when the workbook comes back;
a custom field whose name means something else as a header is written ``cf:<Name>``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from bulk_update.language import _
from bulk_update.mapping.names import FieldNames, header_in
from bulk_update.mapping.targets import recognise
from bulk_update.model import (
    CUSTOM_SHORT,
    WAS_PREFIX,
    Contact,
    FieldName,
    FieldType,
    Target,
    TargetKind,
    custom_field,
)
from bulk_update.reading.sheet import EXAMPLE
from bulk_update.reporting.cells import joined, value_text
from bulk_update.reporting.sheets_out import CellOut, ColumnOut, Look

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema, FieldSchema

CLEAR: Final = "<clear>"
"""What a cell says of nothing (the default of mapping files)."""

_FIRST_SERIAL: Final = date(1900, 3, 1)  # before it Excel's days are off by one
_CAN_BE_EMPTIED: Final = frozenset({TargetKind.NOTE, TargetKind.TAGS, TargetKind.ASSIGNED_USER})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactColumn:
    """One column: its header, the field it is about, a note on what it takes, what it may be
    chosen from, and what an example of it looks like."""

    title: str
    target: Target
    note: str
    example: CellOut = None
    choices: tuple[str, ...] = ()
    kind: FieldType | None = None

    @property
    def is_key(self) -> bool:
        """Whether it says which contact a row means."""
        return self.target.kind in (TargetKind.UUID, TargetKind.BSUID, TargetKind.PHONE)

    @property
    def out(self) -> ColumnOut:
        """The column, as a workbook takes it."""
        look = Look.DAY if self.kind is FieldType.DATE else Look.PLAIN
        return ColumnOut(self.title, note=self.note, look=look)


def contact_columns(schema: AccountSchema, *, language: str = "en") -> list[ContactColumn]:
    """A column for each key and field of a contact; headers in ``language`` where that has a
    name for the target. A custom field that no header can name is left out:
    :func:`unnameable` tells which."""
    names = FieldNames(schema.fields)
    own = [
        _titled(column, language)
        for column in (*_keys(), *_texts(), _assigned_user(schema), _team(schema), _bot())
    ]
    return [*own, *(_custom(field, names) for field in _nameable(schema, names))]


def unnameable(schema: AccountSchema) -> list[str]:
    """The custom fields that differ from another by outer white space or the like only: a header
    can't tell them apart."""
    names = FieldNames(schema.fields)
    nameable = {field.name for field in _nameable(schema, names)}
    return [name for name in schema.fields if name not in nameable]


def cell_of(column: ContactColumn, contact: Contact, teams: TeamNames) -> CellOut:
    """What the contact has, as a cell that is read back as the same value; None for nothing."""
    target = column.target
    match target.kind:
        case TargetKind.UUID:
            return contact.uuid
        case TargetKind.PHONE:
            return contact.phone
        case TargetKind.BSUID:
            return contact.bsuid
        case TargetKind.TEAM:
            return teams.shown(contact)
        case TargetKind.TAGS:
            return joined(contact.tags) or None
    text = value_text(contact.value(_field_name(target)))
    return _day(text) if column.kind is FieldType.DATE else text or None


def was_cell(column: ContactColumn, now: CellOut) -> CellOut:
    """What the contact must still have when the sheet is applied: also where that is nothing."""
    if now is not None:
        return now
    kind = column.target.kind
    clearable = kind in _CAN_BE_EMPTIED or kind is TargetKind.CUSTOM_FIELD
    return CLEAR if clearable else None


def was_columns(columns: Sequence[ContactColumn]) -> list[ColumnOut]:
    """The ``was.`` columns of the fields among ``columns``; the bot's status is not in a
    contact, so nothing is known of it."""
    note = _("What the contact had. If it has something else by then, the row is left alone.")
    return [
        ColumnOut(f"{WAS_PREFIX}{each.title}", note=note, look=Look.OLD, title_look=Look.OUR_HEADER)
        for each in columns
        if not each.is_key
    ]


class TeamNames:
    """How teams are written: by name, or by uuid where several have that name."""

    def __init__(self, schema: AccountSchema) -> None:
        counted = Counter(team.name.casefold() for team in schema.teams)
        self._shown = {
            team.uuid: team.name if counted[team.name.casefold()] == 1 else team.uuid
            for team in schema.teams
        }

    @property
    def choices(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._shown.values())

    def shown(self, contact: Contact) -> str | None:
        """The team of a contact; its uuid where the schema doesn't know it."""
        if contact.team_uuid is None:
            return None
        return self._shown.get(contact.team_uuid, contact.team_uuid)


def _field_name(target: Target) -> FieldName:
    return custom_field(target.custom) if target.custom else FieldName(target.kind.value)


def _day(text: str) -> CellOut:
    """A real day for what is written exactly as one; any other text as it stands."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text or None
    return day if day.isoformat() == text and day >= _FIRST_SERIAL else text


def _titled(column: ContactColumn, language: str) -> ContactColumn:
    title = header_in(column.target, language)
    if title is None:
        return column
    return ContactColumn(
        title=title,
        target=column.target,
        note=column.note,
        example=column.example,
        choices=column.choices,
    )


def _own(kind: TargetKind, note: str, example: str, choices: Sequence[str] = ()) -> ContactColumn:
    return ContactColumn(
        title=kind.value, target=Target(kind), note=note, example=example, choices=tuple(choices)
    )


def _keys() -> Iterator[ContactColumn]:
    yield _own(
        TargetKind.UUID,
        _(
            "Which contact the row means: its uuid in Callbell. Blank where the phone says it. "
            "A row with {example} in a cell is an example, and left out."
        ).format(example=EXAMPLE),
        EXAMPLE,
    )
    yield _own(
        TargetKind.PHONE,
        _("Which contact the row means, where there is no uuid. It can't be changed."),
        "+39 333 1234567",
    )


def _texts() -> Iterator[ContactColumn]:
    blank = _("A blank cell leaves the contact as it is.")
    emptied = _("{clear} empties it.").format(clear=CLEAR)
    name = _("The name of the contact.")
    yield _own(TargetKind.NAME, f"{name} {blank}", "Ada Lovelace")
    note = _("A text of at most 1,000 characters.")
    yield _own(TargetKind.NOTE, f"{note} {blank} {emptied}", _("Prefers to be called after 4 pm"))
    tags = _("Tags to add, separated by ; - to take one away write -Tag.")
    yield _own(TargetKind.TAGS, f"{tags} {blank} {emptied}", "VIP;-Lead")


def _assigned_user(schema: AccountSchema) -> ContactColumn:
    emails = [user.email for user in schema.users]
    return _own(
        TargetKind.ASSIGNED_USER,
        _("The e-mail address of the user. {clear} removes the assigned user.").format(clear=CLEAR),
        emails[0] if emails else "ada@example.com",
        emails,
    )


def _team(schema: AccountSchema) -> ContactColumn:
    names = TeamNames(schema).choices
    return _own(TargetKind.TEAM, _("The name of the team."), names[0] if names else "", names)


def _bot() -> ContactColumn:
    return _own(
        TargetKind.BOT_STATUS,
        _("bot_start starts the bot, bot_end ends it."),
        "bot_end",
        ("bot_start", "bot_end"),
    )


def _nameable(schema: AccountSchema, names: FieldNames) -> Iterator[FieldSchema]:
    for field in schema.fields.values():
        if _title(field.name, names) is not None:
            yield field


def _title(name: str, names: FieldNames) -> str | None:
    """The header that means this custom field and nothing else: its name, if that does."""
    wanted = Target(TargetKind.CUSTOM_FIELD, name)
    for title in (name, CUSTOM_SHORT + name):
        known = recognise(title, names)
        if known is not None and known.target == wanted and not known.choices:
            return title
    return None


def _custom(field: FieldSchema, names: FieldNames) -> ContactColumn:
    return ContactColumn(
        title=_title(field.name, names) or field.name,
        target=Target(TargetKind.CUSTOM_FIELD, field.name),
        note=_format_of(field),
        example=_example_of(field),
        choices=field.options if field.type is FieldType.DROPDOWN else (),
        kind=field.type,
    )


def _format_of(field: FieldSchema) -> str:
    emptied = _("{clear} empties it.").format(clear=CLEAR)
    return f"{_takes(field)} {emptied}"


def _takes(field: FieldSchema) -> str:
    options = ", ".join(field.options)
    texts = {
        FieldType.TEXT: _("A text."),
        FieldType.DATE: _("A date, such as 2026-12-31."),
        FieldType.NUMBER: _("A number."),
        FieldType.EMAIL: _("An e-mail address."),
        FieldType.DROPDOWN: _("One of: {options}."),
        FieldType.CHECKBOX: _("One or several of these, separated by ;: {options}."),
        None: _("Its type is not known: it is sent as text."),
    }
    return texts[field.type].format(options=options)


def _example_of(field: FieldSchema) -> CellOut:
    match field.type:
        case FieldType.DATE:
            return date(2026, 12, 31)
        case FieldType.NUMBER:
            return "42"
        case FieldType.EMAIL:
            return "ada@example.com"
        case FieldType.DROPDOWN:
            return field.options[0] if field.options else None
        case FieldType.CHECKBOX:
            return joined(field.options[:1])
    return _("Text")
