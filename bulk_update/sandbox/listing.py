"""Listing contacts: 20 a page, most recent activity first, by page number or by cursor.

Page 500 is the last that can be asked for by number; an account with more contacts is read on
by ``meta.next``, on servers that give it. A cursor names the last contact's activity, so it does
not slip when the listing shifts underneath; page numbers do.
"""

from __future__ import annotations

import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from bulk_update.sandbox.account import Filters, SandboxAccount, tag_key
from bulk_update.sandbox.behaviour import Behaviour
from bulk_update.sandbox.contact import Json, shown
from bulk_update.sandbox.query import page_number, wants_types
from bulk_update.sandbox.refusals import Refusal, Refused

CONTACTS_A_PAGE: Final = 20
LAST_PAGE: Final = 500


def listing(
    account: SandboxAccount, behaviour: Behaviour, query: Mapping[str, str]
) -> dict[str, Json]:
    """The page that ``query`` asks for; ``Refused`` (400) past page 500 or for a bad cursor."""
    filters = _filters(query)
    start = _start(account, behaviour, query, filters)
    contacts = account.page(filters, start, CONTACTS_A_PAGE)
    with_types = behaviour.metadata_in_listing and wants_types(query)
    total = account.count(filters)
    meta: dict[str, Json] = {
        "page": start // CONTACTS_A_PAGE + 1,
        "pages": max(1, math.ceil(total / CONTACTS_A_PAGE)),
    }
    if behaviour.cursors:
        more = start + len(contacts) < total and bool(contacts)
        meta["next"] = _cursor(contacts[-1].activity) if more else None
    bodies = [
        shown(
            account.as_read(contact, behaviour), account.catalogue, behaviour, with_types=with_types
        )
        for contact in contacts
    ]
    return {"contacts": bodies, "meta": meta}


def _start(
    account: SandboxAccount, behaviour: Behaviour, query: Mapping[str, str], filters: Filters
) -> int:
    """The place of the page's first contact; with a cursor, ``page`` is ignored."""
    if behaviour.cursors and "after" in query:
        return account.place_after(filters, _activity(query["after"]))
    page = page_number(query)
    if page > LAST_PAGE:
        raise Refused(400, Refusal("page", "Pagination limit exceeded"))
    return (page - 1) * CONTACTS_A_PAGE


def _filters(query: Mapping[str, str]) -> Filters:
    tags = (tag_key(tag) for tag in query.get("tags", "").split(","))
    return Filters(
        source=query.get("source", ""),
        tags=frozenset(tag for tag in tags if tag),
        team_uuid=query.get("team_uuid", ""),
    )


def _cursor(activity: int) -> str:
    text = str(activity)
    return urlsafe_b64encode(f"{text}.{_check_sum(text)}".encode()).decode()


def _activity(cursor: str) -> int:
    bad = Refused(400, Refusal("after", "Invalid pagination cursor"))
    try:
        text, _, check = urlsafe_b64decode(cursor.encode()).decode().partition(".")
    except ValueError:
        raise bad from None
    if check != _check_sum(text):
        raise bad
    return int(text)


def _check_sum(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
