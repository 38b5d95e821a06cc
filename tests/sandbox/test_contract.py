"""The sandbox keeps to the API document, whichever way the open questions are answered."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

import bulk_update.sandbox
from bulk_update.sandbox import Behaviour
from bulk_update.sandbox.app import ROUTES
from bulk_update.sandbox.behaviour import ErrorShape
from bulk_update.sandbox.calls import SANDBOX_API_KEY

READINGS = dict(Behaviour.readings())


def test_the_routes_are_those_of_the_document(document):
    """Not one call more or less, under the same names."""
    assert {(method, path, call.value) for method, path, call in ROUTES} == document.operations()


@pytest.mark.parametrize("name", READINGS)
async def test_every_call_conforms_under_every_reading(talk, name):
    """Each call is made; the client fixture holds each answer against the document."""
    api = await talk(behaviour=READINGS[name], contacts=80)
    contact, team = api.account.contact(5), api.account.catalogue.teams[0]
    assert (await api.get("/auth/me")).status == 200
    assert (await api.get("/contacts", include_field_types="true")).status == 200
    assert (await api.get("/contacts", page=4)).status == 200
    assert (await api.get(f"/contacts/{contact.uuid}", include_field_types="true")).status == 200
    assert (await api.get(f"/contacts/{contact.uuid}/bot")).status == 200
    assert (await api.get(f"/contacts/bsuid/{contact.bsuid}")).status == 200
    assert (await api.get("/teams")).body["teams"]
    assert (await api.get(f"/teams/{team.uuid}/members", page=2)).status == 200
    found = [
        (await api.get(f"/contacts/phone/{sign}{contact.digits}")).status for sign in ("", "%2B")
    ]
    assert 200 in found
    assert (await api.patch(5, {"name": "New", "tags": ["VIP"]})).status == 200
    assert (await api.get(f"/contacts/{'0' * 32}")).status == 404
    assert (await api.get(f"/contacts/{'0' * 32}/bot")).status == 404
    assert (await api.get("/contacts/bsuid/none")).status == 404
    assert (await api.get("/contacts/phone/10000000")).status == 404
    assert (await api.get("/teams/none/members")).status == 404
    assert (await api.patch("0" * 32, {})).status == 404
    assert (await api.patch(5, {"note": 7})).status in (400, 422)


def test_every_switch_has_another_reading():
    """A switch that ``readings`` left out would never be tested."""
    switches = {name.partition("=")[0] for name in READINGS} - {"default"}
    assert switches == {field.name for field in dataclasses.fields(Behaviour)}


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Token x", "Bearer "])
async def test_without_the_token_everything_is_401(talk, header):
    """Also a PATCH, which then is not applied."""
    api = await talk(headers={"Authorization": header} if header else {"X-No": "token"})
    before = api.account.contact(1)
    for path in ("/auth/me", "/contacts", "/teams", f"/contacts/{before.uuid}"):
        assert (await api.get(path)).status == 401
    assert (await api.patch(1, {"name": "x"})).status == 401
    assert api.account.contact(1) == before


async def test_me_names_a_user_and_never_the_account(talk):
    """Status, e-mail, name and a key, as the reference has it."""
    body = (await (await talk()).get("/auth/me")).body
    assert body == {
        "status": "ok",
        "user_email": "owner@example.com",
        "user_name": "Olivia Owner",
        "api_key": SANDBOX_API_KEY,
    }


async def test_a_call_that_does_not_exist_is_refused_and_logged(talk):
    """Nothing is created or deleted, and who tried is in the log."""
    api = await talk()
    for method, path in (("POST", "/contacts"), ("DELETE", "/contacts/x"), ("GET", "/messages")):
        assert (await api.ask(method, path, conforms=False)).status == 404
    assert [record.method for record in api.account.log.requests] == ["POST", "DELETE", "GET"]
    assert len(api.account) == 60


@pytest.mark.parametrize("shape", ErrorShape)
async def test_each_error_shape_has_its_body(talk, shape):
    """The six shapes an error body can have."""
    api = await talk(behaviour=Behaviour(error_shape=shape))
    reply = await api.patch(1, {"note": 5, "tags": ["Nope"]})
    note, tag = "note must be a string", "Tag not found: Nope"
    expected = {
        ErrorShape.ERROR: {"error": f"{note}; {tag}"},
        ErrorShape.BY_FIELD: {"errors": {"note": [note], "tags": [tag]}},
        ErrorShape.LIST: {"errors": [note, tag]},
        ErrorShape.MESSAGE: {"message": f"{note}; {tag}"},
    }
    assert reply.status == 422
    if shape is ErrorShape.EMPTY:
        assert reply.raw == b""
    elif shape is ErrorShape.HTML:
        assert reply.headers["Content-Type"].startswith("text/html")
        assert b"<h1>note must be a string; Tag not found: Nope</h1>" in reply.raw
    else:
        assert reply.body == expected[shape]


def test_the_sandbox_shares_nothing_with_the_client():
    """A mistake in our reading of the API must not be made on both sides of the wire."""
    ours = {"bulk_update.errors", "bulk_update.language"}
    for path in Path(bulk_update.sandbox.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.startswith("bulk_update"):
                    assert name in ours or name.startswith("bulk_update.sandbox"), (path, name)
