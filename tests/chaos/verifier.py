"""Holds what an account went through against what the journal and the reports say of it.

Pure: it is given three pictures as plain data and gives the rules that were broken, each as one
line that begins with the rule's name. Where the pictures come from is
:mod:`pictures`' concern.

============  =============================================================================
rule          what it says
============  =============================================================================
lost          every row of the sheet is in the run and in its report, once
twice         no PATCH of a contact follows one that was applied, and none is applied twice
untrue        a state claims of a contact what the account shows to be otherwise
report        a report says of a row what the journal says of it
in_flight     never two PATCHes for one contact at a time
intent        the n-th PATCH of a contact came after the n-th intent in the journal
attempts      attempts are numbered without a gap, and their outcomes lead to one another
transition    a change went from one state to another as the table has it
unfinished    a run that ended left nothing in mid-send
============  =============================================================================
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bulk_update.model import TRANSITIONS, ChangeState

Values = Mapping[str, object]
"""What fields hold, by name; an empty field is not there. Tags are a frozenset."""

NEVER_SENT = frozenset(
    {ChangeState.PLANNED, ChangeState.UNCHANGED, ChangeState.NOT_FOUND, ChangeState.REFUSED}
)
NOT_APPLIED = NEVER_SENT | {ChangeState.FAILED, ChangeState.DRIFTED}


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A PATCH that came in: from ``seq`` to ``until`` on the account's counter."""

    seq: int
    until: int | None
    at: datetime
    uuid: str


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A PATCH that took effect, at ``seq`` on the account's counter."""

    seq: int
    uuid: str
    request: int


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the account went through; ``now`` is what each contact holds in the end."""

    patches: tuple[Patch, ...]
    applied: tuple[Applied, ...]
    now: Mapping[str, Values]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt in the journal; no ``outcome``: its process died before the answer."""

    number: int
    intent_at: datetime
    outcome: ChangeState | None


@dataclass(frozen=True, kw_only=True)
class KeptChange:
    """A change in the journal; ``asked`` are its new values, ``moves`` every step from state to
    state that was ever made."""

    uuid: str
    state: ChangeState
    attempts: tuple[Attempt, ...]
    asked: Values
    moves: tuple[tuple[ChangeState, ChangeState], ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """A run in the journal. ``rows``: what became of each sheet row; ``reported``: what its
    report says of them, None where it never came to one."""

    name: str
    rows: Mapping[int, str]
    changes: tuple[KeptChange, ...]
    reported: tuple[tuple[int, str], ...] | None = field(default=None)


def verify(truth: Truth, runs: Iterable[KeptRun], *, rows: Iterable[int]) -> list[str]:
    """Every rule that was broken; nothing when all is as it should be. ``runs`` are in the order
    in which they were begun: what a later one sent, an earlier one says nothing of."""
    kept, expected = list(runs), set(rows)
    found = [*_in_flight(truth), *_twice(truth), *_intents(truth, kept)]
    for run in kept:
        found += [*_lost(run, expected), *_report(run)]
        for change in run.changes:
            found += [*_attempts(change), *_transitions(change)]
    return [*found, *_untrue(truth, kept)]


def _lost(run: KeptRun, expected: set[int]) -> Iterator[str]:
    if set(run.rows) != expected:
        yield f"lost: rows {sorted(expected ^ set(run.rows))} of run {run.name}"
    if run.reported is None:
        return
    counted = Counter(row for row, _status in run.reported)
    wrong = {row for row in expected | set(counted) if counted[row] != 1 or row not in expected}
    if wrong:
        yield f"lost: rows {sorted(wrong)} in the report of run {run.name}"


def _report(run: KeptRun) -> Iterator[str]:
    for row, status in run.reported or ():
        if row in run.rows and run.rows[row] != status:
            yield f"report: row {row} is {run.rows[row]}, reported {status}"


def _in_flight(truth: Truth) -> Iterator[str]:
    last: dict[str, Patch] = {}
    for patch in sorted(truth.patches, key=lambda each: each.seq):
        before = last.get(patch.uuid)
        if before is not None and (before.until is None or before.until > patch.seq):
            yield f"in_flight: {patch.uuid} at {before.seq} and {patch.seq}"
        last[patch.uuid] = patch


def _twice(truth: Truth) -> Iterator[str]:
    first: dict[str, Applied] = {}
    for applied in sorted(truth.applied, key=lambda each: each.seq):
        if applied.uuid in first:
            yield f"twice: {applied.uuid} applied again at {applied.seq}"
        first.setdefault(applied.uuid, applied)
    for patch in truth.patches:
        applied = first.get(patch.uuid)
        if applied is not None and patch.seq > applied.seq:
            yield f"twice: {patch.uuid} sent at {patch.seq}, applied at {applied.seq}"


def _intents(truth: Truth, runs: list[KeptRun]) -> Iterator[str]:
    intents: dict[str, list[datetime]] = defaultdict(list)
    for run in runs:
        for change in run.changes:
            intents[change.uuid] += [each.intent_at for each in change.attempts]
    sent: Counter[str] = Counter()
    for patch in sorted(truth.patches, key=lambda each: each.seq):
        sent[patch.uuid] += 1
        meant = sum(at <= patch.at for at in intents[patch.uuid])
        if meant < sent[patch.uuid]:
            yield f"intent: PATCH {sent[patch.uuid]} of {patch.uuid} had {meant} before it"


def _attempts(change: KeptChange) -> Iterator[str]:
    numbers = [each.number for each in change.attempts]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"attempts: {change.uuid} has the numbers {numbers}"
    for attempt in change.attempts[:-1]:
        if attempt.outcome not in {None, ChangeState.PLANNED, ChangeState.UNKNOWN}:
            yield f"attempts: {change.uuid} was {attempt.outcome}, and was sent again"
    if change.attempts and not _leads_to(change.attempts[-1].outcome, change.state):
        yield f"attempts: {change.uuid} is {change.state} after {change.attempts[-1].outcome}"
    if not change.attempts and change.state in {ChangeState.UPDATED, ChangeState.MISMATCH}:
        yield f"attempts: {change.uuid} is {change.state} without any"


def _leads_to(outcome: ChangeState | None, state: ChangeState) -> bool:
    """Whether a change may stand at ``state`` once its last attempt came to ``outcome``."""
    if outcome in {None, ChangeState.UNKNOWN}:
        settled = TRANSITIONS[ChangeState.UNKNOWN]
        return state in settled | TRANSITIONS[ChangeState.PLANNED] - {ChangeState.SENDING}
    if outcome is ChangeState.PLANNED:
        return state in {outcome} | TRANSITIONS[outcome] - {ChangeState.SENDING}
    return state is outcome


def _transitions(change: KeptChange) -> Iterator[str]:
    # Only a canary that failed takes back what is done, and none fails here.
    allowed = {**TRANSITIONS, ChangeState.UPDATED: frozenset()}
    for before, after in change.moves:
        if after not in allowed.get(before, frozenset()):
            yield f"transition: {change.uuid} went from {before} to {after}"


def _untrue(truth: Truth, runs: list[KeptRun]) -> Iterator[str]:
    applied = {each.uuid for each in truth.applied}
    claimed: set[str] = set()
    sent_later: set[str] = set()
    for run in reversed(runs):
        for change in run.changes:
            if change.state is ChangeState.SENDING:
                yield f"unfinished: {change.uuid} is in mid-send"
            if change.state in {ChangeState.UPDATED, ChangeState.MISMATCH, ChangeState.UNKNOWN}:
                claimed.add(change.uuid)
            if change.uuid not in sent_later:
                yield from _claim(change, truth)
        sent_later |= {change.uuid for change in run.changes if change.attempts}
    for uuid in sorted(applied - claimed):
        yield f"untrue: {uuid} was changed, and no run says so"


def _claim(change: KeptChange, truth: Truth) -> Iterator[str]:
    now = truth.now.get(change.uuid, {})
    as_asked = all(now.get(name) == value for name, value in change.asked.items())
    if change.state in {ChangeState.UPDATED, ChangeState.UNCHANGED} and not as_asked:
        yield f"untrue: {change.uuid} is {change.state}, and the account holds something else"
    if change.state is ChangeState.MISMATCH and as_asked:
        yield f"untrue: {change.uuid} is mismatch, and the account holds what was asked"
    if change.state in NOT_APPLIED - {ChangeState.UNCHANGED} and as_asked:
        yield f"untrue: {change.uuid} is {change.state}, and the account holds what was asked"
