"""``--channel``: which contact a phone number means."""

from __future__ import annotations

import unicodedata

import pytest

from bulk_update.sandbox.catalogue import channel_uuid

SECOND = channel_uuid("second")
NAME = "WhatsApp San José"


@pytest.fixture
def shared(desk) -> str:
    """A sheet with the number that contacts 13 and 14 have, on two channels."""
    phone = desk.account.contact(13).digits
    assert desk.account.contact(14).digits == phone
    return desk.sheet([["phone", "name"], [f"+{phone}", "Renamed"]])


def applied(desk, sheet: str, *more: str):
    return desk.run("apply", sheet, "--yes", "--json", "--out", "out", *more)


def test_a_phone_means_the_main_channel(desk, shared) -> None:
    before = desk.state()
    assert applied(desk, shared).code == 0
    assert desk.changed(before) == {13: {"name"}}


@pytest.mark.parametrize(
    "spelled", [NAME, NAME.upper(), unicodedata.normalize("NFD", NAME), SECOND, SECOND.upper()]
)
def test_a_channel_is_named_by_title_or_uuid(desk, shared, spelled) -> None:
    """In any case and composition."""
    before = desk.state()
    ran = applied(desk, shared, "--channel", spelled)
    assert ran.code == 0, ran.out
    assert desk.changed(before) == {14: {"name"}}


def test_a_channel_is_known_from_a_schema(desk, shared) -> None:
    """Without another look at the listing."""
    assert desk.run("schema", "pull", "-o", "a.toml").code == 0
    desk.account.log.clear()
    ran = applied(desk, shared, "--channel", NAME, "--schema", "a.toml")
    assert ran.code == 0
    assert "list_contacts" not in ran.document["requests"]


def test_on_all_channels_two_contacts_are_a_conflict(desk, shared) -> None:
    """Nobody is changed by chance, also when a sample had missed the other channel."""
    before = desk.state()
    ran = applied(desk, shared, "--channel", "all")
    assert ran.code == 1
    [result] = desk.report("out", "results.csv")
    assert result["code"] == "ambiguous_phone"
    assert desk.changed(before) == {}


def test_on_all_channels_the_one_there_is_is_found(desk) -> None:
    """Contact 15 is on the second channel alone."""
    phone = desk.account.contact(15).digits
    sheet = desk.sheet([["phone", "name"], [f"+{phone}", "Renamed"]])
    before = desk.state()
    assert applied(desk, sheet, "--channel", "all").code == 0
    assert desk.changed(before) == {15: {"name"}}


def test_on_the_main_channel_it_is_said_to_be_elsewhere(desk) -> None:
    """The channels that the schema knows tell why."""
    phone = desk.account.contact(15).digits
    sheet = desk.sheet([["phone", "name"], [f"+{phone}", "x"]])
    ran = applied(desk, sheet, "--max-not-found", "100%")
    assert ran.code == 1
    [result] = desk.report("out", "results.csv")
    assert (result["status"], result["code"]) == ("not_found", "other_channel")


@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_channel_there_is_none_of(desk, shared, command) -> None:
    """Names the ones there are, and the one that was meant; the contacts are not looked up."""
    desk.account.log.clear()
    ran = desk.run(command, shared, "--channel", "WhatsApp San Jose")
    assert ran.code == 2
    for said in ("WhatsApp Milano", "Facebook page", "Instagram", f"Did you mean '{NAME}'?"):
        assert said in " ".join(ran.err.split())
    assert not [each for each in desk.account.log.requests if "/phone/" in each.path]
    document = desk.run(command, shared, "--channel", "Nowhere", "--json").document
    assert document["error"]["code"] == "unknown_channel"


def test_a_name_without_a_network_is_judged_by_the_schema(desk, shared) -> None:
    assert desk.run("schema", "pull", "-o", "a.toml").code == 0
    at = ["--schema", "a.toml"]
    assert desk.run("check", shared, *at, "--channel", NAME, BULK_UPDATE_TOKEN=None).code == 0
    assert desk.run("check", shared, *at, "--channel", "x", BULK_UPDATE_TOKEN=None).code == 2


def test_a_channel_that_a_sample_misses_is_found_all_the_same(desk_with) -> None:
    """Two of 700 contacts bear it."""
    with desk_with(contacts=700) as desk:
        phone = desk.account.contact(15).digits
        sheet = desk.sheet([["phone", "name"], [f"+{phone}", "Renamed"]])
        before = desk.state()
        for channel in (NAME, "all"):
            assert applied(desk, sheet, "--channel", channel, "--rate", "max").code == 0
        assert desk.changed(before) == {15: {"name"}}
