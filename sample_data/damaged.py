"""``bad_cells.csv``: one fault a row, and a column that says which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from common import ACCOUNT, RENEWAL, Row, as_csv

HEADER: Final = (
    "what is wrong here",
    "uuid",
    "name",
    "tags",
    "note",
    "assigned_user",
    "unassign_user",
    "team",
    "bot_status",
    "Status",
    "Features",
    RENEWAL,
    "Work Email",
    "orderNumber",
    "P/W",
)

FAULTS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    ("nothing", {"Status": "Inactive"}),
    ("nothing: another case is no fault", {"Status": "ACTIVE"}),
    ("nothing: white space around", {"Status": " Trial ", "note": "\u00a0ok\u00a0"}),
    ("a near miss of an option", {"Status": "Actve"}),
    ("no option at all", {"Status": "Bankrupt"}),
    ("one of two boxes is unknown", {"Features": "Dark Mode; Telex"}),
    ("an option with a comma, which is fine", {"Features": "Beta, early access, Dark Mode"}),
    ("a near miss of a tag", {"tags": "Leed"}),
    ("a tag nobody has: it may be new", {"tags": "Spring 2027"}),
    ("adds and removes the same tag", {"tags": "+VIP;-VIP"}),
    ("31 February", {RENEWAL: "2026-02-31"}),
    ("a date in words", {RENEWAL: "next Monday"}),
    ("no e-mail address", {"Work Email": "giulia(at)example.org"}),
    ("a number in words", {"orderNumber": "twelve"}),
    ("a number with an exponent", {"orderNumber": "1e5"}),
    ("digits that Excel threw away", {"orderNumber": "3.93E+11"}),
    ("leading zeros: sent as a plain number", {"orderNumber": "0042"}),
    ("a decimal", {"P/W": "12.5"}),
    ("an error cell", {"P/W": "#N/A"}),
    ("another error cell", {"Status": "#REF!"}),
    ("a near miss of a user", {"assigned_user": "jane.doe@exmaple.com"}),
    ("no user at all", {"assigned_user": "nobody@elsewhere.example"}),
    (
        "assigned and unassigned",
        {"assigned_user": "jane.doe@example.com", "unassign_user": "yes"},
    ),
    ("neither yes nor no", {"unassign_user": "perhaps"}),
    ("no team", {"team": "Support"}),
    ("no state of a bot", {"bot_status": "restart"}),
    ("a note of 1,001 characters", {"note": "n" * 1001}),
    ("a name can't be cleared", {"name": "<clear>"}),
    ("a control character", {"note": "bell\x07"}),
    ("no contact has this uuid", {"uuid": "0" * 32, "Status": "Active"}),
    ("a uuid that was cut short", {"uuid": "c0ffee", "Status": "Active"}),
    ("no key", {"uuid": "", "Status": "Active"}),
)


def bad_cells() -> bytes:
    """The file, with one row too wide at its end and two that contradict each other."""
    rows: list[Row] = [HEADER]
    for n, (what, cells) in enumerate(FAULTS, start=41):
        given = {"what is wrong here": what, "uuid": ACCOUNT.contact(n).uuid, **cells}
        rows.append([given.get(header, "") for header in HEADER])
    rows += [_about(12, "contradicts the next row", "Active")]
    rows += [_about(12, "contradicts the row before", "On hold")]
    rows += [[*_about(11, "one cell too many", "Active"), "what is this?"]]
    return as_csv(rows, encoding="utf-8-sig")


def _about(n: int, what: str, status: str) -> list[str]:
    given = {"what is wrong here": what, "uuid": ACCOUNT.contact(n).uuid, "Status": status}
    return [given.get(header, "") for header in HEADER]
