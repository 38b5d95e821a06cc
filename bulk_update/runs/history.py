"""Every change made to one contact, over all runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bulk_update.model import ChangeState, FieldChange, RowStatus
from bulk_update.reporting.past import ChangeTold, FieldTold
from bulk_update.runs.held import open_journal
from bulk_update.runs.session import state_folder
from bulk_update.runs.team_names import TEAM, team_names, team_shown

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunRecord
    from bulk_update.journal.history import HistoryEntry


def history(settings: Settings, key: str) -> list[ChangeTold]:
    """The changes of the contacts that ``key`` means (a uuid, or a key cell of any sheet),
    contact by contact, the oldest first. None where no run met it. Raises StorageError."""
    with open_journal(state_folder(settings)) as journal:
        records = {record.name: record for record in journal.list_runs()}
        return list(_told(journal, key, records))


def _told(journal: Journal, key: str, records: dict[str, RunRecord]) -> Iterator[ChangeTold]:
    for uuid in journal.history.contacts(key):
        for entry in journal.history.changes(uuid):
            record = records[entry.run]
            yield _change(entry, record, team_names(record, journal))


def _change(entry: HistoryEntry, record: RunRecord, teams: Mapping[str, str]) -> ChangeTold:
    stored = entry.stored
    return ChangeTold(
        uuid=stored.change.uuid,
        key=entry.key,
        name=stored.change.before.name,
        run=record.name,
        command=record.command,
        account=record.account.name or record.account.user_email,
        who=record.who,
        host=record.host,
        row=stored.seq,
        at=stored.at or record.planned_at or record.created_at,
        status=_status(stored.state, record),
        code=stored.code,
        message=stored.message,
        attempts=stored.attempts,
        fields=tuple(_field(each, teams) for each in stored.change.fields),
    )


def _field(change: FieldChange, teams: Mapping[str, str]) -> FieldTold:
    if change.field != TEAM:
        return FieldTold(field=change.field, old=change.old, new=change.new)
    old, new = team_shown(change.old, teams), team_shown(change.new, teams)
    return FieldTold(field=change.field, old=old, new=new)


def _status(state: ChangeState, record: RunRecord) -> RowStatus:
    """As the results of the run say it."""
    if state is ChangeState.SENDING:
        return RowStatus.UNKNOWN
    if state is ChangeState.PLANNED and record.has_ended:
        return RowStatus.NOT_SENT
    return RowStatus(state)
