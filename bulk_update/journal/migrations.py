"""From one version of the journal's shape to the next: explicit, in one transaction each.

A version that is no key here is either this program's own or newer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from bulk_update.journal.tables import applied, known_key, lease

if TYPE_CHECKING:
    from sqlalchemy import Connection


def _add_leases(connection: Connection) -> None:
    lease.create(connection)


def _add_applied(connection: Connection) -> None:
    applied.create(connection)
    known_key.create(connection)
    connection.exec_driver_sql("ALTER TABLE sheet_row ADD COLUMN identity TEXT NOT NULL DEFAULT ''")


MIGRATIONS: Final[Mapping[str, tuple[str, Callable[[Connection], None]]]] = {
    "1": ("2", _add_leases),
    "2": ("3", _add_applied),
}
"""By the version found: the version after, and what brings it about."""
