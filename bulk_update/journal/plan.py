"""The plan of one run, as it goes into the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bulk_update.journal import codec
from bulk_update.journal.database import Database
from bulk_update.journal.records import RowRecord, StoredChange
from bulk_update.journal.sending import stored_change
from bulk_update.journal.tables import Params, change, sheet_row, storable
from bulk_update.model import Change, ChangeState, RowStatus

if TYPE_CHECKING:
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

    def contested(self, *, whole: bool = False) -> Iterator[tuple[StoredChange, list[Desired]]]:
        """Every contact that several rows ask for: its change, and the desired state of each
        row after the first, in row order; with ``whole``, where every row keeps it, of all."""
        several = (
            select(sheet_row.c.change_seq)
            .where(
                sheet_row.c.run_id == self._id,
                sheet_row.c.desired.is_not(None),
                sheet_row.c.change_seq.is_not(None),
            )
            .group_by(sheet_row.c.change_seq)
            .having(func.count() > (1 if whole else 0))
            .order_by(sheet_row.c.change_seq)
        )
        with self._database.reading() as connection:
            seqs = [row.change_seq for row in connection.execute(several)]
        for seq in seqs:
            yield self._contested(seq)

    def beside_skipped(self) -> Iterator[tuple[int, list[Desired]]]:
        """Every change of a contact that skipped rows mean too: its seq, and the desired state of
        all these rows, in row order."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(change.c.seq, change.c.uuid)
                .join(sheet_row, sheet_row.c.uuid == change.c.uuid)
                .where(change.c.run_id == self._id, *self._skipped())
                .distinct()
                .order_by(change.c.seq)
            ).all()
        for seq, uuid in found:
            yield seq, self._desired_of(seq, uuid)

    def _skipped(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return (sheet_row.c.run_id == self._id, sheet_row.c.status == RowStatus.SKIPPED)

    def _desired_of(self, seq: int, uuid: str) -> list[Desired]:
        wanted = (
            select(sheet_row.c.desired)
            .where(
                sheet_row.c.run_id == self._id,
                self._of_contact(seq, uuid),
                sheet_row.c.desired.is_not(None),
            )
            .order_by(sheet_row.c.row)
        )
        with self._database.reading() as connection:
            texts = connection.execute(wanted).scalars().all()
        return [codec.decode_desired(text) for text in texts if text is not None]

    def _of_contact(self, seq: int, uuid: str) -> ColumnElement[bool]:
        is_skipped = and_(sheet_row.c.status == RowStatus.SKIPPED, sheet_row.c.uuid == uuid)
        return or_(sheet_row.c.change_seq == seq, is_skipped)

    def forget_desired(self) -> None:
        """The rows are merged: what each asked by itself is in the source."""
        kept = (sheet_row.c.run_id == self._id, sheet_row.c.desired.is_not(None))
        with self._database.writing() as connection:
            connection.execute(update(sheet_row).where(*kept).values(desired=None))

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

    def merge_rows(
        self, seq: int, state: ChangeState, merged: Change, *, said: RowRecord | None = None
    ) -> None:
        """Put the change of all its rows in place of the one of the first; ``said`` is what is
        to be said of each of them, where it is more than the state."""
        values = self._change_values(seq, state, merged)
        told: Params = {"status": RowStatus(state)} if said is None else _told(said)
        with self._database.writing() as connection:
            connection.execute(update(change).where(*self._one(seq)).values(values))
            connection.execute(
                update(sheet_row)
                .where(sheet_row.c.run_id == self._id, sheet_row.c.change_seq == seq)
                .values(**told, desired=None)
            )

    def reject_rows(self, seq: int, said: RowRecord) -> None:
        """Nothing is to be sent for the rows of one contact, nor is there a change: ``said`` says
        why. Skipped rows that mean it are among them."""
        with self._database.writing() as connection:
            uuid = connection.execute(select(change.c.uuid).where(*self._one(seq))).scalar_one()
            connection.execute(
                update(sheet_row)
                .where(sheet_row.c.run_id == self._id, self._of_contact(seq, uuid))
                .values(**_told(said), change_seq=None, desired=None)
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
            "identity": record.identity,
        }


def other_fields(planned: Change) -> int:
    """How many filled custom fields the contact has that ``planned`` does not name; -1 where it
    names no custom field at all."""
    return len(planned.unnamed_fields) if planned.names_custom_fields else -1


def _told(said: RowRecord) -> Params:
    return {
        "status": said.status,
        "code": said.code,
        "message": storable(said.message),
        "hint": storable(said.hint),
    }
