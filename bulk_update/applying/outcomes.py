"""The outcomes of a change that its proof does not give."""

from __future__ import annotations

from bulk_update.account.client import Answer
from bulk_update.journal.records import ACCOUNT_REPLACES
from bulk_update.language import _, ngettext
from bulk_update.model import ChangeState, Contact, FieldName, Outcome


def answered(state: ChangeState, answer: Answer, code: str) -> Outcome:
    """What an answer without a contact means, in the account's own words."""
    return Outcome(state=state, code=code, message=answer.message, http_status=answer.http_status)


def gone(state: ChangeState) -> Outcome:
    """There is no such contact any more."""
    return Outcome(state=state, code="contact_gone", message=_("the contact is no longer there"))


def unread(state: ChangeState, words: str = "") -> Outcome:
    """The contact could not be read: what was sent is not proven, what was not is not sent."""
    message = _("the contact can't be read")
    return Outcome(
        state=state,
        code="unreadable" if state is ChangeState.FAILED else "no_proof",
        message=f"{message}: {words}" if words else message,
    )


def drifted(fields: list[FieldName], contact: Contact) -> Outcome:
    """Somebody changed it since it was read."""
    return Outcome(
        state=ChangeState.DRIFTED,
        code="changed_meanwhile",
        message=_("changed since it was read: {fields}").format(fields=", ".join(fields)),
        seen=contact,
    )


def neither(contact: Contact) -> Outcome:
    """Sent, and now it is neither as it was nor as asked: somebody changed it."""
    return Outcome(
        state=ChangeState.DRIFTED,
        code="changed_meanwhile",
        message=_("the contact is neither as it was nor as asked"),
        seen=contact,
    )


def spent(number: int, contact: Contact) -> Outcome:
    """Known not to be applied, and not to be sent again."""
    return Outcome(
        state=ChangeState.FAILED,
        code="attempts_spent",
        message=ngettext(
            "not applied after {n} attempt", "not applied after {n} attempts", number
        ).format(n=number),
        seen=contact,
    )


def replaces(contact: Contact, http_status: int | None) -> Outcome:
    """The answer to whether the account merges or replaces: the change is planned again."""
    return Outcome(
        state=ChangeState.PLANNED,
        code=ACCOUNT_REPLACES,
        message=_("the account dropped fields that nobody named; they are to be sent again"),
        http_status=http_status,
        seen=contact,
    )


def not_restored(lost: tuple[FieldName, ...], words: str, http_status: int | None) -> Outcome:
    """The account dropped fields that nobody named, and would not take them back."""
    return Outcome(
        state=ChangeState.MISMATCH,
        code="collateral",
        message=_("the account dropped {fields}, and did not take them back: {words}").format(
            fields=", ".join(lost), words=words
        ),
        http_status=http_status,
    )
