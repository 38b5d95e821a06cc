"""The sheet that the benchmarks check: made by seed, 19 columns, 2% of all cells bad.

    python benchmarks/sheets.py 1000000 FOLDER     # contacts.csv and account.schema.toml there

Every peer finds the same bad cells: the rules are those of :data:`COLUMNS`, and a bad cell breaks
its column's rule whoever reads it.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bulk_update.account.schema import AccountSchema, FieldSchema, Team, User
from bulk_update.account.schema_file import save_schema
from bulk_update.model import Account, FieldType

STATUSES: Final = ("Active", "Inactive", "Prospect", "Lost")
LANGUAGES: Final = ("Italiano", "English", "Español", "Français", "Português")
SOURCES: Final = ("Web", "Referral", "Fair", "Cold call", "Other")
FEATURES: Final = ("Dark Mode", "Notifications", "Exports", "Beta")
TERMS: Final = ("Privacy", "Marketing", "Third parties")
TAGS: Final = ("VIP", "Lead", "Call back", "Newsletter", "P/W", "Interested")
TEAMS: Final = ("Sales", "Support", "Back office")
USERS: Final = tuple(f"user{number}@example.com" for number in range(40))
WORDS: Final = (
    "main",
    "street",
    "quick",
    "order",
    "late",
    "calls",
    "again",
    "monday",
    "paid",
    "due",
)
BAD_CELLS: Final = 0.02


@dataclass(frozen=True)
class Column:
    """A column: its header, a good cell, and a bad one where the column has a rule to break."""

    header: str
    good: Callable[[random.Random, int], str]
    bad: str | None = None
    kind: FieldType | None = None
    options: tuple[str, ...] = ()


def _text(chance: random.Random, _row: int) -> str:
    return " ".join(chance.choices(WORDS, k=3)).title()


def _some(options: tuple[str, ...]) -> Callable[[random.Random, int], str]:
    return lambda chance, _row: ";".join(chance.sample(options, chance.randint(1, 2)))


def _one(options: tuple[str, ...]) -> Callable[[random.Random, int], str]:
    return lambda chance, _row: chance.choice(options)


def _date(chance: random.Random, _row: int) -> str:
    return f"{chance.randint(1950, 2026)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def _number(chance: random.Random, _row: int) -> str:
    return f"{chance.randint(0, 99_999)}.{chance.randint(10, 99)}"


def _email(chance: random.Random, row: int) -> str:
    return f"{chance.choice(WORDS)}.{row}@example.org"


COLUMNS: Final = (
    Column("uuid", lambda _chance, row: f"{row:032x}", bad="not-a-uuid"),
    Column("name", _text),
    Column("note", lambda chance, _row: " ".join(chance.choices(WORDS, k=12))),
    Column("tags", _some(TAGS)),
    Column("assigned_user", _one(USERS), bad="nobody@example.com"),
    Column("team", _one(TEAMS), bad="Nobody's"),
    Column("Street", _text, kind=FieldType.TEXT),
    Column("City", _text, kind=FieldType.TEXT),
    Column("Code", lambda chance, _row: f"{chance.randint(0, 99999):05}", kind=FieldType.TEXT),
    Column("Second email", _email, bad="someone.example.org", kind=FieldType.EMAIL),
    Column("Score", _number, bad="many", kind=FieldType.NUMBER),
    Column("Amount", _number, bad="1e5x", kind=FieldType.NUMBER),
    Column("Birthday", _date, bad="1990-02-31", kind=FieldType.DATE),
    Column("Renewal", _date, bad="2026-13-01", kind=FieldType.DATE),
    Column("Status", _one(STATUSES), bad="Zzz", kind=FieldType.DROPDOWN, options=STATUSES),
    Column("Language", _one(LANGUAGES), bad="Klingon", kind=FieldType.DROPDOWN, options=LANGUAGES),
    Column("Source", _one(SOURCES), bad="Moon", kind=FieldType.DROPDOWN, options=SOURCES),
    Column("Features", _some(FEATURES), bad="Zzz", kind=FieldType.CHECKBOX, options=FEATURES),
    Column("Terms", _some(TERMS), bad="Zzz", kind=FieldType.CHECKBOX, options=TERMS),
)
HEADER: Final = tuple(column.header for column in COLUMNS)


def rows(count: int, *, seed: int = 1) -> Iterator[list[str]]:
    """The rows, the same for the same seed."""
    chance = random.Random(seed)
    share = BAD_CELLS * len(COLUMNS) / sum(column.bad is not None for column in COLUMNS)
    for row in range(1, count + 1):
        yield [_cell(column, chance, row, share) for column in COLUMNS]


def _cell(column: Column, chance: random.Random, row: int, share: float) -> str:
    if column.bad is not None and chance.random() < share:
        return column.bad
    return column.good(chance, row)


def schema() -> AccountSchema:
    """The account that the sheet is checked against."""
    fields = {
        column.header: FieldSchema(name=column.header, type=column.kind, options=column.options)
        for column in COLUMNS
        if column.kind is not None
    }
    return AccountSchema(
        account=Account(
            base_url="https://api.callbell.eu/v1", name="benchmark", default_team="1" * 32
        ),
        fields=fields,
        tags=TAGS,
        teams=tuple(
            Team(uuid=str(number) * 32, name=name, default=number == 1)
            for number, name in enumerate(TEAMS, start=1)
        ),
        users=tuple(User(email=each) for each in USERS),
        users_complete=True,
    )


def write_csv(path: Path, count: int) -> None:
    """The sheet as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count))


def write_xlsx(path: Path, count: int) -> None:
    """The sheet as a workbook, numbers and all as text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Contacts")
    sheet.append(HEADER)
    for row in rows(count):
        sheet.append(row)
    book.save(path)


def write_schema(path: Path) -> None:
    """The schema, as ``--schema`` takes it."""
    save_schema(schema(), path)


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    write_csv(folder / "contacts.csv", int(sys.argv[1]))
    write_schema(folder / "account.schema.toml")
