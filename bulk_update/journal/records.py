"""What goes into the journal and comes out of it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bulk_update.model import Account, Change, ChangeState, Desired, FindingGroup, RowStatus


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRecord:
    """What the plan says of one sheet row.

    ``change_seq`` names the change of the row's contact (the first sheet row asking for it);
    ``desired`` is kept only for a row whose contact was asked for before.
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
