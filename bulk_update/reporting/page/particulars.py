"""Who ran it, when, where, on what, what it cost, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath
from typing import Final

from bulk_update.language import _, ngettext, number
from bulk_update.model import RowStatus
from bulk_update.reporting.page.text import moment, one_decimal, shown
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.screen import duration, rows_text

_MENDED: Final = (RowStatus.INVALID, RowStatus.DUPLICATE)
_RETRIED: Final = (RowStatus.FAILED, RowStatus.REFUSED, RowStatus.MISMATCH, RowStatus.UNKNOWN)
_CHANGING: Final = "patch"
"""How the kinds of requests begin that change something."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about the run, and what it is called."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next, and the command that does it; ``""`` for none."""

    text: str
    command: str = ""


def command_title(report: RunReport) -> str:
    """What was done, in a word or two, and to which run."""
    if report.about.undoes:
        return _("Undo of run {run}").format(run=report.about.undoes)
    if report.about.retry_of:
        return _("Retry of run {run}").format(run=report.about.retry_of)
    return {
        "check": _("Check"),
        "plan": _("Plan (nothing was sent)"),
        "apply": _("Apply"),
        "resume": _("Apply, gone on with"),
    }.get(report.command, report.command)


def file_name(report: RunReport) -> str:
    """The sheet's name, without its folder."""
    path = report.about.file
    if path == "-":
        return _("(standard input)")
    return shown(PureWindowsPath(PurePath(path).name).name, 200)


def facts(report: RunReport) -> list[Fact]:
    """All that is known, in the order people ask."""
    return [fact for fact in (*_who(report), *_when(report), *_cost(report)) if fact.text]


def _who(report: RunReport) -> Iterator[Fact]:
    about, account = report.about, report.account
    if account is not None:
        yield Fact(_("Account"), shown(account.name or account.user_email))
        yield Fact(_("Address"), shown(account.base_url))
    yield Fact(_("Run"), report.run or "")
    yield Fact(_("Puts back"), about.undoes)
    yield Fact(_("Takes up again"), about.retry_of)
    yield Fact(_("File"), file_name(report) if about.file == "-" else shown(about.file))
    yield Fact(_("Rows"), number(report.rows))
    yield Fact(_("Who"), shown(about.who))
    yield Fact(_("Host"), shown(about.host))
    yield Fact(_("Reason"), shown(about.reason))


def _when(report: RunReport) -> Iterator[Fact]:
    about = report.about
    times = (_("Began"), about.began), (_("Planned"), about.planned), (_("Ended"), about.ended)
    for title, at in times:
        if at is not None:
            yield Fact(title, moment(at))
    if about.began is not None and about.ended is not None:
        yield Fact(_("Took"), duration((about.ended - about.began).total_seconds()))


def _cost(report: RunReport) -> Iterator[Fact]:
    if report.requests:
        yield Fact(_("Requests"), _requests(report))
    yield Fact(_("Saved"), "; ".join(_saved(report)))
    if report.about.rate is not None:
        rate = _("at most {rate} requests a second").format(rate=one_decimal(report.about.rate))
        yield Fact(_("Rate"), rate)


def _requests(report: RunReport) -> str:
    """``1,716: 512 to change contacts, 1,204 to read``."""
    whole = sum(report.requests.values())
    changing = sum(n for kind, n in report.requests.items() if kind.startswith(_CHANGING))
    return _("{n}: {changing} to change contacts, {reading} to read").format(
        n=number(whole), changing=number(changing), reading=number(whole - changing)
    )


def _saved(report: RunReport) -> Iterator[str]:
    if report.saved_by_listing:
        template = _("{n} look-ups, by reading the account page by page")
        yield template.format(n=number(report.saved_by_listing))
    unchanged = report.counts.get(RowStatus.UNCHANGED, 0)
    skipped = report.counts.get(RowStatus.SKIPPED, 0)
    if unchanged:
        template = _("nothing was sent for {rows} that needed no change")
        yield template.format(rows=rows_text(unchanged))
    if skipped:
        template = _("{rows} ask for what was last applied, and were not even read")
        yield template.format(rows=rows_text(skipped))


def next_steps(report: RunReport) -> list[Step]:
    """What there is to do now, the most pressing first."""
    return [*_after_problems(report), *_after_success(report)]


def _after_problems(report: RunReport) -> Iterator[Step]:
    run, counts = report.run, report.counts

    def count(*statuses: RowStatus) -> int:
        return sum(counts.get(status, 0) for status in statuses)

    if run and report.error is not None and count(RowStatus.NOT_SENT):
        text = _("Go on where it stopped ({rows} not sent):")
        rows = rows_text(count(RowStatus.NOT_SENT))
        yield Step(text.format(rows=rows), f"bulk-update resume {run}")
    if mended := count(*_MENDED):
        text = _("Mend {rows} in annotated.xlsx or errors.csv, and give that file back.")
        yield Step(text.format(rows=rows_text(mended)))
    if missing := count(RowStatus.NOT_FOUND):
        yield Step(_not_found(missing))
    if run and (failed := count(*_RETRIED)):
        text = _("Try {rows} again that did not come through:")
        undoes = report.about.undoes
        again = f"bulk-update undo {undoes}" if undoes else f"bulk-update retry {run}"
        yield Step(text.format(rows=rows_text(failed)), again)
    if drifted := count(RowStatus.DRIFTED):
        text = _("Look at {rows} that others have changed, and decide which value holds.")
        yield Step(text.format(rows=rows_text(drifted)))


def _not_found(missing: int) -> str:
    return ngettext(
        "Look for {n} contact that was not found: not_found.xlsx says why.",
        "Look for {n} contacts that were not found: not_found.xlsx says why.",
        missing,
    ).format(n=number(missing))


def _after_success(report: RunReport) -> Iterator[Step]:
    if report.counts.get(RowStatus.PLANNED):
        yield Step(_("Nothing has been sent yet. `apply` does what stands here."))
    if report.run and report.counts.get(RowStatus.UPDATED):
        undone = _("Bring back what this undo has put back:")
        text = undone if report.about.undoes else _("Put back what was changed:")
        yield Step(text, f"bulk-update undo {report.run}")
