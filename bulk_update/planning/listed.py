"""Contacts as a listing showed them, so that most rows need no request of their own.

A page holds 20 contacts: where a sheet covers much of an account, reading its pages is far
cheaper than one look-up a row. What a listing shows is taken by the same rules as the answer to a
look-up; what it does not show proves nothing, for contacts move while it is read, so that is
looked up all the same.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bulk_update.account.client import LookUp
from bulk_update.account.listing import ContactPage
from bulk_update.account.lookup import LookUps, digits
from bulk_update.errors import StorageError
from bulk_update.journal import codec
from bulk_update.language import _
from bulk_update.model import Contact

_TABLES: Final = (
    "CREATE TABLE contact (uuid TEXT PRIMARY KEY, content TEXT, read REAL) WITHOUT ROWID",
    "CREATE TABLE bsuid (bsuid TEXT PRIMARY KEY, uuid TEXT) WITHOUT ROWID",
    "CREATE TABLE phone (number TEXT, channel TEXT, uuid TEXT, UNIQUE (number, channel))",
)
_PUT: Final = "INSERT OR REPLACE INTO contact VALUES (?, ?, ?)"
_PUT_BSUID: Final = "INSERT OR REPLACE INTO bsuid VALUES (?, ?)"
# Where two contacts have one number on one channel, only the account says which is meant.
_PUT_PHONE: Final = (
    "INSERT INTO phone VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
    "SET uuid = CASE WHEN uuid = excluded.uuid THEN uuid END"
)
_BY_UUID: Final = "SELECT content, read FROM contact WHERE uuid = ?"
_BY_BSUID: Final = (
    "SELECT content, read FROM bsuid JOIN contact ON contact.uuid = bsuid.uuid WHERE bsuid = ?"
)
_BY_PHONE: Final = (
    "SELECT content, read FROM phone JOIN contact ON contact.uuid = phone.uuid "
    "WHERE number = ? AND channel = ?"
)


class ListedContacts:
    """The contacts of a listing, each as it was when its page was read.

    They lie in a temporary database of this process alone, which goes to disk where it grows and
    is gone with it: memory does not grow with the account. Raises StorageError where there is no
    room for it.
    """

    def __init__(self) -> None:
        self._database: sqlite3.Connection | None = None
        self._mains: set[str] = set()

    def close(self) -> None:
        """Forget them."""
        if self._database is not None:
            self._database.close()
        self._database = None

    def __len__(self) -> int:
        return int(self._opened().execute("SELECT count(*) FROM contact").fetchone()[0])

    @property
    def main(self) -> str | None:
        """The uuid of the main channel, where exactly one was seen."""
        return next(iter(self._mains)) if len(self._mains) == 1 else None

    def add(self, page: ContactPage) -> None:
        """Take what a page shows, as of now. A contact that came before is newer now."""
        self._mains.update(each.uuid for each in page.channels if each.main)
        try:
            self._put(page.contacts)
        except sqlite3.Error as error:
            raise StorageError(
                _("what the account lists can't be kept in {path}: {reason}").format(
                    path=tempfile.gettempdir(), reason=error
                ),
                hint=_("Make room there, or name another folder with TMPDIR."),
            ) from error

    def _put(self, contacts: Sequence[Contact]) -> None:
        now = time.time()
        execute = self._opened().executemany
        execute(_PUT, [(_plain(each.uuid), codec.encode(each), now) for each in contacts])
        execute(_PUT_BSUID, [(each.bsuid, _plain(each.uuid)) for each in contacts if each.bsuid])
        execute(
            _PUT_PHONE,
            [
                (number, each.channel_uuid or "", _plain(each.uuid))
                for each in contacts
                if (number := digits(each.phone))
            ],
        )

    def with_uuid(self, uuid: str) -> LookUp | None:
        """The contact, as the answer to a look-up would be."""
        return self._shown(_BY_UUID, _plain(uuid))

    def with_bsuid(self, bsuid: str) -> LookUp | None:
        """The same, by its business suite user id."""
        return self._shown(_BY_BSUID, bsuid)

    def with_phone(self, number: str, channel_uuid: str) -> LookUp | None:
        """The same, by the digits of its number on a channel, if only one contact has it."""
        return self._shown(_BY_PHONE, number, channel_uuid)

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect("", isolation_level=None)
            for statement in ("PRAGMA synchronous=OFF", "PRAGMA journal_mode=OFF", *_TABLES):
                self._database.execute(statement)
        return self._database

    def _shown(self, query: str, *key: str) -> LookUp | None:
        found = self._opened().execute(query, key).fetchone()
        if found is None:
            return None
        content, read = found
        contact: Contact = codec.decode_contact(content)
        return LookUp(contact=contact, read_at=datetime.fromtimestamp(read, UTC))


class ListedLookUps:
    """Answers look-ups from a listing where it shows the contact, else by the account.

    A phone without a channel means the main one; where the listing does not show which that is,
    such a phone is always looked up. ``answered`` counts what took no request.
    """

    def __init__(self, account: LookUps, listed: ListedContacts) -> None:
        self._account = account
        self._listed = listed
        self.answered = 0

    async def look_up_uuid(self, uuid: str) -> LookUp:
        """The contact with this uuid."""
        return self._counted(self._listed.with_uuid(uuid)) or await self._account.look_up_uuid(uuid)

    async def get_contact_by_bsuid(self, bsuid: str) -> LookUp:
        """The contact with this business suite user id."""
        listed = self._counted(self._listed.with_bsuid(bsuid))
        return listed or await self._account.get_contact_by_bsuid(bsuid)

    async def get_contact_by_phone(self, number: str, channel_uuid: str | None = None) -> LookUp:
        """The contact with this number on one channel."""
        channel = channel_uuid or self._listed.main
        listed = self._listed.with_phone(digits(number), channel) if channel else None
        return self._counted(listed) or await self._account.get_contact_by_phone(
            number, channel_uuid
        )

    def _counted(self, listed: LookUp | None) -> LookUp | None:
        self.answered += listed is not None
        return listed


def _plain(uuid: str) -> str:
    return uuid.replace("-", "").lower()
