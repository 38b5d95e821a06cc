"""What travels from step to step, and nothing else.

A newcomer reads this file first. The steps stand in this order::

    file -> read -> SourceRow -> map -> Mapping -> validate -> Verdict(Desired | Finding[])
         -> plan -> Change -> apply -> Outcome -> report -> RowResult

Everything here is plain data: frozen, typed, and free of any import of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, NewType

# --------------------------------------------------------------------------------------
# Cells and rows
# --------------------------------------------------------------------------------------


class NumberCell(str):
    """The text of a cell that a workbook itself holds as a number.

    A plain decimal with a point, never an exponent; a trailing ``.0`` is already gone. Its
    notation is certain, so it has no vote on the decimal sign of its column.
    """

    __slots__ = ()


class DateCell(str):
    """The ISO text of a cell that a workbook itself holds as a date (``2026-03-03``, with
    ``THH:MM:SS`` where the time is not midnight). Its order is certain."""

    __slots__ = ()


class FormulaCell(str):
    """A formula that was saved without its value; the text is the formula, with its ``=``."""

    __slots__ = ()


class SourceRow(NamedTuple):
    """One row of the sheet, as text.

    ``row`` is the number a spreadsheet program shows. ``cells`` is exactly as wide as the
    header: missing cells are ``""``. ``line`` is the line of the file a CSV row begins on.
    ``findings`` are faults of the row itself (ragged, control characters, cut off); ``extra``
    are the filled cells beyond the header.
    """

    row: int
    cells: tuple[str, ...]
    line: int | None = None
    findings: tuple[Finding, ...] = ()
    extra: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------
# Findings: faults in the data are values, never exceptions
# --------------------------------------------------------------------------------------


class Level(StrEnum):
    """How much a finding weighs: an error keeps its row from being sent."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with a value, and what to do about it.

    It names no row: each distinct value of a column is judged once, and the same finding is
    given for every row that bears the value. ``column`` is the header as the sheet spells it,
    ``value`` the cell as it stands, ``proposal`` a near value that would be accepted.
    """

    code: str
    level: Level
    message: str
    hint: str = ""
    column: str | None = None
    value: str | None = None
    proposal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """One finding and the rows that bear it: ``rows`` is complete up to 1,000, ``count`` always."""

    finding: Finding
    rows: tuple[int, ...]
    count: int


# --------------------------------------------------------------------------------------
# Targets: what a column means
# --------------------------------------------------------------------------------------

FieldName = NewType("FieldName", str)
"""A field of a contact in our spelling: ``name``, ``note``, ``tags``, ``assigned_user``,
``team``, ``bot_status`` or ``custom_fields.<Name>``."""

CUSTOM_PREFIX: Final = "custom_fields."
CUSTOM_SHORT: Final = "cf:"
WAS_PREFIX: Final = "was."


def custom_field(name: str) -> FieldName:
    """The field name of the custom field that the account calls ``name``."""
    return FieldName(CUSTOM_PREFIX + name)


class TargetKind(StrEnum):
    """The kinds of target a column can have; the values are the spellings users write."""

    UUID = "uuid"
    BSUID = "bsuid"
    PHONE = "phone"
    NAME = "name"
    NOTE = "note"
    TAGS = "tags"
    TAGS_REMOVE = "tags.remove"
    TAGS_REPLACE = "tags.replace"
    ASSIGNED_USER = "assigned_user"
    UNASSIGN_USER = "unassign_user"
    TEAM = "team"
    BOT_STATUS = "bot_status"
    CUSTOM_FIELDS = "custom_fields"
    CUSTOM_FIELD = "custom_fields.<Name>"


KEY_KINDS: Final = (TargetKind.UUID, TargetKind.BSUID, TargetKind.PHONE)
"""The kinds that say which contact a row means, in the order they are asked."""

_FIELD_OF_KIND: Final[Mapping[TargetKind, str]] = {
    TargetKind.TAGS_REMOVE: "tags",
    TargetKind.TAGS_REPLACE: "tags",
    TargetKind.UNASSIGN_USER: "assigned_user",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a column means. ``custom`` is the custom field's name, in the account's spelling,
    for ``CUSTOM_FIELD`` alone; ``was`` marks what the contact must still have."""

    kind: TargetKind
    custom: str = ""
    was: bool = False

    @classmethod
    def parse(cls, text: str) -> Target:
        """The target that ``text`` names (``tags.remove``, ``cf:Status``, ``was.note``).

        Raises ``ValueError`` for anything else. Names of targets are matched exactly; the name
        of a custom field is taken as it stands.
        """
        if text.startswith(WAS_PREFIX):
            inner = cls.parse(text[len(WAS_PREFIX) :])
            if inner.was or inner.kind in KEY_KINDS or inner.kind in _NEVER_WAS:
                raise ValueError(text)
            return cls(inner.kind, inner.custom, was=True)
        for prefix in (CUSTOM_PREFIX, CUSTOM_SHORT):
            if text.startswith(prefix) and len(text) > len(prefix):
                return cls(TargetKind.CUSTOM_FIELD, text[len(prefix) :])
        if text == "team_uuid":
            return cls(TargetKind.TEAM)
        if text == TargetKind.CUSTOM_FIELD.value:
            raise ValueError(text)
        return cls(TargetKind(text))

    @property
    def is_key(self) -> bool:
        """Whether the column says which contact the row means."""
        return self.kind in KEY_KINDS

    @property
    def field(self) -> FieldName:
        """The field of the contact this target touches (``tags`` for ``tags.remove``)."""
        if self.kind is TargetKind.CUSTOM_FIELD:
            return custom_field(self.custom)
        return FieldName(_FIELD_OF_KIND.get(self.kind, self.kind.value))

    def __str__(self) -> str:
        spelled = CUSTOM_PREFIX + self.custom if self.custom else self.kind.value
        return WAS_PREFIX + spelled if self.was else spelled


_NEVER_WAS: Final = (
    TargetKind.TAGS_REMOVE,
    TargetKind.TAGS_REPLACE,
    TargetKind.UNASSIGN_USER,
    TargetKind.CUSTOM_FIELDS,
)


class FieldType(StrEnum):
    """The types of custom fields (public reference, validated by the server since March 2026)."""

    TEXT = "text"
    EMAIL = "email"
    NUMBER = "number"
    DATE = "date"
    DROPDOWN = "dropdown"
    CHECKBOX = "checkbox"


class Policy(StrEnum):
    """What a column may do to a value that is there already."""

    OVERWRITE = "overwrite"
    FILL_EMPTY = "fill-empty"
    NEVER = "never"
    ADD = "add"


# --------------------------------------------------------------------------------------
# The account and its contacts
# --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Which account this is: its base URL and the uuid of its default team.

    ``GET /auth/me`` names a user and a key, not the account; so the default team stands for
    it, and where there is none, the user's e-mail. ``name`` is what people call it: the
    profile's name, else ``user_email``.
    """

    base_url: str
    default_team: str = ""
    user_email: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """What tells this account from every other; safe to store, holds no secret."""
        return f"{self.base_url}|{self.default_team or self.user_email}"

    @property
    def is_told_apart(self) -> bool:
        """Whether anything but the address tells it from another account there."""
        return bool(self.default_team or self.user_email)


Value = str | tuple[str, ...] | None
"""A field's value: text, a list of names (tags, checkbox), or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact as the account showed it.

    ``custom_fields`` are the values of ``customFields`` made uniform: text (numbers as their
    JSON spelling), a tuple for a checkbox whose type is known or whose text is a JSON list,
    ``None`` for null. ``bot_status`` is ``bot_start`` or ``bot_end`` where it was read (it is
    not in the contact, ``GET /contacts/:uuid/bot`` has it), else ``None``.
    """

    uuid: str
    name: str | None = None
    phone: str | None = None
    bsuid: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    assigned_user: str | None = None
    team_uuid: str | None = None
    team_name: str | None = None
    source: str | None = None
    channel_uuid: str | None = None
    bot_status: str | None = None
    custom_fields: Mapping[str, Value] = field(default_factory=dict)

    def value(self, name: FieldName) -> Value:
        """The value of one field, by our name for it; an absent custom field is ``None``."""
        if name.startswith(CUSTOM_PREFIX):
            return self.custom_fields.get(name[len(CUSTOM_PREFIX) :])
        match name:
            case "name":
                return self.name
            case "note":
                return self.note
            case "tags":
                return self.tags
            case "assigned_user":
                return self.assigned_user
            case "team":
                return self.team_uuid
            case "bot_status":
                return self.bot_status
        raise KeyError(name)


# --------------------------------------------------------------------------------------
# Desired: what a row asks for
# --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Which contact a row means. ``phones`` are the readings of the phone cell as digits,
    the likeliest first; ``shown`` is the key cell as the sheet spells it, for messages."""

    shown: str
    uuid: str = ""
    bsuid: str = ""
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a cell asks of one field.

    ``value`` is typed and ready to be compared and sent: ``""`` clears text and custom fields,
    ``()`` a checkbox, ``None`` removes the assigned user; a team is its uuid. ``raw`` is the
    cell byte for byte: when the account has exactly that, the field is unchanged, whatever
    ``value`` became of it. ``type`` is that of a custom field, where it is known.
    """

    field: FieldName
    value: Value
    raw: str = ""
    type: FieldType | None = None
    policy: Policy = Policy.OVERWRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class TagEdit:
    """What a row asks of the tags: either ``replace`` (``()`` removes all) or additions and
    removals, which leave every other tag alone. Names are in the account's own spelling.
    ``order`` is the order in which the tags are sent where they come to just these."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    replace: tuple[str, ...] | None = None
    order: tuple[str, ...] = ()

    @property
    def leaves_others(self) -> bool:
        """Whether it adds and removes, so that every other tag is somebody else's affair."""
        return self.replace is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The typed state that one row asks for; never more than one wish for a field.

    ``was`` holds what the contact must still have, or the row is ``drifted``.
    """

    row: int
    keys: Keys
    wishes: tuple[Wish, ...] = ()
    tags: TagEdit | None = None
    was: tuple[Wish, ...] = ()

    @property
    def asks_nothing(self) -> bool:
        """Whether every cell of it that means a field is blank."""
        return not self.wishes and self.tags is None


class Verdict(NamedTuple):
    """What validation says of one row: ``desired`` is None when a finding is an error."""

    row: int
    key: str
    desired: Desired | None
    findings: tuple[Finding, ...] = ()

    @property
    def is_rejected(self) -> bool:
        """Whether a finding keeps the row from being sent."""
        return any(each.level is Level.ERROR for each in self.findings)


# --------------------------------------------------------------------------------------
# Changes and what became of them
# --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field, old -> new."""

    field: FieldName
    old: Value
    new: Value
    type: FieldType | None = None

    @property
    def is_custom(self) -> bool:
        """Whether it is one of the account's custom fields."""
        return self.field.startswith(CUSTOM_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to happen to one contact, for all the rows that ask for it.

    ``wishes``, ``tags`` and ``was`` are those of the rows, merged; ``before`` is the contact as
    it was read at ``read_at``; ``fields`` are the differences between the two. ``restoring``:
    the account dropped fields that nobody named, and ``before`` is to be sent whole.
    """

    uuid: str
    rows: tuple[int, ...]
    before: Contact
    read_at: datetime
    fields: tuple[FieldChange, ...]
    wishes: tuple[Wish, ...] = ()
    tags: TagEdit | None = None
    was: tuple[Wish, ...] = ()
    restoring: bool = False

    @property
    def names_custom_fields(self) -> bool:
        """Whether its request bears ``custom_fields``."""
        return any(each.is_custom for each in self.fields)

    @property
    def edits_tags(self) -> bool:
        """Whether it adds or removes tags, which is worked out on the tags as they are."""
        return self.tags is not None and self.tags.leaves_others

    @property
    def unnamed_fields(self) -> dict[str, Value]:
        """The custom fields that hold something and that the change does not name: what an
        account that replaces would drop."""
        named = {each.field.removeprefix(CUSTOM_PREFIX) for each in self.fields if each.is_custom}
        return {
            name: value
            for name, value in self.before.custom_fields.items()
            if value and name not in named
        }


class RowStatus(StrEnum):
    """What a row became; the column ``status`` of the results, and the counts."""

    VALID = "valid"  # of check alone: nothing was looked up
    INVALID = "invalid"
    PLANNED = "planned"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    NOT_FOUND = "not_found"
    DUPLICATE = "duplicate"
    UPDATED = "updated"
    MISMATCH = "mismatch"
    REFUSED = "refused"
    FAILED = "failed"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


PROBLEM_STATUSES: Final = frozenset(
    {
        RowStatus.INVALID,
        RowStatus.DUPLICATE,
        RowStatus.NOT_FOUND,
        RowStatus.REFUSED,
        RowStatus.FAILED,
        RowStatus.MISMATCH,
        RowStatus.DRIFTED,
        RowStatus.UNKNOWN,
    }
)
"""A row with one of these makes the exit code 1, unless ``--accept`` names it."""


class ChangeState(StrEnum):
    """Where a change stands on its way."""

    PLANNED = "planned"
    SENDING = "sending"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    MISMATCH = "mismatch"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DRIFTED = "drifted"
    NOT_FOUND = "not_found"
    FAILED = "failed"


TRANSITIONS: Final[Mapping[ChangeState, frozenset[ChangeState]]] = {
    ChangeState.PLANNED: frozenset(
        {
            ChangeState.SENDING,
            ChangeState.UPDATED,  # read again, an earlier attempt turns out to have been applied
            ChangeState.UNCHANGED,
            ChangeState.DRIFTED,
            ChangeState.NOT_FOUND,
            ChangeState.FAILED,
        }
    ),
    ChangeState.SENDING: frozenset(
        {
            ChangeState.UPDATED,
            ChangeState.MISMATCH,
            ChangeState.REFUSED,
            ChangeState.PLANNED,
            ChangeState.UNKNOWN,
        }
    ),
    ChangeState.UNKNOWN: frozenset(
        {
            ChangeState.UPDATED,
            ChangeState.MISMATCH,
            ChangeState.PLANNED,
            ChangeState.DRIFTED,
            ChangeState.FAILED,
            ChangeState.UNKNOWN,
        }
    ),
    # The canary stopped the run, and put back what it had changed until then.
    ChangeState.UPDATED: frozenset({ChangeState.PLANNED}),
}
"""Every transition there is; a state that is no key here is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a change: its new state, and what proves it.

    ``message`` is a readable line (the account's own words for ``refused``), ``seen`` the
    contact as the answer, or the reading that settled it, showed it.
    """

    state: ChangeState
    code: str = ""
    message: str = ""
    http_status: int | None = None
    seen: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One line of ``results.csv``: what became of one row of the sheet. ``hint`` says what to do
    next; ``name`` is the contact's, as it was read, where one was."""

    row: int
    key: str
    status: RowStatus
    uuid: str = ""
    changed: tuple[FieldName, ...] = ()
    code: str = ""
    message: str = ""
    hint: str = ""
    http_status: int | None = None
    attempts: int = 0
    at: datetime | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """One line of ``changes.csv``: one field of one contact, old -> new."""

    row: int
    key: str
    uuid: str
    name: str | None
    field: FieldName
    old: Value
    new: Value
    status: RowStatus
    at: datetime | None = None
