"""What is known of an account's fields, options, tags, teams and users.

**Known** is what the account itself showed whole: a field's type and options once it was seen
in ``customFieldsMetadata``, the teams, and the users once every team was read. **Observed** is
what was merely met on contacts: tags, channels, and the names of fields without metadata. No
call of the API lists these, so the absence of an observed name proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bulk_update.model import Account, FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSchema:
    """One custom field; ``type`` is None while only its name was observed."""

    name: str
    type: FieldType | None = None
    options: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether its type (and options, where it has them) came from the account itself."""
        return self.type is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team of the account."""

    uuid: str
    name: str
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user, seen as a member of a team or as somebody's assigned user."""

    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel that contacts come by, as a contact shows it. ``type`` is the API's own word
    (``whatsapp``, ``facebook``, ``instagram``); ``main`` is the one that a phone number means
    where no channel is named."""

    uuid: str
    title: str = ""
    type: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSchema:
    """The schema of one account, as pulled at ``pulled_at`` and completed by people.

    ``fields`` goes by the field's exact name. ``users_complete`` is true when every team was
    read: only then is an unknown user an error. ``contacts_read`` says how many contacts the
    observations rest on.
    """

    account: Account
    fields: Mapping[str, FieldSchema] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    teams: tuple[Team, ...] = ()
    users: tuple[User, ...] = ()
    users_complete: bool = False
    channels: tuple[Channel, ...] = ()
    contacts_read: int = 0
    pulled_at: datetime | None = None

    def is_of(self, account: Account) -> bool:
        """Whether this is the schema of ``account``. One written by hand may name no more than
        the base URL."""
        named = self.account
        if named.is_told_apart:
            return named.key == account.key
        return named.base_url == account.base_url
