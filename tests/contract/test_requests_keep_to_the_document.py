"""Every request the client can make is one that the API document has.

The requests are recorded by a real server, as they came off the wire, and held against the
document: method and path, path and query parameters, token, type and shape of the body.
"""

from __future__ import annotations

import csv
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from api_document import Document
from jsonschema import ValidationError

from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle
from bulk_update.config import resolve
from bulk_update.runs import Job
from bulk_update.runs.apply import apply
from bulk_update.runs.interaction import Quiet
from bulk_update.runs.stopping import StopSignals
from bulk_update.sandbox import SANDBOX_TOKEN, Behaviour, RateLimit, SandboxAccount, create_app
from bulk_update.sandbox.people import contact_uuid

AUTH = {"Authorization": "Bearer x", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Recorded:
    """One request off the wire; ``path`` is raw, under the base path."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Recorder:
    """An account that is served, and what it was asked."""

    account: SandboxAccount
    url: str
    seen: list[Recorded]

    def calls(self) -> set[str]:
        """The calls that were made; fails for a request that the document has not."""
        document = Document()
        return {
            document.check_request(each.method, each.path, each.headers, each.body)
            for each in self.seen
        }


@asynccontextmanager
async def recorded(behaviour: Behaviour | None = None) -> AsyncIterator[Recorder]:
    seen: list[Recorded] = []

    @web.middleware
    async def record(request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.raw_path.removeprefix("/v1")
        headers = dict(request.headers)
        seen.append(Recorded(request.method, path, headers, await request.read()))
        return await handler(request)

    account = SandboxAccount.seeded(contacts=2_000)
    app = create_app(account, behaviour=behaviour, rate_limit=RateLimit.off())
    app.middlewares.append(record)
    async with TestServer(app) as server:
        yield Recorder(account, str(server.make_url("/v1")), seen)


@pytest.mark.parametrize("behaviour", [Behaviour(), Behaviour(cursors=False)])
async def test_every_method_of_the_client(behaviour: Behaviour):
    """With every argument it has, and values that must be escaped; none is left out."""
    async with (
        recorded(behaviour) as it,
        CallbellClient(it.url, SANDBOX_TOKEN, Throttle(None)) as client,
    ):
        contact, team = it.account.contact(5), it.account.catalogue.teams[0]
        await client.me()
        assert await client.answers()
        await client.list_teams()
        await client.list_team_members(team.uuid, page=2)
        for uuid in (contact.uuid, "../teams", "a/b?c#d", "è +&=%2F", "."):
            await client.get_contact(uuid, include_field_types=True)
            await client.look_up_uuid(uuid)
            await client.get_bot(uuid)
            await client.get_contact_by_bsuid(uuid)
            await client.get_contact_by_phone(uuid, channel_uuid="chan & 1")
            await client.patch_contact(uuid, {"note": "n"})
        await client.get_contact_by_phone(f"+{contact.digits}")
        tags = ("VIP", "a&b=c", "è")
        await client.list_contacts(
            page=2, source="whatsapp", tags=tags, team_uuid="t/1", include_field_types=True
        )
        with client.waiting_out_outages(pytest.fail):
            async for _page in client.iter_contacts(tags=("VIP",), include_field_types=True):
                pass
        assert it.calls() == {each[2] for each in Document().operations()}
    called = inspect.getsource(test_every_method_of_the_client)
    methods = {
        name
        for name, value in vars(CallbellClient).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert [name for name in sorted(methods - {"close"}) if f"client.{name}(" not in called] == []


async def test_every_body_that_a_sheet_can_ask_for(tmp_path: Path):
    """Every target and field type, set and cleared, by every key: read, planned, sent, proven."""
    async with recorded() as it:
        owner = it.account.catalogue.owner.email
        it.account.edit(10, {"assigned_user": owner})
        fields = {
            "name": "New",
            "note": "é",
            "tags": "VIP",
            "assigned_user": owner,
            "team": it.account.catalogue.teams[1].name,
            "bot_status": "bot_end",
            "cf:Status": "Active",
            "cf:orderNumber": "42",
            "cf:Features": "Dark Mode;Notifications",
            "cf:Fecha de renovación": "2027-01-02",
            "cf:Work Email": "a@example.com",
        }
        kept = {"name": "", "team": "", "bot_status": "bot_start"}
        cleared = dict.fromkeys(fields, "<clear>") | kept
        rows = [
            {"uuid": contact_uuid(41)} | fields,
            {"bsuid": it.account.contact(10).bsuid} | cleared,
            {"phone": f"+{it.account.contact(907).digits}", "name": "Newer", "tags": "-VIP"},
        ]
        sheet = tmp_path / "all.csv"
        with sheet.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["uuid", "bsuid", "phone", *fields], restval="")
            writer.writeheader()
            writer.writerows(rows)
        flags = {"base_url": it.url, "yes": True, "state_dir": str(tmp_path / "state")}
        settings = resolve(
            flags | {"out": str(tmp_path / "out"), "rate": "max"},
            environ={"BULK_UPDATE_TOKEN": SANDBOX_TOKEN},
        )
        job = Job(command="apply", file=str(sheet), settings=settings)
        result = await apply(job, Quiet(), StopSignals())
        sent = {key for each in it.seen if each.method == "PATCH" for key in _keys(each.body)}
        assert result.report.exit_code == 0, result.report.error
        assert {"updateContact", "getContact", "getContactByPhone", "getContactBot"} <= it.calls()
        patch = Document().content["components"]["schemas"]["ContactPatch"]["properties"]
        assert sent == set(patch)


def _keys(body: bytes) -> set[str]:
    return set(orjson.loads(body))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/contacts?page=0", b""),
        ("GET", "/contacts?pages=1", b""),
        ("GET", "/contacts?page=1&page=2", b""),
        ("GET", "/contacts/x?include_field_types=True", b""),
        ("GET", "/contacts/a/b", b""),
        ("DELETE", "/contacts/x", b""),
        ("GET", "/contacts/x", b"{}"),
        ("PATCH", "/contacts/x", b'{"custom_fields": {"a": 7}}'),
        ("PATCH", "/contacts/x", b'{"notes": ""}'),
        ("PATCH", "/contacts/x", b'{"assigned_user": "nobody"}'),
        ("PATCH", "/contacts/x", b'{"note": "' + b"n" * 1001 + b'"}'),
    ],
)
def test_what_the_document_has_not_is_noticed(method: str, path: str, body: bytes):
    """The check above can fail."""
    with pytest.raises((AssertionError, ValidationError, ValueError)):
        Document().check_request(method, path, AUTH, body)
