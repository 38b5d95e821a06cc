"""What is told of runs that are over, as plain data: runs, one row's story, one contact's history.

The journal has it; ``runs`` puts it together, :mod:`~bulk_update.reporting.past_screen` shows it,
and :func:`~bulk_update.reporting.answers.answer_document` makes the document of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bulk_update.model import Account, FieldName, Finding, FindingGroup, RowStatus, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """One run of a list. ``state`` is the journal's word, ``state_meaning`` what it says;
    ``counts`` are the rows by status, ``rows`` all of them; ``retry_of`` and ``undoes`` name the
    run it goes back to, or are ``""``."""

    name: str
    command: str
    state: str
    state_meaning: str
    account: Account
    who: str
    host: str
    file: str
    reason: str
    created_at: datetime
    planned_at: datetime | None
    ended_at: datetime | None
    exit_code: int | None
    rows: int
    counts: Mapping[RowStatus, int]
    retry_of: str = ""
    undoes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """All of one run: its entry, what it is bound to, how its sheet was read and understood.

    ``binding`` is the hash of file, mapping, meaning and account, ``sha256`` that of the file;
    ``mapping`` is the text of a mapping file. ``requests`` and ``error`` are those of its last
    reports.
    """

    entry: RunEntry
    binding: str
    sha256: str
    reading: Mapping[str, object]
    meaning: Mapping[str, object]
    flags: Mapping[str, object]
    mapping: str
    requests: Mapping[str, int]
    error: Mapping[str, str] | None
    findings: tuple[FindingGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTold:
    """One cell on its way: what stands there, what its column means, what was made of it.

    ``column`` is None for a constant, which every row has. ``target`` is ``""`` for a column
    that means nothing. ``asks`` is what the row then asks, spelled for people; ``""``: nothing.
    """

    column: str | None
    cell: str
    target: str
    asks: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTold:
    """One field of the change: as it was read, as it was asked, and as the account showed it
    last (where ``is_seen``)."""

    field: FieldName
    old: Value
    new: Value
    seen: Value = None
    is_seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTold:
    """One request; ``outcome`` is ``""`` where nobody saw its answer."""

    number: int
    intent_at: datetime
    answered_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTold:
    """The PATCH of a row: its path below the base URL, and its body."""

    path: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One row from its cells to its outcome. ``rows`` are all that ask for its contact, with it;
    ``findings`` those of the row as a whole; ``left`` are the fields it asks for that
    ``--since-last`` did not send."""

    run: str
    row: int
    key: str
    uuid: str
    status: RowStatus
    code: str
    message: str
    hint: str
    cells: tuple[CellTold, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: tuple[int, ...] = ()
    name: str | None = None
    read_at: datetime | None = None
    fields: tuple[FieldTold, ...] = ()
    left: tuple[FieldName, ...] = ()
    request: RequestTold | None = None
    attempts: tuple[AttemptTold, ...] = ()
    http_status: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold:
    """What one run did, or was to do, to one contact. ``account`` is the account's name."""

    uuid: str
    key: str
    name: str | None
    run: str
    command: str
    account: str
    who: str
    host: str
    row: int
    at: datetime
    status: RowStatus
    code: str
    message: str
    attempts: int
    fields: tuple[FieldTold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What pruning took, and what it left for a reason (name, why). ``freed`` is in bytes;
    ``given_back`` says whether the disk has them, else later runs use them again."""

    names: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    sources: int = 0
    freed: int = 0
    given_back: bool = False
