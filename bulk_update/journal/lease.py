"""The lease on an account: the second guard, behind the lock.

The lock keeps two runs apart while both are alive; the lease keeps a run that was suspended, and
woke up after another took over, from writing or sending anything more. Every transaction renews
it where fence and holder are still ours; one that renews nothing ends the run at once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, update

from bulk_update.errors import AccountBusy
from bulk_update.journal.prepared import PreparedStatement
from bulk_update.journal.tables import lease
from bulk_update.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Update
    from sqlalchemy.dialects import postgresql, sqlite

LENGTH: Final = 120
"""Seconds for which a renewal holds."""

NEEDED: Final = 40
"""Seconds that must be left for a request to begin: its time-out of 30 s, and a margin."""

_CLOCK: Final = (
    getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    if hasattr(time, "clock_gettime")
    else None
)


def _running_seconds() -> float:
    """A clock that runs through suspend, where the system has one."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


class HeldLease:
    """The lease of one run on one account, under its fence."""

    def __init__(self, account_key: str, holder: str, fence: int) -> None:
        self._account_key = account_key
        self._holder = holder
        self.fence = fence
        self._renewed_at = _running_seconds()
        self._renewal: PreparedStatement | None = None

    @classmethod
    def take(cls, connection: Connection, *, account_key: str, holder: str) -> HeldLease:
        """Take the lease in one statement, whoever had it: the caller holds the lock, so the
        old holder is dead."""
        expires = _now(connection) + LENGTH
        made = _insert(connection).values(
            account_key=account_key, fence=1, holder=holder, expires=expires
        )
        taken = made.on_conflict_do_update(
            index_elements=[lease.c.account_key],
            set_={"fence": lease.c.fence + 1, "holder": holder, "expires": expires},
        ).returning(lease.c.fence)
        return cls(account_key, holder, int(connection.execute(taken).scalar_one()))

    def renew(self, connection: Connection) -> None:
        """First thing in every transaction. Raises AccountBusy when the lease is another's."""
        began = _running_seconds()
        if self._renewal is None:
            self._renewal = PreparedStatement(
                self._renewed_by(_now(connection)), connection.dialect
            )
        if self._renewal.run(connection) != 1:
            raise AccountBusy(
                _("another run has taken this account over; this one stops at once"),
                hint=_("What this run had sent is settled by the other one."),
                code="lease_lost",
            )
        self._renewed_at = began

    def _renewed_by(self, now: ColumnElement[int]) -> Update:
        return (
            update(lease)
            .where(
                lease.c.account_key == self._account_key,
                lease.c.fence == self.fence,
                lease.c.holder == self._holder,
            )
            .values(expires=now + LENGTH)
        )

    def require(self) -> None:
        """Raise LeaseTooShort unless a request that begins now ends within the lease."""
        if LENGTH - (_running_seconds() - self._renewed_at) < NEEDED:
            raise LeaseTooShort


class LeaseTooShort(Exception):
    """Too little of the lease is left; renewing it tells whether it is still ours."""


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _insert(connection: Connection) -> sqlite.Insert | postgresql.Insert:
    """An insertion that can be told what to do about a row that is there. Only the dialect that
    is used is loaded: PostgreSQL's takes nearly half as long as all the rest of SQL."""
    if _is_postgresql(connection):
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(lease)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(lease)


def _now(connection: Connection) -> ColumnElement[int]:
    """The database's clock: two machines need not agree about the time."""
    if _is_postgresql(connection):
        return cast(extract("epoch", func.clock_timestamp()), BigInteger)
    return cast(func.strftime("%s", "now"), BigInteger)
