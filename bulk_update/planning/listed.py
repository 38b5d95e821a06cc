"""Contacts as a listing showed them, so that most rows need no request of their own.

A page holds 20 contacts: where a sheet covers much of an account, reading its pages is far
cheaper than one look-up a row. What a listing shows is taken by the same rules as the answer to a
look-up; what it does not show proves nothing, for contacts move while it is read, so that is
looked up all the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from bulk_update.account.client import LookUp
from bulk_update.account.listing import LAST_PAGE, READERS, ContactPage, PagingRefused
from bulk_update.account.lookup import LookUps, digits
from bulk_update.journal import codec
from bulk_update.model import Contact

FEW: Final = 40
"""So few rows are looked up at once: asking how many pages there are is a request, too."""

MOST_PAGES: Final = 5_000
"""An account of more than 100,000 contacts is not held in memory, whatever it would save."""

Progress = Callable[[int], object]


class Lister(LookUps, Protocol):
    """What is asked of the account's client."""

    async def list_contacts(
        self, *, page: int | None = None, after: str | None = None
    ) -> ContactPage:
        """One page, by its number or by the cursor of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How long it takes, in seconds, to read what ``rows`` rows are about: one by one, and page
    by page."""

    rows: int
    pages: int
    one_by_one: float
    by_page: float

    @classmethod
    def of(cls, rows: int, pages: int, *, rate: float, latency: float, workers: int) -> Forecast:
        """By the rate (requests a second) and the latency (seconds) of one request. Pages beyond
        the last that has a number come one after the other, by cursor."""
        numbered, onward = min(pages, LAST_PAGE), max(0, pages - LAST_PAGE)
        return cls(
            rows=rows,
            pages=pages,
            one_by_one=max(rows / rate, rows * latency / workers),
            by_page=max(numbered / rate, numbered * latency / READERS)
            + onward * max(latency, 1 / rate),
        )

    @property
    def lists(self) -> bool:
        """Whether reading page by page is the shorter way."""
        return self.pages <= MOST_PAGES and self.by_page < self.one_by_one


class ListedContacts:
    """The contacts of a listing, each as it was when its page was read."""

    def __init__(self) -> None:
        self._contacts: dict[str, tuple[bytes, float]] = {}
        self._bsuids: dict[str, str] = {}
        self._phones: dict[tuple[str, str], str | None] = {}

    def __len__(self) -> int:
        return len(self._contacts)

    def add(self, page: ContactPage) -> None:
        """Take what a page shows, as of now. A contact that came before is newer now."""
        now = time.time()
        for contact in page.contacts:
            key = _plain(contact.uuid)
            # Packed: a contact as it is used takes several times the room.
            self._contacts[key] = codec.encode(contact).encode(), now
            if contact.bsuid:
                self._bsuids[contact.bsuid] = key
            if number := digits(contact.phone):
                place = number, contact.channel_uuid or ""
                taken = self._phones.setdefault(place, key)
                # Two contacts of one number on one channel: which one is meant, the account says.
                self._phones[place] = key if taken == key else None

    def with_uuid(self, uuid: str) -> LookUp | None:
        """The contact, as the answer to a look-up would be."""
        return self._shown(_plain(uuid))

    def with_bsuid(self, bsuid: str) -> LookUp | None:
        """The same, by its business suite user id."""
        return self._shown(self._bsuids.get(bsuid))

    def with_phone(self, number: str, channel_uuid: str) -> LookUp | None:
        """The same, by the digits of its number on a channel, if only one contact has it."""
        return self._shown(self._phones.get((number, channel_uuid)))

    def _shown(self, key: str | None) -> LookUp | None:
        packed = self._contacts.get(key or "")
        if packed is None:
            return None
        content, read = packed
        contact: Contact = codec.decode_contact(content)
        return LookUp(contact=contact, read_at=datetime.fromtimestamp(read, UTC))


class ListedLookUps:
    """Answers look-ups from a listing where it shows the contact, else by the account.

    ``main`` is the channel that a phone means where none is named; without it such a phone is
    always looked up. ``answered`` counts what took no request.
    """

    def __init__(self, account: Lister, listed: ListedContacts, *, main: str | None) -> None:
        self._account = account
        self._listed = listed
        self._main = main
        self.answered = 0

    async def look_up_uuid(self, uuid: str) -> LookUp:
        """The contact with this uuid."""
        return self._counted(self._listed.with_uuid(uuid)) or await self._account.look_up_uuid(uuid)

    async def get_contact_by_bsuid(self, bsuid: str) -> LookUp:
        """The contact with this business suite user id."""
        listed = self._counted(self._listed.with_bsuid(bsuid))
        return listed or await self._account.get_contact_by_bsuid(bsuid)

    async def get_contact_by_phone(self, number: str, channel_uuid: str | None = None) -> LookUp:
        """The contact with this number on one channel."""
        channel = channel_uuid or self._main
        listed = self._listed.with_phone(digits(number), channel) if channel else None
        return self._counted(listed) or await self._account.get_contact_by_phone(
            number, channel_uuid
        )

    async def list_contacts(
        self, *, page: int | None = None, after: str | None = None
    ) -> ContactPage:
        """One page, from the account."""
        return await self._account.list_contacts(page=page, after=after)

    def _counted(self, listed: LookUp | None) -> LookUp | None:
        self.answered += listed is not None
        return listed


async def read_listing(
    account: Lister, first: ContactPage, *, progress: Progress
) -> tuple[ListedContacts, str | None]:
    """All contacts that the listing shows, ``first`` being its first page, and the uuid of the
    main channel where exactly one was seen. Pages that have a number are read side by side.

    It may end before the contacts do; that costs look-ups, and nothing else. Raises TokenRefused
    and AccountUnreachable.
    """
    listed, mains = ListedContacts(), set[str]()

    def take(page: ContactPage) -> None:
        listed.add(page)
        mains.update(one.uuid for one in page.channels if one.main)
        progress(len(page.contacts))

    take(first)
    last = min(first.pages or 1, LAST_PAGE)
    end = await _read_numbered(account, iter(range(2, last + 1)), last, take)
    onward = first.next if last == 1 else end
    if (first.pages or 1) > LAST_PAGE:
        await _read_onward(account, onward, take)
    return listed, mains.pop() if len(mains) == 1 else None


async def _read_numbered(
    account: Lister, numbers: Iterator[int], last: int, take: Callable[[ContactPage], None]
) -> str | None:
    """Reads the pages with these numbers; the cursor of the ``last`` one."""
    onward: str | None = None

    async def read() -> None:
        nonlocal onward
        for number in numbers:  # shared: each page is read by one of the readers
            page = await account.list_contacts(page=number)
            take(page)
            if number == last:
                onward = page.next

    await _together([read] * READERS)
    return onward


async def _read_onward(
    account: Lister, cursor: str | None, take: Callable[[ContactPage], None]
) -> None:
    """Reads on by cursor; one that comes again ends it."""
    used: set[str] = set()
    while cursor is not None and cursor not in used:
        used.add(cursor)
        try:
            page = await account.list_contacts(after=cursor)
        except PagingRefused:
            return
        take(page)
        cursor = page.next if page.contacts else None


async def _together(readers: list[Callable[[], Awaitable[None]]]) -> None:
    """Runs them side by side; an account that lists less far than it says ends them quietly."""

    async def quietly(read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except PagingRefused:
            return

    try:
        async with asyncio.TaskGroup() as group:
            for read in readers:
                group.create_task(quietly(read))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors


def _plain(uuid: str) -> str:
    return uuid.replace("-", "").lower()
