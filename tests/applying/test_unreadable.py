"""What can't be read is not guessed, and never asked for without end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bulk_update.applying import SenderOptions
from bulk_update.errors import AccountUnreachable
from bulk_update.model import (
    FieldName,
    FieldType,
    Policy,
    RowStatus,
    TagEdit,
    Wish,
    custom_field,
)
from bulk_update.sandbox import Behaviour, Fault, FaultKind

NAME = FieldName("name")
REREAD = SenderOptions(linger=0.05, max_age=timedelta(0))


def named(name: str):
    return [Wish(field=NAME, value=name)], None


def tagged(*add: str):
    return [], TagEdit(add=add)


@pytest.mark.parametrize("status", [409, 500])
async def test_a_contact_that_can_not_be_read_is_not_sent_and_ends(arena, status) -> None:
    async with arena(options=REREAD) as it:
        await it.plan({41: named("Ours"), 42: named("Theirs")})
        fault = Fault(kind=FaultKind.STATUS, status=status, on="get", contact=41)
        it.play(fault)
        first, second = await it.apply()
        assert (first.status, first.code) == (RowStatus.FAILED, "unreadable")
        assert second.status is RowStatus.UPDATED
        assert len(it.patches) == 1


@pytest.mark.parametrize("status", [409, 500])
async def test_an_unknown_change_whose_contact_can_not_be_read_stays_unknown(arena, status) -> None:
    async with arena() as it:
        await it.plan({41: named("Ours")})
        it.play(
            Fault(kind=FaultKind.RESET, on="patch", applied=True),
            Fault(kind=FaultKind.STATUS, status=status, on="get"),
        )
        (result,) = await it.apply()
        assert (result.status, result.code) == (RowStatus.UNKNOWN, "no_proof")


@pytest.mark.parametrize(
    "odd",
    [
        Fault(kind=FaultKind.OTHER_CONTACT, on="get", times=1),
        Fault(kind=FaultKind.STATUS, status=400, on="get", times=1),
    ],
    ids=["another contact", "400"],
)
async def test_one_odd_answer_while_settling_is_not_the_last_word(arena, odd) -> None:
    async with arena() as it:
        await it.plan({41: named("Ours")})
        it.play(Fault(kind=FaultKind.RESET, on="patch", applied=True), odd)
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED


async def test_nothing_but_429_for_a_patch_ends_the_run(arena, monkeypatch) -> None:
    """Also when reading works: what counts is that no change gets through."""
    monkeypatch.setattr("bulk_update.applying.pool.PATIENCE_429", 0.5)
    async with arena() as it:
        await it.plan({41: tagged("VIP")})
        it.play(Fault(kind=FaultKind.TOO_MANY, on="patch", retry_after="0"))
        with pytest.raises(AccountUnreachable, match="429"):
            await it.apply()
        assert [each.status for each in it.run.results.rows()] == [RowStatus.NOT_SENT]


async def test_our_own_late_change_is_ours(arena) -> None:
    """Read as before from a copy that lags, planned again, then found as asked: updated."""
    async with arena(Behaviour(stale_reads=0.3), options=REREAD) as it:
        await it.plan({41: named("Ours")})
        it.play(Fault(kind=FaultKind.STATUS, status=502, on="patch", applied=True, times=1))
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert it.contact(41).name == "Ours"


async def test_fill_empty_looks_again_before_it_fills(arena) -> None:
    async with arena() as it:
        wish = Wish(field=FieldName("note"), value="ours", policy=Policy.FILL_EMPTY)
        await it.plan({25: ([wish], None)})
        it.server.account.edit(25, {"note": "theirs"})
        (result,) = await it.apply()
        assert result.status is RowStatus.DRIFTED
        assert it.contact(25).note == "theirs"


async def test_adding_to_a_checkbox_keeps_what_somebody_ticked_meanwhile(arena) -> None:
    features = custom_field("Features")
    wish = Wish(field=features, value=("Dark Mode",), type=FieldType.CHECKBOX, policy=Policy.ADD)
    async with arena() as it:
        await it.plan({25: ([wish], None)})
        it.server.account.edit(25, {"custom_fields": {"Features": ["Notifications"]}})
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert set(it.contact(25).custom_fields["Features"]) == {"Dark Mode", "Notifications"}


async def test_was_is_looked_at_again_on_the_contact_as_it_is_read_again(arena) -> None:
    async with arena(options=REREAD) as it:
        name = it.contact(41).name or ""
        was = (Wish(field=NAME, value=name, raw=name),)
        await it.plan({41: ([Wish(field=FieldName("note"), value="n")], None)}, was=was)
        it.server.account.edit(41, {"name": "Somebody else"})
        (result,) = await it.apply()
        assert result.status is RowStatus.DRIFTED
        assert it.patches == []


async def test_a_spent_budget_sends_nothing_a_second_time(arena) -> None:
    async with arena(may_resend=lambda: False) as it:
        await it.plan({41: named("Ours")})
        it.play(Fault(kind=FaultKind.STATUS, status=500, on="patch"))
        (result,) = await it.apply()
        assert (result.status, result.code) == (RowStatus.FAILED, "attempts_spent")
        assert len(it.patches) == 1


async def test_others_are_sent_while_the_unknown_linger(arena) -> None:
    """Every second answer is lost: the workers that send are not the ones that wait."""
    options = SenderOptions(linger=1.0)
    async with arena(options=options) as it:
        await it.plan({number: named(f"N{number}") for number in range(41, 47)})
        it.play(Fault(kind=FaultKind.RESET, on="patch", applied=True, nth=[1, 3, 5]))
        results = await it.apply(workers=1)
        assert {each.status for each in results} == {RowStatus.UPDATED}
        methods = [each.method for each in it.server.account.log.requests]
        assert methods[:3] == ["PATCH"] * 3
