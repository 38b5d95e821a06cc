"""The first 60 people of the seeded account, shaped by hand.

They never change, so sample files and tests may quote them. 1 to 12 and 41 to 60 are ordinary
people of four countries; 13 to 40 are each there for one reason, given beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bulk_update.sandbox.contact import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A seeded contact. ``phone`` is only given where it is not the formula's; ``channel`` is
    a key of the catalogue's channels, ``team`` a team's name, ``reason`` why the person is
    here."""

    name: str | None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, Stored] = field(default_factory=dict)
    team: str | None = "General"
    assigned_user: str | None = None
    note: str | None = None
    phone: str | None = None
    channel: str = "main"
    bot: str = "started"
    closed_at: str | None = None
    blocked_at: str | None = None
    reason: str = ""

    @property
    def source(self) -> str:
        """Where the contact came from: whatsapp, facebook or instagram."""
        return self.channel if self.channel in ("facebook", "instagram") else "whatsapp"


JANE: Final = "jane.doe@example.com"
GIULIA: Final = "giulia.ferri@example.com"
CARLOS: Final = "carlos.ruiz@example.com"
AMELIE: Final = "amelie.laurent@example.com"
SOFIA: Final = "sofia.vargas@example.com"
FRANCE: Final = "Assistance & Réclamations"
COSTA_RICA: Final = "Costa Rica 🇨🇷"
SPAIN: Final = "Ventas España"


def _ordinary(  # noqa: PLR0913 - one for each column of a customer
    name: str,
    status: str,
    renewal: str,
    *,
    tags: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    city: str = "",
    order: str = "",
    team: str = "General",
    user: str | None = None,
    note: str | None = None,
) -> Person:
    """An everyday customer: a status, a renewal date, and what else is given."""
    e_mail = "".join(sign for sign in name.lower() if sign.isascii() and sign.isalpha())
    fields: dict[str, Stored] = {
        "Status": status,
        "Fecha de renovación": renewal,
        "Work Email": f"{e_mail}@example.org",
    }
    if languages:
        fields["Idiomas"] = languages
    if city:
        fields["Città"] = city
    if order:
        fields["orderNumber"] = order
    return Person(
        name=name, tags=tags, custom_fields=fields, team=team, assigned_user=user, note=note
    )


_FIRST_TWELVE: Final = (
    _ordinary(
        "Giulia Bianchi",
        "Active",
        "2026-03-03",
        tags=("VIP", "Newsletter "),
        languages=("Italiano", "English"),
        city="Milano",
        order="1001",
        team="Sales",
        user=GIULIA,
        note="Prefers to be called after 18:00",
    ),
    _ordinary(
        "Íñigo Muñoz",
        "Trial",
        "2026-04-15",
        tags=("Lead", "España"),
        languages=("Español",),
        city="A Coruña",
        order="1002",
        team=SPAIN,
        user=CARLOS,
    ),
    _ordinary(
        "Amélie Lefèvre",
        "Inactive",
        "2025-12-31",
        tags=("Fournisseur, Paris",),
        languages=("Français",),
        city="Nîmes",
        team=FRANCE,
        user=AMELIE,
    ),
    _ordinary(
        "Sofía Jiménez Mora",
        "Active",
        "2026-02-28",
        tags=("Call back", "Interested"),
        city="San José",
        order="1004",
        team=COSTA_RICA,
        user=SOFIA,
    ),
    _ordinary("Niccolò D'Angelo", "On hold", "2026-05-01", tags=("Cliente",), city="Forlì"),
    _ordinary("Begoña Peña", "Active", "2026-06-30", languages=("Español", "English")),
    _ordinary("François L'Hôte", "Trial", "2026-07-14", team=FRANCE, note="Rappeler lundi"),
    _ordinary("Andrés Quirós", "Inactive", "2026-08-20", tags=("Inactivo",), team=COSTA_RICA),
    _ordinary("Chiara Esposito", "Active", "2026-09-09", tags=("🔥 Hot lead",), user=JANE),
    _ordinary("Lucía Ibáñez", "On hold", "2026-10-10", tags=("P/W", "España"), team=SPAIN),
    _ordinary("Zoé Garçon", "Active", "2026-11-11", city="Orléans", order="1011"),
    _ordinary("Ólger Solís", "Trial", "2026-12-12", city="Limón", order="1012"),
)

_SPECIAL: Final = (
    Person(name="Twin on main", phone="+39 347 555 0013", reason="13: shares its phone with 14"),
    Person(
        name="Twin on second",
        phone="+39 347 555 0013",
        channel="second",
        reason="14: the phone of 13, on the second WhatsApp channel",
    ),
    Person(name="Second only", channel="second", reason="15: only on the second channel"),
    Person(
        name="Long number",
        phone="+506 6020 41026666",
        reason="16: a number that is too long for its country, as the reference shows one",
    ),
    Person(name="Facebook Fan", channel="facebook", reason="17: Facebook, no phone"),
    Person(name="insta_gram", channel="instagram", reason="18: Instagram, no phone"),
    Person(name=None, tags=("Lead",), reason="19: no name"),
    Person(name="Italian reading", phone="393461234567", reason="20: '3461234567', read in Italy"),
    Person(name="Spanish reading", phone="+34 61234567", reason="21: '3461234567', as it stands"),
    Person(name="  Marco   Rossi ", reason="22: white space before, within and after the name"),
    Person(name="Nota Lunga", note="n" * 1000, reason="23: a note of 1,000 characters"),
    Person(
        name="Every Field",
        tags=("VIP", "Cliente", "Newsletter "),
        custom_fields={
            "Billing Address": "Main Street 1",
            "zipCode": "01234",
            "PI : MF-FOCUS-CUT-MFC": "MFC-001",
            "Città": "L'Aquila",
            "Work Email": "every.field@example.org",
            "orderNumber": "42",
            "P/W": "12.5",
            "Fecha de renovación": "2026-03-03",
            "Birthday 🎂": "1980-02-29",
            "Status": "Active",
            "How did you find us?": "Media (article, ad, tv)",
            "Features": ("Dark Mode", "Beta, early access"),
            "Idiomas": ("Italiano", "Français"),
        },
        team="Sales",
        assigned_user=GIULIA,
        note="All there is",
        reason="24: every field that is borne at all",
    ),
    Person(name="Nothing Set", team=None, reason="25: no tags, fields, team, user, note"),
    Person(name="Zoë 🌟 Müller", tags=("🔥 Hot lead",), reason="26: emoji and accents"),
    Person(name="Bot Ended", bot="ended", reason="27: the bot has ended"),
    Person(name="Bot Busy", bot="in_progress", reason="28: the bot is in progress"),
    Person(name="Short number", phone="+33 11 22 33 44", reason="29: as the reference spells one"),
    Person(name="Jose\u0301 Nu\u0301n\u0303ez", reason="30: accents as combining characters"),
    Person(
        name="Old Option",
        custom_fields={"Status": "Prospect", "Features": ("Fax", "Dark Mode")},
        reason="31: options the account no longer has",
    ),
    Person(name="Zeros", custom_fields={"orderNumber": "0042"}, reason="32: leading zeros"),
    Person(name="Bare Number", custom_fields={"orderNumber": 123}, reason="33: a JSON number"),
    Person(
        name="Left Us",
        assigned_user="former@example.com",
        reason="34: assigned to somebody who is no user any more",
    ),
    Person(name="Null Field", custom_fields={"Città": None}, reason="35: a field that is null"),
    Person(name="Empty Field", custom_fields={"Città": ""}, reason="36: a field that is empty"),
    Person(name="No Boxes", custom_fields={"Features": ()}, reason="37: a checkbox of none"),
    Person(
        name='=HYPERLINK("http://example.com","x")',
        custom_fields={"Billing Address": 'Line "1"\nLine 2, Lyon; France'},
        note="Riga 1\r\nRiga 2",
        reason="38: a formula for a name, new lines and separators in text",
    ),
    Person(name="Blocked", blocked_at="2026-01-02T03:04:05Z", reason="39: blocked"),
    Person(name="Closed", closed_at="2026-01-02T03:04:05Z", reason="40: conversation closed"),
)

_LAST_TWENTY: Final = tuple(
    _ordinary(name, status, renewal, tags=tags, city=city)
    for name, status, renewal, tags, city in (
        ("Matteo Ferrari", "Active", "2026-01-10", ("Cliente",), "Milano"),
        ("Núria Güell", "Trial", "2026-01-11", ("España", "Lead"), "Sevilla"),
        ("Jérôme Moreau", "Inactive", "2026-01-12", (), "Lyon"),
        ("Ximena Chaves", "Active", "2026-01-13", ("VIP",), "Cartago"),
        ("Francesca De Luca", "On hold", "2026-01-14", ("Call back",), "Forlì"),
        ("Álvaro López-Vega", "Active", "2026-01-15", ("-10% sconto",), "Málaga"),
        ("Maëlle Saint-Clément", "Trial", "2026-01-16", (), "Nîmes"),
        ("Róger Vargas", "Active", "2026-01-17", ("Interested",), "Limón"),
        ("Noè Rossi", "Inactive", "2026-01-18", ("Città d'arte",), "L'Aquila"),
        ("María García", "Active", "2026-01-19", ("Cliente", "España"), "A Coruña"),
        ("Chloé Dubois", "On hold", "2026-01-20", ("Fournisseur, Paris",), "Orléans"),
        ("Valeria Mora", "Trial", "2026-01-21", (), "San José"),
        ("Lorenzo Esposito", "Active", "2026-01-22", ("VIP", "Cliente"), "Milano"),
        ("José Ibáñez", "Inactive", "2026-01-23", ("Inactivo",), "Málaga"),
        ("Noël Lefèvre", "Active", "2026-01-24", ("Newsletter ",), "Lyon"),
        ("Daniela Solís", "Trial", "2026-01-25", ("Lead",), "Cartago"),
        ("Elena Ferrari", "Active", "2026-01-26", ("PI : MF-FOCUS-CUT-MFC",), "Forlì"),
        ("Pablo Muñoz", "On hold", "2026-01-27", (), "Sevilla"),
        ("Inès Garçon", "Active", "2026-01-28", ("🔥 Hot lead",), "Nîmes"),
        ("Esteban Quirós", "Inactive", "2026-01-29", ("P/W",), "San José"),
    )
)

HAND_SHAPED: Final[tuple[Person, ...]] = (*_FIRST_TWELVE, *_SPECIAL, *_LAST_TWENTY)
"""Contacts 1 to 60, in order."""
