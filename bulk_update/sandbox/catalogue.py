"""What the make-believe account has set up: channels, teams, users, fields, tags, a bot.

Names are spelled as they are found in the wild: with colons, slashes, emoji, accents, commas
inside an option, a space at the end of a tag. Two names are set up but borne by no seeded
contact, because a real account never shows those: the tag ``Black Friday 2026`` and the field
``Loyalty.Level``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from typing import Final


class FieldKind(StrEnum):
    """The types of custom fields (public API reference)."""

    TEXT = "text"
    EMAIL = "email"
    NUMBER = "number"
    DATE = "date"
    DROPDOWN = "dropdown"
    CHECKBOX = "checkbox"


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as the account defines it; ``options`` of dropdown and checkbox alone."""

    name: str
    kind: FieldKind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxUser:
    """A user; only a confirmed one can be assigned."""

    email: str
    name: str | None
    available: bool = True
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxTeam:
    """A team and the e-mails of its members."""

    uuid: str
    name: str
    created_at: str
    default: bool = False
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel that contacts come by; ``kind`` is whatsapp, facebook or instagram."""

    uuid: str
    title: str
    kind: str
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The bot that contacts are taken care of by."""

    uuid: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything set up in the account. ``owner`` is who the token belongs to; without a
    ``bot``, a ``bot_status`` is refused."""

    owner: SandboxUser
    channels: tuple[Channel, ...]
    teams: tuple[SandboxTeam, ...]
    users: tuple[SandboxUser, ...]
    fields: tuple[CustomField, ...]
    tags: tuple[str, ...]
    bot: Bot | None = field(default=None)

    @cached_property
    def channel_by_uuid(self) -> Mapping[str, Channel]:
        """Channels by uuid."""
        return {channel.uuid: channel for channel in self.channels}

    @cached_property
    def team_by_uuid(self) -> Mapping[str, SandboxTeam]:
        """Teams by uuid."""
        return {team.uuid: team for team in self.teams}

    @cached_property
    def user_by_email(self) -> Mapping[str, SandboxUser]:
        """Users by e-mail in lower case."""
        return {user.email.lower(): user for user in self.users}

    @cached_property
    def field_by_name(self) -> Mapping[str, CustomField]:
        """Fields by exact name."""
        return {each.name: each for each in self.fields}

    @cached_property
    def tag_names(self) -> frozenset[str]:
        """Tags, byte for byte."""
        return frozenset(self.tags)

    @cached_property
    def main_channel(self) -> Channel:
        """The WhatsApp channel that a phone number means when none is named."""
        return next(channel for channel in self.channels if channel.main)


def identifier(kind: str, name: str | int, *, seed: int = 1) -> str:
    """The uuid (32 hex digits) of the ``kind`` (contact, team, channel, bot) called ``name``."""
    return blake2b(f"{kind}|{name}|{seed}".encode(), digest_size=16).hexdigest()


FIELDS: Final = (
    CustomField("Billing Address", FieldKind.TEXT),
    CustomField("zipCode", FieldKind.TEXT),
    CustomField("PI : MF-FOCUS-CUT-MFC", FieldKind.TEXT),
    CustomField("Città", FieldKind.TEXT),
    CustomField("Work Email", FieldKind.EMAIL),
    CustomField("orderNumber", FieldKind.NUMBER),
    CustomField("P/W", FieldKind.NUMBER),
    CustomField("Fecha de renovación", FieldKind.DATE),
    CustomField("Birthday 🎂", FieldKind.DATE),
    CustomField("Status", FieldKind.DROPDOWN, ("Active", "Inactive", "Trial", "On hold")),
    CustomField(
        "How did you find us?",
        FieldKind.DROPDOWN,
        ("Media (article, ad, tv)", "Word of mouth", "Événement", "Sito web; modulo"),
    ),
    CustomField(
        "Features", FieldKind.CHECKBOX, ("Dark Mode", "Notifications", "Beta, early access")
    ),
    CustomField("Idiomas", FieldKind.CHECKBOX, ("Italiano", "Español", "Français", "English")),
    CustomField("Loyalty.Level", FieldKind.DROPDOWN, ("Gold", "Silver", "Bronze")),
)
"""The account's custom fields; ``Loyalty.Level`` is borne by no seeded contact."""

TAGS: Final = (
    "VIP",
    "Lead",
    "Call back",
    "Interested",
    "Cliente",
    "P/W",
    "🔥 Hot lead",
    "Città d'arte",
    "España",
    "Fournisseur, Paris",
    "Newsletter ",
    "-10% sconto",
    "PI : MF-FOCUS-CUT-MFC",
    "Inactivo",
    "Black Friday 2026",
)
"""The account's tags; ``Black Friday 2026`` is borne by no seeded contact, ``Newsletter ``
ends with a space."""

OWNER: Final = SandboxUser(email="owner@example.com", name="Olivia Owner")
PEOPLE: Final = (
    SandboxUser(email="jane.doe@example.com", name="Jane Doe"),
    SandboxUser(email="giulia.ferri@example.com", name="Giulia Ferri"),
    SandboxUser(email="luca.conti@example.com", name="Luca Conti", available=False),
    SandboxUser(email="carlos.ruiz@example.com", name="Carlos Ruiz"),
    SandboxUser(email="amelie.laurent@example.com", name="Amélie Laurent"),
    SandboxUser(email="sofia.vargas@example.com", name="Sofía Vargas"),
    SandboxUser(email="noname@example.com", name=None),
)
AGENTS: Final = tuple(
    SandboxUser(email=f"agent{n:02d}@example.com", name=f"Agent {n:02d}") for n in range(1, 21)
)
TEAMLESS: Final = SandboxUser(email="teamless@example.com", name="Teo Solo")
UNCONFIRMED: Final = SandboxUser(email="pending@example.com", name="Pia Pending", confirmed=False)

TEAM_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "General": (OWNER.email, *(u.email for u in PEOPLE), *(u.email for u in AGENTS)),
    "Sales": ("jane.doe@example.com", "giulia.ferri@example.com", "luca.conti@example.com"),
    "Ventas España": ("carlos.ruiz@example.com",),
    "Assistance & Réclamations": ("amelie.laurent@example.com", "noname@example.com"),
    "Costa Rica 🇨🇷": ("sofia.vargas@example.com",),
    "Archive": (),
}
"""Teams by name with their members; ``General`` is the default one, and has a second page."""


def team_uuid(name: str, *, seed: int = 1) -> str:
    """The uuid of the team called ``name``."""
    return identifier("team", name, seed=seed)


def seeded_catalogue(seed: int = 1) -> Catalogue:
    """The catalogue of the seeded account; another seed is another account: other uuids."""
    return Catalogue(
        owner=OWNER,
        channels=_channels(seed),
        teams=_teams(seed),
        users=(OWNER, *PEOPLE, *AGENTS, TEAMLESS, UNCONFIRMED),
        fields=FIELDS,
        tags=TAGS,
        bot=Bot(uuid=identifier("bot", "Welcome", seed=seed), name="Welcome bot"),
    )


def _teams(seed: int) -> tuple[SandboxTeam, ...]:
    return tuple(
        SandboxTeam(
            uuid=team_uuid(name, seed=seed),
            name=name,
            created_at=f"2024-0{number}-15T09:30:00Z",
            default=name == "General",
            members=members,
        )
        for number, (name, members) in enumerate(TEAM_MEMBERS.items(), start=1)
    )


CHANNELS: Final = (
    ("main", "WhatsApp Milano", "whatsapp"),
    ("second", "WhatsApp San José", "whatsapp"),
    ("facebook", "Facebook page", "facebook"),
    ("instagram", "Instagram", "instagram"),
)
"""Key, title and kind of each channel; ``main`` is the main one."""


def channel_uuid(key: str, *, seed: int = 1) -> str:
    """The uuid of the channel with this key of :data:`CHANNELS`."""
    return identifier("channel", key, seed=seed)


def _channels(seed: int) -> tuple[Channel, ...]:
    return tuple(
        Channel(uuid=channel_uuid(key, seed=seed), title=title, kind=kind, main=key == "main")
        for key, title, kind in CHANNELS
    )
