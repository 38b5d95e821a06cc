"""What is written of a change while it is sent: a batch for each kind of row."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Insert, Integer, Text, Update, and_, insert, select, update

from bulk_update.journal.batches import Batch, Given
from bulk_update.journal.tables import attempt, change
from bulk_update.model import ChangeState

_CHANGE: Final = {"b_run": Integer, "b_seq": Integer}
_OUTCOME: Final = {
    **_CHANGE,
    "b_from": Text,
    "b_state": Text,
    "b_code": Text,
    "b_message": Text,
    "b_http_status": Integer,
    "b_seen": Text,
    "b_at": Text,
}


def _one(given: Given) -> ColumnElement[bool]:
    return and_(change.c.run_id == given["b_run"], change.c.seq == given["b_seq"])


def _sending(given: Given) -> Update:
    planned = _one(given) & (change.c.state == ChangeState.PLANNED)
    return (
        update(change)
        .where(planned)
        .values(state=ChangeState.SENDING, attempts=given["b_number"], at=given["b_at"])
    )


def _attempted(given: Given) -> Insert:
    names = {"run_id": "b_run", "seq": "b_seq", "number": "b_number", "intent_at": "b_at"}
    return insert(attempt).from_select(list(names), select(*(given[of] for of in names.values())))


def _came_to(given: Given) -> Update:
    values = ("state", "code", "message", "http_status", "seen", "at")
    return (
        update(change)
        .where(_one(given), change.c.state == given["b_from"])
        .values({name: given[f"b_{name}"] for name in values})
    )


def _answered(given: Given) -> Update:
    return (
        update(attempt)
        .where(
            attempt.c.run_id == given["b_run"],
            attempt.c.seq == given["b_seq"],
            attempt.c.number == given["b_number"],
        )
        .values(answered_at=given["b_at"], outcome=given["b_state"])
    )


def _re_read(given: Given) -> Update:
    return update(change).where(_one(given)).values(document=given["b_document"])


INTENT: Final = Batch({**_CHANGE, "b_number": Integer, "b_at": Text}, _sending, _attempted)
"""A planned change is about to be sent."""

ANSWER: Final = Batch({**_OUTCOME, "b_number": Integer}, _came_to, _answered)
"""What the attempt under way came to."""

OUTCOME: Final = Batch(_OUTCOME, _came_to)
"""What else a change came to."""

DOCUMENT: Final = Batch({**_CHANGE, "b_document": Text}, _re_read)
"""The change as it was re-read takes the place of the planned one."""
