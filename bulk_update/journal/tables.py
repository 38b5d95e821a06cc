"""The tables of the journal, and the version of their shape.

Times are ISO 8601 text in UTC, so that they sort and read the same in every database; documents
(desired state, before-image, evidence) are JSON text written by :mod:`bulk_update.journal.codec`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION: Final = 3

metadata = MetaData()

Params = dict[str, object]
"""The values of one row, by name."""


def time_text(moment: datetime) -> str:
    """A point in time as the journal keeps it."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="milliseconds")


def parse_time(text: str | None) -> datetime | None:
    """The point in time that :func:`time_text` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def storable(text: str) -> str:
    """``text`` as every database takes it: PostgreSQL refuses NUL, and no UTF-8 has half a
    surrogate pair. Both come from damaged files and from what an account answers."""
    if text.isprintable():  # spares nearly all of them the rest
        return text
    return (
        text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),  # zlib, so that a report never needs the file
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("command", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("account_key", Text, nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source_sha256", Text, nullable=False),
    Column("source_path", Text, nullable=False),
    Column("binding", Text, nullable=False),  # hash of file, mapping, meaning and account
    Column("settings", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("planned_at", Text),
    Column("created_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("exit_code", Integer),
)

change = Table(
    "change",
    metadata,
    Column("run_id", Integer, ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),  # the first sheet row that asks for it
    Column("uuid", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("document", Text, nullable=False),
    # How many custom fields the contact has that the change does not name: what a server that
    # replaces would lose. -1: the change names no custom field at all.
    Column("other_fields", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("code", Text, nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("http_status", Integer),
    Column("seen", Text),
    Column("at", Text),
    PrimaryKeyConstraint("run_id", "seq"),
    UniqueConstraint("run_id", "uuid"),
)
Index("change_by_state", change.c.run_id, change.c.state, change.c.seq)

sheet_row = Table(
    "sheet_row",
    metadata,
    Column("run_id", Integer, ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("change_seq", Integer),
    # What a row asks for whose contact an earlier row means too: kept until the rows of that
    # contact are merged.
    Column("desired", Text),
    # The keys by which the row means its contact, as a hash; since version 3.
    Column("identity", Text, nullable=False, default="", server_default=""),
    PrimaryKeyConstraint("run_id", "row"),
)
Index("sheet_row_contested", sheet_row.c.run_id, sheet_row.c.change_seq)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("intent_at", Text, nullable=False),
    Column("answered_at", Text),
    Column("outcome", Text),
    UniqueConstraint("run_id", "seq", "number"),
    ForeignKeyConstraint(["run_id", "seq"], ["change.run_id", "change.seq"], ondelete="CASCADE"),
)

lease = Table(  # since version 2
    "lease",
    metadata,
    Column("account_key", Text, primary_key=True),
    Column("fence", Integer, nullable=False),
    Column("holder", Text, nullable=False),
    Column("expires", Integer, nullable=False),  # seconds since 1970, on the database's clock
)

account_fact = Table(
    "account_fact",
    metadata,
    Column("account_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("account_key", "name"),
)

applied = Table(  # since version 3
    "applied",
    metadata,
    Column("account_key", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),  # what was asked, typed, as JSON; an edit for tags
    Column("raw", Text),  # the cell, where it is not the value
    Column("run", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("undone_by", Text, nullable=False, default=""),  # the undo that put it back
    Column("restored", Text),  # what that undo asked
    PrimaryKeyConstraint("account_key", "uuid", "field"),
)

known_key = Table(  # since version 3
    "known_key",
    metadata,
    Column("account_key", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("uuid", Text, nullable=False),
    PrimaryKeyConstraint("account_key", "identity"),
)
