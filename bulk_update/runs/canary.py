"""A run's canary: what the journal keeps of it, and the way back when it failed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import convert

from bulk_update.applying.canary import CODE
from bulk_update.errors import GuardTripped
from bulk_update.journal import Journal, RunJournal
from bulk_update.language import _, ngettext
from bulk_update.model import ChangeState
from bulk_update.runs.kept import BY_CANARY, CANARY, UNDOES, flags_of
from bulk_update.runs.undo_plan import UndoPlanner
from bulk_update.runs.undo_record import undo_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulk_update.errors import BulkUpdateError
    from bulk_update.journal.records import PastContact
    from bulk_update.runs.session import Session

PUT_BACK: Final = "put-back"
"""The folder, in that of a run, that gets the reports of what put its canary back."""

_IS_BACK: Final = frozenset({ChangeState.UPDATED, ChangeState.UNCHANGED})
_MAY_HAVE_CHANGED: Final = frozenset(
    {ChangeState.UPDATED, ChangeState.MISMATCH, ChangeState.UNKNOWN}
)
_CONNECTION: Final = ("profile", "base_url", "proxy", "sandbox")


class CanaryState(StrEnum):
    """Where the canary of a run stands. ``putting_back``: it failed, and its contacts are on
    their way back; ``failed``: that is over, and going on begins with another canary."""

    UNDER_WAY = "under_way"
    PASSED = "passed"
    PUTTING_BACK = "putting_back"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KeptCanary:
    """What a run's record keeps: the changes that went first, by seq; how it failed, and what to
    do then."""

    state: CanaryState
    chosen: tuple[int, ...]
    evidence: str = ""
    hint: str = ""


class RunCanary:
    """The canary of one run, as its journal has it; ``on_passed`` is called when it is through."""

    def __init__(self, run: RunJournal) -> None:
        self._run = run
        self.on_passed: Callable[[], object] = lambda: None
        kept = run.record.settings.get(CANARY)
        self._kept = convert(kept, KeptCanary) if kept else None

    @property
    def state(self) -> CanaryState | None:
        """Where it stands; None before it began."""
        return None if self._kept is None else self._kept.state

    @property
    def chosen(self) -> tuple[int, ...]:
        """The changes that go first; none where another canary has to be chosen."""
        return () if self.state is CanaryState.FAILED else self._all_chosen

    @property
    def _all_chosen(self) -> tuple[int, ...]:
        return () if self._kept is None else self._kept.chosen

    def choose(self, seqs: tuple[int, ...]) -> None:
        """These go first."""
        self._keep(KeptCanary(CanaryState.UNDER_WAY, seqs))

    def passed(self) -> None:
        """Nothing has to go first any more, whoever goes on with the run."""
        self._keep(KeptCanary(CanaryState.PASSED, self._all_chosen))
        self.on_passed()

    def failed(self, error: BulkUpdateError, *, put_back: bool) -> None:
        """It failed; ``put_back``: its contacts have to go back before anything else."""
        state = CanaryState.PUTTING_BACK if put_back else CanaryState.FAILED
        self._keep(KeptCanary(state, self._all_chosen, error.message, error.hint))

    def is_back(self) -> None:
        """What had to go back has gone back."""
        self._keep(KeptCanary(CanaryState.FAILED, self._all_chosen))

    def failure(self) -> GuardTripped:
        """How it failed in an earlier process."""
        kept = self._kept
        if kept is None:
            raise RuntimeError("there was no canary")
        return GuardTripped(kept.evidence, hint=kept.hint, code=CODE)

    @property
    def changed_something(self) -> bool:
        """Whether a contact is, or may be, as the canary left it."""
        states = {self._run.sending.outcome_of(seq)[0].state for seq in self._all_chosen}
        return bool(states & _MAY_HAVE_CHANGED)

    def _keep(self, kept: KeptCanary) -> None:
        self._kept = kept
        self._run.keep({CANARY: asdict(kept)})

    # -- the way back ------------------------------------------------------------------

    async def plan_back(self, journal: Journal, session: Session) -> RunJournal:
        """The run that puts its contacts back: a new one with its whole plan, or the one that
        did not come to its end."""
        unfinished = journal.unfinished(session.account)
        if begun := next((each for each in unfinished if self._is_way_back(each)), None):
            return begun
        flags = {name: v for name, v in flags_of(self._run.record).items() if name in _CONNECTION}
        asked = {BY_CANARY: True}
        record = undo_record(self._run.record, session, flags={**flags, "canary": "0"}, asked=asked)
        undoing = journal.create_run(record, journal.source(record.source_sha256))
        try:
            await self._plan(undoing, session)
        except BaseException:
            undoing.discard()
            raise
        return undoing

    async def _plan(self, undoing: RunJournal, session: Session) -> None:
        planner = UndoPlanner(
            session.client,
            undone=self._run,
            undoing=undoing,
            targets=(),
            workers=1,
            on_row=lambda _number: None,
            most_unread=1,  # it is back only when every contact of it is
        )
        with session.client.waiting_out_outages(lambda _message: None):
            await planner.plan(self._contacts())
        undoing.planned(planner.findings())

    def _contacts(self) -> list[PastContact]:
        past = self._run.past
        return [contact for seq in self._all_chosen for contact in past.contacts((seq, seq))]

    def _is_way_back(self, run: RunJournal) -> bool:
        settings = run.record.settings
        return BY_CANARY in settings and settings.get(UNDOES) == self._run.record.name

    def take_back(self, undoing: RunJournal) -> None:
        """What ``undoing`` put back is no longer done, and is planned again."""
        back = [each.seq for each in undoing.results.changes() if each.state in _IS_BACK]
        message = _("sent by the canary, and put back by run {run}")
        self._run.sending.take_back(back, message.format(run=undoing.record.name))


def go_first(run: RunJournal, session: Session) -> int:
    """How many changes at most go first; 0 for none. Not in the sandbox inside this process,
    unless somebody asks: there nobody can be hurt."""
    settings = session.settings
    needless = session.embedded and not settings.origin("canary").startswith("flag")
    passed = RunCanary(run).state is CanaryState.PASSED
    return 0 if needless or passed else settings.canary


def said_back(undoing: RunJournal) -> str:
    """What was put back, and what could not be, in words."""
    states = undoing.results.change_states()
    back = sum(states.get(each, 0) for each in _IS_BACK)
    words = ngettext(
        "{n} contact was put back, by run {run}.",
        "{n} contacts were put back, by run {run}.",
        back,
    ).format(n=back, run=undoing.record.name)
    if left := sum(states.values()) - back:
        more = ngettext(
            "{n} could not be put back: `bulk-update report {run}` says why.",
            "{n} could not be put back: `bulk-update report {run}` says why.",
            left,
        )
        words = f"{words} {more.format(n=left, run=undoing.record.name)}"
    return words


def with_next_step(
    error: BulkUpdateError, canary: RunCanary, run: RunJournal, *, back: str
) -> BulkUpdateError:
    """The error with what to do next; ``back`` says what was put back."""
    if canary.state is CanaryState.PUTTING_BACK:
        words = _("Not everything is back yet: `bulk-update resume {run}` goes on with that.")
    elif canary.changed_something and not back:
        words = _("`bulk-update undo {run}` puts back what was changed.")
    else:
        words = _("`bulk-update resume {run}` begins with another canary.")
    error.hint = " ".join(filter(None, (back, error.hint, words.format(run=run.record.name))))
    return error
