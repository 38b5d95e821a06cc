"""Reading an account's contacts page by page, all of it or in sections.

By number a listing ends at page 500. Beyond it there are cursors, where the account has them, and
those come one after the other. So the contacts of a larger account are listed in sections, by
source or by team, where that is shorter: each section has its own pages by number, and its own
cursor. What no section shows, a contact without a team, is looked up like any other that was not
listed.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from bulk_update.account.listing import LAST_PAGE, READERS, ContactPage, PagingRefused
from bulk_update.account.tasks import tasks_together
from bulk_update.planning.listed import ListedContacts

FIRST: Final = 1

Progress = Callable[[int], object]


class Lister(Protocol):
    """What is asked of the account's client."""

    async def list_contacts(
        self,
        *,
        page: int | None = None,
        after: str | None = None,
        source: str | None = None,
        team_uuid: str | None = None,
    ) -> ContactPage:
        """One page, by its number or by the cursor of the page before with the same filters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The contacts of one source or team; all of them where neither is named. ``pages`` is how
    many they take, ``read`` the numbers of those that were read."""

    source: str | None = None
    team_uuid: str | None = None
    pages: int = 0
    read: frozenset[int] = frozenset()

    @property
    def onward(self) -> int:
        """How many pages have no number."""
        return max(0, self.pages - LAST_PAGE)

    @property
    def last(self) -> int:
        """The number of its last page that has one."""
        return min(self.pages, LAST_PAGE)

    @property
    def numbers(self) -> Iterator[int]:
        """The numbers that are to be read: the last one again where its cursor is wanted."""
        return (
            number
            for number in range(1, self.last + 1)
            if number not in self.read or (self.onward and number == self.last)
        )


@dataclass(slots=True)
class Listed:
    """What was read of an account's listing so far: its contacts, by the pages that had them.

    ``pages`` is how many there are (None while none was read, or where the account does not say),
    ``numbers`` those that were read, ``latency`` what the quickest of them took, in seconds,
    ``sources`` where their contacts come from, ``cursors`` whether there is a way past page 500.
    """

    contacts: ListedContacts = field(default_factory=ListedContacts)
    numbers: set[int] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    pages: int | None = None
    latency: float = math.inf
    cursors: bool = False

    def take(self, number: int, page: ContactPage, seconds: float) -> None:
        """Keep a page that has a number; it took so long to read."""
        self.measure(page, seconds)
        self.contacts.add(page)
        self.numbers.add(number)

    def measure(self, page: ContactPage, seconds: float) -> None:
        """Learn how many pages there are and how long one takes, and keep no contact."""
        self.pages = page.pages or self.pages
        self.latency = min(self.latency, seconds)
        self.cursors |= page.next is not None
        self.sources.update(each.source for each in page.contacts if each.source)

    def close(self) -> None:
        """Forget the contacts."""
        self.contacts.close()

    @property
    def whole(self) -> Section:
        """All contacts as one section."""
        return Section(pages=self.pages or 0, read=frozenset(self.numbers))

    @property
    def share(self) -> float:
        """Which part of the account's contacts is here."""
        return len(self.numbers) / self.pages if self.pages else 0.0


async def read_sections(
    account: Lister, contacts: ListedContacts, sections: Iterable[Section], *, progress: Progress
) -> None:
    """Add to ``contacts`` all those that the pages of ``sections`` show which were not read yet.
    Pages that have a number are read side by side; beyond them, the sections are.

    It may end before the contacts do; that costs look-ups, and nothing else. Raises TokenRefused,
    AccountUnreachable and StorageError.
    """
    reading = _Reading(account, contacts, progress)
    await reading.read_numbered(sections)
    await reading.read_onward()


class _Reading:
    """Pages on their way. ``_cursors`` are the ways past the last number of a section."""

    def __init__(self, account: Lister, contacts: ListedContacts, progress: Progress) -> None:
        self._account = account
        self._contacts = contacts
        self._progress = progress
        self._cursors: list[tuple[Section, str]] = []

    async def read_numbered(self, sections: Iterable[Section]) -> None:
        # Shared by the readers, so that each page is read once.
        numbers = ((section, number) for section in sections for number in section.numbers)
        ended: set[Section] = set()

        async def read() -> None:
            for section, number in numbers:
                if section in ended:
                    continue
                try:
                    page = await self._page(section, page=number)
                except PagingRefused:  # it lists less far than it says
                    ended.add(section)
                    continue
                if section.onward and number == section.last and page.next is not None:
                    self._cursors.append((section, page.next))

        await side_by_side([read] * READERS)

    async def read_onward(self) -> None:
        """Reads on by cursor, each section for itself; one that comes again ends it."""

        async def read(section: Section, cursor: str | None) -> None:
            used: set[str] = set()
            while cursor is not None and cursor not in used:
                used.add(cursor)
                page = await self._page(section, after=cursor)
                cursor = page.next if page.contacts else None

        await side_by_side([partial(read, *at) for at in self._cursors])

    async def _page(
        self, section: Section, *, page: int | None = None, after: str | None = None
    ) -> ContactPage:
        found = await self._account.list_contacts(
            page=page, after=after, source=section.source, team_uuid=section.team_uuid
        )
        self._contacts.add(found)
        self._progress(len(found.contacts))
        return found


async def side_by_side(readers: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Run all of ``readers``; an account that lists less far than it says ends them quietly."""

    async def quietly(read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except PagingRefused:
            return

    async with tasks_together() as tasks:
        for read in readers:
            tasks.create_task(quietly(read))
