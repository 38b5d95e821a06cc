"""Reading the contact of a change, just before its PATCH or to settle what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from bulk_update.account.parsing import same_uuid
from bulk_update.applying.proof import same
from bulk_update.errors import BulkUpdateError
from bulk_update.model import Change, Contact, FieldName, Policy
from bulk_update.planning.diff import plan_change, was_differs

if TYPE_CHECKING:
    from bulk_update.account.client import CallbellClient

BOT_STATUS: Final = FieldName("bot_status")
BOT_PAUSES: Final = (0.2, 0.8, 2.0)  # seconds between readings of the bot's status
READ_PAUSES: Final = (0.2, 0.8, 2.0, 2.0)  # seconds between readings of a contact
_OF_NOW: Final = (Policy.FILL_EMPTY, Policy.ADD)
_GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Unreadable(Exception):
    """The account answered, but not with this contact and not that it is gone: it proves
    nothing. The text is the account's, safe to show."""


async def read(client: CallbellClient, change: Change) -> Contact | None:
    """The contact now, with the types of its fields (a whole object needs them) and, where the
    change asks for it, the status of its bot. None where it is gone.

    Raises Unreadable, and what the client raises.
    """
    found = await client.look_up_uuid(change.uuid, include_field_types=True)
    if found.contact is None:
        if found.http_status in _GONE:
            return None
        raise Unreadable(found.message)
    if not same_uuid(found.contact.uuid, change.uuid):
        raise Unreadable
    if not asks_bot(change):
        return found.contact
    return replace(found.contact, bot_status=await client.get_bot(change.uuid))


async def read_back(
    client: CallbellClient, change: Change, *, until: Callable[[Contact], bool]
) -> Contact | None:
    """The contact right after an answer; read more than once, ``until`` a reading shows what is
    waited for or too long ago. None where it is gone. Raises what :func:`read` raises."""
    shown = await read(client, change)
    for pause in READ_PAUSES:
        if shown is None or until(shown):
            break
        await asyncio.sleep(pause)
        shown = await read(client, change)
    return shown


async def bot_afterwards(client: CallbellClient, change: Change) -> str | None:
    """The status of the bot after the PATCH; None where it can't be read.

    The answer does not bear it, and what is read in its place may lag behind: the status
    from before is believed only when it stays.
    """
    status = None
    for pause in (0.0, *BOT_PAUSES):
        await asyncio.sleep(pause)
        try:
            status = await client.get_bot(change.uuid)
        except BulkUpdateError:
            return None
        if status != change.before.bot_status:
            break
    return status


def asks_bot(change: Change) -> bool:
    """Whether the bot's status is to change: the contact itself does not show it."""
    return any(each.field == BOT_STATUS for each in change.fields)


def requests_of(change: Change) -> int:
    """How many requests sending it takes where all goes well: the PATCH, the reading of what
    depends on the moment, and the bot's status beside the contact and after the answer."""
    read = depends_on_now(change)
    return 1 + read + (1 + read if asks_bot(change) else 0)


def depends_on_now(change: Change) -> bool:
    """Whether what is to be sent follows from what the contact has at that moment."""
    by_policy = [wish.field for wish in change.wishes if wish.policy in _OF_NOW]
    return change.edits_tags or any(each.field in by_policy for each in change.fields)


def moved(change: Change, contact: Contact) -> list[FieldName]:
    """The fields of the change that are neither as they were read nor as asked, and the
    ``was.`` columns that no longer hold."""
    growing = _growing(change)
    fields = [
        each.field
        for each in change.fields
        if each.field not in growing
        and not same(each, each.old, contact.value(each.field))
        and not same(each, each.new, contact.value(each.field))
    ]
    return [*fields, *was_differs(change.was, contact)]


def replanned(change: Change, contact: Contact) -> Change:
    """The change on the contact as it is now; without fields where nothing is left to do.

    Only what the plan showed: a field that was as asked then, and that somebody has changed
    since, is not overwritten.
    """
    planned = {each.field for each in change.fields}
    asked = replace(
        change,
        wishes=tuple(wish for wish in change.wishes if wish.field in planned),
        tags=change.tags if "tags" in planned else None,
    )
    again = plan_change(asked, contact, rows=change.rows, read_at=datetime.now(UTC)).change
    # What was asked stays known, also what needed nothing.
    return replace(again, wishes=change.wishes, tags=change.tags)


def _growing(change: Change) -> set[FieldName]:
    """The fields that are added to: what somebody else added or removed is no drift."""
    added = {wish.field for wish in change.wishes if wish.policy is Policy.ADD}
    return added | {FieldName("tags")} if change.edits_tags else added
