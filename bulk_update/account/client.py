"""The API in typed calls.

Calls that read are tried again where that can help (``getting``). A PATCH is tried **once**:
whether it is sent again is decided under the journal's protocol, never below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import orjson

from bulk_update.account import bodies, parsing
from bulk_update.account.addresses import encoded
from bulk_update.account.answers import Answer, AnswerKind, judge
from bulk_update.account.bodies import Json
from bulk_update.account.breaker import Breaker
from bulk_update.account.getting import PATIENCE, Getter
from bulk_update.account.listing import ContactPage, Listing, PagingRefused
from bulk_update.account.schema import FieldSchema, Team, User
from bulk_update.account.throttle import Throttle
from bulk_update.account.transport import MAX_BODY, Token, Transport
from bulk_update.errors import ConfigError
from bulk_update.language import _
from bulk_update.model import Contact, FieldType

__all__ = ["Answer", "AnswerKind", "CallbellClient", "LookUp", "Me", "UserPage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Whose token it is. The API key that the call also tells is never kept."""

    user_email: str
    user_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """What a look-up by one key found. Without a contact, ``http_status`` and ``message`` are
    the account's own words: 404, or 400 and 422 for a key it does not understand. ``fields``
    are the custom fields it showed, where they were asked for; ``read_at`` (UTC) is when it was
    so, None for just now."""

    contact: Contact | None
    http_status: int = 200
    message: str = ""
    fields: tuple[FieldSchema, ...] = ()
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """One page of the users of a team."""

    users: tuple[User, ...]
    page: int
    pages: int


class CallbellClient:
    """One account's API, by one token, through one throttle.

    An async context manager; the session is opened by the first request. ``connect_timeout``
    and ``request_timeout`` are in seconds, ``max_body`` bounds an answer in bytes. Raises
    :class:`ConfigError` for an address that is not https (or http on loopback).
    ``field_types`` are the types of custom fields known so far, by name: put there what a
    schema knows, so that values are read by their type; answers with metadata add to it.
    """

    def __init__(  # noqa: PLR0913 - settings, all by name
        self,
        base_url: str,
        token: str,
        throttle: Throttle,
        *,
        connect_timeout: float = 5,
        request_timeout: float = 30,
        proxy: str | None = None,
        max_body: int = MAX_BODY,
        patience: float = PATIENCE,
    ) -> None:
        self._token = Token(token)
        self._transport = Transport(
            base_url,
            self._token,
            throttle,
            connect_timeout=connect_timeout,
            request_timeout=request_timeout,
            proxy=proxy,
            max_body=max_body,
        )
        self._getter = Getter(self._transport, self._token, patience=patience)
        self.throttle = throttle
        self.field_types: dict[str, FieldType] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._transport.close()

    def __repr__(self) -> str:
        return f"<CallbellClient {self.base_url}>"

    @property
    def base_url(self) -> str:
        """The address of the API, without a slash at its end."""
        return self._transport.base_url

    @property
    def requests(self) -> Counter[str]:
        """How many requests left, by the name of the call."""
        return self._transport.requests

    @property
    def refused_429(self) -> int:
        """How many of them the account answered 429."""
        return self._transport.refused_429

    @property
    def clock_skew(self) -> timedelta | None:
        """How far this machine's clock is ahead of the account's, by its last answer (to the
        second); None while it told no time."""
        return self._transport.clock_skew

    # -- who and what ------------------------------------------------------------------

    async def me(self) -> Me:
        """Whose token it is; :class:`TokenRefused` when it is nobody's. An address that knows
        no such call is a :class:`ConfigError`."""

        def unknown(status: int, _words: str) -> Me:
            raise ConfigError(
                _("{url} is not the address of the API (HTTP {status})").format(
                    url=self.base_url, status=status
                ),
                hint=_("check --base-url; the API's own is https://api.callbell.eu/v1"),
            )

        return await self._getter.get("me", "/auth/me", _me, missing=unknown)

    @contextmanager
    def waiting_out_outages(self, say: Callable[[str], object]) -> Iterator[None]:
        """For the length of the block, reading waits for an account that is away to come back,
        as sending does; ``say`` is told so. Raises AccountGone when it does not come back."""
        with self._getter.waiting_out(Breaker(self.answers, say=say)):
            yield

    async def answers(self, on_send: Callable[[], None] | None = None) -> bool:
        """Whether the account answers as it should, asked once. Raises TokenRefused when it
        refuses the token. ``on_send`` is called right before the request leaves."""
        return await self._getter.answers("me", "/auth/me", _me, on_send=on_send)

    async def list_teams(self) -> tuple[Team, ...]:
        """All teams of the account; none where it knows no such call."""
        teams: list[Team] = []
        page, pages = 1, 1
        while page <= pages:
            path = "/teams" if page == 1 else f"/teams?page={page}"
            found, pages = await self._getter.get("list_teams", path, _teams, missing=_no_teams)
            teams += [one for one in found if one not in teams]
            page += 1
        return tuple(teams)

    async def list_team_members(self, uuid: str, *, page: int = 1) -> UserPage | None:
        """One page of the users of a team; None where the account has no such page: who is in the
        team is not known then."""
        path = f"/teams/{encoded(uuid)}/members" + (f"?page={page}" if page > 1 else "")

        def unknown(_status: int, _words: str) -> None:
            return None

        def users(said: Json) -> UserPage:
            return _users(said, page)

        return await self._getter.get("list_team_members", path, users, missing=unknown)

    # -- contacts ----------------------------------------------------------------------

    async def get_contact(self, uuid: str, *, include_field_types: bool = False) -> Contact | None:
        """The contact with this uuid, None where there is none. The server may answer with
        another contact's: compare."""
        found = await self.look_up_uuid(uuid, include_field_types=include_field_types)
        return found.contact

    async def look_up_uuid(self, uuid: str, *, include_field_types: bool = False) -> LookUp:
        """As :meth:`get_contact`, with the account's words and the fields it showed."""
        query = {"include_field_types": "true"} if include_field_types else {}
        return await self._look_up("get_contact", f"/contacts/{encoded(uuid)}", query)

    async def get_contact_by_phone(self, number: str, channel_uuid: str | None = None) -> LookUp:
        """The contact with this number (spelled as given) on one channel: the main WhatsApp
        channel where none is named."""
        query = {"channel_uuid": channel_uuid} if channel_uuid else {}
        path = f"/contacts/phone/{encoded(number)}"
        return await self._look_up("get_contact_by_phone", path, query)

    async def get_contact_by_bsuid(self, bsuid: str) -> LookUp:
        """The contact with this WhatsApp Business Suite user id."""
        return await self._look_up("get_contact_by_bsuid", f"/contacts/bsuid/{encoded(bsuid)}", {})

    async def get_bot(self, uuid: str) -> str | None:
        """``bot_start`` or ``bot_end``; None where there is no bot, or it can't be told."""
        path = f"/contacts/{encoded(uuid)}/bot"
        return await self._getter.get(
            "get_bot", path, parsing.bot_status, missing=lambda *_why: None
        )

    async def list_contacts(
        self,
        *,
        page: int | None = None,
        after: str | None = None,
        source: str | None = None,
        tags: tuple[str, ...] = (),
        team_uuid: str | None = None,
        include_field_types: bool = False,
    ) -> ContactPage:
        """One page of contacts, by its number or by the cursor of the page before (``after``,
        with the same filters). Raises :class:`PagingRefused` where the account lists no
        further."""
        query = _listing_query(page, after, source, tags, team_uuid)
        if include_field_types:
            query["include_field_types"] = "true"

        def refused(status: int, words: str) -> ContactPage:
            raise PagingRefused(words, status=status)

        path = f"/contacts?{urlencode(query)}" if query else "/contacts"
        return await self._getter.get("list_contacts", path, self._contact_page, missing=refused)

    def iter_contacts(
        self,
        *,
        source: str | None = None,
        tags: tuple[str, ...] = (),
        team_uuid: str | None = None,
        include_field_types: bool = False,
        ahead: int = 1,
    ) -> Listing:
        """All pages, in their order, of which up to ``ahead`` are asked for side by side;
        ``incomplete`` of what is given says afterwards whether the paging ended before the
        contacts did."""

        async def fetch(page: int | None, after: str | None) -> ContactPage:
            return await self.list_contacts(
                page=page,
                after=after,
                source=source,
                tags=tags,
                team_uuid=team_uuid,
                include_field_types=include_field_types,
            )

        return Listing(fetch, ahead=ahead)

    # -- the one call that writes ------------------------------------------------------

    async def patch_contact(
        self,
        uuid: str,
        body: Mapping[str, object],
        *,
        on_send: Callable[[], None] | None = None,
    ) -> Answer:
        """Sends one PATCH, once, and says what its answer means; raises for no answer.

        ``on_send`` is called right before the request leaves, after the wait for its turn:
        what it raises keeps the request from leaving. Cancelled before that call, nothing left;
        cancelled after it, the change may have been applied.
        """
        reply = await self._transport.exchange(
            "PATCH",
            f"/contacts/{encoded(uuid)}",
            kind="patch_contact",
            data=orjson.dumps(body),
            on_send=on_send,
        )
        return judge(reply, uuid=uuid, types=self.field_types, secret=self._token.reveal())

    # -- reading -----------------------------------------------------------------------

    async def _look_up(self, kind: str, path: str, query: Mapping[str, str]) -> LookUp:
        def missing(status: int, words: str) -> LookUp:
            return LookUp(contact=None, http_status=status, message=words)

        whole = f"{path}?{urlencode(query)}" if query else path
        return await self._getter.get(kind, whole, self._found, missing=missing)

    def _found(self, said: Json) -> LookUp:
        inner = parsing.enveloped_contact(said)
        if inner is None:
            return LookUp(contact=None, message=bodies.words_of(said, secret=self._token.reveal()))
        shown = self._learn(parsing.fields(inner))
        contact = parsing.contact(inner, self.field_types, shown=shown)
        return LookUp(contact=contact, fields=shown)

    def _contact_page(self, said: Json) -> ContactPage:
        items = parsing.as_list(parsing.as_object(said, "answer").get("contacts"), "contacts")
        shown = [self._learn(parsing.fields(item)) for item in items]
        meta = parsing.meta(said)
        return ContactPage(
            contacts=tuple(
                parsing.contact(item, self.field_types, shown=its)
                for item, its in zip(items, shown, strict=True)
            ),
            fields=tuple({one.name: one for its in shown for one in its}.values()),
            channels=tuple(dict.fromkeys(filter(None, map(parsing.channel, items)))),
            page=meta.page,
            pages=meta.pages,
            next=meta.next,
        )

    def _learn(self, shown: tuple[FieldSchema, ...]) -> tuple[FieldSchema, ...]:
        self.field_types.update({one.name: one.type for one in shown if one.type})
        return shown


def _listing_query(
    page: int | None,
    after: str | None,
    source: str | None,
    tags: tuple[str, ...],
    team_uuid: str | None,
) -> dict[str, str]:
    query = {
        "page": str(page) if page is not None and after is None else "",
        "after": after or "",
        "source": source or "",
        "tags": ",".join(tags),
        "team_uuid": team_uuid or "",
    }
    return {name: value for name, value in query.items() if value}


def _me(said: Json) -> Me:
    whole = parsing.as_object(said, "answer")
    return Me(
        user_email=parsing.as_text(whole, "user_email"),
        user_name=parsing.as_text(whole, "user_name"),
    )


def _teams(said: Json) -> tuple[list[Team], int]:
    items = parsing.as_list(parsing.as_object(said, "answer").get("teams"), "teams")
    return [parsing.team(item) for item in items], parsing.meta(said).pages or 1


def _no_teams(_status: int, _words: str) -> tuple[list[Team], int]:
    return [], 1


def _users(said: Json, page: int) -> UserPage:
    items = parsing.as_list(parsing.as_object(said, "answer").get("users"), "users")
    pages = parsing.meta(said).pages or 1
    return UserPage(users=tuple(map(parsing.user, items)), page=page, pages=pages)
