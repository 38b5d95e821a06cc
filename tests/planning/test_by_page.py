"""The account is read page by page where that is shorter, in the sections that make it shortest."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bulk_update.account.client import CallbellClient
from bulk_update.account.listing import READERS, ContactPage, PagingRefused
from bulk_update.account.throttle import Throttle
from bulk_update.errors import AccountUnreachable
from bulk_update.planning.by_page import Listed, Section, read_sections
from bulk_update.planning.forecast import Forecast, Speed, shortest
from bulk_update.sandbox import SANDBOX_TOKEN, Behaviour, RateLimit, SandboxAccount, serve
from bulk_update.sandbox.account import Filters

CONTACTS = 400
LAST = 5
"""The last page that has a number, here."""

SPEED = Speed(rate=300, latency=0.05, workers=128)


def nobody(_contacts: int) -> None:
    """Whom progress does not matter to."""


class Reading:
    """An account on a real socket, of which the first page was read."""

    def __init__(self, account: SandboxAccount, client: CallbellClient, listed: Listed) -> None:
        self.account = account
        self.client = client
        self.listed = listed
        self.teams = [team.uuid for team in account.catalogue.teams]

    async def shortest(self, rows: int = 100_000) -> Forecast:
        return await shortest(self.client, self.listed, rows, self.teams, SPEED)

    async def read(self, *sections: Section) -> int:
        """Read them, and say how many contacts are here."""
        await read_sections(self.client, self.listed.contacts, sections, progress=nobody)
        return len(self.listed.contacts)


@asynccontextmanager
async def reading(**behaviour: bool) -> AsyncIterator[Reading]:
    account = SandboxAccount.seeded(contacts=CONTACTS)
    limit = RateLimit.off()
    with pytest.MonkeyPatch.context() as patch:
        for module in ("sandbox.listing", "planning.by_page"):
            patch.setattr(f"bulk_update.{module}.LAST_PAGE", LAST)
        async with (
            serve(account, behaviour=Behaviour(**behaviour), rate_limit=limit) as server,
            CallbellClient(server.base_url, SANDBOX_TOKEN, Throttle(None)) as client,
        ):
            listed = Listed()
            listed.take(1, await client.list_contacts(page=1), 0.01)
            yield Reading(account, client, listed)


@pytest.mark.parametrize("cursors", [True, False])
async def test_pages_beyond_the_last_number_come_by_cursor_if_there_is_one(cursors: bool) -> None:
    async with reading(cursors=cursors) as it:
        assert await it.read(it.listed.whole) == (CONTACTS if cursors else LAST * 20)


async def test_a_large_account_without_cursors_is_listed_by_its_teams() -> None:
    """All that have a team are reached by number; the others are for look-ups."""
    async with reading(cursors=False) as it:
        way = await it.shortest()
        assert way.lists
        for section in way.sections:
            members = it.account.count(Filters(team_uuid=section.team_uuid or ""))
            assert section.pages == math.ceil(members / 20)
        await it.read(*way.sections)
        whole = {section.team_uuid for section in way.sections if not section.onward}
        uuids = [each.uuid for each in it.account if each.team_uuid in whole]
        assert len(uuids) > LAST * 20
        assert all(map(it.listed.contacts.with_uuid, uuids))


async def test_parts_go_on_by_cursors_of_their_own() -> None:
    async with reading() as it:
        contacts = it.account.count(Filters(source="whatsapp"))
        counted = Section(source="whatsapp", pages=-(-contacts // 20))
        assert counted.onward
        before = it.client.requests["list_contacts"]
        assert await it.read(counted) >= contacts
        assert it.client.requests["list_contacts"] - before == counted.pages


async def test_a_page_is_read_once() -> None:
    """What was read to count the pages is not read again."""
    async with reading(cursors=False) as it:
        way = await it.shortest()
        before = it.client.requests["list_contacts"]
        await it.read(*way.sections)
        assert it.client.requests["list_contacts"] - before == way.pages


async def test_few_rows_cost_no_counting() -> None:
    async with reading() as it:
        assert not (await it.shortest(rows=15)).lists
        assert it.client.requests["list_contacts"] == 1


@pytest.mark.parametrize(
    "refusal",
    [PagingRefused("unknown parameter", status=400), AccountUnreachable("HTTP 500, again")],
    ids=["refuses", "fails"],
)
async def test_an_account_that_lists_no_part_is_read_as_a_whole(refusal: Exception) -> None:
    async with reading() as it:
        list_contacts = it.client.list_contacts

        async def whole_alone(**asked: object) -> ContactPage:
            if asked.get("source") or asked.get("team_uuid"):
                raise refusal
            return await list_contacts(**asked)  # type: ignore[arg-type]

        it.client.list_contacts = whole_alone  # type: ignore[method-assign,assignment]
        way = await it.shortest()
        assert way.sections == (it.listed.whole,)
        assert await it.read(*way.sections) == CONTACTS


async def test_an_account_that_knows_no_filter_is_read_once_all_the_same() -> None:
    """It answers with the whole listing, whatever it is asked: each section is as long as it."""
    async with reading() as it:
        list_contacts = it.client.list_contacts

        async def unfiltered(**asked: object) -> ContactPage:
            asked.update(source=None, team_uuid=None)
            return await list_contacts(**asked)  # type: ignore[arg-type]

        it.client.list_contacts = unfiltered  # type: ignore[method-assign,assignment]
        assert (await it.shortest()).sections == (it.listed.whole,)


@pytest.mark.parametrize(
    ("rows", "pages", "lists"),
    [
        (1_000, 40, True),
        (1_000, 500, True),
        (100, 500, False),
        (600, 600, False),  # a hundred pages by cursor, one after the other
        (40_000, 2_000, True),
        (1_000_000, 20_000, True),
        (200_000, 20_000, False),
    ],
)
def test_the_shorter_way_is_taken(rows: int, pages: int, lists: bool) -> None:
    listed = Listed(pages=pages, cursors=True)
    assert Forecast.of(rows, [Section(pages=pages)], listed, SPEED).lists == lists


def test_a_slow_account_is_read_one_by_one_where_its_pages_come_in_a_row() -> None:
    def lists(latency: float) -> bool:
        listed = Listed(pages=1_000, cursors=True)
        speed = replace(SPEED, latency=latency)
        return Forecast.of(20_000, [Section(pages=1_000)], listed, speed).lists

    assert (lists(0.02), lists(0.5)) == (True, False)


def test_what_no_section_shows_is_reckoned_with() -> None:
    """Without cursors a listing ends early; teams have only those that have one."""
    listed = Listed(pages=2_000, cursors=False)
    whole = Forecast.of(40_000, [Section(pages=2_000)], listed, SPEED)
    assert whole.pages == 500
    assert whole.by_page == pytest.approx(500 / 300 + 30_000 / 300)
    half = Forecast.of(
        40_000, [Section(team_uuid=str(n), pages=250) for n in range(4)], listed, SPEED
    )
    assert half.by_page == pytest.approx(1_000 / 300 + 20_000 / 300)


def test_cursors_of_several_sections_run_beside_each_other() -> None:
    listed = Listed(pages=4_000, cursors=True)
    speed = replace(SPEED, latency=0.2)
    whole = Forecast.of(80_000, [Section(pages=4_000)], listed, speed)
    halves = [Section(team_uuid=str(n), pages=1_000) for n in range(4)]
    sections = Forecast.of(80_000, halves, listed, speed)
    assert whole.by_page == pytest.approx(speed.seconds(500, READERS) + 3_500 * 0.2)
    assert sections.by_page == pytest.approx(speed.seconds(2_000, READERS) + 500 * 0.2)
