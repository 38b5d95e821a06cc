"""The account's limit, as a strict account sees it: over every phase of a run, and from one
process to the next."""

from __future__ import annotations

import json

from bulk_update.sandbox import Latency, RateLimit
from bulk_update.sandbox.people import contact_uuid

LIMIT = 60


def sheet_of(desk, numbers) -> str:
    """New names for all; every fourth gets a tag too, so that it is read again before."""
    rows = [[contact_uuid(n), f"R {n}", "" if n % 4 else "VIP"] for n in numbers]
    return desk.sheet([["uuid", "name", "tags"], *rows])


def statuses(desk) -> list[int | None]:
    return [each.status for each in desk.account.log.requests]


def test_no_phase_and_no_process_sends_above_the_rate(desk_with) -> None:
    """Reading the schema, listing, the canary, sending with re-reading; then at once an undo, a
    process that knows nothing of what the one before it has sent in the same second."""
    strict = RateLimit(per_second=LIMIT, count_refused=True)
    with desk_with(rate_limit=strict, latency=Latency(mean=0.03, jitter=0.01)) as desk:
        sheet = sheet_of(desk, range(1, 101))
        ran = desk.run("apply", sheet, "--yes", "--rate", str(LIMIT), "--json")
        assert ran.code == 0, ran.err
        undone = desk.run("undo", "last", "--yes", "--rate", str(LIMIT), "--json")
        assert undone.code in (0, 1), undone.err  # a name where there was none stays
        assert set(statuses(desk)) == {200}
        assert len(statuses(desk)) > 5 * LIMIT
        assert "refused_429" not in ran.document["requests"]


def test_a_limit_that_is_shared_slows_down_and_is_said(desk_with) -> None:
    """Another program takes most of the limit: every row is sent all the same."""
    with desk_with(rate_limit=RateLimit(per_second=LIMIT // 3)) as desk:
        sheet = sheet_of(desk, range(1, 61))
        ran = desk.run("apply", sheet, "--yes", "--rate", str(LIMIT), "--out", "out")
        assert ran.code == 0, ran.err
        refused = statuses(desk).count(429)
        assert refused
        assert f"{refused} of them w" in ran.out
        assert "another program" in ran.out
        desk.run("report", "last", "--out", "again")
        told = json.loads((desk.folder / "again" / "summary.json").read_bytes())["requests"]
        assert told["refused_429"] == refused
        assert sum(told.values()) - refused - told["saved"] == len(statuses(desk))


def test_what_the_reading_met_is_in_the_forecast(desk_with) -> None:
    """At the rate that was asked for, and at the one to which the account has brought it."""
    with desk_with(rate_limit=RateLimit(per_second=5)) as desk:
        ran = desk.run("plan", sheet_of(desk, range(1, 61)), "--rate", str(LIMIT))
        assert ran.code == 0, ran.err
        assert 429 in statuses(desk)
        said = " ".join(ran.out.split())
        assert "Sending takes about 2 s. It takes about " in said
        assert "if the account goes on answering 429, as it did just now" in said
