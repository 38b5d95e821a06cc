"""What ``docs/api.md`` says of each open question holds under every reading of it.

One sheet is applied to a make-believe account that gives one answer to one question otherwise
than usual; then every row must have ended as the page says, and the account's true state must
be what the results claim.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bulk_update.config import resolve
from bulk_update.runs import Job, Quiet
from bulk_update.runs.apply import apply
from bulk_update.runs.stopping import StopSignals
from bulk_update.sandbox import SANDBOX_TOKEN, Behaviour, RateLimit, SandboxAccount, serve
from bulk_update.sandbox.behaviour import Clear, Unknown

READINGS = dict(Behaviour.readings())
CLEARED = {Clear.TAKES: "updated", Clear.REFUSED: "refused", Clear.IGNORED: "mismatch"}
TAKEN = {Unknown.REFUSE: "refused", Unknown.DROP: "mismatch"}
FEW = RateLimit(per_second=20)


@dataclass(frozen=True)
class Ask:
    """A row: the contact's number, its cells, and what the field must then be in truth."""

    contact: int
    cells: Mapping[str, str]
    field: str
    value: object = None


ASKS = {
    "option": Ask(1, {"Status": "On hold"}, "Status", "On hold"),
    "number": Ask(2, {"orderNumber": "4711"}, "orderNumber", "4711"),
    "clear text": Ask(3, {"Città": "<clear>"}, "Città"),
    "clear checkbox": Ask(6, {"Idiomas": "<clear>"}, "Idiomas"),
    "tag": Ask(5, {"tags": "🔥 Hot lead"}, "tags", "🔥 Hot lead"),
    "unknown tag": Ask(10, {"tags": "Nonesuch"}, "tags", "Nonesuch"),
    "unknown field": Ask(7, {"Nowhere": "x"}, "Nowhere", "x"),
    "clear team": Ask(8, {"team": "<clear>"}, "team"),
    "by phone": Ask(9, {"name": "Called by phone"}, "name", "Called by phone"),
}
COLUMNS = ("uuid", "phone", "name", "Status", "orderNumber", "Città", "Idiomas", "tags")


def expected(behaviour: Behaviour) -> dict[str, str]:
    """The status of each row, as the page says."""
    usual = dict.fromkeys(ASKS, "updated")
    return usual | {
        "clear text": CLEARED[behaviour.clear_by_empty],
        "clear checkbox": CLEARED[behaviour.clear_checkbox],
        "unknown tag": TAKEN[behaviour.unknown_tags],
        "unknown field": TAKEN[behaviour.unknown_fields],
        "clear team": "invalid",
    }


def write_sheet(account: SandboxAccount, path: Path) -> None:
    """The rows of ``ASKS``, by uuid, but for the one that is known by its phone."""
    header = [*COLUMNS, "team", "Nowhere"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        for name, ask in ASKS.items():
            contact = account.contact(ask.contact)
            key = {"phone": contact.phone} if name == "by phone" else {"uuid": contact.uuid}
            writer.writerow({**key, **ask.cells})


def truth(account: SandboxAccount, ask: Ask) -> object:
    """What the account really has where a row asked for something."""
    contact = account.contact(ask.contact)
    if ask.field == "tags":
        return ask.value if ask.value in contact.tags else None
    if ask.field == "name":
        return contact.name
    return contact.custom_fields.get(ask.field) or None


async def applied(account: SandboxAccount, behaviour: Behaviour, desk: Path) -> dict[str, Any]:
    """Apply the sheet; the lines of ``results.csv`` by the names of the rows."""
    sheet, out = desk / "sheet.csv", desk / "out"
    write_sheet(account, sheet)
    limit = FEW if behaviour.retry_after is not Behaviour().retry_after else None
    async with serve(account, behaviour=behaviour, rate_limit=limit) as server:
        settings = resolve(
            # No canary: every row is to show how it ends, also beside one that is not as asked.
            {
                "base_url": server.base_url,
                "yes": True,
                "rate": "max",
                "out": str(out),
                "canary": 0,
            },
            environ={"BULK_UPDATE_TOKEN": SANDBOX_TOKEN},
            cwd=desk,
        )
        job = Job(
            command="apply", file=str(sheet), settings=settings, columns=("Nowhere=cf:Nowhere",)
        )
        await apply(job, Quiet(), StopSignals())
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return dict(zip(ASKS, csv.DictReader(file), strict=True))


@pytest.mark.parametrize("reading", READINGS)
async def test_every_row_ends_as_the_page_says(reading: str, tmp_path: Path) -> None:
    """And what is called updated is so in truth; what nobody named is as it was."""
    behaviour = READINGS[reading]
    account = SandboxAccount.seeded(contacts=60)
    before = {ask.contact: account.contact(ask.contact) for ask in ASKS.values()}
    results = await applied(account, behaviour, tmp_path)
    assert {name: line["status"] for name, line in results.items()} == expected(behaviour)
    for name, ask in ASKS.items():
        if results[name]["status"] == "updated":
            assert truth(account, ask) == ask.value, name
        else:
            assert results[name]["message"], name
        _same_but(ask.field, before[ask.contact].custom_fields, account, ask.contact)


def _same_but(
    field: str, before: Mapping[str, object], account: SandboxAccount, number: int
) -> None:
    now = account.contact(number).custom_fields
    assert {name: value for name, value in now.items() if name != field and value} == {
        name: value for name, value in before.items() if name != field and value
    }
