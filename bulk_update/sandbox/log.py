"""The truth: every request that came in, and every change that was really made.

Two lists on one counter: ``requests`` in the order of arrival, each with its end, ``changes`` in
the order of application, so a change that was applied late stands where it happened. Held in
memory, whole: count about a kilobyte a request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from bulk_update.sandbox.contact import ContactState, Json, Stored

BY_PERSON: Final = "person"
"""Who made a change that came through no request: somebody editing in the dashboard."""


@dataclass(slots=True, kw_only=True)
class RequestRecord:
    """One request. ``uuid`` is what its path has in the place of ``:uuid``; ``status`` what was
    answered: None while it is open, and for ever when nothing was; ``fault`` the fault that was
    played on it, if one was; ``until`` where on the common counter it ended, None while it is
    open."""

    seq: int
    at: datetime
    method: str
    path: str
    uuid: str = ""
    body: bytes = b""
    status: int | None = None
    fault: str = ""
    until: int | None = None

    def shown(self) -> dict[str, Json]:
        """The record as JSON can hold it."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "uuid": self.uuid,
            "body": self.body.decode("utf-8", "replace"),
            "status": self.status,
            "fault": self.fault,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One PATCH that was accepted, or one edit by a person, as it took effect.

    ``request`` is the ``seq`` of the request, None for a person. ``old`` and ``new`` hold what
    differs, by ``name``, ``note``, ``tags``, ``assigned_user``, ``team_uuid``, ``bot`` and
    ``custom_fields.<Name>``; a custom field that is not there is in neither. Both are empty
    when the PATCH changed nothing: it was accepted all the same, and fired the webhooks.
    """

    seq: int
    at: datetime
    uuid: str
    number: int
    request: int | None
    old: Mapping[str, Stored]
    new: Mapping[str, Stored]

    def shown(self) -> dict[str, Json]:
        """The record as JSON can hold it."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "uuid": self.uuid,
            "number": self.number,
            "request": self.request,
            "by": "api" if self.request else BY_PERSON,
            "old": dict(self.old),
            "new": dict(self.new),
        }


@dataclass(slots=True)
class TruthLog:
    """Everything that happened, in order. ``listeners`` are called after each change with its
    record, in the thread that serves: a test waits on them, or plays somebody who interferes."""

    requests: list[RequestRecord] = field(default_factory=list)
    changes: list[ChangeRecord] = field(default_factory=list)
    listeners: list[Callable[[ChangeRecord], None]] = field(default_factory=list)
    _seq: int = 0

    def request(self, *, method: str, path: str, uuid: str = "") -> RequestRecord:
        """A request has come in."""
        record = RequestRecord(
            seq=self._next(), at=datetime.now(UTC), method=method, path=path, uuid=uuid
        )
        self.requests.append(record)
        return record

    def ended(self, record: RequestRecord, status: int | None) -> None:
        """A request was answered, or never will be (None)."""
        record.status, record.until = status, self._next()

    def change(self, before: ContactState, after: ContactState, request: int | None) -> None:
        """A contact was changed by ``request``, or by a person."""
        old, new = difference(before, after)
        record = ChangeRecord(
            seq=self._next(),
            at=datetime.now(UTC),
            uuid=after.uuid,
            number=after.number,
            request=request,
            old=old,
            new=new,
        )
        self.changes.append(record)
        for listener in tuple(self.listeners):
            listener(record)

    def patches(self) -> list[RequestRecord]:
        """The PATCH requests."""
        return [record for record in self.requests if record.method == "PATCH"]

    def statuses(self) -> dict[int | None, int]:
        """How many requests were answered with each status; None counts those that were not."""
        counts: dict[int | None, int] = {}
        for record in self.requests:
            counts[record.status] = counts.get(record.status, 0) + 1
        return counts

    def clear(self) -> None:
        """Forget both lists; numbers go on."""
        self.requests.clear()
        self.changes.clear()

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def difference(
    before: ContactState, after: ContactState
) -> tuple[dict[str, Stored], dict[str, Stored]]:
    """What differs between two states of a contact: the old values, and the new ones."""
    was, now = _flat(before), _flat(after)
    changed = [key for key in (*was, *now) if was.get(key, _ABSENT) != now.get(key, _ABSENT)]
    old = {key: was[key] for key in changed if key in was}
    new = {key: now[key] for key in changed if key in now}
    return old, new


_ABSENT: Final = object()


def _flat(contact: ContactState) -> dict[str, Stored]:
    flat: dict[str, Stored] = {
        "name": contact.name,
        "note": contact.note,
        "tags": contact.tags,
        "assigned_user": contact.assigned_user,
        "team_uuid": contact.team_uuid,
        "bot": contact.bot,
    }
    for name, value in contact.custom_fields.items():
        flat[f"custom_fields.{name}"] = value
    return flat
