"""Contacts as a listing showed them, so that most rows need no request of their own.

A page holds 20 contacts: where a sheet covers much of an account, reading its pages is far
cheaper than one look-up a row. What a listing shows is taken by the same rules as the answer to a
look-up; what it does not show proves nothing, for contacts move while it is read, so that is
looked up all the same.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from bulk_update.account.client import LookUp
from bulk_update.account.listing import LAST_PAGE, READERS, ContactPage, PagingRefused
from bulk_update.account.lookup import LookUps, digits
from bulk_update.errors import StorageError
from bulk_update.journal import codec
from bulk_update.language import _
from bulk_update.model import Contact

FEW: Final = 40
"""So few rows are looked up at once: asking how many pages there are is a request, too."""

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
    missing: int
    one_by_one: float
    by_page: float

    @classmethod
    def of(
        cls, rows: int, pages: int, *, rate: float, latency: float, workers: int, read: int = 0
    ) -> Forecast:
        """By the rate (requests a second) and the latency (seconds) of one request; ``read`` of
        the pages were read already. Pages beyond the last that has a number come one after the
        other, by cursor."""
        numbered, onward = max(0, min(pages, LAST_PAGE) - read), max(0, pages - LAST_PAGE)
        return cls(
            rows=rows,
            missing=numbered + onward,
            one_by_one=max(rows / rate, rows * latency / workers),
            by_page=max(numbered / rate, numbered * latency / READERS)
            + onward * max(latency, 1 / rate),
        )

    @property
    def lists(self) -> bool:
        """Whether reading page by page is the shorter way."""
        return self.by_page < self.one_by_one


_TABLES: Final = (
    "CREATE TABLE contact (uuid TEXT PRIMARY KEY, content TEXT, read REAL) WITHOUT ROWID",
    "CREATE TABLE bsuid (bsuid TEXT PRIMARY KEY, uuid TEXT) WITHOUT ROWID",
    "CREATE TABLE phone (number TEXT, channel TEXT, uuid TEXT, UNIQUE (number, channel))",
)
_PUT: Final = "INSERT OR REPLACE INTO contact VALUES (?, ?, ?)"
_PUT_BSUID: Final = "INSERT OR REPLACE INTO bsuid VALUES (?, ?)"
# Two contacts of one number on one channel: which one is meant, the account says.
_PUT_PHONE: Final = (
    "INSERT INTO phone VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
    "SET uuid = CASE WHEN uuid = excluded.uuid THEN uuid END"
)
_BY_UUID: Final = "SELECT content, read FROM contact WHERE uuid = ?"
_BY_BSUID: Final = (
    "SELECT content, read FROM bsuid JOIN contact ON contact.uuid = bsuid.uuid WHERE bsuid = ?"
)
_BY_PHONE: Final = (
    "SELECT content, read FROM phone JOIN contact ON contact.uuid = phone.uuid "
    "WHERE number = ? AND channel = ?"
)


class ListedContacts:
    """The contacts of a listing, each as it was when its page was read.

    They lie in a temporary database of this process alone, which goes to disk where it grows and
    is gone with it: memory does not grow with the account. Raises StorageError where there is no
    room for it.
    """

    def __init__(self) -> None:
        self._database: sqlite3.Connection | None = None
        self._mains: set[str] = set()

    def close(self) -> None:
        """Forget them."""
        if self._database is not None:
            self._database.close()
        self._database = None

    def __len__(self) -> int:
        return int(self._opened().execute("SELECT count(*) FROM contact").fetchone()[0])

    @property
    def main(self) -> str | None:
        """The uuid of the main channel, where exactly one was seen."""
        return next(iter(self._mains)) if len(self._mains) == 1 else None

    def add(self, page: ContactPage) -> None:
        """Take what a page shows, as of now. A contact that came before is newer now."""
        self._mains.update(each.uuid for each in page.channels if each.main)
        try:
            self._put(page.contacts)
        except sqlite3.Error as error:
            raise StorageError(
                _("what the account lists can't be kept in {path}: {reason}").format(
                    path=tempfile.gettempdir(), reason=error
                ),
                hint=_("Make room there, or name another folder with TMPDIR."),
            ) from error

    def _put(self, contacts: Sequence[Contact]) -> None:
        now = time.time()
        execute = self._opened().executemany
        execute(_PUT, [(_plain(each.uuid), codec.encode(each), now) for each in contacts])
        execute(_PUT_BSUID, [(each.bsuid, _plain(each.uuid)) for each in contacts if each.bsuid])
        execute(
            _PUT_PHONE,
            [
                (number, each.channel_uuid or "", _plain(each.uuid))
                for each in contacts
                if (number := digits(each.phone))
            ],
        )

    def with_uuid(self, uuid: str) -> LookUp | None:
        """The contact, as the answer to a look-up would be."""
        return self._shown(_BY_UUID, _plain(uuid))

    def with_bsuid(self, bsuid: str) -> LookUp | None:
        """The same, by its business suite user id."""
        return self._shown(_BY_BSUID, bsuid)

    def with_phone(self, number: str, channel_uuid: str) -> LookUp | None:
        """The same, by the digits of its number on a channel, if only one contact has it."""
        return self._shown(_BY_PHONE, number, channel_uuid)

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect("", isolation_level=None)
            for statement in ("PRAGMA synchronous=OFF", "PRAGMA journal_mode=OFF", *_TABLES):
                self._database.execute(statement)
        return self._database

    def _shown(self, query: str, *key: str) -> LookUp | None:
        found = self._opened().execute(query, key).fetchone()
        if found is None:
            return None
        content, read = found
        contact: Contact = codec.decode_contact(content)
        return LookUp(contact=contact, read_at=datetime.fromtimestamp(read, UTC))


class Listed:
    """What was read of an account's listing so far: its contacts, by the pages that had them.

    ``pages`` is how many there are (None while none was read, or where the account does not say),
    ``latency`` what the quickest of them took, in seconds.
    """

    def __init__(self) -> None:
        self.contacts = ListedContacts()
        self.numbers: set[int] = set()
        self.pages: int | None = None
        self.latency = math.inf

    def take(self, number: int, page: ContactPage, seconds: float) -> None:
        """Keep a page that has a number; it took so long to read."""
        self.measure(page, seconds)
        self.contacts.add(page)
        self.numbers.add(number)

    def measure(self, page: ContactPage, seconds: float) -> None:
        """Learn how many pages there are and how long one takes, and keep nothing else."""
        self.pages = page.pages or self.pages
        self.latency = min(self.latency, seconds)

    def close(self) -> None:
        """Forget the contacts."""
        self.contacts.close()

    @property
    def missing(self) -> int:
        """How many pages are still to be read, by number or beyond."""
        return max(0, (self.pages or 0) - len(self.numbers))

    @property
    def share(self) -> float:
        """Which part of the account's contacts is here."""
        return len(self.numbers) / self.pages if self.pages else 0.0


class ListedLookUps:
    """Answers look-ups from a listing where it shows the contact, else by the account.

    A phone without a channel means the main one; where the listing does not show which that is,
    such a phone is always looked up. ``answered`` counts what took no request.
    """

    def __init__(self, account: Lister, listed: ListedContacts) -> None:
        self._account = account
        self._listed = listed
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
        channel = channel_uuid or self._listed.main
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


async def read_listing(account: Lister, listed: Listed, *, progress: Progress) -> None:
    """Add to ``listed`` all contacts that the pages show which it has not read yet; how many
    pages there are is known by then. Pages that have a number are read side by side.

    It may end before the contacts do; that costs look-ups, and nothing else. Raises TokenRefused,
    AccountUnreachable and StorageError.
    """

    def take(page: ContactPage) -> None:
        listed.contacts.add(page)
        progress(len(page.contacts))

    pages = listed.pages or 0
    last, goes_on = min(pages, LAST_PAGE), pages > LAST_PAGE
    missing = (
        number
        for number in range(1, last + 1)
        if number not in listed.numbers or (goes_on and number == last)
    )
    onward = await _read_numbered(account, missing, last, take)
    if goes_on:
        await _read_onward(account, onward, take)


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
