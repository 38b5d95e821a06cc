"""What a contact, as it was seen, proves of a change, and whether that may be sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bulk_update.applying import outcomes
from bulk_update.applying.items import Item
from bulk_update.applying.proof import Proof, is_as_before, is_expected, outcome_of, prove
from bulk_update.applying.reading import asks_bot
from bulk_update.applying.replacement import Replacement, Semantics
from bulk_update.language import _
from bulk_update.model import Change, ChangeState, Contact, Outcome, Target, custom_field

MAX_ATTEMPTS: Final = 5


class Evidence:
    """Decides by what was seen, and makes no request. ``expected`` is as in SenderOptions,
    ``may_resend`` as in Permits."""

    def __init__(
        self,
        replacement: Replacement,
        *,
        expected: tuple[Target, ...],
        may_resend: Callable[[], bool],
    ) -> None:
        self._replacement = replacement
        self._expected = expected
        self._may_resend = may_resend

    def proof(self, change: Change, seen: Contact) -> Proof:
        """A contact held against what was asked of it and what it was before."""
        return prove(change, seen, expected=self._expected)

    def outcome(self, item: Item, proof: Proof, http_status: int | None) -> tuple[Outcome, Change]:
        """What is proven, and the change as it stands now; it may settle whether the account
        merges or replaces. With the state ``planned`` it is to be sent again, whole."""
        change = item.change
        unsettled = self._replacement.semantics is Semantics.UNSETTLED
        if proof.lost and (unsettled or change.restoring):
            self._replacement.settle(Semantics.REPLACE)
            if change.restoring and not self._may_try_again(item):
                words = _("after {n} attempts").format(n=item.spent)
                return outcomes.not_restored(proof.lost, words, http_status), change
            return outcomes.replaces(proof.seen, http_status), replace(change, restoring=True)
        if unsettled and proof.agrees and self._would_show_a_loss(change):
            self._replacement.settle(Semantics.MERGE)
        return outcome_of(proof, http_status=http_status), change

    def settled(self, item: Item, seen: Contact | None) -> tuple[Outcome, Change]:
        """What became of an unknown change, by its contact as it was read now (None: it is gone),
        and the change as it stands now. With the state ``planned`` it is to be sent again."""
        change = item.change
        if seen is None:
            return outcomes.gone(ChangeState.DRIFTED), change
        if asks_bot(change) and seen.bot_status is None:
            return outcomes.unread(ChangeState.UNKNOWN), change
        if not (proof := self.proof(change, seen)).wrong:
            return self.outcome(item, proof, None)
        if not is_as_before(change, seen):
            return outcomes.neither(seen), change
        if self._may_try_again(item):
            return Outcome(state=ChangeState.PLANNED, code="not_applied", seen=seen), change
        return outcomes.spent(item.spent, seen), change

    def _would_show_a_loss(self, change: Change) -> bool:
        """Whether there is some field that nobody named, and that stays by itself."""
        if not change.names_custom_fields:
            return False
        unnamed = map(custom_field, change.unnamed_fields)
        return any(not is_expected(name, self._expected) for name in unnamed)

    def _may_try_again(self, item: Item) -> bool:
        return item.spent < MAX_ATTEMPTS and self._may_resend()
