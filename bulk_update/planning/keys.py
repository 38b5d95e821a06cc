"""What is to be said of the keys of a row, once its contact is known."""

from __future__ import annotations

from bulk_update.account.lookup import Conflict, digits
from bulk_update.language import _
from bulk_update.model import Contact, Finding, Keys, Level


def key_finding(keys: Keys, conflict: Conflict) -> Finding:
    """The error of a row whose keys, or the readings of its number, name several contacts."""
    return Finding(
        code=conflict.code,
        level=Level.ERROR,
        message=conflict.message,
        hint=conflict.hint,
        value=keys.shown,
    )


def phone_findings(keys: Keys, contact: Contact) -> tuple[Finding, ...]:
    """A warning where the contact of the row's uuid (or bsuid) has another number than the row.

    The uuid counts, and no number can be changed: the row is sent, and its number is not. A
    number that is another contact's is more than that, and was an error before.
    """
    if not (keys.uuid or keys.bsuid) or not keys.phones or digits(contact.phone) in keys.phones:
        return ()
    return (
        Finding(
            code="other_phone",
            level=Level.WARNING,
            message=_("the contact has another phone number than the row"),
            hint=_(
                "It was found by its uuid or bsuid, and is changed; its number can't be. See "
                "that it is the right contact."
            ),
        ),
    )
