"""Who an account is and what it has, within a budget of requests."""

from __future__ import annotations

import pytest
from aiohttp import web

from bulk_update.account.discovery import BUDGET, identify, pull_schema
from bulk_update.account.schema import FieldSchema, User
from bulk_update.errors import TokenRefused
from bulk_update.model import FieldType


@pytest.fixture
def world(account, make_contact):
    """An account of as many teams and pages as a test wants; contact ``n`` bears the field
    ``F<n // 20>`` (one for each page), and ``Plan`` with its metadata."""

    def make(
        *,
        pages=3,
        teams=2,
        member_pages=1,
        listing_metadata=True,
        single_metadata=True,
        default=True,
    ):
        said = {"status": "ok", "user_email": "me@x.it", "user_name": "Me", "api_key": "k"}
        account.on("GET", "/auth/me", (200, said))
        listed = [
            {"uuid": f"t{n}", "name": f"Team {n}", "default": default and n == 1, "members": 2}
            for n in range(teams)
        ]
        account.on("GET", "/teams", (200, {"teams": listed}))
        for n in range(teams):
            account.on("GET", f"/teams/t{n}/members", members(n, member_pages))
        account.on("GET", "/contacts", contacts)
        for n in range(pages * 20):
            one = contact(n, metadata=single_metadata)
            account.on("GET", f"/contacts/{n:032x}", (200, {"contact": one}))
        make.pages, make.metadata = pages, listing_metadata

    def members(team, pages):
        async def answer(request):
            page = int(request.query.get("page", 1))
            users = [{"email": f"u{team}.{page}@x.it", "name": f"U{team}"}]
            return web.json_response({"users": users, "meta": {"page": page, "pages": pages}})

        return answer

    def contact(n, *, metadata):
        page = n // 20
        one = make_contact(
            f"{n:032x}",
            tags=[f"tag {page}"],
            assignedUser="Seen@x.it",
            customFields={"Plan": "Pro", f"F{page}": "1"},
        )
        if metadata:
            one["customFieldsMetadata"] = {
                "Plan": {"value": "Pro", "type": "dropdown", "options": ["Basic", "Pro"]},
                f"F{page}": {"value": "1", "type": "number"},
            }
        return one

    async def contacts(request):
        page = int(request.query.get("page", 1))
        if page > 500:
            return web.json_response({"error": "Pagination limit exceeded"}, status=400)
        numbers = range((page - 1) * 20, page * 20) if page <= make.pages else ()
        said = [contact(n, metadata=make.metadata) for n in numbers]
        return web.json_response({"contacts": said, "meta": {"page": page, "pages": make.pages}})

    return make


async def test_an_account_is_its_address_and_its_default_team(account, client, world):
    """In two requests; people call it by the profile, else by the user."""
    world()
    who = (await identify(client)).account
    assert (who.base_url, who.default_team, who.name) == (account.url, "t1", "me@x.it")
    assert (await identify(client, profile_name="shop")).account.name == "shop"
    assert sum(client.requests.values()) == 4


async def test_without_a_default_team_the_user_stands_for_it(client, world):
    world(default=False)
    assert (await identify(client)).account.key.endswith("|me@x.it")


async def test_an_account_without_the_call_for_teams_still_has_a_name(client, account, world):
    world()
    account.on("GET", "/teams", (404, {}))
    assert (await identify(client)).account.key.endswith("|me@x.it")


async def test_an_account_that_names_nobody_still_has_a_name(client, account, world):
    """The user's, else its address; and it is said that nothing tells it apart."""
    world(default=False)
    said = {"status": "ok", "user_email": None, "user_name": "Ada"}
    account.on("GET", "/auth/me", (200, said))
    who = (await identify(client)).account
    assert (who.name, who.is_told_apart) == ("Ada", False)
    account.on("GET", "/auth/me", (200, {"status": "ok"}))
    who = (await identify(client)).account
    assert who.name == account.url.split("/")[2]
    assert who.key == f"{account.url}|"


async def test_a_token_that_may_not_see_members_knows_not_all_users(client, account, world):
    """It may be good for contacts: that is said once, and ends nothing."""
    world()
    for team in ("t0", "t1"):
        account.on("GET", f"/teams/{team}/members", (403, {"error": "not allowed"}))
    told = []
    schema = await pull_schema(client, say=told.append)
    assert not schema.users_complete
    assert [each.email for each in schema.users] == ["Seen@x.it"]
    assert len(told) == 1
    assert "403" in told[0]
    assert schema.fields


@pytest.mark.parametrize("untold", [("t0",), ("t0", "t1")])
async def test_an_account_without_pages_of_members_knows_not_all_users(
    client, account, world, untold
):
    """Nobody said that the team is empty: whoever was not seen may well be a user."""
    world()
    for team in untold:
        account.on("GET", f"/teams/{team}/members", (404, {"error": "Not found"}))
    told = []
    schema = await pull_schema(client, say=told.append)
    assert not schema.users_complete
    assert ("u1.1@x.it" in {each.email for each in schema.users}) == ("t1" not in untold)
    assert len(told) == 1
    assert schema.fields


async def test_a_token_that_is_refused_ends_it_there_too(client, account, world):
    world()
    account.on("GET", "/teams/t0/members", (401, {"error": "expired"}))
    with pytest.raises(TokenRefused):
        await pull_schema(client)


async def test_a_small_account_is_read_whole(client, world):
    """Known fields with their options, observed tags, all users."""
    world()
    schema = await pull_schema(client)
    assert schema.fields["Plan"] == FieldSchema(
        name="Plan", type=FieldType.DROPDOWN, options=("Basic", "Pro")
    )
    assert set(schema.fields) == {"Plan", "F0", "F1", "F2"}
    assert schema.tags == ("tag 0", "tag 1", "tag 2")
    assert User(email="u0.1@x.it", name="U0") in schema.users
    assert User(email="Seen@x.it") in schema.users
    assert schema.users_complete
    assert schema.contacts_read == 60
    assert schema.pulled_at is not None
    assert schema.account.default_team == "t1"


@pytest.mark.parametrize(
    ("pages", "teams", "member_pages"),
    [(700, 2, 1), (700, 60, 1), (3, 2, 50), (1, 0, 1), (0, 1, 1)],
)
@pytest.mark.parametrize("metadata", [True, False])
async def test_the_budget_holds(client, world, pages, teams, member_pages, metadata):
    """25 requests, whatever the account is like; and the progress counts each of them."""
    told = []
    world(pages=min(pages, 30), teams=teams, member_pages=member_pages, listing_metadata=metadata)
    world.pages = pages
    await pull_schema(client, progress=told.append)
    assert sum(told) == sum(client.requests.values()) <= BUDGET


async def test_who_it_is_is_asked_once(client, world):
    """What is known already is not asked again, and is part of the budget all the same."""
    world(pages=40)
    who = await identify(client)
    assert who.requests == 2
    schema = await pull_schema(client, identity=who)
    assert schema.account == who.account
    assert schema.teams == who.teams
    assert client.requests["me"] == 1
    assert client.requests["list_teams"] == 1
    assert client.requests.total() == BUDGET


async def test_the_sample_is_spread_over_all_contacts(account, client, world):
    """Old contacts bear what new ones don't."""
    world(pages=100, teams=1)
    await pull_schema(client)
    pages = [
        int(call.split("page=")[1].split("&")[0])
        for call in account.calls()
        if "/contacts?" in call
    ]
    assert pages[0] == 1
    assert pages[-1] == 100
    assert len(pages) == BUDGET - 3


async def test_users_are_complete_only_when_every_team_was_read(client, world):
    """An unknown user is an error only then."""
    world(teams=60)
    schema = await pull_schema(client)
    assert not schema.users_complete
    assert schema.contacts_read > 0


async def test_full_reads_everything(client, world):
    """Whatever it costs."""
    world(pages=40, teams=30, member_pages=2)
    schema = await pull_schema(client, full=True)
    assert schema.users_complete
    assert schema.contacts_read == 800
    assert len(schema.fields) == 41


async def test_a_listing_without_metadata_is_made_up_for_by_single_contacts(client, world):
    """Those that bear the most unknown fields first; then nothing is unknown."""
    world(pages=4, listing_metadata=False)
    schema = await pull_schema(client)
    assert all(field.known for field in schema.fields.values())
    assert client.requests["get_contact"] == 4


async def test_an_account_that_shows_no_types_at_all_is_not_asked_for_ever(client, world):
    """Then the names are observed, and that is what the schema says."""
    world(pages=4, listing_metadata=False, single_metadata=False)
    schema = await pull_schema(client)
    assert not any(field.known for field in schema.fields.values())
    assert set(schema.fields) == {"Plan", "F0", "F1", "F2", "F3"}
    assert client.requests["get_contact"] == 3
