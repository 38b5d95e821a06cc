"""A listing answers as look-ups do, and what it does not show is looked up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bulk_update.account.client import CallbellClient
from bulk_update.account.lookup import Conflict, ContactFinder, Found, NotFound, digits
from bulk_update.account.throttle import Throttle
from bulk_update.model import Keys
from bulk_update.planning.by_page import Listed, read_sections
from bulk_update.planning.listed import ListedLookUps
from bulk_update.sandbox import SANDBOX_TOKEN, RateLimit, SandboxAccount, Server, serve

CONTACTS = 130


async def listed_by(client: CallbellClient, *sample: int) -> Listed:
    """The whole listing; the pages of ``sample`` beside the first are read beforehand."""
    listed = Listed()
    for number in (1, *sample):
        listed.take(number, await client.list_contacts(page=number), 0.01)
    await read_sections(client, listed.contacts, [listed.whole], progress=lambda _number: None)
    return listed


class Reading:
    """An account on a real socket, and two finders: one that asks it, one that listed it."""

    def __init__(self, server: Server, client: CallbellClient) -> None:
        self.server = server
        self.client = client
        self.asking = ContactFinder(client)
        self.listing = ContactFinder(client)
        self.look_ups: ListedLookUps | None = None

    async def list_it(self, channel: str | None = None) -> None:
        listed = await listed_by(self.client)
        self.look_ups = ListedLookUps(self.client, listed.contacts)
        self.asking = ContactFinder(self.client, channel=channel)
        self.listing = ContactFinder(self.client, channel=channel)
        self.listing.ask(self.look_ups)

    async def same(self, keys: Keys):
        """What both say of these keys; it must be the same."""
        one, other = await self.asking.find(keys), await self.listing.find(keys)
        if isinstance(one, Found):
            assert isinstance(other, Found)
            assert one.contact == other.contact
        else:
            assert one == other
        return other


@pytest.fixture
async def reading() -> AsyncIterator[Reading]:
    account = SandboxAccount.seeded(contacts=CONTACTS)
    async with (
        serve(account, rate_limit=RateLimit.off()) as server,
        CallbellClient(server.base_url, SANDBOX_TOKEN, Throttle(None)) as client,
    ):
        yield Reading(server, client)


def by(**keys: object) -> Keys:
    return Keys(shown="k", **keys)  # type: ignore[arg-type]


async def test_every_key_of_every_contact_gives_the_same_answer(reading: Reading) -> None:
    await reading.list_it()
    for contact in list(reading.server.account):
        assert isinstance(await reading.same(by(uuid=contact.uuid)), Found)
        if contact.bsuid:
            await reading.same(by(bsuid=contact.bsuid))
        if contact.phone:
            number = digits(contact.phone)
            await reading.same(by(phones=(number,)))
            await reading.same(by(phones=(number[2:], number)))
            await reading.same(by(uuid=contact.uuid, phones=(number,)))


async def test_pages_that_were_read_before_are_not_read_again(reading: Reading) -> None:
    """What the schema was read from shows contacts, too."""
    listed = await listed_by(reading.client, 2, 5)
    assert reading.client.requests["list_contacts"] == -(-CONTACTS // 20)
    assert len(listed.contacts) == CONTACTS


async def test_most_answers_take_no_request(reading: Reading) -> None:
    await reading.list_it()
    before = reading.client.requests.total()
    for contact in list(reading.server.account):
        found = await reading.listing.find(by(uuid=contact.uuid))
        assert isinstance(found, Found)
    assert reading.client.requests.total() == before
    assert reading.look_ups.answered == CONTACTS


@pytest.mark.parametrize("channel", [None, "all"])
async def test_one_number_on_two_contacts_is_for_the_account_to_say(
    reading: Reading, channel: str | None
) -> None:
    account = reading.server.account
    one, other = (each for each in list(account)[:2])
    for uuid in (one.uuid, other.uuid):
        account._by_uuid[uuid] = replace(account._by_uuid[uuid], phone="+39 02 999 1234")
    await reading.list_it(channel)
    await reading.same(by(phones=("39029991234",)))


async def test_two_keys_of_two_contacts_conflict_by_a_listing_too(reading: Reading) -> None:
    await reading.list_it()
    one, other = [each for each in reading.server.account if each.phone][:2]
    keys = by(uuid=one.uuid, phones=(digits(other.phone),))
    assert isinstance(await reading.same(keys), Conflict)


async def test_absence_from_a_listing_proves_nothing(reading: Reading) -> None:
    """A contact that moved while the pages were read is on none of them."""
    hidden = list(reading.server.account)[50]
    list_contacts = reading.client.list_contacts

    async def without(**asked: object):
        page = await list_contacts(**asked)
        return replace(page, contacts=[each for each in page.contacts if each.uuid != hidden.uuid])

    reading.client.list_contacts = without
    await reading.list_it()
    assert isinstance(await reading.same(by(uuid=hidden.uuid)), Found)
    assert isinstance(await reading.same(by(uuid="0" * 32)), NotFound)


@pytest.mark.parametrize("behind", [True, False], ids=["one comes to the head", "one is deleted"])
async def test_pages_that_shift_underneath_never_give_a_wrong_answer(
    reading: Reading, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    """While the pages are read, messages come in and contacts head the listing, and others are
    deleted: each page then begins elsewhere. What came twice is once, what was on no page is
    looked up, what is gone is not found."""
    monkeypatch.setattr("bulk_update.planning.by_page.READERS", 1)  # one page after the other
    account = reading.server.account
    everybody = [contact.uuid for contact in account]
    list_contacts, gone = reading.client.list_contacts, everybody[::13]

    async def shifting(**asked: object):
        page = await list_contacts(**asked)
        number = int(asked["page"])
        if behind:
            account.stir(everybody[-number])  # from the end to the head: all others move on
        elif number <= len(gone):
            account._uuids.pop(account._by_uuid.pop(gone[number - 1]).number)
            account._arrange()
        return page

    reading.client.list_contacts = shifting
    await reading.list_it()
    before = reading.client.requests.total()
    for uuid in everybody:
        found = await reading.listing.find(by(uuid=uuid))
        read_since = uuid in account._by_uuid or isinstance(found, NotFound)
        assert read_since or found.contact.uuid == uuid, "it was there when its page was read"
        if uuid in account._by_uuid:
            assert isinstance(found, Found)
            assert found.contact.uuid == uuid
    assert reading.client.requests.total() - before < CONTACTS


async def test_a_listed_contact_is_as_old_as_its_page(reading: Reading) -> None:
    """So that it is read again before it is changed, once that is too long ago."""
    await reading.list_it()
    listed = datetime.now(UTC)
    uuid = next(iter(reading.server.account)).uuid
    found = await reading.listing.find(by(uuid=uuid))
    assert isinstance(found, Found)
    assert found.read_at <= listed
