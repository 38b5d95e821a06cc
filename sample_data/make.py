"""Write the sample files anew: ``python sample_data/make.py [FOLDER]``.

They go with the sandbox's seeded account, and come out byte for byte the same each time. What
each of them shows stands in README.md beside this script.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import contacts_apps
import damaged
import schema
import workbook
from bulk_update.sandbox.people import contact_uuid, national_number
from common import (
    ACCOUNT,
    RENEWAL,
    STATUSES,
    Row,
    a_year_later,
    as_csv,
    field,
    next_status,
)

ORDINARY: Final = (*range(1, 13), *range(41, 61))
LARGE: Final = 10_000


def main(folder: Path) -> None:
    """Write every file into ``folder`` and say so."""
    files = {
        "clean.csv": as_csv(clean()),
        "clienti_it.csv": as_csv(italian(), delimiter=";", encoding="cp1252"),
        "clients.xlsx": workbook.clients(),
        "phones.csv": as_csv(phones()),
        "bad_cells.csv": damaged.bad_cells(),
        "export_with_was.csv": as_csv(export_with_was(), encoding="utf-8-sig"),
        "tags.csv": as_csv(tags()),
        "hubspot.csv": as_csv(contacts_apps.hubspot()),
        "google_contacts.csv": as_csv(contacts_apps.google()),
        "large.csv": as_csv(large()),
        "account.schema.toml": schema.pulled(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


def clean() -> list[Row]:
    """Thirty-two rows without a fault: two in three change something, one clears a note."""
    rows: list[Row] = [
        ("uuid", "name", "Status", RENEWAL, "Idiomas", "tags", "assigned_user", "note")
    ]
    for n in ORDINARY:
        contact = ACCOUNT.contact(n)
        changes = n % 3 > 0
        rows.append(
            (
                contact.uuid,
                contact.name or "",
                next_status(contact) if changes else field(contact, "Status"),
                a_year_later(contact) if changes else "",
                "Español; English" if n % 7 == 2 else "",
                "VIP" if n % 5 == 1 else "",
                "jane.doe@example.com" if n % 8 == 2 else "",
                {1: "<clear>", 42: "Llamar después de las 18:00"}.get(n, ""),
            )
        )
    return rows


def italian() -> list[Row]:
    """Italian headers, day first, a comma for decimals, and a column nobody maps."""
    rows: list[Row] = [
        (
            "Ragione sociale",
            "Telefono",
            "Nome",
            "Etichette",
            "Assegnato a",
            "Nota",
            "Città",
            RENEWAL,
            "P/W",
        )
    ]
    cities = ("Forlì", "Cefalù", "Cantù", "L'Aquila")
    for place, n in enumerate((1, 5, 9, 41, 45, 49, 53, 57, 61, 65, 69, 73, 77, 81, 85)):
        contact = ACCOUNT.contact(n)
        rows.append(
            (
                f"Società {place + 1} S.r.l.",
                contact.phone or "",
                contact.name or "",
                ("Cliente", "Città d'arte; Cliente", "Call back, Cliente", "")[place % 4],
                "giulia.ferri@example.com" if place % 3 == 0 else "",
                "Sconto del 10% — valido 30 giorni, € 50 minimo" if place % 5 == 0 else "",
                cities[place % 4],
                f"{place * 2 + 1:02d}/{place % 9 + 1:02d}/2027",
                f"{place * 37 + 12},{place % 4 * 25:02d}" if place else "1.234,50",
            )
        )
    return rows


def phones() -> list[Row]:
    """Numbers as people type them; for ``--region IT``. Two rows can't be settled."""
    rows: list[Row] = [("Phone", "Name", "Status", "Notes")]
    for place, n in enumerate((1, 5, 9, 41, 45, 49, 53, 57, 61, 65)):
        contact, national = ACCOUNT.contact(n), national_number(n)
        spelled = (
            national,
            f"{national[:3]} {national[3:6]} {national[6:]}",
            f"+39 {national[:3]} {national[3:]}",
            f"0039{national}",
            f"39{national}",
            f"({national[:3]}) {national[3:5]}-{national[5:]}",
        )[place % 6]
        rows.append((spelled, contact.name or "", next_status(contact), ""))
    for n in (2, 3, 4, 6, 16, 29):
        contact = ACCOUNT.contact(n)
        rows.append((contact.phone or "", contact.name or "", next_status(contact), ""))
    rows += [
        ("+39 347 555 0013", "Twin on main", "Active", "two channels have it; the main one counts"),
        ("3461234567", "Who is it?", "Active", "Italian and Spanish reading: two contacts"),
        ("+39 347 999 9999", "Nobody", "Active", "no contact has it"),
        ("", "Without a number", "", "no key: nothing can be done"),
    ]
    return rows


def export_with_was() -> list[Row]:
    """What an export gave and somebody edited. Contacts 2 and 7 changed since: drifted."""
    rows: list[Row] = [("uuid", "name", "Status", "was.Status", "note", "was.note")]
    stale = {2: ("Active", ""), 7: ("Trial", "Rappeler mardi")}
    for n in range(1, 13):
        contact = ACCOUNT.contact(n)
        status, note = field(contact, "Status"), contact.note or ""
        was_status, was_note = stale.get(n, (status, note))
        rows.append(
            (
                contact.uuid,
                contact.name or "",
                next_status(contact) if n % 2 or n in stale else status,
                was_status,
                f"{note} (checked)".strip() if n % 3 == 1 else note,
                was_note,
            )
        )
    return rows


def tags() -> list[Row]:
    """Adding, removing, both in one cell, and replacing all there are."""
    cells = (
        ("VIP", "", ""),
        ("Call back; Interested", "Lead", ""),
        ("+VIP;-Fournisseur, Paris", "", ""),
        ("", "Call back", ""),
        ("-10% sconto", "", ""),
        ("['Call back', 'Interested']", "", ""),
        ("Newsletter ", "", ""),
        ("", "", "Cliente|P/W"),
        ("", "", "<clear>"),
        ("🔥 Hot lead, España", "P/W", ""),
        ("vip", "", ""),
        ("", "", ""),
    )
    rows: list[Row] = [("uuid", "name", "tags", "tags.remove", "tags.replace")]
    for n, row in enumerate(cells, start=1):
        rows.append((contact_uuid(n), ACCOUNT.contact(n).name or "", *row))
    return rows


def large() -> list[Row]:
    """Ten thousand rows, for ``bulk-update sandbox --contacts 10000``."""
    rows: list[Row] = [("uuid", "Status", RENEWAL, "orderNumber")]
    first = date(2027, 1, 1)
    for n in range(1, LARGE + 1):
        day = first + timedelta(days=n * 31 % 365)
        rows.append(
            (contact_uuid(n), STATUSES[n * 7 % 4], day.isoformat(), str(n * 7919 % 100_000))
        )
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
