"""A faults.toml says how the account behaves; what it says wrongly is pointed at."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bulk_update.errors import ConfigError
from bulk_update.sandbox import (
    Behaviour,
    Fault,
    FaultKind,
    Latency,
    RateLimit,
    Rehearsal,
    Window,
    load_rehearsal,
)
from bulk_update.sandbox.behaviour import CustomFields, ErrorShape
from bulk_update.sandbox.faults import On

NIGHT = Path(__file__).parents[2] / "templates" / "rough-night.faults.toml"

WHOLE = """\
seed = 7

[[fault]]
kind = "reset"
applied = true
rate = 0.02

[[fault]]
kind = "status"
status = 503
on = ["any"]
after = 10
until = 40

[[fault]]
kind = "person_edits"
contact = 12
edit = {note = "x", tags = ["VIP"], custom_fields = {Features = ["Dark Mode"]}}

[behaviour]
custom_fields = "replace"
error_shape = "by_field"
phone_as_uuid = true
refusal_status = 400
stale_reads = 2

[rate_limit]
per_second = 100
window = "calendar"

[latency]
mean = 0.05
jitter = 0.01
"""


def load(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "faults.toml"
    path.write_bytes(text.encode(encoding))
    return load_rehearsal(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_says_everything(tmp_path, encoding):
    """Rules in their order, switches, limit, latency; with a BOM or without."""
    rehearsal = load(tmp_path, WHOLE, encoding)
    edit = {"note": "x", "tags": ["VIP"], "custom_fields": {"Features": ["Dark Mode"]}}
    assert rehearsal.faults.seed == 7
    assert rehearsal.faults.fault == (
        Fault(kind=FaultKind.RESET, applied=True, rate=0.02),
        Fault(kind=FaultKind.STATUS, status=503, on=(On.ANY,), after=10, until=40),
        Fault(kind=FaultKind.PERSON_EDITS, contact=12, edit=edit),
    )
    assert rehearsal.behaviour == Behaviour(
        custom_fields=CustomFields.REPLACE,
        error_shape=ErrorShape.BY_FIELD,
        phone_as_uuid=True,
        refusal_status=400,
        stale_reads=2.0,
    )
    assert rehearsal.rate_limit == RateLimit(per_second=100, window=Window.CALENDAR)
    assert rehearsal.latency == Latency(mean=0.05, jitter=0.01)


def test_an_empty_file_changes_nothing(tmp_path):
    """The account as it is without one."""
    assert load(tmp_path, "") == Rehearsal()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = 1\nfault = x", "line 2"),
        ("faults = []", "faults"),
        ('[[fault]]\nkind = "explode"', "fault.0.kind"),
        ("[[fault]]\nrate = 0.1", "fault.0.kind"),
        ('[[fault]]\nkind = "reset"\nrate = 2', "fault.0.rate"),
        ('[[fault]]\nkind = "reset"\non = ["put"]', "fault.0.on.0"),
        ('[[fault]]\nkind = "reset"\nnht = [1]', "nht"),
        ('[[fault]]\nkind = "status"\nstatus = 200', "fault.0.status"),
        ('[behaviour]\nenvelope = "list"', "behaviour.envelope"),
        ("[behaviour]\nenvelop = 1", "envelop"),
        ("[behaviour]\nrefusal_status = 500", "refusal_status"),
        ("[rate_limit]\nwindow = 1", "rate_limit.window"),
        ("[rate_limit]\nper_second = 0", "rate_limit.per_second"),
        ('[latency]\nmean = "slow"', "latency.mean"),
        ("[latency]\nmean = -1", "latency.mean"),
        ("[latency]\nmeen = 1", "latency.meen"),
        ("[rate_limit]\nper_minute = 1", "rate_limit.per_minute"),
    ],
)
def test_a_mistake_is_pointed_at(tmp_path, text, said):
    """With the file, the place, and where to read on."""
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert said in raised.value.message
    assert "faults.toml" in raised.value.message
    assert "--help" in raised.value.hint


def test_a_misspelt_name_gets_the_nearest(tmp_path):
    """At the top and in each table; where nothing is near, what there is."""
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, '[behavior]\n[[fault]]\nkind = "reset"\nraet = 1\nxyz = 1')
    assert 'behavior: unknown; did you mean "behaviour"?' in raised.value.message
    assert 'fault.0.raet: unknown; did you mean "rate"?' in raised.value.message
    assert "fault.0.xyz: unknown; known are kind, on, contact" in raised.value.message


def test_every_mistake_is_said_at_once(tmp_path):
    """Not one by one."""
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, '[[fault]]\nkind = "x"\n[latency]\nmean = "y"')
    assert "fault.0.kind" in raised.value.message
    assert "latency.mean" in raised.value.message


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    """A configuration error, no traceback."""
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_rehearsal(tmp_path / "none.toml")
    with pytest.raises(ConfigError):
        load(tmp_path, "seed = 1 # é", "latin-1")


def test_the_shipped_night_has_each_way_of_saying_when():
    """By rate, by script, by schedule: who looks for an example finds one."""
    faults = load_rehearsal(NIGHT).fault
    assert any(each.rate for each in faults)
    assert any(each.nth for each in faults)
    assert any(each.contact for each in faults)
    assert any(each.after and each.until for each in faults)


def test_the_help_names_every_kind_and_shows_what_can_be_copied():
    """Square brackets survive, and nobody has to read our code to learn what there is."""
    said = subprocess.run(
        [sys.executable, "-m", "bulk_update", "sandbox", "--help"],
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    words = set(re.findall(r"[a-z_]+", said))
    assert {each.value for each in FaultKind} <= words
    for line in ("[[fault]]", "[behaviour]", "[latency]", "nth = [3, 40]", NIGHT.name):
        assert line in said
