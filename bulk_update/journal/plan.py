"""The plan of one run, as it goes into the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bulk_update.journal import codec
from bulk_update.journal.database import Database
from bulk_update.journal.records import RowRecord, StoredChange
from bulk_update.journal.sending import stored_change
from bulk_update.journal.tables import change, sheet_row, storable
from bulk_update.model import Change, ChangeState, RowStatus

if TYPE_CHECKING:
    from bulk_update.journal.writer import Params
    from bulk_update.model import Desired


class PlanPart:
    """What goes in while planning; nothing here is sent before the plan is whole."""

    def __init__(self, database: Database, run_id: int) -> None:
        self._database = database
        self._id = run_id

    def add(
        self, rows: Sequence[RowRecord], changes: Sequence[tuple[int, ChangeState, Change]]
    ) -> None:
        """Take a batch of the plan. ``changes`` are (seq, ``planned`` or ``unchanged``, change)."""
        with self._database.writing() as connection:
            self._insert(connection, rows, changes)

    def _insert(
        self,
        connection: Connection,
        rows: Sequence[RowRecord],
        changes: Sequence[tuple[int, ChangeState, Change]],
    ) -> None:
        if changes:
            connection.execute(insert(change), [self._change_values(*each) for each in changes])
        if rows:
            connection.execute(insert(sheet_row), [self._row_values(each) for each in rows])

    def changes_of(self, uuids: Sequence[str]) -> dict[str, int]:
        """The seq of the change that each of these contacts already has in the plan."""
        wanted = select(change.c.uuid, change.c.seq).where(
            change.c.run_id == self._id, change.c.uuid.in_(uuids)
        )
        with self._database.reading() as connection:
            return {row.uuid: row.seq for row in connection.execute(wanted)}

    def contested(self) -> Iterator[tuple[StoredChange, list[Desired]]]:
        """Every contact that several rows ask for: its change, and the desired state of each
        row after the first, in row order."""
        later = (
            select(sheet_row.c.change_seq)
            .where(sheet_row.c.run_id == self._id, sheet_row.c.desired.is_not(None))
            .distinct()
            .order_by(sheet_row.c.change_seq)
        )
        with self._database.reading() as connection:
            seqs = [row.change_seq for row in connection.execute(later)]
        for seq in seqs:
            yield self._contested(seq)

    def _contested(self, seq: int) -> tuple[StoredChange, list[Desired]]:
        one = select(change).where(change.c.run_id == self._id, change.c.seq == seq)
        others = (
            select(sheet_row.c.desired)
            .where(
                sheet_row.c.run_id == self._id,
                sheet_row.c.change_seq == seq,
                sheet_row.c.desired.is_not(None),
            )
            .order_by(sheet_row.c.row)
        )
        with self._database.reading() as connection:
            stored = stored_change(connection.execute(one).one())
            texts = connection.execute(others).scalars().all()
        return stored, [codec.decode_desired(text) for text in texts if text is not None]

    def merge_rows(self, seq: int, state: ChangeState, merged: Change) -> None:
        """Put the change of all its rows in place of the one of the first."""
        values = self._change_values(seq, state, merged)
        with self._database.writing() as connection:
            connection.execute(update(change).where(*self._one(seq)).values(values))
            connection.execute(
                update(sheet_row)
                .where(sheet_row.c.run_id == self._id, sheet_row.c.change_seq == seq)
                .values(status=RowStatus(state), desired=None)
            )

    def reject_rows(self, seq: int, *, code: str, message: str, hint: str) -> None:
        """The rows of one contact disagree about it: none of them is sent."""
        with self._database.writing() as connection:
            connection.execute(
                update(sheet_row)
                .where(sheet_row.c.run_id == self._id, sheet_row.c.change_seq == seq)
                .values(
                    status=RowStatus.DUPLICATE,
                    code=code,
                    message=message,
                    hint=hint,
                    change_seq=None,
                    desired=None,
                )
            )
            connection.execute(delete(change).where(*self._one(seq)))

    def _one(self, seq: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return (change.c.run_id == self._id, change.c.seq == seq)

    def _change_values(self, seq: int, state: ChangeState, planned: Change) -> Params:
        return {
            "run_id": self._id,
            "seq": seq,
            "uuid": planned.uuid,
            "state": state,
            "document": codec.encode(planned),
            "other_fields": other_fields(planned),
        }

    def _row_values(self, record: RowRecord) -> Params:
        return {
            "run_id": self._id,
            "row": record.row,
            "key": storable(record.key),
            "uuid": record.uuid,
            "status": record.status,
            "code": record.code,
            "message": storable(record.message),
            "hint": storable(record.hint),
            "change_seq": record.change_seq,
            "desired": None if record.desired is None else codec.encode(record.desired),
        }


def other_fields(planned: Change) -> int:
    """How many filled custom fields the contact has that ``planned`` does not name; -1 where it
    names no custom field at all."""
    return len(planned.unnamed_fields) if planned.names_custom_fields else -1
