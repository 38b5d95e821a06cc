"""One change on its way: re-read where that is needed, intent, one PATCH, proof, outcome.

A PATCH is one attempt. Whether another follows is decided in this package alone, from what the
answer means, under a new intent: never a blind second send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from bulk_update.account.client import Answer, AnswerKind, CallbellClient
from bulk_update.applying import outcomes
from bulk_update.applying.body import request_body
from bulk_update.applying.crew import Crew
from bulk_update.applying.evidence import Evidence
from bulk_update.applying.in_flight import GivenUp, InFlight, Request, Withdrawn
from bulk_update.applying.items import Again, Ended, Item, Next, Unsettled
from bulk_update.applying.proof import Proof, is_as_before, outcome_of
from bulk_update.applying.reading import (
    Unreadable,
    asks_bot,
    bot_afterwards,
    depends_on_now,
    moved,
    read,
    read_back,
    replanned,
)
from bulk_update.applying.replacement import Replacement
from bulk_update.errors import AccountUnreachable, BulkUpdateError, GuardTripped, TokenRefused
from bulk_update.journal.lease import LeaseTooShort
from bulk_update.journal.records import ACCOUNT_REPLACES
from bulk_update.language import _
from bulk_update.model import (
    Change,
    ChangeState,
    Contact,
    FieldName,
    Outcome,
    Target,
    custom_field,
)

if TYPE_CHECKING:
    from bulk_update.journal.sending import SendingPart

IfChanged = Literal["skip", "overwrite", "stop"]

STALE: Final = 5.0  # seconds a reading may lag behind what was just written
CANARY_MAX_AGE: Final = timedelta(minutes=1)
LINGER: Final = 30.0  # seconds a request without an answer may still be at work over there


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderOptions:
    """A contact read longer ago than ``max_age`` is read again just before its PATCH, a canary's
    after ``canary_max_age``, for it has to show what the account alone did; ``if_changed`` says
    what then happens to one that somebody changed. ``linger`` is how many seconds a request
    without an answer may still be carried out. ``expected`` are the fields that the account's own
    rules change when others change."""

    max_age: timedelta = timedelta(minutes=15)
    canary_max_age: timedelta = CANARY_MAX_AGE
    if_changed: IfChanged = "skip"
    linger: float = LINGER
    expected: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What the run allows. ``may_resend`` is asked before a second attempt (the retry budget);
    ``may_begin`` is called right before a request leaves, and raises LeaseTooShort to keep it."""

    may_resend: Callable[[], bool]
    may_begin: Callable[[], None]


class Sender:
    """Sends the changes of one run to one account.

    ``crew`` is who may be under way; it learns how long requests take.
    """

    def __init__(
        self,
        client: CallbellClient,
        journal: SendingPart,
        replacement: Replacement,
        *,
        options: SenderOptions,
        permits: Permits,
        crew: Crew,
    ) -> None:
        self._client = client
        self._journal = journal
        self._replacement = replacement
        self._options = options
        self._permits = permits
        self._evidence = Evidence(
            replacement, expected=options.expected, may_resend=permits.may_resend
        )
        self.crew = crew
        self._refused_since: float | None = None
        self.in_flight = InFlight()

    def take_up(self, item: Item) -> None:
        """An earlier process sent ``item``, and nobody knows what became of it."""
        self._replacement.take_up(item.seq, item.change)

    async def send(self, item: Item) -> Next:
        """One attempt. Raises TokenRefused, AccountUnreachable (from reading), GuardTripped and
        StorageError; the journal then says where the change stands."""
        await self._replacement.enter(item.seq, item.change)
        became: Next | None = None
        try:
            became = await self._send(item)
        finally:
            # What is unknown stays under way until its contact is read.
            if not isinstance(became, Unsettled):
                await self._replacement.leave(item.seq)
        return became

    async def settle(self, item: Item) -> Next:
        """Read the contact of an unknown change, and decide by what it shows. When reading
        fails the change is as unknown as before, and as much under way."""
        became = await self._settle(item)
        if not isinstance(became, Unsettled):
            await self._replacement.leave(item.seq)
        return became

    async def give_up(self, item: Item, *, sent: bool, words: str) -> Next:
        """The contact of ``item`` can't be read, though the account can be reached: what was
        sent stays unknown, what was not is not sent."""
        before, after = (
            (ChangeState.UNKNOWN, ChangeState.UNKNOWN)
            if sent
            else (ChangeState.PLANNED, ChangeState.FAILED)
        )
        outcome = outcomes.unread(after, words)
        await self._journal.record(item.seq, before, outcome)
        await self._replacement.leave(item.seq)
        return Ended(item, outcome)

    # -- before the request -----------------------------------------------------------

    async def _send(self, item: Item) -> Next:
        current = await self._current(item)
        if isinstance(current, Outcome):
            await self._journal.record(item.seq, ChangeState.PLANNED, current)
            return Ended(item, current)
        if self.in_flight.is_stopping():
            return Again(item)
        anew = current if current is not item.change else None
        # The request has begun: what it became is recorded even while stopping.
        if anew is not None or item.unread:
            item = item._replace(change=current, unread=0)
        return await self.in_flight.carry(self._begin(item, anew=anew))

    async def _current(self, item: Item) -> Change | Outcome:
        """The change as it is to be sent now, or why it is not to be sent."""
        change = item.change
        if change.restoring or not self._must_reread(item):
            return change
        try:
            contact = await read(self._client, change)
        except Unreadable as error:
            return outcomes.unread(ChangeState.FAILED, str(error))
        if contact is None:
            return outcomes.gone(ChangeState.NOT_FOUND)
        if item.attempts and (proof := self._evidence.proof(change, contact)).agrees:
            return outcome_of(proof, http_status=None)
        differing = moved(change, contact)
        if differing and self._options.if_changed != "overwrite":
            return self._drifted(differing, contact)
        again = replanned(change, contact)
        return again if again.fields else Outcome(state=ChangeState.UNCHANGED, seen=contact)

    def _must_reread(self, item: Item) -> bool:
        change = item.change
        whole = self._replacement.sends_whole(change)
        return self._is_old(item) or depends_on_now(change) or whole

    def _is_old(self, item: Item) -> bool:
        """Whether too much may have happened since the contact was read; to a canary, whatever
        came after a first request."""
        if item.canary and item.attempts:
            return True
        limits = self._options
        most = min(limits.max_age, limits.canary_max_age) if item.canary else limits.max_age
        return datetime.now(UTC) - item.change.read_at > most

    def _drifted(self, fields: list[FieldName], contact: Contact) -> Outcome:
        outcome = outcomes.drifted(fields, contact)
        if self._options.if_changed == "stop":
            raise GuardTripped(
                _("contact {uuid}: {message} (--if-changed stop)").format(
                    uuid=contact.uuid, message=outcome.message
                ),
                hint=_("Look at it; --if-changed skip leaves such contacts alone."),
                code="changed_meanwhile",
            )
        return outcome

    # -- the request ------------------------------------------------------------------

    async def _begin(self, item: Item, *, anew: Change | None = None) -> Next:
        """``anew`` is a change that the journal does not have yet."""
        item = item._replace(attempts=item.attempts + 1, spent=item.spent + 1)
        await self._journal.begin(item.seq, item.attempts, change=anew)
        if self.in_flight.is_stopping():
            return await self._unbegun(item)
        whole = self._replacement.sends_whole(item.change)
        types = self._client.field_types
        body = request_body(item.change, whole_object=whole, types=types)
        try:
            with self.in_flight.request() as request:
                answer = await self._client.patch_contact(
                    item.change.uuid, body, on_send=partial(self._depart, request)
                )
                self.crew.learn(request.seconds)
        except (LeaseTooShort, Withdrawn):
            return await self._unbegun(item)
        except GivenUp:
            answer = Answer(kind=AnswerKind.UNCLEAR, complete=False, message=_("not waited for"))
        return await self._meant(item, answer)

    def _depart(self, request: Request) -> None:
        """Right before the request leaves; what this raises keeps it."""
        self._permits.may_begin()
        request.leaves()

    async def _unbegun(self, item: Item) -> Next:
        """The request never left. Recording that renews the lease, or ends the run where the
        account is another's by now."""
        outcome = Outcome(state=ChangeState.PLANNED, code="never_left")
        await self._record(item, outcome)
        return Again(item._replace(spent=item.spent - 1))

    async def _meant(self, item: Item, answer: Answer) -> Next:
        """What an answer means, and what comes next."""
        if answer.kind is not AnswerKind.THROTTLED:
            self._refused_since = None
        match answer.kind:
            case AnswerKind.CONTACT:
                return await self._prove(item, answer)
            case AnswerKind.REFUSED:
                return await self._refused(item, answer)
            case AnswerKind.UNCLEAR:
                return await self._unsettled(item, answer)
            case AnswerKind.TOKEN_REFUSED:
                await self._planned_again(item, answer)
                raise TokenRefused(
                    _("the account refused the token in mid-run: {words}").format(
                        words=answer.message
                    ),
                    hint=_("Mend the token, then `bulk-update resume` goes on."),
                )
            case AnswerKind.NO_CONNECTION:
                return Again(await self._planned_again(item, answer), no_connection=True)
            case AnswerKind.THROTTLED:
                unspent = await self._planned_again(item, answer)
                return Again(unspent, refused_for=self._refused_for())

    def _refused_for(self) -> float:
        """For how many seconds every PATCH was answered 429."""
        now = asyncio.get_running_loop().time()
        if self._refused_since is None:
            self._refused_since = now
        return now - self._refused_since

    # -- the proof --------------------------------------------------------------------

    async def _prove(self, item: Item, answer: Answer) -> Next:
        seen = answer.contact
        if seen is not None and asks_bot(item.change):
            status = await self._bot_status(item.change)
            seen = None if status is None else replace(seen, bot_status=status)
        if seen is None:
            return await self._unsettled(item, answer)
        proof = self._evidence.proof(item.change, seen)
        if proof.lost:
            return await self._prove_loss(item, proof, answer)
        if item.canary:
            return await self._prove_by_reading(item, proof, answer)
        return await self._judged(item, proof, http_status=answer.http_status)

    async def _bot_status(self, change: Change) -> str | None:
        """The status of the bot after the answer; None where nothing shows it."""
        try:
            return await self.in_flight.read(bot_afterwards(self._client, change))
        except GivenUp:
            return None

    async def _prove_by_reading(self, item: Item, proof: Proof, answer: Answer) -> Next:
        """A canary's answer counts for no more than what reading the contact shows. A reading may
        lag behind an answer that was as asked."""

        def enough(contact: Contact) -> bool:
            return not proof.agrees or self._evidence.proof(item.change, contact).agrees

        shown = await self._shown(item, answer, read_back(self._client, item.change, until=enough))
        if shown is None:
            return await self._unsettled(item, answer, after=STALE)
        # Where the two differ, the one that is not as asked counts.
        by_reading = self._evidence.proof(item.change, shown)
        judged = by_reading if proof.agrees or not by_reading.agrees else proof
        return await self._judged(item, judged, http_status=answer.http_status)

    async def _prove_loss(self, item: Item, proof: Proof, answer: Answer) -> Next:
        """Fields that nobody named are not in the answer: believe it only when reading the
        contact shows the same, then put them back where this is what the account does."""
        confirmed = await self._shown(item, answer, read(self._client, item.change))
        if confirmed is None or is_as_before(item.change, confirmed):
            # Gone, unread, or read from a copy that lags behind: no loss is proven.
            return await self._unsettled(item, answer, after=STALE)
        confirmed = replace(confirmed, bot_status=proof.seen.bot_status)
        by_reading = self._evidence.proof(item.change, confirmed)
        return await self._judged(item, by_reading, http_status=answer.http_status)

    async def _shown(
        self, item: Item, answer: Answer, reading: Awaitable[Contact | None]
    ) -> Contact | None:
        """What reading the contact right after an answer shows; None where it shows nothing. An
        error that ends the run leaves the change unknown."""
        try:
            return await self.in_flight.read(reading)
        except (Unreadable, AccountUnreachable, GivenUp):
            return None
        except BulkUpdateError:
            await self._unsettled(item, answer)
            raise

    async def _judged(self, item: Item, proof: Proof, *, http_status: int | None) -> Next:
        """Record what is proven right after an answer."""
        outcome, change = self._evidence.outcome(item, proof, http_status)
        await self._record(item, outcome, change)
        became = item if change is item.change else item._replace(change=change)
        if outcome.state is not ChangeState.PLANNED:
            return Ended(became, outcome)
        # The first loss is the answer to the question, not a failure: the former object with
        # the asked values goes out at once, under a new intent.
        return await self._begin(became)

    # -- recording --------------------------------------------------------------------

    async def _record(self, item: Item, outcome: Outcome, change: Change | None = None) -> None:
        """The outcome of the attempt under way."""
        if item.change.restoring and outcome.state is ChangeState.PLANNED:
            outcome = replace(outcome, code=ACCOUNT_REPLACES)
        changed = change if change is not item.change else None
        await self._journal.record(
            item.seq, ChangeState.SENDING, outcome, number=item.attempts, change=changed
        )

    async def _refused(self, item: Item, answer: Answer) -> Next:
        outcome = outcomes.answered(ChangeState.REFUSED, answer, "refused")
        if item.change.restoring:
            # Not refused: the contact was changed, and what it lost is still lost.
            lost = tuple(custom_field(name) for name in item.change.unnamed_fields)
            outcome = outcomes.not_restored(lost, answer.message, answer.http_status)
        await self._record(item, outcome)
        return Ended(item, outcome)

    async def _planned_again(self, item: Item, answer: Answer) -> Item:
        outcome = outcomes.answered(ChangeState.PLANNED, answer, answer.kind.value)
        await self._record(item, outcome)
        return item._replace(spent=item.spent - 1)

    async def _unsettled(self, item: Item, answer: Answer, *, after: float | None = None) -> Next:
        await self._record(item, outcomes.answered(ChangeState.UNKNOWN, answer, "no_proof"))
        if after is None:
            after = 0.0 if answer.complete else self._options.linger
        return Unsettled(item, after)

    # -- settling what is unknown -----------------------------------------------------

    async def _settle(self, item: Item) -> Next:
        try:
            seen = await read(self._client, item.change)
        except Unreadable as error:
            raise AccountUnreachable(str(error), code="unreadable") from error
        outcome, change = self._evidence.settled(item, seen)
        changed = change if change is not item.change else None
        await self._journal.record(item.seq, ChangeState.UNKNOWN, outcome, change=changed)
        if outcome.state is ChangeState.PLANNED:
            return Again(item._replace(change=change, unread=0))
        return Ended(item, outcome)
