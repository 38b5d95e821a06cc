"""``report.html``: what it says, of which run, and that nothing in it could run."""

from __future__ import annotations

import html
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest

from bulk_update.language import use
from bulk_update.model import (
    PROBLEM_STATUSES,
    ChangeResult,
    FieldName,
    Finding,
    FindingGroup,
    Level,
    RowResult,
    RowStatus,
    SourceRow,
)
from bulk_update.reporting import RunReport
from bulk_update.reporting.page import page_chunks
from bulk_update.reporting.page.glance import glance
from bulk_update.reporting.report import Circumstances, Person
from bulk_update.reporting.totals import total_changes

HOSTILE = "<img src=x onerror=alert(1)>"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
UPDATED = RowStatus.UPDATED
_VOID = {"meta", "br", "wbr", "rect", "circle"}


class Page(HTMLParser):
    """A page as a browser takes it: its elements, their attributes and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """What can be read, each white space as one space."""
        return " ".join(" ".join(self.texts).split())


def page_of(report: RunReport) -> Page:
    """The page, every element of it closed."""
    page = Page(
        b"".join(page_chunks(report, total_changes(report.changes()), PROBLEM_STATUSES)).decode()
    )
    assert page.open == []
    return page


def problem(row: int, **more: Any) -> RowResult:
    """A row that the account refused."""
    usual = {"key": f"+39 333 {row}", "status": RowStatus.REFUSED, "code": "refused"}
    return RowResult(row=row, **{**usual, "message": f"no, row {row}", **more})


def rows_of(page: Page) -> list[str]:
    """The text of each row of the tables of problems."""
    body = page.source.split('id="rows"')[1].split('id="particulars"')[0]
    found = re.findall(r"<tr><td.*?</tr>", body, re.DOTALL)
    return [html.unescape(re.sub(r"(?:\s*<[^>]+>\s*)+", "|", each)) for each in found]


# -- what it says ------------------------------------------------------------------------


def test_the_totals_the_problems_and_the_changes_are_all_there(run: Any) -> None:
    """In words and numbers, each where a person looks for it."""
    text = page_of(run.report()).text
    for said in (
        "1 of 3 rows are as the sheet asks",
        "2 rows have a problem.",
        "Exit code 1: finished, but some rows have problems.",
        "updated: 1 (33.3%)",
        "Tags added Tag Changes What became of them Media (article, ad, tv) 1 1 updated",
        "Tags removed Tag Changes What became of them Lead 1 1 updated",
        "2 Ann Note updated (empty) → =cmd()",
        "Actve in Status 1 row",
        "'Actve' is not an option of Status.",
        "Did you mean 'Active'?",
        "All 2 rows with a problem",
        "https://api.callbell.eu/v1",
    ):
        assert said in text


def test_every_row_with_a_problem_stands_there_with_what_to_do(run: Any) -> None:
    """Its row, whose it is, its key, its code, the message and the next step; no other row."""
    results = (
        *run.results,
        problem(9, name="Ann", hint="Ask her."),
        RowResult(row=12, key="k", status=RowStatus.NOT_SENT),
    )
    changed = replace(run, results=results, cells=[*run.cells, *[("+39 1", "x")] * 9])
    invalid, missing, refused = rows_of(page_of(changed.report()))
    assert invalid.startswith("|3|+39 333 2|invalid|option_unknown|'Actve' is not an option of")
    assert invalid.endswith("|Did you mean 'Active'?|")
    assert missing.startswith("|4|+39 333 3|not found|no_contact|Correct the key, or create")
    assert refused == "|9|Ann|+39 333 9|refused|refused|no, row 9|Ask her.|"


def test_who_nobody_found_is_called_as_the_sheet_calls_them(run: Any) -> None:
    """The sheet is read only as far as somebody's name is missing."""
    read: list[int] = []

    def sources() -> Iterator[SourceRow]:
        for row in range(2, 100):
            read.append(row)
            yield SourceRow(row, (f"Sheet name {row}",))

    report = replace(
        replace(run, results=(problem(5), problem(9, name="Of the account"))).report(),
        sources=sources,
        person=lambda source: Person(name=source.cells[0]),
    )
    rows = rows_of(page_of(report))
    assert "|5|Sheet name 5|" in rows[0]
    assert "|9|Of the account|" in rows[1]
    assert max(read) == 5


def test_the_account_s_refusals_are_grouped_and_findings_not_told_twice(run: Any) -> None:
    """One group for what one repair mends, with its rows, the largest first."""
    results = [problem(row) for row in range(10, 40)]
    page = page_of(replace(run, results=(*run.results, *results)).report())
    repairs = page.text.split("Problems, by what mends them")[1].split("All 32 rows")[0]
    assert "refused 30 rows the account said no; its words are in the message. For example" in (
        repairs
    )
    assert "row 10: no, row 10" in repairs
    assert "rows 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 18 more" in repairs
    assert repairs.count("option_unknown") == 1
    assert repairs.index("refused 30 rows") < repairs.index("option_unknown")


def test_what_is_worth_knowing_stands_apart_from_what_to_mend(run: Any) -> None:
    """Warnings and notes keep nobody from anything."""
    finding = Finding(code="trimmed", level=Level.INFO, message="white space was taken away")
    group = FindingGroup(finding=finding, rows=(2,), count=1)
    text = page_of(replace(run, findings=(*run.findings, group)).report()).text
    know = text.split("Worth knowing")[1]
    assert "white space was taken away" in know
    assert "Actve" not in know.split("All 2 rows")[0]


def test_particulars_are_told_with_times_and_their_offset(run: Any) -> None:
    """Who, where, which file, why, how long, how many requests, how fast."""
    began = datetime(2026, 11, 20, 23, 49, 5, tzinfo=timezone(timedelta(hours=1)))
    about = Circumstances(
        file="/home/ops/Clienti novembre.xlsx",
        who="giulia",
        host="laptop",
        reason="Friday's migration",
        began=began,
        planned=began + timedelta(minutes=1),
        ended=began + timedelta(minutes=12),
        rate=7.5,
        retry_of="20261101-000000-abcd",
    )
    report = replace(run, about=about).report()
    report = replace(report, requests={"get_contact": 1200, "patch_contact": 34})
    page = page_of(report)
    for said in (
        "Clienti novembre.xlsx",
        "/home/ops/Clienti novembre.xlsx",
        "Friday's migration",
        "giulia",
        "laptop",
        "Took 12 min",
        "1,234: 34 to change contacts, 1,200 to read",
        "at most 7.5 requests a second",
        "20261101-000000-abcd",
    ):
        assert said in page.text
    local = began.astimezone()
    assert f"{local:%Y-%m-%d %H:%M:%S} {local:%z}"[:-2] in page.text
    assert re.search(r"Began \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d ", page.text)


def test_what_moved_from_whom_to_whom(run: Any) -> None:
    """Teams by their names, nobody by a word."""

    def change(row: int, field: str, old: str | None, new: str | None) -> ChangeResult:
        return replace(run.changes[0], row=row, field=FieldName(field), old=old, new=new)

    changes = (
        change(2, "assigned_user", None, "ann@example.com"),
        change(3, "assigned_user", None, "ann@example.com"),
        change(4, "assigned_user", "bob@example.com", None),
        change(5, "team", "t1", "t2"),
        change(6, "custom_fields.Città", "Roma", ""),
    )
    about = Circumstances(teams={"t1": "Sales", "t2": "Assistance & Réclamations"})
    text = page_of(replace(run, changes=changes, about=about).report()).text
    assert "(nobody) → ann @example.com 2 2 updated" in text
    assert "bob @example.com → (nobody) 1 1 updated" in text
    assert "Sales → Assistance & Réclamations 1 1 updated" in text
    assert "Città 1 1 updated; 1 loses its value" in text


@pytest.mark.parametrize(
    ("command", "status", "undoes", "said"),
    [
        ("check", RowStatus.VALID, "", "1 of 1 rows are valid"),
        ("plan", RowStatus.PLANNED, "", "1 of 1 rows would be changed"),
        ("apply", RowStatus.UPDATED, "", "1 of 1 rows are as the sheet asks"),
        ("undo", RowStatus.UPDATED, "r0", "1 of 1 rows are as they were before"),
        ("resume", RowStatus.UNCHANGED, "r0", "1 of 1 rows are as they were before"),
    ],
)
def test_each_command_is_told_as_what_it_was(
    run: Any, command: str, status: RowStatus, undoes: str, said: str
) -> None:
    """A dry run changed nothing; an undo asks nothing of a sheet."""
    results = (RowResult(row=2, key="k", status=status),)
    about = Circumstances(undoes=undoes)
    changed = replace(
        run, command=command, results=results, about=about, cells=run.cells[:1], findings=()
    )
    text = page_of(changed.report()).text
    assert said in text
    assert "No row has a problem." in text
    assert ("What would change" in text) is (command == "plan")
    assert "with a problem" not in text.replace("No row has a problem", "")


def test_what_to_do_next_is_what_really_helps(run: Any) -> None:
    """A retry takes up a run again; of an undo, the undo does, and its own undo brings all back."""
    results = (problem(2, status=RowStatus.FAILED), RowResult(row=3, key="", status=UPDATED))
    mended = replace(run, results=results, findings=())
    told = page_of(mended.report()).text
    assert "Try 1 row again that did not come through: bulk-update retry r1" in told
    assert "Put back what was changed: bulk-update undo r1" in told
    assert told.count("retry tries it once more.") == 2
    undone = page_of(replace(mended, about=Circumstances(undoes="r0")).report()).text
    assert "Undo of run r0" in undone
    assert "again that did not come through: bulk-update undo r0" in undone
    assert "Bring back what this undo has put back: bulk-update undo r1" in undone
    assert "retry" not in undone
    again = replace(mended, about=Circumstances(retry_of="r0"))
    assert "Retry of run r0" in page_of(again.report()).text


def test_a_run_that_was_stopped_says_so_and_how_it_goes_on(run: Any) -> None:
    """What ended it, in its own words, and the command."""
    error = {"code": "deadline", "message": f"the deadline {HOSTILE}", "hint": "Go `on`."}
    results = (*run.results, RowResult(row=5, key="k", status=RowStatus.NOT_SENT))
    page = page_of(replace(run, results=results, error=error, exit_code=5).report())
    assert f"It ended before its time: the deadline {HOSTILE}" in page.text
    assert "1 row was not sent." in page.text
    assert "bulk-update resume r1" in page.text
    assert "<code>on</code>" in page.source


def test_a_sheet_without_rows_has_a_page(run: Any) -> None:
    """And no ring of nothing."""
    page = page_of(replace(run, results=(), changes=(), findings=(), cells=()).report())
    assert "The sheet has no rows" in page.text
    assert "circle" not in {tag for tag, _attrs in page.elements}


@pytest.mark.parametrize(
    ("few", "rows", "said"),
    [(1, 100_000, "under 0.1%"), (99_999, 100_000, "over 99.9%"), (1, 2, "50%"), (2, 2, "100%")],
)
def test_a_share_never_rounds_something_away(run: Any, few: int, rows: int, said: str) -> None:
    """One row in a million is seen in the ring too."""
    counts = {RowStatus.FAILED: few, RowStatus.UPDATED: rows - few}
    parts = glance(replace(run.report(), counts=counts, rows=rows)).parts
    failed = next(part for part in parts if part.status is RowStatus.FAILED)
    assert failed.percent == said
    assert min(part.length for part in parts) > 0.5
    assert sum(part.length for part in parts) == pytest.approx(100, abs=0.01)


def test_it_speaks_the_language_in_use(run: Any) -> None:
    """And says which it is, for those who hear it read."""
    use("it")
    page = page_of(run.report())
    assert page.elements[0] == ("html", {"lang": "it"})


# -- what it must not do -----------------------------------------------------------------


def test_nothing_in_it_runs_or_is_loaded_whatever_the_sheet_says(run: Any) -> None:
    """Hostile text stands there as text, in every place that shows any."""
    evil = f"{HOSTILE}</script></style><script>alert(1)</script>`{HOSTILE}`"
    finding = Finding(
        code=evil,
        level=Level.ERROR,
        message=evil,
        hint=evil,
        column=evil,
        value=evil,
    )
    change = replace(run.changes[1], name=evil, key=evil, field=FieldName(evil), old=evil, new=evil)
    owner = replace(change, field=FieldName("assigned_user"))
    results = (problem(2, key=evil, code=evil, message=evil, hint=evil, name=evil),)
    hostile = replace(
        run,
        results=results,
        changes=(change, owner, replace(owner, field=FieldName("team"))),
        findings=(FindingGroup(finding=finding, rows=(2,), count=1),),
        error={"code": evil, "message": evil, "hint": evil},
        about=Circumstances(file=evil, who=evil, host=evil, reason=evil, teams={evil: evil}),
        account=replace(run.account, name=evil, base_url=evil),
    )
    page = page_of(hostile.report())
    assert {tag for tag, _attrs in page.elements} <= SAFE_TAGS
    for tag, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        assert not {"src", "href", "action", "srcset", "data", "xlink:href"} & set(attrs)
    policies = [attrs["content"] for _tag, attrs in page.elements if "http-equiv" in attrs]
    assert policies == [POLICY]
    assert page.text.count("<script>alert(1)</script>") > 15
    assert "url(" not in page.source.replace("url(#hatch", "")


_SAFE = """
html head meta title style body svg defs pattern rect header p h1 bdi strong span main section h2
div g circle text table caption thead tbody tr th td h3 ul ol li code details summary del ins q br
wbr dl dt dd footer
"""
SAFE_TAGS = set(_SAFE.split())


def test_what_cannot_be_seen_is_spelled_out_and_what_is_long_is_cut_and_said(run: Any) -> None:
    """A name that turns the line around, or fills a screen, is no longer a nuisance."""
    results = (problem(2, name="\u202eevil\u0007"), problem(3, name="N" * 10_000))
    page = page_of(replace(run, results=results).report())
    rows = rows_of(page)
    assert "\\u202eevil\\x07" in rows[0]
    assert "NNN … (10,000 characters in all)" in rows[1]
    assert len(page.source) < 60_000


def test_a_hundred_thousand_rows_are_written_as_they_come(run: Any) -> None:
    """All of them, in memory that does not grow with them."""

    def peak(rows: int) -> tuple[int, int]:
        report = replace(
            run.report(),
            results=lambda: (problem(row, name="Ann") for row in range(2, rows + 2)),
            counts={RowStatus.REFUSED: rows},
            rows=rows,
        )
        tracemalloc.start()
        written = sum(
            chunk.count(b'<tr><td class="number">')
            for chunk in page_chunks(report, total_changes(report.changes()), PROBLEM_STATUSES)
        )
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, used

    peak(10)  # the template is compiled once
    few, some = peak(2_000)
    many, more = peak(20_000)
    assert (few, many) == (2_000, 20_000)
    assert more < some + 500_000
