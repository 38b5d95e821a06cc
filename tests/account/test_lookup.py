"""Which contact a row means: the order of keys, readings of phones, and why there is none."""

from __future__ import annotations

import pytest

from bulk_update.account.lookup import Conflict, ContactFinder, Found, NotFound, digits
from bulk_update.errors import AccountUnreachable, TokenRefused
from bulk_update.model import Keys

UUID = "414a6d692bd645ed803f2e7ce360d4c8"
OTHER = "f" * 32
THIRD = "e" * 32


@pytest.fixture
def has(account, make_contact):
    """Lets the account have contacts, found by uuid, and by phone in one spelling."""

    def give(uuid, phone=None, *, spelled=None, bsuid=None, channel="main", only_on=None):
        one = make_contact(
            uuid,
            phoneNumber=phone,
            bsuid=bsuid,
            channel={"uuid": channel, "title": channel, "type": "whatsapp", "main": not only_on},
        )
        account.on("GET", f"/contacts/{uuid}", (200, {"contact": one}))
        if bsuid:
            account.on("GET", f"/contacts/bsuid/{bsuid}", (200, {"contact": one}))
        if phone:
            on_number(spelled or digits(phone), one, only_on)
        return one

    def on_number(number, one, only_on):
        from aiohttp import web

        async def answer(request):
            asked = request.query.get("channel_uuid")
            if asked == only_on or (asked == "main" and only_on is None):
                return web.json_response({"contact": one})
            return web.json_response({"error": "Not found"}, status=404)

        account.on("GET", f"/contacts/phone/{number.replace('+', '%2B')}", answer)

    return give


def keys(**given):
    return Keys(shown=given.pop("shown", "the cell"), **given)


async def test_the_uuid_goes_first_and_costs_one_request(account, client, has):
    """The other keys are not asked where the contact itself agrees with them."""
    has(UUID, "+39 333 1234567", bsuid="IT.1")
    found = await ContactFinder(client).find(
        keys(uuid=UUID, bsuid="IT.1", phones=("3331234567", "393331234567"))
    )
    assert isinstance(found, Found)
    assert found.contact.uuid == UUID
    assert found.read_at.utcoffset().total_seconds() == 0
    assert account.calls() == [f"GET /contacts/{UUID}"]


async def test_the_next_key_only_where_one_is_blank(account, client, has):
    """A uuid that names nobody is not found, whatever the phone says."""
    has(OTHER, "39333")
    missing = await ContactFinder(client).find(keys(uuid=UUID, phones=("39333",)))
    assert isinstance(missing, NotFound)
    assert missing.code == "no_contact"
    assert UUID in missing.message
    assert len(account.seen) == 1


async def test_two_keys_that_name_two_contacts(account, client, has):
    """A finding, naming both."""
    has(UUID, "391", bsuid="IT.1")
    has(OTHER, "392", bsuid="IT.2")
    finder = ContactFinder(client)
    for given in (
        {"uuid": UUID, "phones": ("392",)},
        {"uuid": UUID, "bsuid": "IT.2"},
        {"bsuid": "IT.1", "phones": ("392",)},
    ):
        conflict = await finder.find(keys(**given))
        assert isinstance(conflict, Conflict)
        assert conflict.code == "two_contacts"
        assert set(conflict.uuids) == {UUID, OTHER}


async def test_a_second_key_that_names_nobody_is_no_conflict(client, has):
    """A phone that was changed since is not another contact."""
    has(UUID, "391")
    assert isinstance(await ContactFinder(client).find(keys(uuid=UUID, phones=("399",))), Found)


async def test_a_phone_taken_for_a_uuid_is_not_this_contact(account, client, make_contact):
    """The answer has another uuid than was asked for."""
    account.on("GET", "/contacts/393331234567", (200, {"contact": make_contact(UUID)}))
    missing = await ContactFinder(client).find(keys(uuid="393331234567"))
    assert isinstance(missing, NotFound)


@pytest.mark.parametrize("spelled", ["393331234567", "+393331234567"])
async def test_a_phone_is_found_in_either_spelling(account, client, has, spelled):
    """And the one that the account takes is asked first from then on."""
    has(UUID, "+39 333 1234567", spelled=spelled)
    finder = ContactFinder(client)
    for _twice in range(2):
        found = await finder.find(keys(phones=("393331234567",)))
        assert isinstance(found, Found)
    assert len(account.seen) == (2 if spelled[0] == "3" else 3)


async def test_one_contact_by_any_reading_wins(client, has):
    """The second reading of a national number."""
    has(UUID, "+39 333 1234567")
    found = await ContactFinder(client).find(keys(phones=("3331234567", "393331234567")))
    assert isinstance(found, Found)


async def test_two_contacts_by_two_readings(client, has):
    """Nobody can tell which was meant."""
    has(UUID, "+39 333 1234567")
    has(OTHER, "+33 31234567", spelled="3331234567")
    conflict = await ContactFinder(client).find(keys(phones=("3331234567", "393331234567")))
    assert isinstance(conflict, Conflict)
    assert conflict.code == "ambiguous_phone"
    assert set(conflict.uuids) == {UUID, OTHER}


async def test_an_answer_with_another_number_is_not_this_contact(account, client, make_contact):
    """Phones are compared by their digits, whatever the account thinks is near."""
    near = make_contact(UUID, phoneNumber="+39 333 7654321")
    account.on("GET", "/contacts/phone/393331234567", (200, {"contact": near}))
    assert isinstance(await ContactFinder(client).find(keys(phones=("393331234567",))), NotFound)


class TestWhyNot:
    """The code says why."""

    async def test_no_contact(self, client):
        missing = await ContactFinder(client).find(keys(phones=("393331234567",)))
        assert (missing.code, "--region" in missing.hint) == ("no_contact", True)

    @pytest.mark.parametrize("shown", ["+39 333 1234567", "0039 333 1234567", "tel: (+39) 333"])
    async def test_a_prefix_that_is_there_is_not_asked_for(self, client, shown):
        missing = await ContactFinder(client).find(keys(shown=shown, phones=("393331234567",)))
        assert (missing.code, "--region" in missing.hint) == ("no_contact", False)
        assert missing.hint

    @pytest.mark.parametrize("reading", ["12", "1234567890123456"])
    async def test_no_phone_number_at_all(self, client, reading):
        """Too short or too long to be one; it was looked up all the same."""
        missing = await ContactFinder(client).find(keys(phones=(reading,)))
        assert missing.code == "bad_number"
        assert sum(client.requests.values()) == 2

    async def test_a_number_the_account_does_not_understand(self, account, client):
        """In its own words, when it understands neither spelling."""
        for spelled in ("393331234567", "%2B393331234567"):
            account.on("GET", f"/contacts/phone/{spelled}", (422, {"error": "Invalid number"}))
        missing = await ContactFinder(client).find(keys(phones=("393331234567",)))
        assert missing.code == "bad_number"
        assert "Invalid number" in missing.message

    @pytest.mark.parametrize("refused", ["393331234567", "%2B393331234567"])
    async def test_a_spelling_the_account_refuses_says_nothing_of_the_number(
        self, account, client, refused
    ):
        """It takes the other one, and has nobody there: the number itself is not bad."""
        account.on("GET", f"/contacts/phone/{refused}", (400, {"error": "Bad spelling"}))
        missing = await ContactFinder(client).find(keys(phones=("393331234567",)))
        assert (missing.code, "spelling" in missing.message) == ("no_contact", False)

    async def test_on_another_channel(self, client, has):
        """Known where other channels are."""
        has(UUID, "393331234567", channel="second", only_on="second")
        finder = ContactFinder(client, channels=["second"])
        missing = await finder.find(keys(phones=("393331234567",)))
        assert missing.code == "other_channel"
        assert "--channel" in missing.hint

    async def test_the_hint_is_not_worth_a_request_a_row(self, client):
        """Other channels are asked for the first rows only."""
        finder = ContactFinder(client, channels=["second"])
        for _row in range(100):
            await finder.find(keys(phones=("393331234567",)))
        assert sum(client.requests.values()) == 100 * 2 + 20 * 2

    async def test_blank_keys(self, account, client):
        """Nothing is asked for nothing."""
        assert isinstance(await ContactFinder(client).find(keys()), NotFound)
        assert account.seen == []


class TestChannels:
    """A phone means the main channel unless told otherwise."""

    async def test_a_named_channel(self, account, client, has):
        has(UUID, "393331234567", channel="second", only_on="second")
        finder = ContactFinder(client, channel="second")
        assert isinstance(await finder.find(keys(phones=("393331234567",))), Found)
        assert account.calls() == ["GET /contacts/phone/393331234567?channel_uuid=second"]

    async def test_all_channels_are_learned_from_contacts(self, account, client, has, make_contact):
        """No call takes all channels."""
        one = has(UUID, "393331234567", channel="second", only_on="second")
        account.on("GET", "/contacts", (200, {"contacts": [one], "meta": {"page": 1, "pages": 1}}))
        finder = ContactFinder(client, channel="all")
        assert isinstance(await finder.find(keys(phones=("393331234567",))), Found)
        assert isinstance(await finder.find(keys(phones=("393331234567",))), Found)
        assert client.requests["list_contacts"] == 1

    async def test_one_number_on_two_channels_is_two_contacts(self, account, client, make_contact):
        from aiohttp import web

        async def by_channel(request):
            uuid = OTHER if request.query.get("channel_uuid") == "second" else UUID
            return web.json_response({"contact": make_contact(uuid, phoneNumber="393331234567")})

        account.on("GET", "/contacts/phone/393331234567", by_channel)
        finder = ContactFinder(client, channel="all", channels=["second"])
        conflict = await finder.find(keys(phones=("393331234567",)))
        assert isinstance(conflict, Conflict)
        assert conflict.code == "ambiguous_phone"


@pytest.mark.parametrize(("status", "error"), [(401, TokenRefused), (500, AccountUnreachable)])
async def test_faults_of_the_account_are_no_missing_contacts(account, client, status, error):
    """A row is never not found because the account could not be asked."""
    account.on("GET", f"/contacts/{UUID}", (status, {}))
    with pytest.raises(error):
        await ContactFinder(client).find(keys(uuid=UUID))
