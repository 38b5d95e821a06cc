"""What the API answers to each of its calls, without a thought of sockets.

A :class:`Call` goes in, an :class:`~bulk_update.sandbox.refusals.Answer` comes out, and whatever
is to be applied has been applied in between; the faults of the wire are played around it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import orjson

from bulk_update.sandbox.account import SandboxAccount
from bulk_update.sandbox.behaviour import Behaviour, Envelope, PhoneSpelling
from bulk_update.sandbox.catalogue import SandboxUser
from bulk_update.sandbox.checks import patched
from bulk_update.sandbox.contact import ContactState, Json, shown, shown_team
from bulk_update.sandbox.listing import listing
from bulk_update.sandbox.query import page_or_first, wants_types
from bulk_update.sandbox.refusals import Answer, Refusal, Refused, error_answer

SANDBOX_API_KEY: Final = "test_make_believe_api_key_that_nobody_may_keep"
"""The ``api_key`` of ``/auth/me``: a marked value, so that a test can look for it."""

USERS_A_PAGE: Final = 20


class Operation(StrEnum):
    """The calls, by the ``operationId`` of the API document."""

    ME = "me"
    LIST = "listContacts"
    GET = "getContact"
    PATCH = "updateContact"
    BY_PHONE = "getContactByPhone"
    BY_BSUID = "getContactByBsuid"
    BOT = "getContactBot"
    TEAMS = "listTeams"
    MEMBERS = "listTeamMembers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: ``name`` is the variable part of its path, decoded once; ``seq`` its number
    in the log."""

    operation: Operation
    name: str
    query: Mapping[str, str]
    body: bytes = b""
    content_type: str = ""
    seq: int = 0


class Api:
    """The calls of one account under one behaviour."""

    def __init__(self, account: SandboxAccount, behaviour: Behaviour) -> None:
        self.account = account
        self.behaviour = behaviour

    def answer(self, call: Call) -> Answer:
        """Do what the call asks, and answer it."""
        try:
            body = _CALLS[call.operation](self, call)
        except Refused as refused:
            return self.refuse(refused.status, *refused.refusals)
        except OSError as error:  # the folder it lives in is full: nothing was applied
            return self.refuse(500, Refusal("base", f"Can't be stored: {error.strerror}"))
        return Answer(status=200, body=orjson.dumps(body))

    def pretend(self, call: Call) -> Answer:
        """What a PATCH would be answered, without doing it."""
        try:
            contact = self._contact(call.name)
            body = _json_body(call)
            after = patched(contact, body, self.account.catalogue, self.behaviour)
        except Refused as refused:
            return self.refuse(refused.status, *refused.refusals)
        return Answer(status=200, body=orjson.dumps(self.envelope(after)))

    def refuse(self, status: int, *refusals: Refusal) -> Answer:
        """An error in the shape this account gives them."""
        return error_answer(status, self.behaviour.error_shape, *refusals)

    def target(self, call: Call) -> ContactState | None:
        """The contact a call with a contact's ``:uuid`` in its path is about."""
        try:
            return self._contact(call.name)
        except Refused:
            return None

    def envelope(self, contact: ContactState, *, with_types: bool = False) -> dict[str, Json]:
        """One contact as ``GET`` and ``PATCH /contacts/:uuid`` answer it."""
        body = shown(contact, self.account.catalogue, self.behaviour, with_types=with_types)
        return {"contact": [body] if self.behaviour.envelope is Envelope.ARRAY else body}

    def me(self, _call: Call) -> Json:
        """Whose the token is; never which account."""
        owner = self.account.catalogue.owner
        return {
            "status": "ok",
            "user_email": owner.email,
            "user_name": owner.name,
            "api_key": SANDBOX_API_KEY,
        }

    def list_contacts(self, call: Call) -> Json:
        """A page of 20."""
        return listing(self.account, self.behaviour, call.query)

    def get_contact(self, call: Call) -> Json:
        """One contact, as reads see it."""
        contact = self.account.as_read(self._contact(call.name), self.behaviour)
        return self.envelope(contact, with_types=wants_types(call.query))

    def update_contact(self, call: Call) -> Json:
        """Apply a PATCH."""
        uuid = self._contact(call.name).uuid
        body = _json_body(call)
        return self.envelope(
            self.account.patch(uuid, body, self.behaviour, request=call.seq or None)
        )

    def get_by_phone(self, call: Call) -> Json:
        """By phone; the envelope is an object, always (public API reference)."""
        takes = self.behaviour.phone_lookup
        plus = call.name.startswith("+")
        digits = call.name.removeprefix("+")
        spelled = takes is PhoneSpelling.BOTH or plus is (takes is PhoneSpelling.PLUS)
        wanted = digits if spelled and digits.isascii() and digits.isdigit() else ""
        return self._looked_up(self.account.find_phone(wanted, call.query.get("channel_uuid", "")))

    def get_by_bsuid(self, call: Call) -> Json:
        """By WhatsApp Business Suite user id."""
        return self._looked_up(self.account.find_bsuid(call.name))

    def get_bot(self, call: Call) -> Json:
        """The bot on a contact."""
        contact = self.account.as_read(self._contact(call.name), self.behaviour)
        bot = self.account.catalogue.bot
        if bot is None:
            raise Refused(404, Refusal("base", "Bot not found"))
        return {"bot": {"uuid": bot.uuid, "name": bot.name, "status": contact.bot}}

    def list_teams(self, _call: Call) -> Json:
        """All teams, on one page."""
        teams = [shown_team(team) for team in self.account.catalogue.teams]
        return {"teams": teams, "meta": {"page": 1, "pages": 1}}

    def list_members(self, call: Call) -> Json:
        """The confirmed users of a team, 20 a page."""
        team = self.account.catalogue.team_by_uuid.get(call.name)
        if team is None:
            raise Refused(404, Refusal("base", "Team not found"))
        page = page_or_first(call.query)
        members = team.members[(page - 1) * USERS_A_PAGE : page * USERS_A_PAGE]
        users = self.account.catalogue.user_by_email
        pages = max(1, math.ceil(len(team.members) / USERS_A_PAGE))
        return {
            "users": [_shown_user(users[email]) for email in members],
            "meta": {"page": page, "pages": pages},
        }

    def _looked_up(self, contact: ContactState | None) -> Json:
        if contact is None:
            raise Refused(404, Refusal("base", "Contact not found"))
        found = self.account.as_read(contact, self.behaviour)
        return {"contact": shown(found, self.account.catalogue, self.behaviour)}

    def _contact(self, name: str) -> ContactState:
        """The contact of a path's ``:uuid``, by its phone where that is taken."""
        try:
            return self.account.contact(name)
        except KeyError:
            taken = self.behaviour.phone_as_uuid
            contact = self.account.find_phone(name) if taken else None
        if contact is None:
            raise Refused(404, Refusal("base", "Contact not found"))
        return contact


def _json_body(call: Call) -> Json:
    if not call.content_type.startswith("application/json"):
        raise Refused(400, Refusal("base", "The Content-Type must be application/json"))
    try:
        body: Json = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        raise Refused(400, Refusal("base", "The body is not JSON")) from None
    return body


def _shown_user(user: SandboxUser) -> Json:
    return {"email": user.email, "name": user.name, "available": user.available}


_CALLS: Final[Mapping[Operation, Callable[[Api, Call], Json]]] = {
    Operation.ME: Api.me,
    Operation.LIST: Api.list_contacts,
    Operation.GET: Api.get_contact,
    Operation.PATCH: Api.update_contact,
    Operation.BY_PHONE: Api.get_by_phone,
    Operation.BY_BSUID: Api.get_by_bsuid,
    Operation.BOT: Api.get_bot,
    Operation.TEAMS: Api.list_teams,
    Operation.MEMBERS: Api.list_members,
}
