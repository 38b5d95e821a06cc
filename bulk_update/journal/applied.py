"""What was last applied to the fields of each contact, and which keys mean which contact.

Written when a run is reported, of rows that ended ``updated`` or ``unchanged``: a later run of
the same sheet need not look at what was asked before. What an undo put back is marked. It lasts
longer than the runs: pruning them leaves it. Keys are hashes here, so that no phone number stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, Select, func, select, text

from bulk_update.journal import codec
from bulk_update.journal.records import Asked, LastApplied, UndoneMark
from bulk_update.journal.sending import PAGE
from bulk_update.journal.tables import Params, applied, change, known_key, run, storable, time_text
from bulk_update.model import ChangeState, FieldName, RowStatus

if TYPE_CHECKING:
    from datetime import datetime

    from bulk_update.journal.database import Database

SETTLED: Final = (ChangeState.UPDATED, ChangeState.UNCHANGED)
_TAGS: Final = "tags"

# These read the same in both databases. What a later run applied is never replaced.
_KEEP: Final = text(
    """
    INSERT INTO applied (account_key, uuid, field, value, raw, run, at, undone_by, restored)
    VALUES (:account_key, :uuid, :field, :value, :raw, :run, :at, '', NULL)
    ON CONFLICT (account_key, uuid, field) DO UPDATE SET
        value = excluded.value, raw = excluded.raw, run = excluded.run, at = excluded.at,
        undone_by = '', restored = NULL
    WHERE applied.at < excluded.at
    """
)
_KEEP_KEYS: Final = text(
    """
    INSERT INTO known_key (account_key, identity, uuid)
    SELECT :account_key, r.identity, max(r.uuid)
    FROM sheet_row AS r
    LEFT JOIN change AS c ON c.run_id = r.run_id AND c.seq = r.change_seq
    WHERE r.run_id = :run_id AND r.identity <> '' AND r.uuid <> ''
        AND (r.status = :skipped OR c.state IN (:updated, :unchanged))
    GROUP BY r.identity
    ON CONFLICT (account_key, identity) DO UPDATE SET uuid = excluded.uuid
    WHERE known_key.uuid <> excluded.uuid
    """
)
_MARK: Final = text(
    """
    UPDATE applied SET undone_by = :undone_by, restored = :restored, at = :at
    WHERE account_key = :account_key AND uuid = :uuid AND field = :field AND at <= :at
    """
)


class AppliedPart:
    """The journal's memory of one account."""

    def __init__(self, database: Database, account_key: str) -> None:
        self._database = database
        self._account = account_key

    # -- asking ------------------------------------------------------------------------

    def contacts(self, identities: Iterable[str]) -> dict[str, str]:
        """The uuids of the contacts that these keys meant, as far as they are known."""
        wanted = select(known_key.c.identity, known_key.c.uuid).where(
            known_key.c.account_key == self._account, known_key.c.identity.in_(list(identities))
        )
        with self._database.reading() as connection:
            return {row.identity: row.uuid for row in connection.execute(wanted)}

    def known(self) -> int:
        """How many keys are known: of so many rows at most it can be told what was applied."""
        wanted = select(func.count()).where(known_key.c.account_key == self._account)
        with self._database.reading() as connection:
            return int(connection.execute(wanted).scalar_one())

    def records(self, uuids: Iterable[str]) -> dict[str, dict[FieldName, LastApplied]]:
        """What was last applied to these contacts, field by field."""
        wanted = select(applied).where(
            applied.c.account_key == self._account, applied.c.uuid.in_(list(uuids))
        )
        found: dict[str, dict[FieldName, LastApplied]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(wanted):
                found.setdefault(row.uuid, {})[FieldName(row.field)] = _last_applied(row)
        return found

    # -- keeping -----------------------------------------------------------------------

    def keep(self, run_name: str) -> None:
        """Take what the run called so applied, and what its rows' keys meant. Again is the same;
        what a later run or undo did to a field stays."""
        with self._database.reading() as connection:
            wanted = select(run.c.id, run.c.planned_at).where(run.c.name == run_name)
            found = connection.execute(wanted).one()
        for changes in self._settled(found.id):
            rows = [
                {**each, "account_key": self._account, "run": run_name}
                for row in changes
                for each in _asked(row, row.at or found.planned_at)
            ]
            self._write(rows)
        with self._database.writing() as connection:
            connection.execute(_KEEP_KEYS, self._of_keys(found.id))

    def mark(self, marks: Sequence[UndoneMark], at: datetime) -> None:
        """Mark what an undo put back, as of ``at``."""
        rows: list[Params] = [
            {
                "account_key": self._account,
                "uuid": each.uuid,
                "field": each.field,
                "undone_by": each.by,
                "restored": codec.encode(each.restored) if each.by else None,
                "at": time_text(at),
            }
            for each in marks
        ]
        if rows:
            with self._database.writing() as connection:
                connection.execute(_MARK, rows)

    def _settled(self, run_id: int) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
        wanted: Select[*tuple[Any, ...]] = (
            select(change.c.uuid, change.c.document, change.c.at)
            .where(change.c.run_id == run_id, change.c.state.in_(SETTLED))
            .order_by(change.c.seq)
        )
        with self._database.reading() as connection:
            streamed = connection.execution_options(yield_per=PAGE).execute(wanted)
            yield from streamed.partitions()

    def _write(self, rows: list[Params]) -> None:
        if rows:
            with self._database.writing() as connection:
                connection.execute(_KEEP, rows)

    def _of_keys(self, run_id: int) -> Params:
        return {
            "account_key": self._account,
            "run_id": run_id,
            "skipped": RowStatus.SKIPPED,
            "updated": ChangeState.UPDATED,
            "unchanged": ChangeState.UNCHANGED,
        }


def _asked(row: Row[*tuple[Any, ...]], at: str) -> Iterator[Params]:
    """What a change asked of each field."""
    asks = codec.decode_asks(row.document)
    for wish in asks.wishes:
        yield {
            "uuid": row.uuid,
            "field": wish.field,
            "value": codec.encode(wish.value),
            "raw": None if wish.raw == wish.value else storable(wish.raw),
            "at": at,
        }
    if asks.tags is not None:
        edit = codec.encode(asks.tags)
        yield {"uuid": row.uuid, "field": _TAGS, "value": edit, "raw": None, "at": at}


def _last_applied(row: Row[*tuple[Any, ...]]) -> LastApplied:
    value = codec.decode_asked(row.value)
    restored: Asked = None if row.restored is None else codec.decode_asked(row.restored)
    return LastApplied(
        value=value,
        raw=row.raw if row.raw is not None else _text(value),
        run=row.run,
        undone_by=row.undone_by,
        restored=restored,
    )


def _text(value: Asked) -> str:
    return value if isinstance(value, str) else ""
