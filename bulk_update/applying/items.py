"""A change in the hands of the pool, and what a step made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bulk_update.journal.records import StoredChange
from bulk_update.model import Change, ChangeState, Outcome


class Item(NamedTuple):
    """A change in the hands of the pool.

    ``attempts`` numbers its requests; ``spent`` counts those that may have been applied: a 429
    or a missing connection is none. ``unread`` counts in a row the readings of its contact that
    failed. ``roomy``: it holds a place in the bounded queue. ``canary``: its contact is read
    again after the answer, which alone is not believed, and shortly before its request.
    """

    seq: int
    change: Change
    attempts: int = 0
    spent: int = 0
    unread: int = 0
    roomy: bool = True
    canary: bool = False

    @classmethod
    def of(cls, stored: StoredChange, *, roomy: bool = True, canary: bool = False) -> Item:
        """The item of a change as the journal has it."""
        return cls(
            seq=stored.seq,
            change=stored.change,
            attempts=stored.attempts,
            spent=stored.spent,
            roomy=roomy,
            canary=canary,
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """The change is in a final state."""

    item: Item
    outcome: Outcome

    @property
    def state(self) -> ChangeState:
        """The final state."""
        return self.outcome.state


@dataclass(frozen=True, slots=True)
class Again:
    """The change is planned again, and is to be sent later. ``refused_for``: for how many
    seconds the account has answered every PATCH with 429."""

    item: Item
    no_connection: bool = False
    refused_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Whether the change was applied is unknown; read the contact in ``after`` seconds."""

    item: Item
    after: float


Next = Ended | Again | Unsettled
