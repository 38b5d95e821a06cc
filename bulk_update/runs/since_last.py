"""``--since-last``: what a plan looks back to, and what a run leaves for those after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from bulk_update.errors import BulkUpdateError
from bulk_update.journal.records import LastApplied, StoredChange, UndoneMark
from bulk_update.model import ChangeState, FieldChange
from bulk_update.planning.since_last import SinceLast, agrees
from bulk_update.runs.choosing import chosen_run
from bulk_update.runs.held import JOURNAL_FILE, open_journal
from bulk_update.runs.kept import BY_CANARY, UNDOES

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunJournal
    from bulk_update.runs.session import Session

_BATCH: Final = 500
_PUT_BACK: Final = (ChangeState.UPDATED, ChangeState.UNCHANGED)


@contextmanager
def looking_back(settings: Settings, otherwise: Journal) -> Iterator[Journal]:
    """The journal of earlier runs, for a plan that has one of its own; ``otherwise`` where there
    is none yet, or nobody asks: a plan makes no journal. Raises StorageError."""
    is_there = settings.journal_url is not None or (settings.state_dir / JOURNAL_FILE).exists()
    if not (settings.since_last and is_there):
        yield otherwise
        return
    with open_journal(settings) as journal:
        yield journal


def since_last(session: Session, journal: Journal) -> SinceLast | None:
    """What the plan looks back to, if ``--since-last`` asks for it. Raises UsageError when
    ``--release-undo`` names no run."""
    settings = session.settings
    if settings.release_undo is not None:
        released = _released(journal, settings.release_undo)
    else:
        released = frozenset()
    if not settings.since_last:
        return None
    return SinceLast(memory=journal.applied(session.account), released=released)


def _released(journal: Journal, name: str) -> frozenset[str]:
    """The undos that are meant: the run itself, or those that put back what it did."""
    run = chosen_run(journal, name).record.name
    undos = (each.name for each in journal.list_runs() if each.settings.get(UNDOES) == run)
    return frozenset((run, *undos))


def remember(journal: Journal, run: RunJournal) -> BulkUpdateError | None:
    """Keep what the run applied, or mark what an undo put back; what kept it from that."""
    try:
        if BY_CANARY in run.record.settings:
            return None  # nobody decided it: nothing is held, and what was put back is not there
        if UNDOES in run.record.settings:
            _mark_undone(journal, run)
        else:
            journal.applied(run.record.account).keep(run.record.name)
    except BulkUpdateError as error:
        return error
    return None


def _mark_undone(journal: Journal, undo: RunJournal) -> None:
    kept = journal.applied(undo.record.account)
    changes = (each for each in undo.results.changes() if each.state in _PUT_BACK)
    now = datetime.now(UTC)
    while batch := list(islice(changes, _BATCH)):
        records = kept.records({each.change.uuid for each in batch})
        marks = [
            _mark(undo.record.name, stored, field, record)
            for stored in batch
            for field in stored.change.fields
            if (record := records.get(stored.change.uuid, {}).get(field.field)) is not None
        ]
        kept.mark(marks, now)


def _mark(undo: str, stored: StoredChange, field: FieldChange, record: LastApplied) -> UndoneMark:
    """An undo of an undo may bring about again what was applied: that is held no more."""
    uuid = stored.change.uuid
    wish = next((each for each in stored.change.wishes if each.field == field.field), None)
    if agrees(field.field, record.value, field.new, wish):
        return UndoneMark(uuid=uuid, field=field.field)
    restored = stored.change.tags if wish is None else field.new
    return UndoneMark(uuid=uuid, field=field.field, by=undo, restored=restored)
