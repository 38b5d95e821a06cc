"""Who is in the seeded account: the same people, everywhere and always."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256

import orjson
import pytest
from phonenumbers import is_valid_number, parse

from bulk_update.sandbox import SandboxAccount
from bulk_update.sandbox.catalogue import FIELDS, TAGS, FieldKind
from bulk_update.sandbox.hand_shaped import HAND_SHAPED
from bulk_update.sandbox.people import (
    contact_country,
    contact_phone,
    contact_phone_digits,
    contact_uuid,
    national_number,
)

MANY = 10_500


@pytest.fixture(scope="module")
def many() -> SandboxAccount:
    return SandboxAccount.seeded(contacts=MANY)


def fingerprint(account):
    """One number for everything about everybody."""
    people = [asdict(contact) for contact in account]
    return sha256(orjson.dumps(people, option=orjson.OPT_SORT_KEYS)).hexdigest()


def test_the_seed_decides_everything():
    """Twice the same; another seed, other uuids, and other values above the hand-shaped."""
    one, again, other = (SandboxAccount.seeded(seed, 80) for seed in (1, 1, 2))
    assert list(one) == list(again)
    assert not {c.uuid for c in one} & {c.uuid for c in other}
    assert one.contact(70).custom_fields != other.contact(70).custom_fields
    for number in range(1, 61):
        assert one.contact(number).custom_fields == other.contact(number).custom_fields
        assert one.contact(number).phone == other.contact(number).phone


def test_the_people_never_change():
    """Sample files and templates quote them: a change here breaks those."""
    assert contact_uuid(1) == "01f254b3ab8b3ab8d5bd0f025074b0f2"
    assert contact_phone(1) == "+39 347 000 7919"
    assert (
        fingerprint(SandboxAccount.seeded(1, 500))
        == "0f4619b76cb2c87d3b28b628d61ad8fa8e0c868f7389bf35206249d2e8378495"
    )


def test_the_size_changes_nobody():
    """But for the place in the listing."""
    small, large = SandboxAccount.seeded(1, 60), SandboxAccount.seeded(1, 200)
    for number in range(1, 61):
        one, other = small.contact(number), large.contact(number)
        assert (one.uuid, one.phone, one.name) == (other.uuid, other.phone, other.name)


def test_the_formulas_are_those_of_the_account(many):
    """Uuid, phone and country can be reckoned without the account."""
    codes = {"IT": "39", "ES": "34", "FR": "33", "CR": "506"}
    for contact in many:
        number = contact.number
        assert contact.uuid == contact_uuid(number)
        assert contact.phone == contact_phone(number)
        assert contact.digits == contact_phone_digits(number)
        if contact.phone and number > 60:
            assert contact.digits == codes[contact_country(number)] + national_number(number)


def test_no_two_share_a_phone_but_the_twins(many):
    """Contacts 13 and 14 share one, on two channels."""
    digits = [contact.digits for contact in many if contact.digits]
    assert len(digits) - len(set(digits)) == 1
    assert many.contact(13).phone == many.contact(14).phone
    assert many.contact(13).channel_uuid != many.contact(14).channel_uuid


def test_phones_by_formula_are_valid_numbers(many):
    """In four countries and three spellings."""
    for contact in list(many)[60::7]:
        if contact.phone:
            assert is_valid_number(parse("+" + contact.digits)), contact
    spelled = {contact_phone(number) for number in (1, 5, 9)}
    assert spelled == {"+39 347 000 7919", "393470039595", "+393470071271"}


def test_everything_is_borne_but_the_two_that_are_not(many):
    """A field or tag nobody bears can't be seen by a client; all others can."""
    fields = {name for contact in many for name in contact.custom_fields}
    tags = {tag for contact in many for tag in contact.tags}
    assert fields == {field.name for field in FIELDS} - {"Loyalty.Level"}
    assert tags == set(TAGS) - {"Black Friday 2026"}
    assert {field.kind for field in FIELDS} == set(FieldKind)


def test_the_hand_shaped_are_sixty():
    """Numbers are quoted elsewhere: each special person says which number it has."""
    assert len(HAND_SHAPED) == 60
    for number, person in enumerate(HAND_SHAPED, start=1):
        if 13 <= number <= 40:
            assert person.reason.startswith(f"{number}: ")


def test_every_number_above_sixty_is_reachable_by_phone_but_each_fiftieth(many):
    """Those are Facebook and Instagram contacts."""
    for contact in list(many)[60:]:
        assert (contact.phone is None) is (contact.number % 50 == 0)
        assert (contact.source == "whatsapp") is (contact.number % 50 != 0)


async def test_phones_are_found_on_their_channel(talk):
    """The main one unless another is named."""
    api = await talk()
    main, second = api.account.contact(13), api.account.contact(14)
    path = f"/contacts/phone/{main.digits}"
    assert (await api.get(path)).contact["uuid"] == main.uuid
    found = await api.get(path, channel_uuid=second.channel_uuid)
    assert found.contact["uuid"] == second.uuid
    only = api.account.contact(15)
    path = f"/contacts/phone/{only.digits}"
    assert (await api.get(path)).status == 404
    assert (await api.get(path, channel_uuid=only.channel_uuid)).status == 200
    assert (await api.get(path, channel_uuid="0" * 32)).status == 404


async def test_every_phone_is_found_by_its_digits(talk):
    """However the account spells it."""
    api = await talk(contacts=120)
    for contact in api.account:
        if contact.phone:
            reply = await api.get(
                f"/contacts/phone/{contact.digits}", channel_uuid=contact.channel_uuid
            )
            assert reply.contact["uuid"] == contact.uuid
