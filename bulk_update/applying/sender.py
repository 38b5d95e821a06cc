"""One change on its way: re-read where that is needed, intent, one PATCH, proof, outcome.

A PATCH is one attempt. Whether another follows is decided here alone, from what the answer
means, under a new intent: never a blind second send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeGuard

from bulk_update.account.client import Answer, AnswerKind, CallbellClient
from bulk_update.applying.body import names_custom_fields, request_body
from bulk_update.applying.in_flight import GivenUp, InFlight, Withdrawn
from bulk_update.applying.proof import is_as_before, outcome_of, prove, same
from bulk_update.applying.replacement import Replacement, Semantics, can_show
from bulk_update.errors import AccountUnreachable, BulkUpdateError, GuardTripped, TokenRefused
from bulk_update.journal.lease import LeaseTooShort
from bulk_update.journal.records import StoredChange
from bulk_update.language import _
from bulk_update.model import Change, ChangeState, Contact, FieldName, Outcome
from bulk_update.planning.diff import plan_change, was_differs

if TYPE_CHECKING:
    from bulk_update.journal.sending import SendingPart

IfChanged = Literal["skip", "overwrite", "stop"]

MAX_ATTEMPTS: Final = 5
ACCOUNT_REPLACES: Final = "account_replaces"
STALE: Final = 5.0  # seconds a reading may lag behind what was just written
BOT_PAUSES: Final = (0.2, 0.8, 2.0)  # seconds between readings of the bot's status
LINGER: Final = 30.0  # seconds a request without an answer may still be at work over there
BOT_STATUS: Final = FieldName("bot_status")


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderOptions:
    """A contact read longer ago than ``max_age`` is read again just before its PATCH;
    ``if_changed`` says what then happens to one that somebody changed. ``linger`` is how many
    seconds a request without an answer may still be carried out."""

    max_age: timedelta = timedelta(minutes=15)
    if_changed: IfChanged = "skip"
    linger: float = LINGER


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A change in the hands of the pool. ``spent`` counts the attempts that may have been
    applied: a 429 or a missing connection is none. ``restoring``: the account dropped fields that
    nobody named, and the contact as it was before is to be sent whole, not as it is now."""

    seq: int
    change: Change
    attempts: int = 0
    spent: int = 0
    restoring: bool = False

    @classmethod
    def of(cls, stored: StoredChange) -> Item:
        """The item of a change as the journal has it."""
        return cls(
            seq=stored.seq,
            change=stored.change,
            attempts=stored.attempts,
            spent=stored.attempts,
            restoring=stored.code == ACCOUNT_REPLACES,
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """The change is in a final state."""

    state: ChangeState


@dataclass(frozen=True, slots=True)
class Again:
    """The change is planned again, and is to be sent later."""

    item: Item
    no_connection: bool = False


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Whether the change was applied is unknown; read the contact in ``after`` seconds."""

    item: Item
    after: float


Next = Ended | Again | Unsettled


class _AnotherContact(Exception):
    """The account answered with a contact nobody asked for: it proves nothing."""


class Sender:
    """Sends the changes of one run to one account.

    ``may_resend`` is asked before a second attempt (the run's retry budget). ``may_begin`` is
    called right before a request leaves, and raises LeaseTooShort to keep it.
    """

    def __init__(
        self,
        client: CallbellClient,
        journal: SendingPart,
        replacement: Replacement,
        *,
        options: SenderOptions,
        may_resend: Callable[[], bool],
        may_begin: Callable[[], None] | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._replacement = replacement
        self._options = options
        self._may_resend = may_resend
        self._may_begin = may_begin
        self.in_flight = InFlight()

    async def send(self, item: Item) -> Next:
        """One attempt. Raises TokenRefused, AccountUnreachable (from reading) and StorageError;
        the journal then says where the change stands."""
        await self._replacement.enter(item.seq, item.change)
        return await self._leaving(item, self._send(item))

    async def settle(self, item: Item) -> Next:
        """Read the contact of an unknown change, and decide by what it shows."""
        return await self._leaving(item, self._settle(item))

    async def _leaving(self, item: Item, work: Coroutine[None, None, Next]) -> Next:
        """Make way for others once it is known what became of ``item``."""
        became: Next | None = None
        try:
            became = await work
        finally:
            if not isinstance(became, Unsettled):
                await self._replacement.leave(item.seq)
        return became

    async def _send(self, item: Item) -> Next:
        current = await self._current(item)
        if isinstance(current, Outcome):
            return await self._end_unsent(item, current)
        # The request has begun: what it became is recorded even while stopping.
        return await self.in_flight.carry(self._send_begun(replace(item, change=current)))

    async def _settle(self, item: Item) -> Next:
        try:
            seen = await self._read(item.change)
        except _AnotherContact:
            outcome = _unreadable(ChangeState.UNKNOWN)
        else:
            outcome = _gone(ChangeState.DRIFTED) if seen is None else self._settled(item, seen)
        await self._journal.record(item.seq, ChangeState.UNKNOWN, outcome)
        if outcome.state is ChangeState.PLANNED:
            return Again(replace(item, restoring=outcome.code == ACCOUNT_REPLACES))
        return Ended(outcome.state)

    # -- before the request -----------------------------------------------------------

    async def _current(self, item: Item) -> Change | Outcome:
        """The change as it is to be sent now, or why it is not to be sent."""
        if item.restoring or not self._must_reread(item.change):
            return item.change
        try:
            contact = await self._read(item.change)
        except _AnotherContact:
            return _unreadable(ChangeState.FAILED)
        if contact is None:
            return _gone(ChangeState.NOT_FOUND)
        moved = _moved(item.change, contact)
        if moved and self._options.if_changed != "overwrite":
            return self._drifted(moved, contact)
        return _replanned(item.change, contact)

    def _drifted(self, moved: list[FieldName], contact: Contact) -> Outcome:
        message = _("changed since it was read: {fields}").format(fields=", ".join(moved))
        if self._options.if_changed == "stop":
            raise GuardTripped(
                _("contact {uuid}: {message} (--if-changed stop)").format(
                    uuid=contact.uuid, message=message
                ),
                code="changed_meanwhile",
            )
        return Outcome(
            state=ChangeState.DRIFTED, code="changed_meanwhile", message=message, seen=contact
        )

    def _must_reread(self, change: Change) -> bool:
        edits_tags = change.tags is not None and change.tags.replace is None
        age = datetime.now(UTC) - change.read_at
        return edits_tags or self._sends_whole(change) or age > self._options.max_age

    def _sends_whole(self, change: Change) -> bool:
        replaces = self._replacement.semantics is Semantics.REPLACE
        return replaces and names_custom_fields(change)

    async def _read(self, change: Change) -> Contact | None:
        """The contact now, its field types with it: a whole object needs them."""
        contact = await self._client.get_contact(change.uuid, include_field_types=True)
        if contact is not None and contact.uuid != change.uuid:
            raise _AnotherContact
        if contact is None or not _asks_bot(change):
            return contact
        return replace(contact, bot_status=await self._client.get_bot(change.uuid))

    async def _end_unsent(self, item: Item, outcome: Outcome) -> Next:
        await self._journal.record(item.seq, ChangeState.PLANNED, outcome)
        return Ended(outcome.state)

    # -- the request and its answer ---------------------------------------------------

    async def _send_begun(self, item: Item) -> Next:
        item = replace(item, attempts=item.attempts + 1, spent=item.spent + 1)
        await self._journal.begin(item.seq, item.attempts, change=item.change)
        whole = item.restoring or self._sends_whole(item.change)
        body = request_body(item.change, whole_object=whole)
        if self.in_flight.stopping:
            return await self._unbegun(item)
        try:
            with self.in_flight.request() as leaves:
                answer = await self._client.patch_contact(
                    item.change.uuid, body, on_send=partial(self._depart, leaves)
                )
        except (LeaseTooShort, Withdrawn):
            return await self._unbegun(item)
        except GivenUp:
            given_up = Answer(kind=AnswerKind.UNCLEAR, complete=False, message=_("not waited for"))
            return await self._unsettled(item, given_up)
        return await self._meant(item, answer)

    async def _meant(self, item: Item, answer: Answer) -> Next:
        """What an answer means, and what comes next."""
        match answer.kind:
            case AnswerKind.CONTACT:
                return await self._prove(item, answer)
            case AnswerKind.REFUSED:
                return await self._ended(item, _answered(ChangeState.REFUSED, answer, "refused"))
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
            case _:
                await self._planned_again(item, answer)
                unspent = replace(item, spent=item.spent - 1)
                return Again(unspent, no_connection=answer.kind is AnswerKind.NO_CONNECTION)

    async def _prove(self, item: Item, answer: Answer) -> Next:
        seen = answer.contact
        if seen is None:
            return await self._unsettled(item, answer)
        if _asks_bot(item.change):
            seen = replace(seen, bot_status=await self._bot_afterwards(item.change))
            if seen.bot_status is None:
                return await self._unsettled(item, answer)
        if prove(item.change, seen).lost:
            return await self._prove_loss(item, seen, answer)
        return await self._ended(item, self._judged(item, seen, http_status=answer.http_status))

    async def _bot_afterwards(self, change: Change) -> str | None:
        """The status of the bot after the PATCH; None where it can't be read.

        The answer does not bear it, and what is read in its place may lag behind: the status
        from before is believed only when it stays.
        """
        status = None
        for pause in (0.0, *BOT_PAUSES):
            await asyncio.sleep(pause)
            try:
                status = await self._client.get_bot(change.uuid)
            except BulkUpdateError:
                return None
            if status != change.before.bot_status:
                break
        return status

    async def _prove_loss(self, item: Item, seen: Contact, answer: Answer) -> Next:
        """Fields that nobody named are not in the answer: believe it only when reading the
        contact shows the same, then put them back where this is what the account does."""
        try:
            confirmed = await self._client.get_contact(item.change.uuid, include_field_types=True)
        except BulkUpdateError as error:
            unsettled = await self._unsettled(item, answer, after=STALE)
            if isinstance(error, AccountUnreachable):
                return unsettled
            raise
        if not _shows(confirmed, item.change) or is_as_before(item.change, confirmed):
            # Gone, not this one, or read from a copy that lags behind: no loss is proven.
            return await self._unsettled(item, answer, after=STALE)
        confirmed = replace(confirmed, bot_status=seen.bot_status)
        outcome = self._judged(item, confirmed, http_status=answer.http_status)
        if outcome.state is not ChangeState.PLANNED:
            return await self._ended(item, outcome)
        # The first loss is the answer to the question, not a failure: the former object with
        # the asked values goes out at once, under a new intent.
        await self._journal.record(item.seq, ChangeState.SENDING, outcome, number=item.attempts)
        return await self._send_begun(replace(item, restoring=True))

    def _judged(self, item: Item, seen: Contact, *, http_status: int | None) -> Outcome:
        """What a reading of the contact proves; it may settle whether the account merges."""
        proof = prove(item.change, seen)
        if proof.lost and self._replacement.semantics is Semantics.UNSETTLED:
            self._replacement.settle(Semantics.REPLACE)
            return Outcome(
                state=ChangeState.PLANNED,
                code=ACCOUNT_REPLACES,
                message=_("the account dropped fields that nobody named; they are sent again"),
                http_status=http_status,
                seen=seen,
            )
        if can_show(item.change) and not proof.lost and not proof.wrong:
            self._replacement.settle(Semantics.MERGE)
        return outcome_of(item.change, seen, http_status=http_status)

    def _depart(self, leaves: Callable[[], None]) -> None:
        """Right before the request leaves; what this raises keeps it."""
        if self._may_begin is not None:
            self._may_begin()
        leaves()

    async def _unbegun(self, item: Item) -> Next:
        """The request never left. Recording that renews the lease, or ends the run where the
        account is another's by now."""
        outcome = Outcome(state=ChangeState.PLANNED, code="never_left")
        await self._journal.record(item.seq, ChangeState.SENDING, outcome, number=item.attempts)
        return Again(replace(item, spent=item.spent - 1))

    # -- outcomes ---------------------------------------------------------------------

    async def _ended(self, item: Item, outcome: Outcome) -> Next:
        await self._journal.record(item.seq, ChangeState.SENDING, outcome, number=item.attempts)
        return Ended(outcome.state)

    async def _planned_again(self, item: Item, answer: Answer) -> None:
        outcome = _answered(ChangeState.PLANNED, answer, answer.kind.value)
        await self._journal.record(item.seq, ChangeState.SENDING, outcome, number=item.attempts)

    async def _unsettled(self, item: Item, answer: Answer, *, after: float | None = None) -> Next:
        outcome = _answered(ChangeState.UNKNOWN, answer, "no_proof")
        await self._journal.record(item.seq, ChangeState.SENDING, outcome, number=item.attempts)
        if after is None:
            after = 0.0 if answer.complete else self._options.linger
        return Unsettled(item, after)

    def _settled(self, item: Item, seen: Contact) -> Outcome:
        if _asks_bot(item.change) and seen.bot_status is None:
            return Outcome(
                state=ChangeState.UNKNOWN,
                code="no_proof",
                message=_("the status of the bot can't be read"),
                seen=seen,
            )
        if not prove(item.change, seen).wrong:
            return self._judged(item, seen, http_status=None)
        if not is_as_before(item.change, seen):
            return Outcome(
                state=ChangeState.DRIFTED,
                code="changed_meanwhile",
                message=_("the contact is neither as it was nor as asked"),
                seen=seen,
            )
        if item.spent < MAX_ATTEMPTS and self._may_resend():
            return Outcome(state=ChangeState.PLANNED, code="not_applied", seen=seen)
        return Outcome(
            state=ChangeState.FAILED,
            code="attempts_spent",
            message=_("not applied after {number} attempts").format(number=item.spent),
            seen=seen,
        )


def _shows(contact: Contact | None, change: Change) -> TypeGuard[Contact]:
    return contact is not None and contact.uuid == change.uuid


def _moved(change: Change, contact: Contact) -> list[FieldName]:
    """The fields of the change that are neither as they were read nor as asked, and the
    ``was.`` columns that no longer hold."""
    moved = [
        each.field
        for each in change.fields
        if not _is_tag_edit(change, each.field)
        and not same(each, each.old, contact.value(each.field))
        and not same(each, each.new, contact.value(each.field))
    ]
    return [*moved, *was_differs(change.was, contact)]


def _replanned(change: Change, contact: Contact) -> Change | Outcome:
    """The change on the contact as it is now."""
    asked = _still_asked(change)
    again = plan_change(asked, contact, rows=change.rows, read_at=datetime.now(UTC)).change
    if not again.fields:
        return Outcome(state=ChangeState.UNCHANGED, seen=contact)
    return again


def _still_asked(change: Change) -> Change:
    """Only what the plan showed: a field that was as asked then, and that somebody has changed
    since, is not overwritten."""
    planned = {each.field for each in change.fields}
    return replace(
        change,
        wishes=tuple(wish for wish in change.wishes if wish.field in planned),
        tags=change.tags if "tags" in planned else None,
    )


def _is_tag_edit(change: Change, name: FieldName) -> bool:
    return name == "tags" and change.tags is not None and change.tags.replace is None


def _asks_bot(change: Change) -> bool:
    return any(each.field == BOT_STATUS for each in change.fields)


def _unreadable(state: ChangeState) -> Outcome:
    return Outcome(
        state=state,
        code="no_proof",
        message=_("the account shows another contact in the place of this one"),
    )


def _gone(state: ChangeState) -> Outcome:
    return Outcome(state=state, code="contact_gone", message=_("the contact is no longer there"))


def _answered(state: ChangeState, answer: Answer, code: str) -> Outcome:
    return Outcome(state=state, code=code, message=answer.message, http_status=answer.http_status)
