"""What goes into the journal and comes out of it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bulk_update.model import (
    Account,
    Change,
    ChangeState,
    Contact,
    Desired,
    FieldName,
    FindingGroup,
    RowStatus,
    TagEdit,
    Value,
)


class RunState(StrEnum):
    """Where a run stands.

    A plan goes in whole or not at all: a run that is still ``planning`` when its process is gone
    never was. ``applying`` and ``stopped`` are unfinished: they can go on. ``closed``: nobody
    wanted it, or another run took its place; ``finished``: done, and reported.
    """

    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    STOPPED = "stopped"
    FINISHED = "finished"
    CLOSED = "closed"


ACCOUNT_REPLACES: Final = "account_replaces"
"""The code of a planned change whose first request the account carried out by dropping fields
that nobody named: they are to be sent again."""

PUT_BACK: Final = "put_back"
"""The code of a planned change that was sent as a canary, and put back when that failed."""

UNFINISHED: Final = (RunState.APPLYING, RunState.STOPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run as it is kept: what it is bound to, who started it, and how it ended.

    ``binding`` is the hash of file, mapping, meaning and account: only the same binding is the
    same job. ``settings`` are what reading the source again needs (sheet, encoding, mapping).
    """

    name: str
    command: str
    account: Account
    source_sha256: str
    source_path: str
    binding: str
    created_at: datetime
    who: str
    host: str
    reason: str = ""
    state: RunState = RunState.PLANNING
    settings: dict[str, object] = field(default_factory=dict)
    findings: tuple[FindingGroup, ...] = ()
    planned_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether what still waits was not sent, as far as this run came."""
        return self.state in {RunState.STOPPED, RunState.FINISHED, RunState.CLOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRecord:
    """What the plan says of one sheet row.

    ``change_seq`` names the change of the row's contact (the first sheet row asking for it);
    ``desired`` is kept only for a row whose contact was asked for before, or may be.
    ``identity`` stands for the keys by which the row means its contact.
    """

    row: int
    key: str
    status: RowStatus
    uuid: str = ""
    code: str = ""
    message: str = ""
    hint: str = ""
    change_seq: int | None = None
    desired: Desired | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """A change with its place on the way. ``seq`` names it within its run; ``at`` is when it
    came to its state."""

    seq: int
    change: Change
    state: ChangeState
    attempts: int = 0
    code: str = ""
    message: str = ""
    at: datetime | None = None
    spent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChange:
    """What an earlier run did to one contact, as far as its journal knows.

    ``seen`` is the contact as the last answer, or the reading that settled it, showed it.
    ``sent``: a request was sent that may have been carried out; one that was answered 429 or 4xx,
    or that never left, is none.
    """

    run: str
    change: Change
    state: ChangeState
    sent: bool
    seen: Contact | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """One sheet row of an earlier run; ``uuid`` is ``""`` where no contact was found."""

    row: int
    key: str
    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastContact:
    """The rows of an earlier run that mean one contact, in their order, and what it did to it:
    None for a row that has no change."""

    rows: tuple[PastRow, ...]
    past: PastChange | None


Asked = Value | TagEdit
"""What is asked of one field: a value, or an edit of the tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastApplied:
    """What was last applied to one field of a contact, and by which run.

    ``raw`` is the cell that asked it. ``undone_by`` is the undo that put it back, if one did, and
    ``restored`` what that undo asked.
    """

    value: Asked
    raw: str = ""
    run: str = ""
    undone_by: str = ""
    restored: Asked = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneMark:
    """That an undo put one field of a contact back (``by``, ``restored``); or, with ``by`` blank,
    that it brought about again what was last applied."""

    uuid: str
    field: FieldName
    by: str = ""
    restored: Asked = None
