"""An account that replaces touches one contact, and what that lost comes back, whatever happens
on the way; where it can't, the row says what is missing."""

from __future__ import annotations

import pytest

from bulk_update.applying.replacement import Semantics
from bulk_update.errors import TokenRefused
from bulk_update.model import FieldType, RowResult, RowStatus, Wish, custom_field
from bulk_update.sandbox import Behaviour, Fault, FaultKind, Faults
from bulk_update.sandbox.behaviour import CustomFields

REPLACES = Behaviour(custom_fields=CustomFields.REPLACE)
EVERYTHING = 24


def in_city(city: str):
    return [Wish(field=custom_field("Città"), value=city, type=FieldType.TEXT)], None


def filled(contact) -> dict[str, object]:
    return {name: value for name, value in contact.custom_fields.items() if value}


def on_the_second(kind: FaultKind, **more: object) -> Faults:
    return Faults.of(Fault(kind=kind, on="patch", nth=[2], **more))  # type: ignore[arg-type]


async def applied(it, numbers=(EVERYTHING,)) -> list[RowResult]:
    await it.plan({number: in_city("Bologna") for number in numbers})
    return await it.apply()


@pytest.mark.parametrize(
    "faults",
    [
        on_the_second(FaultKind.STATUS, status=500),
        on_the_second(FaultKind.STATUS, status=500, applied=True),
        on_the_second(FaultKind.RESET),
        on_the_second(FaultKind.RESET, applied=True),
        on_the_second(FaultKind.TOO_MANY, retry_after="0"),
        on_the_second(FaultKind.HTML, applied=False),
    ],
    ids=["500", "500 applied", "reset", "reset applied", "429", "html"],
)
async def test_what_was_lost_comes_back_when_the_restoring_request_fails(arena, faults) -> None:
    async with arena(REPLACES, faults) as it:
        before = filled(it.contact(EVERYTHING))
        (result,) = await applied(it)
        assert result.status is RowStatus.UPDATED
        assert filled(it.contact(EVERYTHING)) == {**before, "Città": "Bologna"}
        assert it.learnt == [Semantics.REPLACE]


async def test_a_refused_restoring_request_is_no_refusal_but_a_loss_that_is_named(arena) -> None:
    async with arena(REPLACES, on_the_second(FaultKind.STATUS, status=422)) as it:
        (result,) = await applied(it)
        assert (result.status, result.code) == (RowStatus.MISMATCH, "collateral")
        assert "Work Email" in result.message


async def test_a_run_that_stops_before_restoring_restores_when_it_goes_on(arena) -> None:
    async with arena(REPLACES, on_the_second(FaultKind.TOKEN_REFUSED)) as it:
        before = filled(it.contact(EVERYTHING))
        with pytest.raises(TokenRefused):
            await applied(it)
        (stopped,) = it.run.results.rows()
        assert (stopped.status, stopped.code) == (RowStatus.MISMATCH, "collateral")
        it.known = Semantics.REPLACE
        it.run.applying()
        (result,) = await it.apply()
        assert result.status is RowStatus.UPDATED
        assert filled(it.contact(EVERYTHING)) == {**before, "Città": "Bologna"}


async def test_an_account_that_never_takes_them_back_is_named_after_five_attempts(arena) -> None:
    faults = Faults.of(Fault(kind=FaultKind.STATUS, status=500, on="patch", first=2))
    async with arena(REPLACES, faults) as it:
        (result,) = await applied(it)
        assert (result.status, result.code) == (RowStatus.MISMATCH, "collateral")
        assert len(it.patches) == 5


async def test_nobody_else_goes_while_the_first_answer_is_unknown(arena) -> None:
    """Its contact can't be read for a while: the question is open, and the turn is not given."""
    faults = Faults.of(
        Fault(kind=FaultKind.RESET, on="patch", applied=True, nth=[1]),
        Fault(kind=FaultKind.STATUS, status=500, on="get", times=2, after=0.3),
    )
    async with arena(REPLACES, faults) as it:
        await applied(it, (EVERYTHING, *range(41, 50)))
        alone = [body for body in it.patches if list(body["custom_fields"]) == ["Città"]]
        assert len(alone) == 1


async def test_an_unknown_change_of_an_earlier_process_holds_the_turn(arena) -> None:
    async with arena(REPLACES) as it:
        await it.plan({number: in_city("Bologna") for number in (EVERYTHING, 41, 42)})
        uuid = it.contact(EVERYTHING).uuid
        await it.client.patch_contact(uuid, {"custom_fields": {"Città": "Bologna"}})
        before = {number: filled(it.contact(number)) for number in (41, 42)}
        await it.killed_while_sending(2)
        assert {each.status for each in await it.apply()} == {RowStatus.UPDATED}
        for number, fields in before.items():
            assert filled(it.contact(number)) == {**fields, "Città": "Bologna"}
