"""The make-believe account: its catalogue, its contacts, and what happened to them."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from typing import Final

from bulk_update.sandbox import store
from bulk_update.sandbox.behaviour import Behaviour, Clear, Unknown
from bulk_update.sandbox.catalogue import Catalogue, seeded_catalogue
from bulk_update.sandbox.checks import patched
from bulk_update.sandbox.contact import ContactState, Json, phone_digits
from bulk_update.sandbox.log import TruthLog
from bulk_update.sandbox.people import seeded_contacts
from bulk_update.sandbox.refusals import Refusal, Refused
from bulk_update.sandbox.store import ChangeStore

PERSON: Final = Behaviour(
    unknown_tags=Unknown.REFUSE, clear_by_null=Clear.TAKES, clear_team=Clear.TAKES
)
"""A person at the dashboard: can clear anything, can't use what is not set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a listing is narrowed to; tags are matched without regard to case, any one will
    do."""

    source: str = ""
    tags: frozenset[str] = frozenset()
    team_uuid: str = ""

    def let(self, contact: ContactState) -> bool:
        """Whether ``contact`` is among them."""
        return (
            (not self.source or contact.source == self.source)
            and (not self.team_uuid or contact.team_uuid == self.team_uuid)
            and (not self.tags or any(tag_key(tag) in self.tags for tag in contact.tags))
        )


def tag_key(tag: str) -> str:
    """What two spellings of a tag have in common for a filter."""
    return tag.strip().casefold()


class SandboxAccount:
    """An account that lives in memory, and in a folder when it was opened there.

    Changes come by :meth:`patch` (the API) and :meth:`edit` (a person); both are in
    :attr:`log`. Safe to read and edit from another thread than the one that serves it.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        contacts: Iterable[ContactState],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.catalogue = catalogue
        self.log = TruthLog()
        self.clock = clock
        self.torn = 0
        self._store: ChangeStore | None = None
        self._lock = RLock()
        self._by_uuid = {contact.uuid: contact for contact in contacts}
        self._uuids = {contact.number: contact.uuid for contact in self._by_uuid.values()}
        self._phones = {(c.channel_uuid, c.digits): c.uuid for c in self if c.digits}
        self._bsuids = {c.bsuid: c.uuid for c in self if c.bsuid}
        self._before: dict[str, tuple[float, ContactState]] = {}
        self._views: dict[Filters, list[str]] = {}
        self._arrange()

    @classmethod
    def seeded(cls, seed: int = 1, contacts: int = 500) -> SandboxAccount:
        """The account of this seed with contacts 1 to ``contacts``, in memory alone."""
        return cls(seeded_catalogue(seed), seeded_contacts(seed=seed, contacts=contacts))

    @classmethod
    def open(cls, folder: Path, seed: int = 1, contacts: int = 500) -> SandboxAccount:
        """The seeded account as the changes remembered in ``folder`` have left it.

        Changes of contacts beyond ``contacts`` stay in the file and wait. ``torn`` counts the
        bytes of a last line that a crash cut short. ``StorageError`` when the file is damaged.
        """
        account = cls.seeded(seed, contacts)
        account._attach(ChangeStore(folder, seed=seed))  # noqa: SLF001 - its own class
        return account

    def close(self) -> None:
        """Let go of the folder, where there is one."""
        if self._store:
            self._store.close()

    def __len__(self) -> int:
        return len(self._by_uuid)

    def __iter__(self) -> Iterator[ContactState]:
        """The contacts as they are, by number."""
        return iter([self._by_uuid[self._uuids[number]] for number in sorted(self._uuids)])

    def contact(self, which: int | str) -> ContactState:
        """The contact with this number or uuid, as it is; ``KeyError`` for none."""
        return self._by_uuid[self._uuids[which] if isinstance(which, int) else which]

    def find_phone(self, number: str, channel_uuid: str = "") -> ContactState | None:
        """The contact with these digits on a channel, the main one unless another is named."""
        channel = channel_uuid or self.catalogue.main_channel.uuid
        uuid = self._phones.get((channel, phone_digits(number)))
        return self._by_uuid[uuid] if uuid else None

    def find_bsuid(self, bsuid: str) -> ContactState | None:
        """The contact with this WhatsApp Business Suite user id."""
        uuid = self._bsuids.get(bsuid)
        return self._by_uuid[uuid] if uuid else None

    def before(self, uuid: str) -> ContactState:
        """The contact as it was before its last change; as it is when there was none."""
        changed = self._before.get(uuid)
        return changed[1] if changed else self._by_uuid[uuid]

    def as_read(self, contact: ContactState, behaviour: Behaviour) -> ContactState:
        """The contact as a GET shows it: stale for a while where reads lag behind."""
        changed = self._before.get(contact.uuid)
        if changed and self.clock() - changed[0] < behaviour.stale_reads:
            return changed[1]
        return contact

    def patch(
        self, uuid: str, body: Json, behaviour: Behaviour, *, request: int | None
    ) -> ContactState:
        """Do what a PATCH asks, whole or not at all; ``Refused`` says why not."""
        with self._lock:
            current = self._by_uuid.get(uuid)
            if current is None:
                raise Refused(404, Refusal("base", "Contact not found"))
            after = patched(current, body, self.catalogue, behaviour)
            if behaviour.patch_moves:
                after = replace(after, activity=self._next_activity())
            self._put(current, after, request)
            return after

    def edit(self, which: int | str, body: Json) -> ContactState:
        """Play a person who edits a contact behind the run's back.

        ``body`` is written like a PATCH's. ``Refused`` when it can't be done, ``KeyError`` when
        there is no such contact.
        """
        return self.patch(self.contact(which).uuid, body, PERSON, request=None)

    def stir(self, which: int | str) -> None:
        """A message comes in: the contact moves to the head of the listing."""
        with self._lock:
            current = self.contact(which)
            after = replace(current, activity=self._next_activity())
            if self._store:
                self._store.append(after)
            self._by_uuid[after.uuid] = after
            self._to_the_head(after.uuid)

    def last_in_listing(self) -> ContactState:
        """The contact with the least recent activity."""
        return self._by_uuid[self._views[Filters()][-1]]

    def page(self, filters: Filters, start: int, size: int) -> list[ContactState]:
        """``size`` contacts of a listing from ``start`` (0 is the first) on."""
        return [self._by_uuid[uuid] for uuid in self._view(filters)[start : start + size]]

    def count(self, filters: Filters) -> int:
        """How many contacts a listing has."""
        return len(self._view(filters))

    def place_after(self, filters: Filters, activity: int) -> int:
        """Where a listing goes on after the contact with this activity, gone or not."""
        uuids = self._view(filters)
        return bisect_right(uuids, -activity, key=lambda uuid: -self._by_uuid[uuid].activity)

    def _attach(self, changes: ChangeStore) -> None:
        self._store, self.torn = changes, changes.torn
        for number, line in changes.replay():
            if number in self._uuids:
                contact = line.put_on(self.contact(number))
                self._by_uuid[contact.uuid] = contact
        self._arrange()

    def _put(self, current: ContactState, after: ContactState, request: int | None) -> None:
        if after != current:
            if self._store:
                self._store.append(after)
            self._by_uuid[after.uuid] = after
            self._before[after.uuid] = (self.clock(), current)
            self._forget_views(current, after)
        self.log.change(current, after, request)

    def _forget_views(self, current: ContactState, after: ContactState) -> None:
        if current.activity != after.activity:
            self._to_the_head(after.uuid)
        elif current.tags != after.tags or current.team_uuid != after.team_uuid:
            self._views = {Filters(): self._views[Filters()]}

    def _view(self, filters: Filters) -> list[str]:
        found = self._views.get(filters)
        if found is None:
            everyone = self._views[Filters()]
            found = [uuid for uuid in everyone if filters.let(self._by_uuid[uuid])]
            self._views[filters] = found
        return found

    def _arrange(self) -> None:
        """Sort the whole listing by activity anew."""
        ordered = sorted(self._by_uuid.values(), key=lambda c: c.activity, reverse=True)
        self._views = {Filters(): [contact.uuid for contact in ordered]}

    def _to_the_head(self, uuid: str) -> None:
        everyone = self._views[Filters()]
        everyone.remove(uuid)
        self._views = {Filters(): [uuid, *everyone]}

    def _next_activity(self) -> int:
        return self._by_uuid[self._views[Filters()][0]].activity + 1


def reset(folder: Path) -> None:
    """Forget what the account of this folder went through."""
    store.reset(folder)
