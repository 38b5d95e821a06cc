"""Which calls and bodies leave, without a server.

aioresponses 0.7.9 builds its answers without the ``stream_writer`` that aiohttp 3.14 asks for;
:class:`SuppliedResponse` supplies it, here alone. The last test says when it can go.
"""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses

from bulk_update.account.answers import AnswerKind
from bulk_update.account.client import CallbellClient
from bulk_update.account.discovery import identify
from bulk_update.account.throttle import Throttle

BASE = "https://api.callbell.eu/v1"
UUID = "414a6d692bd645ed803f2e7ce360d4c8"


class SuppliedResponse(ClientResponse):
    """What aioresponses leaves out."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("stream_writer", Mock())
        super().__init__(*args, **kwargs)


@pytest.fixture
def said():
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def callbell():
    async with CallbellClient(BASE, "abc.def", Throttle(None)) as one:
        yield one


def sent(said):
    return [
        (method, str(url), call.kwargs["data"])
        for (method, url), calls in said.requests.items()
        for call in calls
    ]


async def test_a_patch_sends_its_body_once_and_follows_nothing(said, callbell, make_contact):
    """Byte for byte, as JSON, to the public address."""
    said.patch(
        f"{BASE}/contacts/{UUID}",
        payload={"contact": make_contact()},
        response_class=SuppliedResponse,
    )
    body = {"note": "Zoë  ", "custom_fields": {"PI : MF": "", "Likes": []}, "tags": []}
    answer = await callbell.patch_contact(UUID, body)
    assert answer.kind is AnswerKind.CONTACT
    assert sent(said) == [
        (
            "PATCH",
            f"{BASE}/contacts/{UUID}",
            '{"note":"Zoë  ","custom_fields":{"PI : MF":"","Likes":[]},"tags":[]}'.encode(),
        )
    ]
    call = said.requests[next(iter(said.requests))][0]
    assert call.kwargs["allow_redirects"] is False


async def test_who_an_account_is_costs_two_reads(said, callbell):
    """And nothing that writes."""
    said.get(
        f"{BASE}/auth/me",
        payload={"status": "ok", "user_email": "a@b.it"},
        response_class=SuppliedResponse,
    )
    said.get(f"{BASE}/teams", payload={"teams": []}, response_class=SuppliedResponse)
    assert (await identify(callbell)).account.key == f"{BASE}|a@b.it"
    assert [(method, url) for method, url, _data in sent(said)] == [
        ("GET", f"{BASE}/auth/me"),
        ("GET", f"{BASE}/teams"),
    ]


async def test_the_response_class_is_still_needed(said, callbell):
    """When this fails, aioresponses supplies ``stream_writer`` itself: take the class away."""
    said.get(f"{BASE}/teams", payload={"teams": []})
    with pytest.raises(TypeError, match="stream_writer"):
        await callbell.list_teams()
