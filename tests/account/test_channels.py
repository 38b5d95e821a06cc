"""What ``--channel`` means among the channels that contacts showed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from aiohttp import web

from bulk_update.account import AccountSchema, Channel
from bulk_update.account.channels import choose_channel, needs_more_channels
from bulk_update.account.client import CallbellClient
from bulk_update.account.discovery import pull_schema, read_channels
from bulk_update.account.lookup import ContactFinder, Found
from bulk_update.errors import TokenRefused, UsageError
from bulk_update.model import Account, Keys

MAIN, SECOND, PAGE, GRAM = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
CHANNELS = (
    Channel(uuid=MAIN, title="WhatsApp Milano", type="whatsapp", main=True),
    Channel(uuid=SECOND, title="WhatsApp San José", type="whatsapp"),
    Channel(uuid=PAGE, title="Shop", type="facebook"),
    Channel(uuid=GRAM, title="WhatsApp San José", type="instagram"),
)


def test_nothing_said_is_the_main_channel():
    """And where the others are is known all the same, for a number that is elsewhere."""
    choice = choose_channel(None, CHANNELS)
    assert (choice.channel, choice.main, choice.others) == (None, MAIN, (SECOND,))


@pytest.mark.parametrize(
    "name",
    [
        "WhatsApp San José",
        "whatsapp san josé",
        "WHATSAPP  SAN JOSÉ",
        unicodedata.normalize("NFD", "WhatsApp San José"),
    ],
)
def test_a_name_is_matched_without_case_and_composition(name):
    """The WhatsApp channel goes before another kind's of the same name: it has the phones."""
    assert choose_channel(name, CHANNELS).channel == SECOND


def test_a_name_that_differs_by_case_alone_is_matched_exactly_first():
    channels = (Channel(uuid=MAIN, title="shop"), Channel(uuid=SECOND, title="Shop"))
    assert choose_channel("Shop", channels).channel == SECOND
    assert choose_channel("shop", channels).channel == MAIN


@pytest.mark.parametrize("spelled", [SECOND, SECOND.upper(), f"{'b' * 8}{'-bbbb' * 3}-{'b' * 12}"])
def test_a_uuid_is_taken_in_any_spelling(spelled):
    choice = choose_channel(spelled, CHANNELS)
    assert (choice.channel, choice.seen) == (SECOND, True)


def test_a_uuid_that_was_never_seen_is_taken_too():
    """Channels are only observed: that one was not met proves nothing."""
    choice = choose_channel("e" * 32, CHANNELS)
    assert (choice.channel, choice.seen) == ("e" * 32, False)


def test_all_leaves_out_channels_without_phones():
    """Contacts of Facebook and Instagram have no number: asking there is a request for nothing."""
    choice = choose_channel("ALL", CHANNELS)
    assert (choice.channel, choice.others) == ("all", (SECOND,))


def test_an_unknown_name_names_the_known_ones_and_the_nearest():
    with pytest.raises(UsageError) as caught:
        choose_channel("WhatsApp Milan", CHANNELS)
    assert caught.value.exit_code == 2
    assert caught.value.code == "unknown_channel"
    assert "'WhatsApp San José'" in caught.value.message
    assert "Did you mean 'WhatsApp Milano'?" in caught.value.hint


def test_a_name_where_no_channel_is_known():
    with pytest.raises(UsageError, match="no channel is known") as caught:
        choose_channel("Milano", ())
    assert "schema pull" in caught.value.hint


def test_a_name_of_two_channels_asks_which():
    channels = (Channel(uuid=MAIN, title="Shop"), Channel(uuid=SECOND, title="shop"))
    with pytest.raises(UsageError) as caught:
        choose_channel("SHOP", channels)
    assert caught.value.code == "ambiguous_channel"
    assert MAIN in caught.value.message
    assert SECOND in caught.value.message


# -- seen on contacts ------------------------------------------------------------------


def scripted(account, make_contact):
    contacts = [
        make_contact(
            f"{number:032x}",
            channel={
                "uuid": one.uuid,
                "title": one.title or None,
                "type": one.type,
                "main": one.main,
            },
        )
        for number, one in enumerate(CHANNELS)
    ]
    contacts.append(make_contact("9" * 32, channel=None))
    account.on("GET", "/auth/me", (200, {"user_email": "a@b.it", "user_name": "A"}))
    account.on("GET", "/teams", (200, {"teams": []}))
    account.on("GET", "/contacts", (200, {"contacts": contacts, "meta": {"page": 1, "pages": 1}}))


async def test_a_schema_observes_the_channels_of_contacts(
    account, client: CallbellClient, make_contact
):
    """The main one first, the others by title; a contact may show none."""
    scripted(account, make_contact)
    schema = await pull_schema(client)
    assert schema.channels == (CHANNELS[0], CHANNELS[2], CHANNELS[1], CHANNELS[3])


@pytest.mark.parametrize(
    ("asked", "more"),
    [(None, False), ("e" * 32, False), ("whatsapp milano", False), ("all", True), ("Other", True)],
)
def test_more_is_read_only_where_the_answer_rests_on_it(asked, more):
    """A name that is known costs nothing; of all channels none may be missing."""
    assert needs_more_channels(asked, CHANNELS) is more


@pytest.fixture
def many_pages(account, make_contact):
    """30 pages; the second channel shows on the last contact of page 20 alone."""

    async def contacts(request):
        page = int(request.query["page"])
        shown = [
            make_contact(f"{page:02x}{number:030x}", channel=_shown(0)) for number in range(20)
        ]
        if page == 20:
            shown[-1]["channel"] = _shown(1)
        return web.json_response({"contacts": shown, "meta": {"page": page, "pages": 30}})

    account.on("GET", "/contacts", contacts)


def _shown(number):
    one = CHANNELS[number]
    return {"uuid": one.uuid, "title": one.title, "type": one.type, "main": one.main}


def sampled(contacts_read=320):
    return AccountSchema(
        account=Account(base_url="u"), channels=CHANNELS[:1], contacts_read=contacts_read
    )


@pytest.mark.usefixtures("many_pages")
async def test_a_channel_that_the_sample_missed_is_found(client: CallbellClient):
    """By reading on; each page once."""
    assert await read_channels(client, sampled()) == CHANNELS[:2]
    assert client.requests["list_contacts"] == 30


@pytest.mark.usefixtures("many_pages")
async def test_reading_ends_when_it_is_found(client: CallbellClient):
    """Readers go side by side: those under way still end."""

    def enough(known):
        return not needs_more_channels("WhatsApp San José", known)

    assert await read_channels(client, sampled(), enough=enough) == CHANNELS[:2]
    assert client.requests["list_contacts"] <= 30
    client.requests.clear()
    full = replace(sampled(), channels=CHANNELS)
    assert await read_channels(client, full, enough=enough) == CHANNELS
    assert client.requests.total() == 0


@pytest.mark.usefixtures("many_pages")
async def test_a_schema_of_all_contacts_costs_one_look(client: CallbellClient):
    """`schema pull --full` and then `--schema` makes it cheap."""
    told = []
    assert await read_channels(client, sampled(600), progress=told.append) == CHANNELS[:1]
    assert client.requests.total() == sum(told) == 1


async def test_a_fault_while_reading_channels_is_the_accounts(account, client: CallbellClient):
    async def contacts(request):
        if request.query["page"] == "7":
            return web.json_response({}, status=401)
        return web.json_response({"contacts": [], "meta": {"page": 1, "pages": 30}})

    account.on("GET", "/contacts", contacts)
    with pytest.raises(TokenRefused):
        await read_channels(client, sampled())


async def test_all_asks_the_main_channel_once(account, client: CallbellClient, make_contact):
    """Also when a contact of it was met before: its uuid and no uuid are one channel."""
    one = make_contact(
        "1" * 32, phoneNumber="393331234567", channel={"uuid": MAIN, "title": "M", "main": True}
    )
    account.on("GET", f"/contacts/{'1' * 32}", (200, {"contact": one}))
    choice = choose_channel("all", CHANNELS)
    finder = ContactFinder(client, channel=choice.channel, channels=choice.others, main=choice.main)
    assert isinstance(await finder.find(Keys(shown="x", uuid="1" * 32)), Found)
    account.seen.clear()
    await finder.find(Keys(shown="x", phones=("393339999999",)))
    assert [call.partition("?")[2] for call in account.calls()] == [
        "",
        "",
        f"channel_uuid={SECOND}",
        f"channel_uuid={SECOND}",
    ]
