"""Listings: 20 a page, most recent activity first, by page and by cursor."""

from __future__ import annotations

import pytest

from bulk_update.sandbox import SandboxAccount
from bulk_update.sandbox.catalogue import team_uuid


async def by_page(api, **filters):
    """Every contact, page after page."""
    pages = (await api.get("/contacts", **filters)).body["meta"]["pages"]
    found = []
    for page in range(1, pages + 1):
        found += (await api.get("/contacts", page=page, **filters)).body["contacts"]
    return found


async def by_cursor(api, **filters):
    """Every contact, cursor after cursor; the filters are sent again each time."""
    reply = await api.get("/contacts", **filters)
    found, after = reply.body["contacts"], reply.body["meta"]["next"]
    while after:
        reply = await api.get("/contacts", after=after, page=99, **filters)
        found, after = found + reply.body["contacts"], reply.body["meta"]["next"]
    return found


@pytest.mark.parametrize("contacts", [1, 19, 20, 21, 60])
async def test_both_pagings_give_everyone_once(talk, contacts):
    """In the same order, by activity."""
    api = await talk(contacts=contacts)
    listed = await by_page(api)
    order = sorted(api.account, key=lambda contact: -contact.activity)
    assert [each["uuid"] for each in listed] == [contact.uuid for contact in order]
    assert await by_cursor(api) == listed


async def test_the_order_is_not_that_of_the_numbers(talk):
    """A sheet in contact order must not happen to be in listing order."""
    api = await talk()
    numbers = [api.account.contact(each["uuid"]).number for each in await by_page(api)]
    assert sorted(numbers) == list(range(1, 61))
    assert numbers != sorted(numbers)


async def test_the_list_and_the_single_view_agree(talk):
    """On every field, with and without types."""
    api = await talk()
    for types in ("true", "false"):
        for listed in await by_page(api, include_field_types=types):
            single = await api.get(f"/contacts/{listed['uuid']}", include_field_types=types)
            assert single.contact == listed


async def test_page_500_is_the_last(talk):
    """Past it 400 with the account's own words; cursors go on."""
    api = await talk(contacts=10_041)
    reply = await api.get("/contacts", page=500)
    assert (len(reply.body["contacts"]), reply.body["meta"]["pages"]) == (20, 503)
    refused = await api.get("/contacts", page=501)
    assert (refused.status, refused.body) == (400, {"error": "Pagination limit exceeded"})
    beyond = await api.get("/contacts", after=reply.body["meta"]["next"])
    assert (len(beyond.body["contacts"]), beyond.body["meta"]["page"]) == (20, 501)


async def test_a_page_past_the_last_contact_is_empty(talk):
    """No error."""
    assert (await (await talk()).get("/contacts", page=4)).body["contacts"] == []


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", ""])
async def test_a_page_that_is_none(talk, page):
    """400."""
    assert (await (await talk()).get("/contacts", page=page)).status == 400


@pytest.mark.parametrize("cursor", ["", "x", "MTIzNA==", "é", "MTIuMDAwMDAwMDA="])
async def test_a_bad_cursor(talk, cursor):
    """400 with the account's own words."""
    reply = await (await talk()).get("/contacts", after=cursor)
    assert (reply.status, reply.body) == (400, {"error": "Invalid pagination cursor"})


async def test_filters(talk):
    """Source, team, and tags: comma-separated, any of them, in any case."""
    api = await talk(contacts=200)
    everyone = list(api.account)

    async def check(rule, **filters):
        expected = {contact.uuid for contact in everyone if rule(contact)}
        assert {each["uuid"] for each in await by_page(api, **filters)} == expected
        assert {each["uuid"] for each in await by_cursor(api, **filters)} == expected

    sales = team_uuid("Sales")
    await check(lambda c: c.source == "facebook", source="facebook")
    await check(lambda c: c.team_uuid == sales, team_uuid=sales)
    await check(lambda c: "VIP" in c.tags or "España" in c.tags, tags="vip,ESPAÑA")
    await check(lambda c: "Newsletter " in c.tags, tags="newsletter")
    await check(lambda c: c.team_uuid == sales and "VIP" in c.tags, tags="VIP", team_uuid=sales)
    await check(lambda c: False, source="nowhere")


async def test_a_filtered_listing_follows_a_patch(talk):
    """A contact that loses the tag leaves the listing."""
    api = await talk()
    before = await by_page(api, tags="VIP")
    await api.patch(before[0]["uuid"], {"tags": []})
    assert await by_page(api, tags="VIP") == before[1:]


async def test_pages_shift_and_cursors_do_not(talk):
    """When a contact from behind moves to the head, page 2 repeats one and a cursor does not."""
    api = await talk()
    first = (await api.get("/contacts")).body
    api.account.stir(api.account.last_in_listing().uuid)
    second = (await api.get("/contacts", page=2)).body["contacts"]
    after = (await api.get("/contacts", after=first["meta"]["next"])).body["contacts"]
    assert second[0] == first["contacts"][-1]
    assert second[1:] == after[:-1]
    assert not {each["uuid"] for each in after} & {each["uuid"] for each in first["contacts"]}


async def test_members_are_paged(talk):
    """The default team has a second page; nobody who is unconfirmed or in no team is there."""
    api = await talk()
    teams = (await api.get("/teams")).body["teams"]
    assert [team["name"] for team in teams if team["default"]] == ["General"]
    for team in teams:
        users, page = [], 1
        while page:
            body = (await api.get(f"/teams/{team['uuid']}/members", page=page)).body
            users += body["users"]
            page = page + 1 if page < body["meta"]["pages"] else 0
        assert len({user["email"] for user in users}) == team["members"] == len(users)
        assert {"pending@example.com", "teamless@example.com"}.isdisjoint(
            user["email"] for user in users
        )
    assert max(team["members"] for team in teams) > 20


async def test_an_account_of_nobody(talk):
    """One page, empty."""
    body = (await (await talk(SandboxAccount.seeded(contacts=0))).get("/contacts")).body
    assert body == {"contacts": [], "meta": {"page": 1, "pages": 1, "next": None}}
