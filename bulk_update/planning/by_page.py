"""Reading an account's contacts page by page: in which parts, how long that takes, and doing it.

By number a listing ends at page 500. Beyond it there are cursors, where the account has them, and
those come one after the other. So the contacts of a larger account are listed in parts, by source
or by team, where that is shorter: each part has its own pages by number, and its own cursor. What
no part shows, a contact without a team, is looked up like any other that was not listed.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Protocol

from bulk_update.account.listing import LAST_PAGE, READERS, ContactPage, PagingRefused
from bulk_update.errors import single
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
class Part:
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
    def numbers(self) -> Iterator[int]:
        """The numbers that are to be read: the last one again where its cursor is wanted."""
        last = min(self.pages, LAST_PAGE)
        return (
            number
            for number in range(1, last + 1)
            if number not in self.read or (self.onward and number == last)
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
    def whole(self) -> Part:
        """All contacts as one part."""
        return Part(pages=self.pages or 0, read=frozenset(self.numbers))

    @property
    def share(self) -> float:
        """Which part of the account's contacts is here."""
        return len(self.numbers) / self.pages if self.pages else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What decides how long requests take: ``rate`` a second, ``latency`` of one in seconds,
    ``workers`` that look up side by side."""

    rate: float
    latency: float
    workers: int

    def alone(self, requests: float, abreast: int) -> float:
        """Seconds for requests that are made side by side."""
        return max(requests / self.rate, requests * self.latency / abreast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How long it takes, in seconds, to read what ``rows`` rows are about: one by one, and by
    the ``pages`` of some ``parts``, with a look-up for each row that is on none of them."""

    rows: int
    parts: tuple[Part, ...]
    pages: int
    one_by_one: float
    by_page: float

    @classmethod
    def of(cls, rows: int, parts: Sequence[Part], listed: Listed, pace: Pace) -> Forecast:
        """For rows about contacts that are anywhere in the account as likely as anywhere else,
        and were not listed yet."""
        onward = [part.onward for part in parts] if listed.cursors else [0]
        numbered = sum(1 for part in parts for _number in part.numbers)
        reached = sum(min(part.pages, LAST_PAGE) for part in parts) + sum(onward)
        unlisted = rows * max(0.0, 1 - reached / listed.pages) if listed.pages else rows
        return cls(
            rows=rows,
            parts=tuple(parts),
            pages=numbered + sum(onward),
            one_by_one=pace.alone(rows, pace.workers),
            by_page=pace.alone(numbered, READERS)
            + max(sum(onward) / pace.rate, max(onward) * pace.latency)
            + pace.alone(unlisted, pace.workers),
        )

    @property
    def lists(self) -> bool:
        """Whether reading page by page is the shorter way."""
        return self.by_page < self.one_by_one


async def shortest(
    account: Lister, listed: Listed, rows: int, teams: Iterable[str], pace: Pace
) -> Forecast:
    """The shortest way to what ``rows`` rows are about; how many pages there are is known by then.

    Where the account has pages without a number, and enough is to be gained, each source and each
    of ``teams`` (uuids) is asked for its first page: that tells how many it has. Raises
    TokenRefused, AccountUnreachable and StorageError.
    """
    whole = Forecast.of(rows, [listed.whole], listed, pace)
    if not listed.whole.onward or pace.alone(listed.whole.pages, READERS) >= whole.one_by_one:
        return whole
    ways = (
        [Part(source=source) for source in sorted(listed.sources)],
        [Part(team_uuid=uuid) for uuid in teams],
    )
    counted = [await _counted(account, listed, parts) for parts in ways]
    forecasts = [Forecast.of(rows, parts, listed, pace) for parts in counted if parts]
    return min([whole, *forecasts], key=lambda each: each.by_page)


async def read_parts(
    account: Lister, contacts: ListedContacts, parts: Iterable[Part], *, progress: Progress
) -> None:
    """Add to ``contacts`` all those that the pages of ``parts`` show which were not read yet.
    Pages that have a number are read side by side; beyond them, the parts are.

    It may end before the contacts do; that costs look-ups, and nothing else. Raises TokenRefused,
    AccountUnreachable and StorageError.
    """
    reading = _Reading(account, contacts, progress)
    await reading.read_numbered(parts)
    await reading.read_onward()


async def _counted(account: Lister, listed: Listed, parts: Sequence[Part]) -> list[Part]:
    """The parts that have pages, and how many; none where the account won't list one of them."""
    found: list[Part] = []

    async def count(part: Part) -> None:
        began = time.monotonic()
        page = await account.list_contacts(page=FIRST, source=part.source, team_uuid=part.team_uuid)
        listed.latency = min(listed.latency, time.monotonic() - began)
        listed.contacts.add(page)
        pages = (page.pages or 0) if page.contacts else 0
        found.append(replace(part, pages=pages, read=frozenset({FIRST})))

    await _together([partial(count, part) for part in parts])
    return [part for part in found if part.pages] if len(found) == len(parts) else []


class _Reading:
    """Pages on their way. ``_cursors`` are the ways past the last number of a part."""

    def __init__(self, account: Lister, contacts: ListedContacts, progress: Progress) -> None:
        self._account = account
        self._contacts = contacts
        self._progress = progress
        self._cursors: list[tuple[Part, str]] = []

    async def read_numbered(self, parts: Iterable[Part]) -> None:
        # Shared: each page is read by one of the readers.
        numbers = ((part, number) for part in parts for number in part.numbers)
        ended: set[Part] = set()

        async def read() -> None:
            for part, number in numbers:
                if part in ended:
                    continue
                try:
                    page = await self._page(part, page=number)
                except PagingRefused:  # it lists less far than it says
                    ended.add(part)
                    continue
                if part.onward and number == LAST_PAGE and page.next is not None:
                    self._cursors.append((part, page.next))

        await _together([read] * READERS)

    async def read_onward(self) -> None:
        """Reads on by cursor, each part for itself; one that comes again ends it."""

        async def read(part: Part, cursor: str | None) -> None:
            used: set[str] = set()
            while cursor is not None and cursor not in used:
                used.add(cursor)
                page = await self._page(part, after=cursor)
                cursor = page.next if page.contacts else None

        await _together([partial(read, *at) for at in self._cursors])

    async def _page(
        self, part: Part, *, page: int | None = None, after: str | None = None
    ) -> ContactPage:
        found = await self._account.list_contacts(
            page=page, after=after, source=part.source, team_uuid=part.team_uuid
        )
        self._contacts.add(found)
        self._progress(len(found.contacts))
        return found


async def _together(readers: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Runs them side by side; an account that lists less far than it says ends them quietly."""

    async def quietly(read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except PagingRefused:
            return

    try:
        async with asyncio.TaskGroup() as tasks:
            for read in readers:
                tasks.create_task(quietly(read))
    except BaseExceptionGroup as group:
        raise single(group) from group
