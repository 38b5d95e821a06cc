"""What statuses, exit codes and files mean, in plain language."""

from __future__ import annotations

from bulk_update.language import _
from bulk_update.model import RowStatus


def status_title(status: RowStatus) -> str:
    """The status as people say it; its code is what files and flags name."""
    return {
        RowStatus.VALID: _("valid"),
        RowStatus.INVALID: _("invalid"),
        RowStatus.PLANNED: _("planned"),
        RowStatus.UNCHANGED: _("unchanged"),
        RowStatus.SKIPPED: _("skipped"),
        RowStatus.NOT_FOUND: _("not found"),
        RowStatus.DUPLICATE: _("in conflict"),
        RowStatus.UPDATED: _("updated"),
        RowStatus.MISMATCH: _("not as asked"),
        RowStatus.REFUSED: _("refused"),
        RowStatus.FAILED: _("failed"),
        RowStatus.DRIFTED: _("changed by others"),
        RowStatus.UNKNOWN: _("unknown"),
        RowStatus.NOT_SENT: _("not sent"),
    }[status]


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


def next_step(status: RowStatus, *, undoes: bool = False) -> str:
    """What to do about such a row, where nothing more exact is known; "" for nothing. ``undoes``:
    of an undo, which no `retry` takes up again."""
    return {
        RowStatus.INVALID: _(
            "Mend the cell in annotated.xlsx or errors.csv, and give that file back."
        ),
        RowStatus.DUPLICATE: _("Keep one of the rows, or make them agree."),
        RowStatus.NOT_FOUND: _("Correct the key, or create the contact in Callbell first."),
        RowStatus.MISMATCH: _("Look at the contact in Callbell."),
        RowStatus.REFUSED: _("Read what the account says, and mend what it names."),
        RowStatus.DRIFTED: _("Look at the contact in Callbell, and decide which value holds."),
        RowStatus.UNKNOWN: _("Look at the contact in Callbell."),
        RowStatus.FAILED: _("The same `undo` tries it once more.")
        if undoes
        else _("`retry` tries it once more."),
    }.get(status, "")


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
        "changes.xlsx": _("the same as a workbook, with totals: before and after"),
        "not_found.xlsx": _("the contacts that were not found, and why"),
        "report.html": _("all of it on one page, to read, print or hand on"),
        "annotated.xlsx": _("the sheet with what is wrong marked in it: mend it and give it back"),
        "summary.json": _("the counts, for programs"),
    }.get(name, "")
