"""Both pagings, and the honest word when they end before the contacts do."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from aiohttp import web

from bulk_update.account.listing import PagingRefused


@pytest.fixture
def listed(account, make_contact):
    """A listing of ``total`` pages; by number up to ``last``, by cursor where ``cursors``."""

    def make(total, *, last=500, cursors=False, meta=True):
        async def answer(request):
            after = request.query.get("after")
            if after is not None and not cursors:
                return web.json_response({"error": "Invalid pagination cursor"}, status=400)
            page = int(after) if after is not None else int(request.query.get("page", 1))
            if after is None and page > last:
                return web.json_response({"error": "Pagination limit exceeded"}, status=400)
            contacts = [make_contact(f"{page:032x}")] if page <= total else []
            said = {"page": page, "pages": total} if meta else {}
            if cursors:
                said["next"] = str(page + 1) if page < total else None
            return web.json_response({"contacts": contacts, "meta": said})

        account.on("GET", "/contacts", answer)

    return make


@pytest.fixture(params=[1, 3, 32], ids="ahead {}".format)
def ahead(request):
    """How many pages are asked for side by side; the pages that come are the same."""
    return request.param


async def read(client, **filters):
    listing = client.iter_contacts(**filters)
    uuids = [one.uuid async for page in listing for one in page.contacts]
    return uuids, listing


@pytest.mark.parametrize("cursors", [False, True])
@pytest.mark.parametrize("meta", [False, True])
async def test_every_page_once(client, listed, cursors, meta, ahead):
    """By number; also where ``meta`` says nothing, until a page is empty."""
    listed(7, cursors=cursors, meta=meta)
    uuids, listing = await read(client, ahead=ahead)
    assert uuids == [f"{n:032x}" for n in range(1, 8)]
    assert not listing.incomplete


async def test_cursors_are_taken_only_beyond_the_last_page(
    account, client, listed, monkeypatch, ahead
):
    """Where numbers end, the cursor goes on, with the filters sent again."""
    monkeypatch.setattr("bulk_update.account.listing.LAST_PAGE", 5)
    listed(8, last=5, cursors=True)
    uuids, listing = await read(client, tags=("a",), ahead=ahead)
    assert len(uuids) == 8
    assert not listing.incomplete
    asked = sorted((one.query for one in account.seen), key=lambda query: "after" in query)
    assert asked[4:7] == [
        {"page": "5", "tags": "a"},
        {"after": "6", "tags": "a"},
        {"after": "7", "tags": "a"},
    ]


async def test_a_paging_that_ends_early_says_so(client, listed, ahead):
    """The refusal is told in the words of the account."""
    listed(8, last=5)
    uuids, listing = await read(client, ahead=ahead)
    assert len(uuids) == 5
    assert listing.incomplete
    assert listing.why == "Pagination limit exceeded"


async def test_a_cursor_that_comes_back_ends_it(account, client, make_contact):
    """Never for ever."""
    said = {"contacts": [make_contact()], "meta": {"page": 1, "pages": 1, "next": "same"}}
    account.on("GET", "/contacts", (200, said))
    _uuids, listing = await read(client)
    assert listing.incomplete
    assert len(account.seen) == 2


async def test_a_listing_that_is_refused_from_the_start_is_an_error(account, client, ahead):
    account.on("GET", "/contacts", (400, {"error": "no such team"}))
    with pytest.raises(PagingRefused, match="no such team"):
        await read(client, team_uuid="x", ahead=ahead)


async def test_an_empty_account(client, listed, ahead):
    listed(0)
    uuids, listing = await read(client, ahead=ahead)
    assert uuids == []
    assert not listing.incomplete


async def test_pages_that_have_a_number_are_asked_for_side_by_side(account, client, make_contact):
    """Each waits here until all that may be under way are: one after the other, none came."""
    under_way: list[int] = []
    all_there = asyncio.Event()

    async def answer(request):
        page = int(request.query["page"])
        if page > 1:
            under_way.append(page)
            if len(under_way) == 3:
                all_there.set()
            await all_there.wait()
        contacts = [make_contact(f"{page:032x}")]
        return web.json_response({"contacts": contacts, "meta": {"page": page, "pages": 4}})

    account.on("GET", "/contacts", answer)
    uuids, _listing = await read(client, ahead=3)
    assert uuids == [f"{n:032x}" for n in range(1, 5)]
    assert sorted(under_way) == [2, 3, 4]


async def test_who_leaves_before_the_end_asks_for_no_more(account, client, listed):
    listed(40)
    async with aclosing(aiter(client.iter_contacts(ahead=4))) as pages:
        async for page in pages:
            if page.page == 2:
                break
    assert {int(one.query["page"]) for one in account.seen} <= {1, 2, 3, 4, 5}
    assert not [each for each in asyncio.all_tasks() if "fetch" in repr(each.get_coro())]
