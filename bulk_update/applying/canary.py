"""The canary: a few changes that go first, one by one, each read back before the next one goes.

Whether the account does what it is asked is found out on a handful of contacts, and not on all
of them. They are chosen so that every target of the plan and every type of field is among them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from bulk_update.applying.aspects import Aspect, Chooser, aspects_of, named_in
from bulk_update.applying.items import Ended
from bulk_update.applying.proof import is_expected, prove, shown
from bulk_update.errors import GuardTripped
from bulk_update.language import _, ngettext
from bulk_update.model import Change, ChangeState, Contact, FieldName, Outcome, Target

if TYPE_CHECKING:
    from bulk_update.journal.records import StoredChange
    from bulk_update.journal.sending import SendingPart

CODE: Final = "canary"
ROUNDS: Final = 3
RULE_FROM: Final = 2
"""From so many contacts on, what changed beside what was asked is a rule of the account; on one
it may have been somebody at work."""

_STILL_OPEN: Final = frozenset({ChangeState.PLANNED, ChangeState.UNKNOWN})
_NOT_PROVEN: Final = frozenset({ChangeState.REFUSED, ChangeState.FAILED, ChangeState.UNKNOWN})

Send = Callable[["StoredChange"], Awaitable[Ended]]
"""Sends one change, or waits for one that is under way, to its end."""


class CanaryMemory(Protocol):
    """What outlives the process."""

    @property
    def chosen(self) -> tuple[int, ...]:
        """The changes that go first, by their seq; none until :meth:`choose` was called."""

    def choose(self, seqs: tuple[int, ...]) -> None:
        """Make durable which changes go first, before one of them does."""

    def passed(self) -> None:
        """Make durable that they showed what they were to show."""


@dataclass(slots=True)
class _Shown:
    """What the canary showed so far: its changes by what became of them, the aspects that are
    proven, and which fields changed though nobody asked, on which rows."""

    proven: int = 0
    aspects: set[Aspect] = field(default_factory=set)
    refused: list[tuple[Change, Outcome]] = field(default_factory=list)
    unproven: list[tuple[Change, Outcome]] = field(default_factory=list)
    beside: dict[FieldName, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def sent(self) -> int:
        return self.proven + len(self.refused) + len(self.unproven)


class Canary:
    """Up to ``number`` changes of a run. ``expected`` are fields that the account's own rules
    change; ``first`` is a change that is to be among them; ``say`` is told what goes on."""

    def __init__(
        self,
        journal: SendingPart,
        memory: CanaryMemory,
        *,
        number: int,
        expected: Sequence[Target],
        first: int | None,
        say: Callable[[str], None],
    ) -> None:
        self._journal = journal
        self._memory = memory
        self._number = number
        self._expected = expected
        self._first = first
        self._say = say
        self._all: frozenset[Aspect] = frozenset()
        self._shown = _Shown()

    async def go_first(self, send: Send) -> None:
        """Send them one after the other. Raises GuardTripped where the account does something
        else than it was asked, or refuses all of it."""
        for _round in range(ROUNDS):
            chosen = self._memory.chosen if not _round else ()
            chosen = chosen or await asyncio.to_thread(self._chosen)
            if not chosen:
                break
            self._announce(chosen)
            for seq in chosen:
                self._judge(*await self._end_of(seq, send))
            if self._shown.sent >= self._number:
                break
        self._conclude()

    def _announce(self, chosen: Sequence[int]) -> None:
        states = [self._journal.outcome_of(seq)[1].state for seq in chosen]
        number = sum(state in _STILL_OPEN for state in states)
        words = ngettext(
            "Canary: {n} change goes first, and is read back.",
            "Canary: {n} changes go first, one by one; each is read back.",
            number,
        )
        if number:
            self._say(words.format(n=number))

    def _chosen(self) -> tuple[int, ...]:
        """The next ones, durable: where some were not sent, others take their place."""
        first = self._first if not self._shown.sent else None
        chooser = Chooser(self._number - self._shown.sent, proven=self._shown.aspects, first=first)
        for stored in self._planned():
            chooser.see(stored)
        chosen = chooser.chosen()
        self._all |= chooser.seen
        if chosen:
            self._memory.choose((*self._memory.chosen, *chosen))
        return chosen

    def _planned(self) -> Iterator[StoredChange]:
        after = -1
        while page := self._journal.planned_changes(after=after):
            after = page[-1].seq
            yield from page

    async def _end_of(self, seq: int, send: Send) -> tuple[Change, Outcome]:
        """How a change ended: now, or in an earlier process."""
        stored, outcome = self._journal.outcome_of(seq)
        if stored.state not in _STILL_OPEN:
            return stored.change, outcome
        ended = await send(stored)
        return ended.item.change, ended.outcome

    # -- what it shows -----------------------------------------------------------------

    def _judge(self, change: Change, outcome: Outcome) -> None:
        if outcome.state is ChangeState.MISMATCH and not self._is_expected(change, outcome.seen):
            raise _tripped(f"{_row(change)}: {outcome.message}", hint=_beside_hint(()))
        if outcome.state in (ChangeState.UPDATED, ChangeState.MISMATCH):
            self._shown.proven += 1
            self._shown.aspects |= aspects_of(change)
            self._note_beside(change, outcome.seen)
        elif outcome.state is ChangeState.REFUSED:
            self._shown.refused.append((change, outcome))
        elif outcome.state in _NOT_PROVEN:
            self._shown.unproven.append((change, outcome))

    def _is_expected(self, change: Change, seen: Contact | None) -> bool:
        """Whether nothing but fields that the account's own rules change is not as asked."""
        if seen is None:
            return False
        proof = prove(change, seen, expected=self._expected)
        return not proof.lost and all(is_expected(each, self._expected) for each in proof.wrong)

    def _note_beside(self, change: Change, seen: Contact | None) -> None:
        if seen is None:
            return
        for name in prove(change, seen, expected=self._expected).also_changed:
            if is_expected(name, self._expected):
                continue
            was, now = shown(change.before.value(name)), shown(seen.value(name))
            words = _("{row}: it was {old}, it is {new}")
            self._shown.beside[name].append(words.format(row=_row(change), old=was, new=now))
            if len(self._shown.beside[name]) >= RULE_FROM:
                self._stop_beside(name)

    def _stop_beside(self, name: FieldName) -> None:
        evidence = "; ".join(self._shown.beside[name])
        words = _("the account changed {field} too, which nobody asked: {evidence}")
        raise _tripped(words.format(field=name, evidence=evidence), hint=_beside_hint((name,)))

    def _conclude(self) -> None:
        """Nothing but refusals, or nothing that can be proven, is no ground to send the rest."""
        found = self._shown
        failed = [*found.refused, *found.unproven]
        if failed and not found.proven and self._journal.planned_changes(limit=1):
            raise _tripped(_none_took(found), hint="")
        self._memory.passed()
        if found.proven:
            self._say(self._summary())

    def _summary(self) -> str:
        found = self._shown
        parts = [
            ngettext(
                "Canary: {n} change is as asked ({fields}).",
                "Canary: {n} changes are as asked ({fields}).",
                found.proven,
            ).format(n=found.proven, fields=named_in(found.aspects))
        ]
        if not_so := len(found.refused):
            words = ngettext("{n} was not taken.", "{n} were not taken.", not_so)
            parts.append(words.format(n=not_so))
        if found.unproven:
            parts.append(_("{n} without proof.").format(n=len(found.unproven)))
        if untried := self._all - found.aspects:
            parts.append(_("Not shown: {fields}.").format(fields=named_in(untried)))
        return " ".join(parts)


def _none_took(found: _Shown) -> str:
    change, outcome = (found.refused or found.unproven)[0]
    number = found.sent
    if found.unproven:
        words = ngettext(
            "{n} change was sent, and could not be proven: {evidence}",
            "{n} changes were sent, and none could be proven: {evidence}",
            number,
        )
    else:
        words = ngettext(
            "the account refused it: {evidence}", "the account refused all {n}: {evidence}", number
        )
    return words.format(n=number, evidence=f"{_row(change)}: {outcome.message}")


def _row(change: Change) -> str:
    return _("row {row}").format(row=change.rows[0])


def _beside_hint(fields: Sequence[FieldName]) -> str:
    names = " ".join(f'--expect-side-effect "{each}"' for each in fields)
    words = _("What the account changes by itself stays so. If that is one of its rules: {flags}.")
    return words.format(flags=names) if names else ""


def _tripped(evidence: str, *, hint: str) -> GuardTripped:
    words = _("the canary stopped the run: {evidence}").format(evidence=evidence)
    return GuardTripped(words, hint=hint, code=CODE)
