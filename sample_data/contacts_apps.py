"""The exports of two other programs, with the columns those write."""

from __future__ import annotations

from typing import Final

from common import ACCOUNT, Row, field, next_status

_GOOGLE: Final = (
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
    "E-mail 1 - Label",
    "E-mail 1 - Value",
    "Phone 1 - Label",
    "Phone 1 - Value",
)


def hubspot() -> list[Row]:
    """HubSpot's export of contacts, with a column "Full Name" that somebody added."""
    rows: list[Row] = [
        (
            "Record ID",
            "First Name",
            "Last Name",
            "Full Name",
            "Email",
            "Phone Number",
            "Contact owner",
            "Lead Status",
            "Marketing contact status",
            "Create Date",
        )
    ]
    for n in (1, 2, 3, 4, 6, 7, 10, 11, 12, 42, 43, 44):
        contact = ACCOUNT.contact(n)
        first, _space, last = (contact.name or "").partition(" ")
        rows.append(
            (
                str(50_000_000 + n * 101),
                first,
                last,
                contact.name or "",
                field(contact, "Work Email"),
                contact.phone or "",
                "Jane Doe" if n % 2 else "",
                next_status(contact),
                "Marketing contact" if n % 3 else "Non-marketing contact",
                f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d} 09:3{n % 10}",
            )
        )
    return rows


def google() -> list[Row]:
    """Google's export of contacts: numbers as they were typed on a phone in Italy."""
    rows: list[Row] = [_GOOGLE]
    for n in (1, 5, 9, 41, 45, 49, 53, 57):
        contact = ACCOUNT.contact(n)
        first, _space, last = (contact.name or "").partition(" ")
        cells = {
            "First Name": first,
            "Last Name": last,
            "Birthday": f"{1960 + n}-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
            "Notes": "Conosciuto in fiera, stand 12" if n % 2 else "",
            "Labels": "Clienti ::: * myContacts",
            "E-mail 1 - Label": "* Work",
            "E-mail 1 - Value": field(contact, "Work Email"),
            "Phone 1 - Label": "Mobile",
            "Phone 1 - Value": (contact.phone or "").replace("+39 ", ""),
        }
        rows.append([cells.get(header, "") for header in _GOOGLE])
    return rows
