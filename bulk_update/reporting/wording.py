"""What statuses, exit codes and files mean, in plain language."""

from __future__ import annotations

from bulk_update.language import _
from bulk_update.model import RowStatus


def status_meaning(status: RowStatus) -> str:
    """One line on what became of such a row."""
    return {
        RowStatus.VALID: _("every cell is as the account wants it"),
        RowStatus.INVALID: _("a cell is wrong; nothing was sent for the row"),
        RowStatus.PLANNED: _("would be changed"),
        RowStatus.UNCHANGED: _("the contact is already as asked"),
        RowStatus.SKIPPED: _("the sheet says what was applied last time"),
        RowStatus.NOT_FOUND: _("no contact has this key; nobody was created"),
        RowStatus.DUPLICATE: _("several rows disagree about one contact"),
        RowStatus.UPDATED: _("sent, and the account shows it"),
        RowStatus.MISMATCH: _("accepted, but the account does not show what was asked"),
        RowStatus.REFUSED: _("the account said no; its words are in the message"),
        RowStatus.FAILED: _("not applied, and known not to be"),
        RowStatus.DRIFTED: _("somebody changed the contact meanwhile; that was left alone"),
        RowStatus.UNKNOWN: _("sent, but there is no proof whether it took"),
        RowStatus.NOT_SENT: _("stopped before its turn"),
    }[status]


def exit_meaning(code: int) -> str:
    """One line on what the exit code says; "" for a code that is not in the contract."""
    return {
        0: _("everything asked is so"),
        1: _("finished, but some rows have problems"),
        2: _("wrong usage or configuration; nothing was sent"),
        3: _("the file needs an answer or a repair first; nothing was sent"),
        4: _("the account refused the token"),
        5: _("a guard stopped it; what was done is recorded"),
        6: _("the account could not be reached; what was done is recorded"),
        7: _("another run holds this account"),
        8: _("the journal or a report could not be written"),
        10: _("there are changes to make"),
        70: _("a bug in this program"),
        130: _("stopped by Ctrl-C; what was done is recorded"),
        143: _("stopped by a signal; what was done is recorded"),
    }.get(code, "")


def file_meaning(name: str) -> str:
    """One line on what is in a report; "" for a name that is not in the contract."""
    return {
        "results.csv": _("every row, and what became of it"),
        "changes.csv": _("every changed field, old and new"),
        "errors.csv": _("the rows with a problem: mend them and give this file back"),
        "summary.json": _("the counts, for programs"),
    }.get(name, "")
