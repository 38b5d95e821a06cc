"""Which contact a row means.

The keys are asked in order: uuid, then bsuid, then phone, the next one only where one is blank.
The others, when a row has them, must not name another contact. A phone is compared by its
digits; each of its readings is looked up, spelled as digits and with a ``+`` before them, for
nobody published which of the two an account takes. A server may take a phone number where a uuid
belongs: an answer with another uuid is not this contact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from bulk_update.account.channels import ALL_CHANNELS, WITHOUT_PHONES
from bulk_update.account.client import CallbellClient, LookUp
from bulk_update.account.parsing import same_uuid
from bulk_update.language import _
from bulk_update.model import Contact, Keys

_SHORTEST_NUMBER: Final = 7
_LONGEST_NUMBER: Final = 15
_MOST_DIAGNOSES: Final = 20
"""Rows for which other channels are asked why a contact was not found: a hint is not worth a
request a row."""

_PAGES_FOR_CHANNELS: Final = 3
_WITH_PREFIX: Final = re.compile(r"\D*(?:[+\uff0b]|00)")
_NOT_A_DIGIT: Final = re.compile(r"\D")


class LookUps(Protocol):
    """What answers a look-up by one key: the account, or a listing of it that was read before."""

    async def look_up_uuid(self, uuid: str) -> LookUp:
        """The contact with this uuid, or with the number that stands in its place."""

    async def get_contact_by_bsuid(self, bsuid: str) -> LookUp:
        """The contact with this WhatsApp Business Suite user id."""

    async def get_contact_by_phone(self, number: str, channel_uuid: str | None = None) -> LookUp:
        """The contact with this number on a channel, the main one where none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The contact, as it was at ``read_at`` (UTC)."""

    contact: Contact
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """No contact; ``code`` says why: ``no_contact``, ``bad_number`` or ``other_channel``."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The row's keys name several contacts, those of ``uuids``; ``code`` is ``two_contacts``
    (two keys) or ``ambiguous_phone`` (two readings, or two channels, of one number)."""

    code: str
    message: str
    hint: str = ""
    uuids: tuple[str, ...] = ()


Result = Found | NotFound | Conflict


@dataclass(slots=True)
class _Search:
    """What the look-ups of one phone brought: what was found, by uuid, the account's last words
    about a number it does not understand, and whether it understood any spelling all the same:
    one that takes only digits, or only a ``+``, may call the other spelling bad."""

    found: dict[str, Found] = field(default_factory=dict)
    words: str = ""
    understood: bool = False


class ContactFinder:
    """Finds contacts by look-ups, one row at a time and any number of rows side by side.

    ``channel`` is where phones are looked up: None for the main WhatsApp channel, a channel's
    uuid, or ``"all"``. No call takes all channels: then the main one and every known one are
    asked; ``channels`` are uuids of others that are known, ``main`` is that of the main one
    where it is known; more are learned from contacts that are met.
    """

    def __init__(
        self,
        client: CallbellClient,
        *,
        channel: str | None = None,
        channels: Iterable[str] = (),
        main: str | None = None,
    ) -> None:
        self._client = client
        self._look_ups: LookUps = client
        self._all = channel == ALL_CHANNELS
        self._channel = None if self._all else channel
        self._channels = dict.fromkeys(channels)
        self._main = main
        self._learned = bool(self._channels) or main is not None
        self._plus_first = False
        self._diagnoses = 0

    @property
    def channel(self) -> str:
        """Where phones are looked up: a channel's uuid, ``all``, or ``""`` for the main one."""
        return ALL_CHANNELS if self._all else self._channel or ""

    def ask(self, look_ups: LookUps) -> None:
        """From now on these answer, in the place of the account's client."""
        self._look_ups = look_ups

    async def find(self, keys: Keys) -> Result:
        """The contact that ``keys`` name. Raises TokenRefused, AccountUnreachable."""
        if keys.uuid:
            return await self._by_uuid(keys)
        if keys.bsuid:
            return await self._by_bsuid(keys)
        return await self._by_phone(keys)

    # -- by each key -------------------------------------------------------------------

    async def _by_uuid(self, keys: Keys) -> Result:
        found = await self._look_ups.look_up_uuid(keys.uuid)
        if found.contact is None or not same_uuid(found.contact.uuid, keys.uuid):
            return _no_contact(_("no contact has the uuid {key}"), keys.uuid, found)
        contact = self._met(found.contact)
        return (
            await self._against_bsuid(keys, contact)
            or await self._against_phone(keys, contact)
            or _found(contact, found)
        )

    async def _by_bsuid(self, keys: Keys) -> Result:
        found = await self._look_ups.get_contact_by_bsuid(keys.bsuid)
        if found.contact is None or found.contact.bsuid not in (None, keys.bsuid):
            return _no_contact(_("no contact has the bsuid {key}"), keys.bsuid, found)
        contact = self._met(found.contact)
        return await self._against_phone(keys, contact) or _found(contact, found)

    async def _by_phone(self, keys: Keys) -> Result:
        search = await self._search(keys.phones)
        match list(search.found.values()):
            case []:
                return await self._why_not(keys, search)
            case [found]:
                return found
            case several:
                return _ambiguous(keys, [each.contact for each in several])

    # -- the other keys ----------------------------------------------------------------

    async def _against_bsuid(self, keys: Keys, contact: Contact) -> Conflict | None:
        if not keys.bsuid or contact.bsuid == keys.bsuid:
            return None
        other = (await self._look_ups.get_contact_by_bsuid(keys.bsuid)).contact
        return _two_contacts(contact, [other] if other else [])

    async def _against_phone(self, keys: Keys, contact: Contact) -> Conflict | None:
        if not keys.phones or digits(contact.phone) in keys.phones:
            return None
        search = await self._search(keys.phones)
        return _two_contacts(contact, [each.contact for each in search.found.values()])

    # -- phones ------------------------------------------------------------------------

    async def _search(self, readings: Sequence[str]) -> _Search:
        search = _Search()
        for channel in await self._where():
            for reading in readings:
                await self._look_up_reading(reading, channel, search)
        return search

    async def _look_up_reading(self, reading: str, channel: str | None, search: _Search) -> None:
        for plus in (self._plus_first, not self._plus_first):
            spelled = f"+{reading}" if plus else reading
            found = await self._look_ups.get_contact_by_phone(spelled, channel)
            if found.contact is not None and _has_phone(found.contact, reading):
                self._plus_first = plus  # how this account spells it: asked first from now on
                self._main = found.contact.channel_uuid if channel is None else self._main
                search.found[found.contact.uuid] = _found(self._met(found.contact), found)
                return
            if _not_understood(found):
                search.words = found.message
            else:
                search.understood = True

    async def _where(self) -> tuple[str | None, ...]:
        if not self._all:
            return (self._channel,)
        if not self._learned:
            await self._learn_channels()
        return (None, *self._others())

    def _others(self) -> list[str]:
        """The channels that are known beside the main one."""
        return [one for one in self._channels if one != self._main]

    async def _learn_channels(self) -> None:
        """Contacts show their channels: a few pages of them show most channels there are."""
        self._learned = True
        pages = 0
        async for page in self._client.iter_contacts():
            for contact in page.contacts:
                self._met(contact)
            pages += 1
            if pages == _PAGES_FOR_CHANNELS:
                break

    def _met(self, contact: Contact) -> Contact:
        if contact.channel_uuid and contact.source not in WITHOUT_PHONES:
            self._channels.setdefault(contact.channel_uuid)
        return contact

    # -- not found ---------------------------------------------------------------------

    async def _why_not(self, keys: Keys, search: _Search) -> NotFound:
        if not keys.phones:
            return NotFound(
                code="no_contact",
                message=_("the row names no contact: its keys are blank"),
                hint=_("give it a uuid, a bsuid or a phone number"),
            )
        if not any(map(_plausible, keys.phones)):
            return NotFound(
                code="bad_number",
                message=_("{key} is no phone number").format(key=keys.shown),
                hint=_("a whole number has its country's prefix: +39 333 1234567"),
            )
        if await self._is_elsewhere(keys.phones):
            return NotFound(
                code="other_channel",
                message=_("{key} is on another channel").format(key=keys.shown),
                hint=_("look there with --channel NAME, or on all with --channel all"),
            )
        return _no_such_number(keys, search)

    async def _is_elsewhere(self, readings: Sequence[str]) -> bool:
        """Whether another channel has the number, for the first rows that ask."""
        others: list[str | None] = [] if self._channel in (None, self._main) else [None]
        others += [one for one in self._others() if one != self._channel]
        if self._all or not others or self._diagnoses >= _MOST_DIAGNOSES:
            return False
        self._diagnoses += 1
        search = _Search()
        for channel in others:
            for reading in readings:
                await self._look_up_reading(reading, channel, search)
                if search.found:
                    return True
        return False


def digits(phone: str | None) -> str:
    """The digits of a phone: what phones are compared by."""
    return _NOT_A_DIGIT.sub("", phone or "")


def _has_phone(contact: Contact, reading: str) -> bool:
    return digits(contact.phone) == reading


def _plausible(reading: str) -> bool:
    return _SHORTEST_NUMBER <= len(reading) <= _LONGEST_NUMBER


def _not_understood(found: LookUp) -> bool:
    return found.contact is None and found.http_status in (400, 422)


def _found(contact: Contact, look_up: LookUp) -> Found:
    return Found(contact=contact, read_at=look_up.read_at or datetime.now(UTC))


def _no_contact(template: str, key: str, found: LookUp) -> NotFound:
    message = template.format(key=key)
    if _not_understood(found):
        message = _("{message}; the account says: {words}").format(
            message=message, words=found.message
        )
    return NotFound(
        code="no_contact",
        message=message,
        hint=_("check that it is a contact of this account, and not deleted"),
    )


def _no_such_number(keys: Keys, search: _Search) -> NotFound:
    if search.words and not search.understood:
        return NotFound(
            code="bad_number",
            message=_("{key}: the account says: {words}").format(
                key=keys.shown, words=search.words
            ),
            hint=_("a whole number has its country's prefix: +39 333 1234567"),
        )
    return NotFound(
        code="no_contact",
        message=_("no contact has the number {key} (looked up: {readings})").format(
            key=keys.shown, readings=", ".join(keys.phones)
        ),
        hint=_hint_for(keys),
    )


def _hint_for(keys: Keys) -> str:
    """What may be amiss with a number that nobody has: its prefix, unless it bears one."""
    if _WITH_PREFIX.match(keys.shown) or len(keys.phones) > 1:
        return _("Correct the key, or create the contact in Callbell first.")
    return _("is the country's prefix missing? then give --region, for example --region IT")


def _ambiguous(keys: Keys, contacts: Sequence[Contact]) -> Conflict:
    phones = ", ".join(f"{one.phone} ({one.uuid})" for one in contacts)
    return Conflict(
        code="ambiguous_phone",
        message=_("{key} may be several contacts: {phones}").format(key=keys.shown, phones=phones),
        hint=_("write the number with + and its country's prefix, or give the uuid"),
        uuids=tuple(one.uuid for one in contacts),
    )


def _two_contacts(contact: Contact, others: Sequence[Contact]) -> Conflict | None:
    uuids = {contact.uuid, *(one.uuid for one in others)}
    if not others or contact.uuid in {one.uuid for one in others}:
        return None
    return Conflict(
        code="two_contacts",
        message=_("the keys of the row name several contacts: {uuids}").format(
            uuids=", ".join(sorted(uuids))
        ),
        hint=_("keep the right key and leave the other cell blank"),
        uuids=tuple(sorted(uuids)),
    )
