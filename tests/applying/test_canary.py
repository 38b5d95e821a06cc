"""The canary: which changes go first, how they are read back, and what stops the run.

What it may be wrong about is tried as well: a person at work, a reading that lags behind, a
server that replaces ``custom_fields``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bulk_update.applying.aspects import Chooser, aspects_of, named_in
from bulk_update.applying.canary import Canary
from bulk_update.applying.sender import SenderOptions
from bulk_update.errors import GuardTripped, TokenRefused
from bulk_update.journal.records import StoredChange
from bulk_update.model import (
    ChangeState,
    FieldName,
    FieldType,
    RowStatus,
    TagEdit,
    Target,
    TargetKind,
    Wish,
    custom_field,
)
from bulk_update.sandbox import Behaviour, Fault, FaultKind
from bulk_update.sandbox.behaviour import CustomFields, Unknown
from bulk_update.sandbox.people import contact_uuid

NAME, NOTE = FieldName("name"), FieldName("note")
EVERYTHING = 24  # the contact that bears every field
MANY = range(41, 81)


def named(name: str):
    return [Wish(field=NAME, value=name)], None


def noted(note: str):
    return [Wish(field=NOTE, value=note)], None


def custom(name: str, value, kind: FieldType):
    return [Wish(field=custom_field(name), value=value, type=kind)], None


def tagged(*add: str, remove: tuple[str, ...] = (), only: tuple[str, ...] | None = None):
    return [], TagEdit(add=add, remove=remove, replace=only)


@dataclass
class Memory:
    """What a journal would keep."""

    chosen: tuple[int, ...] = ()
    has_passed: bool = False

    def choose(self, seqs: tuple[int, ...]) -> None:
        self.chosen = seqs

    def passed(self) -> None:
        self.has_passed = True


@dataclass
class Flight:
    """A canary in an arena, and what it said."""

    it: object
    number: int = 10
    expected: tuple[Target, ...] = ()
    max_age: timedelta = timedelta(0)
    memory: Memory = field(default_factory=Memory)
    said: list[str] = field(default_factory=list)

    async def apply(self, *, workers: int = 8):
        it = self.it
        it.options = SenderOptions(linger=0.05, expected=self.expected, canary_max_age=self.max_age)
        pool = it.make_pool(workers=workers)
        pool._canary = Canary(
            it.run.sending,
            self.memory,
            number=self.number,
            expected=self.expected,
            first=it.run.sending.seq_with_other_fields(),
            say=self.said.append,
        )
        try:
            await pool.run()
        finally:
            it.run.ended("stopped", exit_code=0)
        return list(it.run.results.rows())

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Every call about a single contact, in order: method and uuid."""
        return [(each.method, each.uuid) for each in self.it.server.account.log.requests]


def statuses(rows) -> set[RowStatus]:
    return {each.status for each in rows}


# -- which ------------------------------------------------------------------------------------


async def planned(arena, asked) -> list[StoredChange]:
    async with arena() as it:
        await it.plan(asked)
        return it.run.sending.planned_changes()


def chosen_of(stored: list[StoredChange], number: int, *, first: int | None = None, proven=()):
    chooser = Chooser(number, proven=proven, first=first)
    for each in stored:
        chooser.see(each)
    by_seq = {each.seq: each for each in stored}
    return [by_seq[seq] for seq in chooser.chosen()]


async def test_every_target_and_type_of_the_plan_is_among_the_first(arena) -> None:
    """Each of them once, at the end of a sheet of names."""
    asked = {number: named(f"N{number}") for number in MANY}
    asked |= {
        81: noted("x"),
        82: custom("Status", "Interested", FieldType.DROPDOWN),
        83: custom("Città", "Roma", FieldType.TEXT),
        84: custom("Preferences", ("Dark Mode",), FieldType.CHECKBOX),
        85: tagged("VIP"),
        EVERYTHING: tagged(only=()),
    }
    stored = await planned(arena, asked)
    chosen = chosen_of(stored, 10)
    everything = frozenset().union(*(aspects_of(each.change) for each in stored))
    assert len(chosen) == 10
    assert frozenset().union(*(aspects_of(each.change) for each in chosen)) == everything
    assert [each.seq for each in chosen] == sorted(each.seq for each in chosen)
    custom_fields, own = "cf:Città, cf:Preferences, cf:Status", "name, note, tags, tags.replace"
    assert named_in(everything) == f"{custom_fields}, {own}"


async def test_too_few_show_as_much_as_they_can(arena) -> None:
    """One change that shows three things goes before three that show one each."""
    both = [Wish(field=NAME, value="x"), Wish(field=NOTE, value="y")]
    asked = {41: named("a"), 42: noted("b"), 43: (both, TagEdit(add=("VIP",)))}
    stored = await planned(arena, asked)
    assert [each.seq for each in chosen_of(stored, 1)] == [4]
    assert [each.seq for each in chosen_of(stored, 2, first=3)] == [3, 4]
    assert [each.seq for each in chosen_of(stored, 9)] == [2, 3, 4]
    proven = aspects_of(stored[2].change)
    assert [each.seq for each in chosen_of(stored, 1, proven=proven)] == [2]
    assert chosen_of(stored, 0) == []


# -- how --------------------------------------------------------------------------------------


async def test_each_is_read_back_before_the_next_one_goes(arena) -> None:
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        flight = Flight(it, number=5)
        assert statuses(await flight.apply(workers=16)) == {RowStatus.UPDATED}
        first = [contact_uuid(number) for number in MANY[:5]]
        alone = [(method, uuid) for uuid in first for method in ("GET", "PATCH", "GET")]
        assert flight.calls[:15] == alone
        rest = flight.calls[15:]
        assert {method for method, _uuid in rest} == {"PATCH"}
        assert len(rest) == len(MANY) - 5
        assert flight.memory.has_passed
        assert "5 changes go first" in flight.said[0]
        assert "5 changes are as asked (name)" in flight.said[1]


async def test_what_was_read_a_moment_ago_is_not_read_again_before_it_goes(arena) -> None:
    """But for one whose first request came to nothing, and one that depends on the moment."""
    async with arena() as it:
        await it.plan({41: named("A"), 42: tagged("VIP"), 43: named("C")})
        it.play(Fault(kind=FaultKind.STATUS, status=429, on=("patch",), nth=(3,)))
        flight = Flight(it, max_age=timedelta(minutes=1))
        assert statuses(await flight.apply()) == {RowStatus.UPDATED}
        made: dict[str, str] = {}
        for method, uuid in flight.calls:
            made[uuid] = f"{made.get(uuid, '')} {method}".strip()
        assert made[contact_uuid(41)] == "PATCH GET"
        assert made[contact_uuid(42)] == "GET PATCH GET"
        assert made[contact_uuid(43)] == "PATCH GET PATCH GET"


async def test_what_another_process_proved_is_not_sent_again(arena) -> None:
    """The first ones are remembered before one of them goes; who goes on takes the same."""
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        flight = Flight(it, number=5)
        pool_stopper = _StopAfter(3)
        it.ended = pool_stopper
        make = it.make_pool

        def made(**more):
            pool = make(**more)
            pool._on_end = pool_stopper.append
            pool_stopper.stop = pool.stop
            return pool

        it.make_pool = made
        await flight.apply()
        assert len(it.patches) == 3
        remembered = flight.memory.chosen
        assert len(remembered) == 5
        it.make_pool = make
        it.run.applying()
        assert statuses(await flight.apply()) == {RowStatus.UPDATED}
        assert flight.memory.chosen == remembered
        assert len(it.patches) == len(MANY)
        assert "2 changes go first" in flight.said[1]


class _StopAfter(list):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def append(self, state) -> None:
        super().append(state)
        if len(self) == self.number:
            self.stop()


async def test_one_that_needs_nothing_any_more_is_replaced_by_another(arena) -> None:
    """What somebody did already shows nothing of the account."""
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        for number in MANY[:3]:
            it.server.account.edit(number, {"name": f"N{number}"})
        flight = Flight(it, number=3)
        rows = await flight.apply()
        assert statuses(rows) == {RowStatus.UPDATED, RowStatus.UNCHANGED}
        assert flight.memory.chosen == (2, 3, 4, 5, 6, 7)
        assert "3 changes are as asked" in flight.said[-1]


async def test_a_reading_that_lags_behind_is_waited_for(arena, monkeypatch) -> None:
    monkeypatch.setattr("bulk_update.applying.reading.READ_PAUSES", (0.0, 0.0))
    async with arena() as it:
        await it.plan({41: named("Ours")})
        it.play(Fault(kind=FaultKind.STALE, on=("get",), nth=(2, 3)))
        (row,) = await Flight(it).apply()
        assert row.status is RowStatus.UPDATED


async def test_an_answer_that_reading_contradicts_is_a_mismatch(arena, monkeypatch) -> None:
    """The account says done, shows it, and did nothing: only reading tells."""
    monkeypatch.setattr("bulk_update.applying.reading.READ_PAUSES", (0.0,))
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        it.play(Fault(kind=FaultKind.UNTRUE))
        with pytest.raises(GuardTripped, match=r"row 2: name is .* asked was “N41”") as stopped:
            await Flight(it).apply()
        assert stopped.value.code == "canary"
        assert len(it.patches) == 1
        assert statuses(it.run.results.rows()) == {RowStatus.MISMATCH, RowStatus.NOT_SENT}


async def test_one_that_can_not_be_read_back_is_settled_like_any_unknown(arena) -> None:
    async with arena() as it:
        await it.plan({41: named("Ours"), 42: named("Too")})
        it.play(Fault(kind=FaultKind.STATUS, status=500, on=("get",), first=2, last=3))
        assert statuses(await Flight(it).apply()) == {RowStatus.UPDATED}
        assert len(it.patches) == 2


# -- what stops -------------------------------------------------------------------------------


async def test_the_first_mismatch_stops_the_run(arena) -> None:
    async with arena(Behaviour(unknown_tags=Unknown.DROP)) as it:
        await it.plan({number: tagged("No such tag") for number in MANY})
        with pytest.raises(GuardTripped, match=r"row 2: tags is \["):
            await Flight(it).apply()
        assert len(it.patches) == 1
        assert it.ended == [ChangeState.MISMATCH]


async def test_nothing_but_refusals_stops_the_run(arena) -> None:
    async with arena() as it:
        await it.plan({number: custom("Status", "Nope", FieldType.DROPDOWN) for number in MANY[:5]})
        with pytest.raises(GuardTripped, match="refused all 3: row 2: Nope"):
            await Flight(it, number=3).apply()
        assert len(it.patches) == 3


async def test_one_refusal_among_others_does_not(arena) -> None:
    async with arena() as it:
        asked = {number: named(f"N{number}") for number in MANY}
        asked[45] = custom("Status", "Nope", FieldType.DROPDOWN)
        await it.plan(asked)
        flight = Flight(it)
        rows = await flight.apply()
        assert statuses(rows) == {RowStatus.UPDATED, RowStatus.REFUSED}
        assert "1 was not taken" in flight.said[-1]
        assert "Not shown: cf:Status" in flight.said[-1]


async def test_a_plan_that_was_refused_whole_has_nothing_to_stop(arena) -> None:
    async with arena() as it:
        await it.plan({41: custom("Status", "Nope", FieldType.DROPDOWN)})
        (row,) = await Flight(it).apply()
        assert row.status is RowStatus.REFUSED


async def test_nothing_that_could_be_proven_stops_the_run(arena) -> None:
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY[:5]})
        it.play(Fault(kind=FaultKind.STATUS, status=500))
        with pytest.raises(GuardTripped, match="none could be proven"):
            await Flight(it, number=2).apply()


# -- the account's own rules --------------------------------------------------------------------


def rule(**edit: object) -> Fault:
    """The account changes something else whenever a contact is changed."""
    return Fault(kind=FaultKind.PERSON_FOLLOWS, edit=edit)


async def test_what_changes_on_two_contacts_unasked_is_a_rule_and_stops_the_run(arena) -> None:
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        it.play(rule(note="By a rule"))
        with pytest.raises(GuardTripped, match="changed note too") as stopped:
            await Flight(it).apply()
        assert '--expect-side-effect "note"' in stopped.value.hint
        assert "row 2" in stopped.value.message
        assert "row 3" in stopped.value.message
        assert len(it.patches) == 2


async def test_what_a_person_changes_on_one_contact_does_not(arena) -> None:
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        it.play(Fault(kind=FaultKind.PERSON_FOLLOWS, edit={"note": "Ann"}, times=1))
        rows = await Flight(it).apply()
        assert statuses(rows) == {RowStatus.UPDATED}
        assert [each.code for each in rows].count("also_changed") == 1


async def test_an_expected_side_effect_is_allowed(arena) -> None:
    async with arena() as it:
        await it.plan({number: named(f"N{number}") for number in MANY})
        it.play(rule(note="By a rule"))
        rows = await Flight(it, expected=(Target(TargetKind.NOTE),)).apply()
        assert statuses(rows) == {RowStatus.UPDATED}
        assert [each.code for each in rows].count("also_changed") == 10  # those that were read


async def test_a_custom_field_that_a_rule_empties_is_no_loss_when_expected(arena) -> None:
    """Nor does it say that the account replaces ``custom_fields``."""
    expected = (Target(TargetKind.CUSTOM_FIELD, "zipCode"),)
    async with arena() as it:
        await it.plan({EVERYTHING: custom("Città", "Roma", FieldType.TEXT)})
        it.play(rule(custom_fields={"zipCode": ""}))
        (row,) = await Flight(it, expected=expected).apply()
        assert (row.status, row.code) == (RowStatus.UPDATED, "also_changed")
        assert len(it.patches) == 1


async def test_an_asked_field_that_a_rule_changes_again_is_never_called_updated(arena) -> None:
    """Expected or not: the run goes on, and its rows say what the account has."""
    async with arena() as it:
        await it.plan({number: noted(f"N{number}") for number in MANY[:3]})
        it.play(rule(note="By a rule"))
        rows = await Flight(it, expected=(Target(TargetKind.NOTE),)).apply()
        assert statuses(rows) == {RowStatus.MISMATCH}
        assert len(it.patches) == 3


# -- merge or replace ---------------------------------------------------------------------------


async def test_the_first_loss_on_a_replacing_account_is_no_failure_of_the_canary(arena) -> None:
    async with arena(Behaviour(custom_fields=CustomFields.REPLACE)) as it:
        numbers = [*MANY[:5], EVERYTHING]
        before = {number: dict(it.contact(number).custom_fields) for number in numbers}
        await it.plan({number: custom("Città", "Bologna", FieldType.TEXT) for number in numbers})
        flight = Flight(it, number=3)
        assert statuses(await flight.apply()) == {RowStatus.UPDATED}
        assert it.learnt == ["replace"]
        for number in numbers:
            now = dict(it.contact(number).custom_fields)
            kept = {name: value for name, value in before[number].items() if value}
            assert {name: value for name, value in now.items() if value} == {
                **kept,
                "Città": "Bologna",
            }
        assert len(it.patches) == len(numbers) + 1


async def test_one_that_would_not_take_back_what_it_dropped_stops_the_run(arena) -> None:
    """Refused when it is to be restored: that is a loss."""
    async with arena(Behaviour(custom_fields=CustomFields.REPLACE)) as it:
        await it.plan(
            {number: custom("Città", "Bologna", FieldType.TEXT) for number in (EVERYTHING, 41)}
        )
        it.play(Fault(kind=FaultKind.STATUS, status=422, nth=(2,)))
        with pytest.raises(GuardTripped, match="did not take them back"):
            await Flight(it).apply()
        assert len(it.patches) == 2


async def test_a_token_refused_while_reading_back_leaves_the_change_unknown(arena) -> None:
    """It was sent and answered; whoever goes on reads it first."""
    async with arena() as it:
        await it.plan({41: named("Ours"), 42: named("Too")})
        it.play(Fault(kind=FaultKind.TOKEN_REFUSED, on=("get",), nth=(2,)))
        with pytest.raises(TokenRefused):
            await Flight(it).apply()
        assert [each.change.uuid for each in it.run.sending.unknown_changes()] == [contact_uuid(41)]
        assert len(it.patches) == 1
