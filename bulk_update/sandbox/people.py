"""The people of the seeded account, which sample files are written against.

Contacts are numbered from 1. **Phone and uuid of contact n are the same in every account of a
seed**, whatever its size::

    contact_phone(7)   '+33600055433'      (see below for the spelling)
    contact_uuid(7)    32 hex digits; another seed gives others

Country of contact n: 1 Italy, 2 Spain, 3 France, 0 Costa Rica, by the remainder of n / 4.
National number, with ``m = n * 7919`` (7919 is prime, so no two are alike)::

    Italy       39  347 and the last 7 digits of m
    Spain       34  6   and the last 8 digits of m
    France      33  60  and the last 7 digits of m
    Costa Rica  506 83  and the last 6 digits of m

Spelling, by ``n // 4 % 3``: 0 ``+39 347 000 7919``, 1 ``393470007919``, 2 ``+393470007919``.
Every fiftieth contact above 60 has another source and no phone: n % 100 == 0 Facebook,
n % 100 == 50 Instagram. The first 60 are those of :mod:`bulk_update.sandbox.hand_shaped`: no
seed changes their values. Those above have values by formula, which the seed shifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from bulk_update.sandbox.catalogue import (
    FIELDS,
    TAGS,
    TEAM_MEMBERS,
    FieldKind,
    channel_uuid,
    identifier,
    team_uuid,
)
from bulk_update.sandbox.contact import ContactState, Stored
from bulk_update.sandbox.hand_shaped import HAND_SHAPED, Person

COUNTRIES: Final = ("CR", "IT", "ES", "FR")
"""The country of contact n is ``COUNTRIES[n % 4]``."""

_COUNTRY_CODE: Final = {"IT": "39", "ES": "34", "FR": "33", "CR": "506"}
_STEM: Final = {"IT": ("347", 7), "ES": ("6", 8), "FR": ("60", 7), "CR": ("83", 6)}
_GROUPS: Final = {"IT": (3, 3, 4), "ES": (3, 2, 2, 2), "FR": (1, 2, 2, 2, 2), "CR": (4, 4)}

_FIRST: Final = {
    "IT": ("Giulia", "Marco", "Niccolò", "Chiara", "Matteo", "Noè", "Francesca"),
    "ES": ("María", "Íñigo", "Lucía", "José", "Begoña", "Álvaro", "Núria"),
    "FR": ("Amélie", "Noël", "Chloé", "François", "Zoé", "Jérôme", "Maëlle"),
    "CR": ("Sofía", "Andrés", "Valeria", "Ólger", "Ximena", "Róger", "Daniela"),
}
_LAST: Final = {
    "IT": ("Rossi", "D'Angelo", "Esposito", "Bianchi", "De Luca", "Ferrari"),
    "ES": ("García", "Muñoz", "Ibáñez", "López-Vega", "Peña", "Güell"),
    "FR": ("Lefèvre", "Dubois", "L'Hôte", "Garçon", "Moreau", "Saint-Clément"),
    "CR": ("Vargas", "Jiménez", "Mora", "Quirós", "Solís", "Chaves"),
}
_CITY: Final = {
    "IT": ("Forlì", "Milano", "L'Aquila"),
    "ES": ("A Coruña", "Málaga", "Sevilla"),
    "FR": ("Orléans", "Nîmes", "Lyon"),
    "CR": ("San José", "Limón", "Cartago"),
}
_ZIP: Final = {"IT": "00{:03d}", "ES": "08{:03d}", "FR": "01{:03d}", "CR": "10{:03d}"}
_ASSIGNEES: Final = (None, *TEAM_MEMBERS["General"][1:7])
_UNSEEN_TAG: Final = "Black Friday 2026"
_EPOCH: Final = datetime(2020, 11, 13, 21, 8, 53, tzinfo=UTC)


def contact_uuid(number: int, *, seed: int = 1) -> str:
    """The uuid of contact ``number``."""
    return identifier("contact", number, seed=seed)


def contact_country(number: int) -> str:
    """The country of contact ``number``: IT, ES, FR or CR."""
    return COUNTRIES[number % 4]


def national_number(number: int) -> str:
    """The phone of contact ``number`` as people of its country write it, digits alone."""
    stem, length = _STEM[contact_country(number)]
    return stem + f"{number * 7919 % 10**length:0{length}d}"


def contact_phone(number: int) -> str | None:
    """The phone of contact ``number`` as the account spells it; None without one."""
    if number <= len(HAND_SHAPED):
        person = HAND_SHAPED[number - 1]
        if person.phone or person.channel in ("facebook", "instagram"):
            return person.phone
    elif number % 50 == 0:
        return None
    return _spelled(number)


def contact_phone_digits(number: int) -> str:
    """The phone of contact ``number`` as digits with the country's; ``""`` without one."""
    return "".join(filter(str.isdigit, contact_phone(number) or ""))


def _spelled(number: int) -> str:
    country = contact_country(number)
    code, national = _COUNTRY_CODE[country], national_number(number)
    match number // 4 % 3:
        case 0:
            return f"+{code} {_grouped(national, _GROUPS[country])}"
        case 1:
            return code + national
        case _:
            return f"+{code}{national}"


def _grouped(national: str, sizes: tuple[int, ...]) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(national[at : at + size])
        at += size
    return " ".join(parts)


def seeded_contacts(*, seed: int, contacts: int) -> Iterator[ContactState]:
    """Contacts 1 to ``contacts``, with their place in the order of activity."""
    order = sorted(range(1, contacts + 1), key=lambda n: _draw(seed, n, "activity"))
    activity = {number: place for place, number in enumerate(order, start=1)}
    for number in range(1, contacts + 1):
        yield replace(_contact(number, seed), activity=activity[number])


def _contact(number: int, seed: int) -> ContactState:
    if number <= len(HAND_SHAPED):
        return _hand_shaped(number, HAND_SHAPED[number - 1], seed)
    return _formula(number, seed)


def _hand_shaped(number: int, person: Person, seed: int) -> ContactState:
    return ContactState(
        number=number,
        uuid=contact_uuid(number, seed=seed),
        created_at=_created_at(number),
        source=person.source,
        channel_uuid=channel_uuid(person.channel, seed=seed),
        name=person.name,
        phone=contact_phone(number),
        bsuid=_bsuid(number) if person.source == "whatsapp" else None,
        avatar_url=f"https://example.com/avatars/{number}.jpg" if number % 7 == 0 else None,
        closed_at=person.closed_at,
        blocked_at=person.blocked_at,
        note=person.note,
        tags=person.tags,
        assigned_user=person.assigned_user,
        team_uuid=team_uuid(person.team, seed=seed) if person.team else None,
        bot=person.bot,
        custom_fields=person.custom_fields,
    )


def _formula(number: int, seed: int) -> ContactState:
    source = {0: "facebook", 50: "instagram"}.get(number % 100, "whatsapp")
    draw = _draw(seed, number, "values")
    teams = tuple(TEAM_MEMBERS)
    return ContactState(
        number=number,
        uuid=contact_uuid(number, seed=seed),
        created_at=_created_at(number),
        source=source,
        channel_uuid=channel_uuid("main" if source == "whatsapp" else source, seed=seed),
        name=None if number % 97 == 0 else _name(number),
        phone=contact_phone(number),
        bsuid=_bsuid(number) if source == "whatsapp" else None,
        note=f"Cliente n. {number}" if draw % 3 == 0 else None,
        tags=_tags(draw),
        assigned_user=_ASSIGNEES[draw % len(_ASSIGNEES)],
        team_uuid=team_uuid(teams[draw // 7 % (len(teams) - 1)], seed=seed),
        bot=("started", "in_progress", "ended")[draw // 49 % 3],
        custom_fields=_fields(number, draw),
    )


def _draw(seed: int, number: int, about: str) -> int:
    """A number that looks random and is the same on every machine and Python."""
    return int.from_bytes(blake2b(f"{seed}|{number}|{about}".encode(), digest_size=6).digest())


def _created_at(number: int) -> str:
    return (_EPOCH + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bsuid(number: int) -> str | None:
    """Only some WhatsApp contacts have one: every fifth."""
    if number % 5:
        return None
    return f"{contact_country(number)}.{13491208655302741918 + number}"


def _name(number: int) -> str:
    country = contact_country(number)
    first, last = _FIRST[country], _LAST[country]
    return f"{first[number // 4 % len(first)]} {last[number // 28 % len(last)]} {number}"


def _tags(draw: int) -> tuple[str, ...]:
    borne = [tag for tag in TAGS if tag != _UNSEEN_TAG]
    return tuple(borne[(draw // 11 + step * 5) % len(borne)] for step in range(draw % 4))


def _fields(number: int, draw: int) -> dict[str, Stored]:
    """Two in three of the fields that any seeded contact bears."""
    country = contact_country(number)
    everything: dict[str, Stored] = {
        "Billing Address": f"Via {draw % 90 + 1}, int. {number}",
        "zipCode": _ZIP[country].format(draw % 1000),
        "PI : MF-FOCUS-CUT-MFC": f"MFC-{draw % 1000:03d}",
        "Città": _CITY[country][draw % 3],
        "Work Email": f"contact{number}@example.org",
        "orderNumber": str(draw % 100_000),
        "P/W": f"{draw % 500 / 4:g}",
        "Fecha de renovación": _day(draw, 2026),
        "Birthday 🎂": _day(draw // 3, 1950 + draw % 55),
    }
    for field in FIELDS[:-1]:
        if field.kind is FieldKind.DROPDOWN:
            everything[field.name] = field.options[draw // 5 % len(field.options)]
        elif field.kind is FieldKind.CHECKBOX:
            everything[field.name] = field.options[: draw // 6 % (len(field.options) + 1)]
    return {name: each for at, (name, each) in enumerate(everything.items()) if (draw + at) % 3}


def _day(draw: int, year: int) -> str:
    return (datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=draw % 365)).date().isoformat()
