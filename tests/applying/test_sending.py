"""What is sent, how often, and what is said of it, against a server that can misbehave.

Every test compares three things: what the run says of a row, what the account has, and the
account's own log of what it was asked.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from yarl import URL

from bulk_update.applying import SenderOptions
from bulk_update.applying.replacement import Semantics
from bulk_update.errors import AccountUnreachable, GuardTripped, TokenRefused
from bulk_update.model import (
    FieldName,
    FieldType,
    RowResult,
    RowStatus,
    TagEdit,
    Wish,
    custom_field,
)
from bulk_update.sandbox import Behaviour, Fault, FaultKind, Faults
from bulk_update.sandbox.behaviour import CustomFields, Envelope, Unknown

NAME, NOTE, BOT = FieldName("name"), FieldName("note"), FieldName("bot_status")
EVERYTHING = 24  # the contact that bears every field
WHATEVER = range(41, 61)


def named(name: str):
    return [Wish(field=NAME, value=name)], None


def in_city(city: str):
    return [Wish(field=custom_field("Città"), value=city, type=FieldType.TEXT)], None


def tagged(*add: str, remove: tuple[str, ...] = ()):
    return [], TagEdit(add=add, remove=remove)


def statuses(results: list[RowResult]) -> set[RowStatus]:
    return {each.status for each in results}


@pytest.mark.parametrize("envelope", Envelope)
async def test_every_change_is_sent_once_and_proven(arena, envelope: Envelope) -> None:
    async with arena(Behaviour(envelope=envelope)) as it:
        await it.plan({number: named(f"Name {number}") for number in WHATEVER})
        results = await it.apply()
        assert statuses(results) == {RowStatus.UPDATED}
        assert len(it.patches) == len(WHATEVER)
        assert [it.contact(number).name for number in WHATEVER] == [
            f"Name {number}" for number in WHATEVER
        ]


async def test_a_refusal_keeps_the_accounts_own_words(arena) -> None:
    async with arena() as it:
        await it.plan({41: ([Wish(field=custom_field("Status"), value="Nope")], None)})
        (result,) = await it.apply()
        assert (result.status, result.http_status) == (RowStatus.REFUSED, 422)
        assert "Status" in result.message
        assert len(it.patches) == 1


async def test_what_the_account_drops_without_a_word_is_a_mismatch(arena) -> None:
    behaviour = Behaviour(unknown_tags=Unknown.DROP, unknown_fields=Unknown.DROP)
    async with arena(behaviour) as it:
        await it.plan(
            {
                41: tagged("No such tag"),
                42: ([Wish(field=custom_field("No such field"), value="x")], None),
            }
        )
        assert statuses(await it.apply()) == {RowStatus.MISMATCH}


async def test_tags_are_edited_on_the_contact_as_it_is_now(arena) -> None:
    """Somebody else's tag, given meanwhile, stays; it is no drift."""
    async with arena() as it:
        await it.plan({EVERYTHING: tagged("VIP", "Interested")})
        it.server.account.edit(EVERYTHING, {"tags": ["Inactivo"]})
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert set(it.contact(EVERYTHING).tags) == {"Inactivo", "VIP", "Interested"}


async def test_an_edit_that_somebody_did_already_is_not_sent(arena) -> None:
    async with arena() as it:
        await it.plan({25: tagged("VIP")})
        it.server.account.edit(25, {"tags": ["VIP"]})
        (result,) = await it.apply()
        assert result.status is RowStatus.UNCHANGED
        assert it.patches == []


def reread(**more: str) -> SenderOptions:
    return SenderOptions(linger=0.05, max_age=timedelta(0), **more)  # type: ignore[arg-type]


async def test_what_somebody_changed_meanwhile_is_not_overwritten(arena) -> None:
    async with arena(options=reread()) as it:
        await it.plan({41: named("Ours")})
        it.server.account.edit(41, {"name": "Theirs"})
        (result,) = await it.apply()
        assert (result.status, result.code) == (RowStatus.DRIFTED, "changed_meanwhile")
        assert it.contact(41).name == "Theirs"


async def test_if_changed_overwrite_overwrites(arena) -> None:
    async with arena(options=reread(if_changed="overwrite")) as it:
        await it.plan({41: named("Ours")})
        it.server.account.edit(41, {"name": "Theirs"})
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert it.contact(41).name == "Ours"


async def test_if_changed_stop_ends_the_run(arena) -> None:
    async with arena(options=reread(if_changed="stop")) as it:
        await it.plan({41: named("Ours")})
        it.server.account.edit(41, {"name": "Theirs"})
        with pytest.raises(GuardTripped):
            await it.apply()
        assert it.patches == []


async def test_a_field_that_was_as_asked_is_not_put_back_over_somebodys_change(arena) -> None:
    """The plan showed one field; another that somebody changed since is not overwritten."""
    async with arena(options=reread()) as it:
        name = it.contact(41).name
        await it.plan({41: ([Wish(field=NAME, value=name), Wish(field=NOTE, value="n")], None)})
        it.server.account.edit(41, {"name": "Theirs"})
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert (it.contact(41).name, it.contact(41).note) == ("Theirs", "n")


# -- merge or replace -------------------------------------------------------------------


async def test_an_account_that_merges_is_found_out(arena) -> None:
    async with arena() as it:
        await it.plan({number: in_city("Roma") for number in (25, EVERYTHING, 41)})
        assert statuses(await it.apply()) == {RowStatus.UPDATED}
        assert it.learnt == [Semantics.MERGE]
        assert len(it.patches) == 3


async def test_an_account_that_replaces_costs_one_contact_nothing(arena) -> None:
    """At most one contact is touched by it, and it is restored at once."""
    async with arena(Behaviour(custom_fields=CustomFields.REPLACE)) as it:
        numbers = [EVERYTHING, *WHATEVER]
        before = {number: dict(it.contact(number).custom_fields) for number in numbers}
        await it.plan({number: in_city("Bologna") for number in numbers})
        results = await it.apply(workers=16)
        assert statuses(results) == {RowStatus.UPDATED}
        assert it.learnt == [Semantics.REPLACE]
        for number in numbers:
            after = dict(it.contact(number).custom_fields)
            assert filled(after) == filled({**before[number], "Città": "Bologna"})
        alone = [body for body in it.patches if list(body["custom_fields"]) == ["Città"]]
        nothing_to_lose = [each for each in before.values() if set(filled(each)) <= {"Città"}]
        assert len(alone) <= 1 + len(nothing_to_lose)


async def test_an_account_known_to_replace_is_sent_whole_objects_from_the_start(arena) -> None:
    async with arena(Behaviour(custom_fields=CustomFields.REPLACE), known="replace") as it:
        before = dict(it.contact(EVERYTHING).custom_fields)
        await it.plan({EVERYTHING: in_city("Bologna")})
        (result,) = await it.apply()
        assert (result.status, result.attempts) == (RowStatus.UPDATED, 1)
        after = dict(it.contact(EVERYTHING).custom_fields)
        assert filled(after) == filled({**before, "Città": "Bologna"})


async def test_a_loss_on_an_account_known_to_merge_is_said(arena) -> None:
    async with arena(Behaviour(custom_fields=CustomFields.REPLACE), known="merge") as it:
        await it.plan({EVERYTHING: in_city("Bologna")})
        (result,) = await it.apply()
        assert (result.status, result.code) == (RowStatus.MISMATCH, "collateral")


def filled(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], (), "[]")}


# -- answers that don't say ---------------------------------------------------------------

APPLIED_UNSEEN = [
    Fault(kind=FaultKind.RESET, on="patch", applied=True, times=1),
    Fault(kind=FaultKind.HANG, on="patch", applied=True, times=1, seconds=5),
    Fault(kind=FaultKind.STATUS, on="patch", status=502, applied=True, times=1),
    Fault(kind=FaultKind.HTML, on="patch", applied=True, times=1),
    Fault(kind=FaultKind.CUT_JSON, on="patch", applied=True, times=1),
    Fault(kind=FaultKind.ERROR_BODY, on="patch", applied=True, times=1),
    Fault(kind=FaultKind.OTHER_CONTACT, on="patch", applied=True, times=1),
    Fault(kind=FaultKind.REDIRECT, on="patch", applied=True, times=1),
]
NOT_APPLIED = [
    Fault(kind=FaultKind.RESET, on="patch", applied=False, times=1),
    Fault(kind=FaultKind.HANG, on="patch", applied=False, times=1, seconds=5),
    Fault(kind=FaultKind.STATUS, on="patch", status=500, applied=False, times=1),
    Fault(kind=FaultKind.HTML, on="patch", applied=False, times=1),
    Fault(kind=FaultKind.CUT_JSON, on="patch", applied=False, times=1),
    Fault(kind=FaultKind.ERROR_BODY, on="patch", applied=False, times=1),
]


def kind_of(fault: Fault) -> str:
    return f"{fault.kind}"


@pytest.mark.parametrize("fault", APPLIED_UNSEEN, ids=kind_of)
async def test_applied_without_a_usable_answer_is_not_sent_again(arena, fault: Fault) -> None:
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({41: named("Ours")})
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert len(it.patches) == 1
        assert it.contact(41).name == "Ours"


@pytest.mark.parametrize("fault", NOT_APPLIED, ids=kind_of)
async def test_known_not_to_be_applied_is_sent_again(arena, fault: Fault) -> None:
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({41: named("Ours")})
        (result,) = await it.apply()
        assert (result.status, result.attempts) == (RowStatus.UPDATED, 2)
        assert it.contact(41).name == "Ours"


async def test_an_account_that_never_applies_ends_as_failed_after_five_attempts(arena) -> None:
    fault = Fault(kind=FaultKind.STATUS, on="patch", status=500, applied=False)
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({41: named("Ours")})
        (result,) = await it.apply()
        assert (result.status, result.code) == (RowStatus.FAILED, "attempts_spent")
        assert len(it.patches) == 5


async def test_a_200_that_did_nothing_is_never_called_updated(arena) -> None:
    """The account says yes and shows what was asked, or shows the old value: neither counts
    for more than it proves."""
    fault = Fault(kind=FaultKind.IGNORED, on="patch")
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({41: named("Ours")})
        (result,) = await it.apply()
        assert result.status is RowStatus.MISMATCH


async def test_429_is_waited_for_and_sent_again(arena) -> None:
    fault = Fault(kind=FaultKind.TOO_MANY, on="patch", times=2, retry_after="0")
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({41: named("Ours"), 42: named("Theirs")})
        assert statuses(await it.apply()) == {RowStatus.UPDATED}


async def test_401_in_mid_run_stops_it_and_keeps_the_rest_unsent(arena) -> None:
    fault = Fault(kind=FaultKind.TOKEN_REFUSED, on="patch", first=6)
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({number: named(f"N{number}") for number in WHATEVER})
        with pytest.raises(TokenRefused):
            await it.apply(workers=1)
        found = [each.status for each in it.run.results.rows()]
        assert set(found) == {RowStatus.UPDATED, RowStatus.NOT_SENT}
        sent = [number for number in WHATEVER if it.contact(number).name == f"N{number}"]
        assert found.count(RowStatus.UPDATED) == len(sent)


async def test_an_account_that_is_gone_ends_the_run_with_everything_in_its_place(arena) -> None:
    async with arena() as it:
        await it.plan({41: named("Ours")})
        it.client._transport._root = URL("http://127.0.0.1:9/v1")
        with pytest.raises(AccountUnreachable):
            await it.apply()
        assert statuses(list(it.run.results.rows())) == {RowStatus.NOT_SENT}


async def test_two_requests_for_one_contact_are_never_in_flight(arena) -> None:
    """Slow answers, many workers, faults that send again: the log shows one at a time."""
    faults = Faults.of(Fault(kind=FaultKind.STATUS, on="patch", status=500, rate=0.3))
    async with arena(faults=faults) as it:
        under_way: dict[str, int] = {}
        most: list[int] = []
        send = it.client.patch_contact

        async def counted(uuid: str, body: object, **more: object):
            under_way[uuid] = under_way.get(uuid, 0) + 1
            most.append(under_way[uuid])
            await asyncio.sleep(0.001)
            try:
                return await send(uuid, body, **more)
            finally:
                under_way[uuid] -= 1

        it.client.patch_contact = counted
        await it.plan({number: named(f"N{number}") for number in WHATEVER})
        assert statuses(await it.apply(workers=32)) == {RowStatus.UPDATED}
        assert max(most) == 1


# -- the bot ------------------------------------------------------------------------------


async def test_the_bots_status_is_proven_by_reading_it(arena) -> None:
    async with arena() as it:
        await it.plan({41: ([Wish(field=BOT, value="bot_end")], None)})
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED


async def test_a_bot_that_can_not_be_read_afterwards_is_unknown(arena) -> None:
    fault = Fault(kind=FaultKind.STATUS, on="bot", status=404)
    async with arena(faults=Faults.of(fault)) as it:
        await it.plan({41: ([Wish(field=BOT, value="bot_end")], None)})
        (result,) = await it.apply()
        assert result.status is RowStatus.UNKNOWN
