"""What a plan would do, added up from its journal, and how long the sending takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bulk_update.applying.reading import requests_of
from bulk_update.applying.sender import CANARY_MAX_AGE, LINGER
from bulk_update.model import ChangeState, RowStatus
from bulk_update.planning import HELD
from bulk_update.reporting.preview import PlanPreview, PreviewBuilder
from bulk_update.runs.canary import go_first
from bulk_update.runs.team_names import team_names, with_team_names

if TYPE_CHECKING:
    from bulk_update.journal import Journal, RunJournal
    from bulk_update.runs.session import Session


def preview_of(run: RunJournal, journal: Journal, session: Session) -> PlanPreview:
    """What the plan would do, added up, and how long the sending takes at the rate."""
    builder = PreviewBuilder()
    contacts = requests = 0
    fresh = datetime.now(UTC) - CANARY_MAX_AGE
    stale = False
    for stored in run.results.changes():
        if stored.state is ChangeState.PLANNED:
            builder.add(stored.change)
            contacts += 1
            requests += requests_of(stored.change)
            stale |= stored.change.read_at < fresh
    skipped = run.results.row_counts().get(RowStatus.SKIPPED, 0)
    held = sum(each.count for each in run.record.findings if each.finding.code == HELD)
    seconds_at = partial(sending_seconds, run, session, requests, contacts, stale=stale)
    lowered = _lowered_rate(session)
    preview = builder.build(
        seconds=seconds_at(session.settings.rate),
        slowed=None if lowered is None else seconds_at(lowered),
        skipped=skipped,
        held=held,
    )
    teams = team_names(run.record, journal)
    return replace(preview, sample=tuple(with_team_names(preview.sample, teams)))


def _lowered_rate(session: Session) -> float | None:
    """Requests a second to which 429s have brought the rate and at which it still is; None where
    it is what was asked for. Others may use the account: then it does not come back."""
    current = session.client.throttle.current_rate
    return current if current is not None and current < session.settings.rate else None


def sending_seconds(
    run: RunJournal,
    session: Session,
    requests: int,
    contacts: int,
    rate: float,
    *,
    stale: bool = False,
) -> float:
    """How long the sending takes: at ``rate`` requests a second, or as the workers get answers,
    whichever is slower; those that go first, one by one, before that (``stale``: they were read so
    long ago that they are read again); and at the least until a request of which a run before
    knows no answer can no longer be carried out."""
    latency = session.client.throttle.shortest_round_trip
    first = min(go_first(run, session), contacts)
    together = max(requests / rate, requests * latency / session.workers)
    now = datetime.now(UTC)
    lingers = [
        LINGER - (now - (stored.at or now)).total_seconds()
        for stored in run.sending.unknown_changes()
    ]
    alone = first * _alone(requests, contacts, stale=stale) * latency
    return max(together + alone, *lingers, 0.0)


def _alone(requests: int, contacts: int, *, stale: bool) -> float:
    """Requests, one after the other, for a change that goes first: it is sent, read back, and read
    before where that is needed."""
    usual = requests / contacts + 1 if contacts else 0.0
    return max(usual, 3.0) if stale else usual
