"""Who an account is, and what it has.

No call lists an account's custom fields or tags: a field's type and options come whole with any
contact that bears it (``include_field_types``), tags show on contacts, users as members of teams
or as somebody's assigned user. So a schema is what a bounded number of pages shows, spread over
the whole listing, for old contacts bear what new ones don't.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from bulk_update.account.client import CallbellClient, Me
from bulk_update.account.listing import (
    LAST_PAGE,
    PAGE_SIZE,
    READERS,
    ContactPage,
    PagingRefused,
)
from bulk_update.account.schema import AccountSchema, Channel, FieldSchema, Team, User
from bulk_update.account.tasks import tasks_together
from bulk_update.errors import Forbidden
from bulk_update.language import _
from bulk_update.model import Account, Contact

BUDGET: Final = 25
"""Requests that a schema may cost unless more is asked for."""

_LEAST_PAGES: Final = 5
"""Requests of the budget that team members leave to pages of contacts."""

_SINGLES_SHARE: Final = 3
"""One request in so many is kept for single contacts, where types of fields are not known yet."""

_MOST_VAIN: Final = 3
"""Single contacts in a row that show nothing new before no more are read."""

_READERS: Final = 16
"""Pages that are read side by side."""

OnPage = Callable[[int, ContactPage, float], object]
"""Told of a page of contacts: its number, what it shows, and the seconds it took."""

Progress = Callable[[int], object]
"""Told that so many more requests are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose account it is, its teams, and how many requests it took to know."""

    account: Account
    teams: tuple[Team, ...]
    requests: int = 0


async def identify(client: CallbellClient, *, profile_name: str | None = None) -> Identity:
    """Which account the client's token opens, in two requests: its base URL and the uuid of its
    default team; where no team is the default, the user's e-mail stands for it. It always has a
    name: where no profile and no e-mail gives one, the user's or the address.

    Raises TokenRefused, AccountUnreachable, ConfigError (the address is not the API's).
    """
    before = client.requests.total()
    me = await client.me()
    teams = await client.list_teams()
    return Identity(
        account=_account(client, me, teams, profile_name),
        teams=teams,
        requests=client.requests.total() - before,
    )


async def pull_schema(  # noqa: PLR0913 - all but one by name
    client: CallbellClient,
    *,
    full: bool = False,
    budget: int = BUDGET,
    progress: Progress | None = None,
    identity: Identity | None = None,
    say: Callable[[str], object] = lambda _message: None,
    on_page: OnPage = lambda _number, _page, _seconds: None,
) -> AccountSchema:
    """The account's schema, in at most ``budget`` requests; ``full`` reads every contact and
    every member of every team, whatever it costs.

    ``identity`` is what :func:`identify` said, asked now where it is not given; its requests
    are part of the budget. ``users_complete`` is true only when every team was read wholly;
    ``say`` is told where the token may not read them; ``on_page`` of the pages of contacts that
    a bounded pull reads, so that nobody has to read them again.
    """
    who = identity or await identify(client)
    pull = _Pull(client, None if full else budget, progress or _nobody, say, on_page)
    pull.spent(who.requests)
    await pull.read_users(who.teams)
    await (pull.read_everything() if full else pull.read_sample())
    await pull.read_singles()
    return pull.schema(who.account, who.teams)


async def read_channels(
    client: CallbellClient,
    schema: AccountSchema,
    *,
    enough: Callable[[Iterable[Channel]], bool] = lambda _channels: False,
    progress: Progress | None = None,
) -> tuple[Channel, ...]:
    """The channels of ``schema`` and all others that the listing shows, as far as it goes by
    numbers; or until they are ``enough``. One request where the schema rests on all contacts.

    A channel with a handful of contacts is easily missed by a sample.
    """
    channels = {one.uuid: one for one in schema.channels}
    if enough(schema.channels):
        return schema.channels
    first = await client.list_contacts(page=1)
    (progress or _nobody)(1)
    channels.update({one.uuid: one for one in first.channels})
    last = min(first.pages or 1, LAST_PAGE)
    whole = schema.contacts_read > (last - 1) * PAGE_SIZE
    numbers = iter(() if whole else range(2, last + 1))

    async def read() -> None:
        for number in numbers:  # shared by the readers, so that each page is read once
            if enough(channels.values()):
                return
            page = await client.list_contacts(page=number)
            (progress or _nobody)(1)
            channels.update({one.uuid: one for one in page.channels})

    async with tasks_together() as tasks:
        for _reader in range(_READERS):
            tasks.create_task(read())
    return tuple(sorted(channels.values(), key=_main_first))


def _nobody(_number: int) -> None:
    """Nobody looks."""


def _account(
    client: CallbellClient, me: Me, teams: Iterable[Team], profile_name: str | None
) -> Account:
    default = next((team.uuid for team in teams if team.default), "")
    return Account(
        base_url=client.base_url,
        default_team=default,
        user_email=me.user_email,
        name=profile_name or me.user_email or me.user_name or urlsplit(client.base_url).netloc,
    )


class _Pull:
    """What was seen so far, and what is left of the budget (None: no bound)."""

    def __init__(
        self,
        client: CallbellClient,
        budget: int | None,
        progress: Progress,
        say: Callable[[str], object],
        on_page: OnPage,
    ) -> None:
        self._client = client
        self._say = say
        self._on_page = on_page
        self._left = budget
        self._progress = progress
        self._fields: dict[str, FieldSchema] = {}
        self._tags: set[str] = set()
        self._users: dict[str, User] = {}
        self._users_complete = False
        self._untold = False
        self._channels: dict[str, Channel] = {}
        self._seen: set[str] = set()
        self._bearers: dict[str, tuple[str, ...]] = {}

    # -- users -------------------------------------------------------------------------

    async def read_users(self, teams: Sequence[Team]) -> None:
        """The members of each team, while enough is left for a look at the contacts.

        A token may be good for contacts and not for this: then nobody knows all users.
        """
        try:
            whole = [await self._read_members(team) for team in teams]
        except Forbidden:
            self.spent()
            self._say(
                _(
                    "The token may not read the members of teams (403): only users that contacts "
                    "are assigned to are known, and an unknown one is a warning."
                )
            )
            return
        self._users_complete = bool(teams) and all(whole)
        if self._untold:
            self._say(
                _(
                    "The account does not tell the members of every team: a user who was not seen "
                    "is a warning."
                )
            )

    async def _read_members(self, team: Team) -> bool:
        page, pages = 1, 1
        while page <= pages:
            if not self._may_spend(keep=_LEAST_PAGES):
                return False
            found = await self._client.list_team_members(team.uuid, page=page)
            self.spent()
            if found is None:
                self._untold = True
                return False
            for user in found.users:
                self._see_user(user)
            page, pages = page + 1, found.pages
        return True

    # -- contacts ----------------------------------------------------------------------

    async def read_everything(self) -> None:
        """Every page there is."""
        pages = self._client.iter_contacts(include_field_types=True, ahead=READERS)
        async for page in pages:
            self.spent()
            self._see_page(page)

    async def read_sample(self) -> None:
        """The first page, then pages spread evenly over the rest."""
        if not self._may_spend():
            return
        first = await self._read_page(1)
        if not first.contacts:
            return
        reserve = (self._left or 0) // _SINGLES_SHARE if self._unknown() else 0
        last = min(first.pages or 1, LAST_PAGE)
        for number in _spread(2, last, (self._left or 0) - reserve):
            try:
                await self._read_page(number)
            except PagingRefused:  # it lists less far than it says
                self.spent()
                return

    async def _read_page(self, number: int) -> ContactPage:
        began = time.monotonic()
        page = await self._client.list_contacts(page=number, include_field_types=True)
        self._on_page(number, page, time.monotonic() - began)
        self.spent()
        self._see_page(page)
        return page

    async def read_singles(self) -> None:
        """Some servers show no metadata on a listing: then single contacts are read, those
        that bear the most fields of unknown type first."""
        vain = 0
        while vain < _MOST_VAIN and self._may_spend() and (uuid := self._best_bearer()):
            before = len(self._unknown())
            found = await self._client.look_up_uuid(uuid, include_field_types=True)
            self.spent()
            self._see_fields(found.fields)
            vain = 0 if len(self._unknown()) < before else vain + 1

    def _best_bearer(self) -> str | None:
        unknown = self._unknown()
        counts = {uuid: len(unknown.intersection(names)) for uuid, names in self._bearers.items()}
        best = max(counts, key=counts.__getitem__, default=None)
        if best is None or not counts[best]:
            return None
        del self._bearers[best]
        return best

    def _unknown(self) -> set[str]:
        return {name for name, field in self._fields.items() if not field.known}

    # -- what was seen -----------------------------------------------------------------

    def _see_page(self, page: ContactPage) -> None:
        self._see_fields(page.fields)
        self._channels.update({one.uuid: one for one in page.channels})
        for contact in page.contacts:
            self._see_contact(contact)

    def _see_contact(self, contact: Contact) -> None:
        self._seen.add(contact.uuid)
        self._tags.update(contact.tags)
        self._see_fields(FieldSchema(name=name) for name in contact.custom_fields)
        if contact.assigned_user:
            self._see_user(User(email=contact.assigned_user))
        if names := tuple(self._unknown().intersection(contact.custom_fields)):
            self._bearers[contact.uuid] = names

    def _see_fields(self, fields: Iterable[FieldSchema]) -> None:
        for field in fields:
            self._fields[field.name] = united(self._fields.get(field.name), field)

    def _see_user(self, user: User) -> None:
        known = self._users.setdefault(user.email.casefold(), user)
        if known.name is None and user.name is not None:
            self._users[user.email.casefold()] = user

    # -- budget ------------------------------------------------------------------------

    def _may_spend(self, *, keep: int = 0) -> bool:
        return self._left is None or self._left > keep

    def spent(self, number: int = 1) -> None:
        """So many requests more are done."""
        if self._left is not None:
            self._left -= number
        self._progress(number)

    def schema(self, account: Account, teams: Sequence[Team]) -> AccountSchema:
        return AccountSchema(
            account=account,
            fields={name: self._fields[name] for name in sorted(self._fields, key=_alphabetic)},
            tags=tuple(sorted(self._tags, key=_alphabetic)),
            teams=tuple(teams),
            users=tuple(self._users[email] for email in sorted(self._users)),
            users_complete=self._users_complete,
            channels=tuple(sorted(self._channels.values(), key=_main_first)),
            contacts_read=len(self._seen),
            pulled_at=datetime.now(UTC).replace(microsecond=0),
        )


def united(one: FieldSchema | None, other: FieldSchema) -> FieldSchema:
    """Two sightings of one field: what is known goes before what was merely observed, the
    options of both are kept in their order."""
    if one is None or not one.known:
        return other
    if one.type is not other.type:
        return one
    more = tuple(option for option in other.options if option not in one.options)
    return replace(one, options=one.options + more) if more else one


def _main_first(channel: Channel) -> tuple[bool, str, str]:
    return not channel.main, channel.title.casefold(), channel.uuid


def _alphabetic(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _spread(first: int, last: int, count: int) -> list[int]:
    """At most ``count`` numbers from ``first`` to ``last``, evenly apart, both ends with them."""
    span = last - first
    if span < 0 or count <= 0:
        return []
    if span < count:
        return list(range(first, last + 1))
    if count == 1:
        return [first]
    return [first + round(step * span / (count - 1)) for step in range(count)]
