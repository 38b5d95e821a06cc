"""All contacts of an account, page by page, under both pagings.

By number a listing ends at page 500 (10,000 contacts): past it the account answers 400,
"Pagination limit exceeded". Newer servers give every page a cursor, which goes on beyond that;
it is taken only there, for pages by number can be had in any order and side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from bulk_update.account.schema import Channel, FieldSchema
from bulk_update.errors import AccountUnreachable
from bulk_update.language import _
from bulk_update.model import Contact

PAGE_SIZE: Final = 20
LAST_PAGE: Final = 500

READERS: Final = 64
"""Pages by number that may be asked for side by side; how fast they go is the throttle's affair."""

Fetch = Callable[[int | None, str | None], Coroutine[object, object, "ContactPage"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """One page: its contacts, the custom fields they showed (with type and options where they
    were asked for), the channels they came by, its number, the number of pages, and the cursor
    of the next."""

    contacts: tuple[Contact, ...]
    fields: tuple[FieldSchema, ...] = ()
    channels: tuple[Channel, ...] = ()
    page: int | None = None
    pages: int | None = None
    next: str | None = None


class PagingRefused(AccountUnreachable):
    """The account lists no further; ``words`` are its own."""

    default_code = "refused_request"

    def __init__(self, words: str, *, status: int) -> None:
        super().__init__(
            _("the account lists no further contacts (HTTP {status}): {words}").format(
                status=status, words=words
            )
        )
        self.words = words


class Listing:
    """An async iterator over pages. After it ended, ``incomplete`` says whether contacts are
    missing because the paging ended before they did, and ``why`` in which words. The order is
    by activity, so contacts move while it goes on: one may come twice, another not at all.

    Up to ``ahead`` pages that have a number are asked for side by side; they come in their order
    all the same, and what was asked for beyond the end counts for nothing. Who leaves before the
    end closes it (``contextlib.aclosing``).
    """

    def __init__(self, fetch: Fetch, *, ahead: int = 1) -> None:
        self._fetch = fetch
        self._ahead = ahead
        self.incomplete = False
        self.why = ""
        self.pages_read = 0

    async def __aiter__(self) -> AsyncGenerator[ContactPage]:
        asked = _Asked(self._fetch, self._ahead)
        try:
            async with aclosing(self._pages(asked)) as pages:
                async for page in pages:
                    yield page
        finally:
            await asked.close()

    async def _pages(self, asked: _Asked) -> AsyncGenerator[ContactPage]:
        number: int | None = 1
        cursor: str | None = None
        onward: str | None = None
        used: set[str] = set()
        while number is not None or cursor is not None:
            try:
                page = await asked.page(number, cursor)
            except PagingRefused as end:
                if not self.pages_read:
                    raise
                if cursor is None and onward is not None:
                    # Pages by number end here already; the cursor of the last one goes on.
                    number, cursor, onward = None, onward, None
                    continue
                self._end_early(end.words)
                return
            self.pages_read += 1
            asked.last = min(page.pages or 1, LAST_PAGE)
            yield page
            if not page.contacts:
                return
            onward = page.next
            number, cursor = self._after(page, number)
            if cursor is not None and cursor in used:
                self._end_early(_("the same page came again"))
                return
            used.add(cursor or "")

    def _after(self, page: ContactPage, number: int | None) -> tuple[int | None, str | None]:
        """Where to go on: the number or the cursor of the next page; neither at the end."""
        if number is None:
            return None, page.next
        more = page.pages is None or number < page.pages
        if more and (number < LAST_PAGE or page.next is None):
            return number + 1, None
        return None, page.next

    def _end_early(self, why: str) -> None:
        self.incomplete = True
        self.why = why


class _Asked:
    """Pages that were asked for before their turn; ``last`` is the last one there is, as far as
    is known."""

    def __init__(self, fetch: Fetch, most: int) -> None:
        self.last = 1
        self._fetch = fetch
        self._most = most
        self._pages: dict[int, asyncio.Task[ContactPage]] = {}

    async def page(self, number: int | None, cursor: str | None) -> ContactPage:
        """The page with this number or cursor; those behind the number are asked for, too."""
        if number is None or self._most == 1:
            return await self._fetch(number, cursor)
        for each in range(number, max(number, min(number + self._most - 1, self.last)) + 1):
            if each not in self._pages:
                self._pages[each] = asyncio.create_task(self._fetch(each, None))
        return await self._pages.pop(number)

    async def close(self) -> None:
        """Ends what nobody waits for any more; how it would have ended is nobody's affair."""
        for task in self._pages.values():
            task.cancel()
        await asyncio.gather(*self._pages.values(), return_exceptions=True)
