"""What the scripts of the sample files share: cells of seeded contacts, and CSV as bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from bulk_update.sandbox.account import SandboxAccount
from bulk_update.sandbox.contact import ContactState

Row = Sequence[str]

STATUSES: Final = ("Active", "Inactive", "Trial", "On hold")
RENEWAL: Final = "Fecha de renovación"
ACCOUNT: Final = SandboxAccount.seeded()


def as_csv(rows: Iterable[Row], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """The rows as a spreadsheet program saves them, with CRLF."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def field(contact: ContactState, name: str) -> str:
    """A custom field of a contact as a cell; lists with ``;`` between."""
    value = contact.custom_fields.get(name)
    return "; ".join(value) if isinstance(value, tuple) else str(value or "")


def next_status(contact: ContactState) -> str:
    """Another status than the contact has."""
    now = field(contact, "Status")
    return STATUSES[(STATUSES.index(now) + 1) % len(STATUSES)] if now in STATUSES else "Active"


def a_year_later(contact: ContactState) -> str:
    """The contact's date of renewal, a year on."""
    return (date.fromisoformat(field(contact, RENEWAL)) + timedelta(days=365)).isoformat()
