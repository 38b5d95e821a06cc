"""What a person reads: its width, its words, and that no value acts on the terminal."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bulk_update.model import (
    Account,
    ChangeResult,
    FieldName,
    Finding,
    FindingGroup,
    Level,
    RowStatus,
)
from bulk_update.reporting import RunReport
from bulk_update.reporting.findings_screen import show_findings
from bulk_update.reporting.preview import MappingOverview, PlanPreview, Tally
from bulk_update.reporting.screen import clipped, duration, visible
from bulk_update.reporting.terminal import (
    show_account,
    show_error,
    show_mapping,
    show_preview,
    show_summary,
)
from bulk_update.reporting.wording import exit_meaning, file_meaning, status_meaning

NASTY = "[red]x[/red] \x1b]0;title\x07\x1b[31m \u202egnp.exe :smile: [link=file:///x]y[/link]"
LONG = "Indirizzo-di-fatturazione-" * 12
WIDE = "顧客の名前" * 20


def console(width: int = 80, **options: Any) -> Console:
    """A console that keeps what is printed."""
    return Console(file=io.StringIO(), width=width, **options)


def printed(target: Console) -> str:
    """What was printed so far."""
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def group(**changes: Any) -> FindingGroup:
    """`Actve` in 4,812 rows."""
    finding = Finding(
        code="option_unknown",
        level=Level.ERROR,
        message="not an option of Status.",
        column="Status",
        value="Actve",
        proposal="Active",
    )
    rows = tuple(range(2, 1002))
    return FindingGroup(finding=replace(finding, **changes), rows=rows, count=4812)


def preview(text: str) -> PlanPreview:
    """A preview in which every name and value is ``text``."""
    field = FieldName(text)
    sample = ChangeResult(
        row=1_048_576,
        key=text,
        uuid="u",
        name=text,
        field=field,
        old=text,
        new=(text, text),
        status=RowStatus.PLANNED,
    )
    return PlanPreview(
        contacts=1200,
        rows=1201,
        by_field=Tally({field: 1200}),
        blanked=Tally({field: 7}),
        owners=Tally({(text, ""): 3}),
        tags_added=Tally({text: 1}),
        tags_removed=Tally({text: 1}),
        sample=(sample,),
        seconds=41,
    )


def report(counts: dict[RowStatus, int], **changes: Any) -> RunReport:
    """A report of which only the counts matter."""
    plain = RunReport(
        command="apply",
        run="r1",
        account=None,
        rows=sum(counts.values()),
        counts=counts,
        header=(),
        results=lambda: iter(()),
        sources=lambda: iter(()),
    )
    return replace(plain, **changes)


def show_all(target: Console, text: str) -> None:
    """Everything there is to show, with ``text`` wherever a stranger's words come in."""
    show_results(target, text)
    broken = report({RowStatus.UPDATED: 1}, error={"code": "c", "message": text, "hint": text})
    show_summary(target, broken, {"results.csv": Path("/out/results.csv")})
    show_error(target, text, text)


def show_results(target: Console, text: str) -> None:
    """All but errors: those are never broken at our width, a path must survive being copied."""
    show_account(target, Account(base_url="https://api.callbell.eu/v1", name=text))
    overview = MappingOverview(
        columns=((text, text),), constants=((text, text),), unmapped=(text, text)
    )
    show_mapping(target, overview)
    show_findings(target, [group(message=text, hint=text, column=text, value=text)])
    show_findings(target, [group(proposal=text)], rest_in=text)
    show_preview(target, preview(text))
    done = report({RowStatus.UPDATED: 1})
    show_summary(target, done, {"results.csv": Path("/out/results.csv")})


@pytest.mark.parametrize("width", [80, 60, 200])
@pytest.mark.parametrize("text", ["Ann", LONG, WIDE, NASTY, "two\nlines", ""])
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    """Whatever a cell holds: it is wrapped, folded or clipped with dots."""
    target = console(width)
    show_results(target, text)
    assert max(cell_len(line) for line in printed(target).splitlines()) <= width


@settings(max_examples=30, deadline=None)
@example("\x1b[2J\x9b31m\r\x08\u202e\u2028\ud800")
@given(st.text(max_size=80))
def test_no_value_acts_on_the_terminal(text: str) -> None:
    """No control character reaches it but new lines, whatever the text."""
    target = console(no_color=True)
    show_all(target, text)
    acting = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    kinds = {unicodedata.category(char) for char in set(printed(target)) - {"\n", "\u200d"}}
    assert not kinds & acting


def test_markup_and_escapes_of_a_value_are_shown_as_text() -> None:
    """Brackets are the sheet's own; escapes and turned writing are spelled out."""
    target = console(200, force_terminal=True, color_system="standard")
    show_error(target, NASTY)
    shown = printed(target)
    assert "[red]x[/red]" in shown
    assert ":smile: [link=file:///x]y[/link]" in shown
    assert r"\x1b]0;title\x07\x1b[31m \u202egnp.exe" in shown


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_COLOR`` leaves no colour on a terminal that has it."""
    coloured = console(force_terminal=True, color_system="standard")
    show_summary(coloured, report({RowStatus.FAILED: 1}), {})
    assert "\x1b[31m" in printed(coloured)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = console(force_terminal=True, color_system="standard")
    show_summary(plain, report({RowStatus.FAILED: 1}), {})
    assert "\x1b[3" not in printed(plain)


def test_a_finding_says_value_rows_fault_and_repair() -> None:
    """One finding for all its rows, and the proposal where there is no other hint."""
    target = console()
    show_findings(target, [group()])
    assert printed(target).split("\n")[2:5] == [
        "error `Actve` in Status: 4,812 rows (2, 3, 4, 5, 6, ...)",
        "  not an option of Status.",
        "  Did you mean Active?",
    ]


def test_a_finding_about_the_whole_sheet_is_one_line() -> None:
    """It has no rows and no value."""
    target = console()
    finding = Finding(code="encoding", level=Level.INFO, message="Read as cp1252.")
    show_findings(target, [FindingGroup(finding=finding, rows=(), count=0)])
    assert printed(target).endswith("\nnote Read as cp1252.\n")


def test_findings_go_by_repair_and_each_by_value() -> None:
    """Values that are wrong in one way stand together; what they have in common is said once.
    The reader is told how many more there are, and where; none is dropped in silence."""
    target = console()
    show_findings(target, [group(value=f"v{n}", proposal=None, hint="choose") for n in range(1012)])
    rows = " in 4,812 rows (2, 3, 4, 5, 6, ...)"
    assert printed(target).split("\n")[2:] == [
        "error Status: 1,012 values",
        *(f"  `v{n}`{rows}: not an option of Status." for n in range(3)),
        "  and 1,009 more; see errors.csv",
        "  choose",
        "",
    ]
    target = console()
    few = [group(value=value, proposal=value.upper()) for value in ("a", "b")]
    show_findings(target, [*few, group(code="other")], limit=1, rest_in="")
    assert printed(target).split("\n")[3:] == [
        "  `a` in 4,812 rows (2, 3, 4, 5, 6, ...): not an option of Status.",
        "    Did you mean A?",
        "  `b` in 4,812 rows (2, 3, 4, 5, 6, ...): not an option of Status.",
        "    Did you mean B?",
        "  and 1 more",
        "",
    ]


def test_every_finding_is_shown_where_all_are_asked_for() -> None:
    target = console()
    groups = [group(value=f"v{n}", code=f"c{n % 20}") for n in range(100)]
    show_findings(target, groups, limit=None)
    assert all(f"`v{n}`" in printed(target) for n in range(100))
    assert "more" not in printed(target)


def test_no_findings_no_words() -> None:
    """A clean sheet prints no empty heading."""
    target = console()
    show_findings(target, [])
    assert printed(target) == ""


def test_the_preview_tells_everything_that_is_asked_about() -> None:
    """Contacts, fields, blanks, owners, tags, an example, webhooks and the time."""
    target = console()
    show_preview(target, preview("anna@x.it"))
    shown = printed(target)
    for words in (
        "1,200 contacts would change (asked for by 1,201 rows)",
        "Changes by field: 1,200",
        "Values that will be blanked: 7",
        "3  anna@x.it -> (nobody)",
        "Tags added: 1",
        "Tags removed: 1",
        "1048576  anna@x.it",
        "The account will fire 1,200 webhooks. Sending takes about 41 s.",
    ):
        assert words in shown


def test_an_account_that_answers_429_may_take_longer() -> None:
    """Said where it makes a difference that can be told."""
    for slowed, said in ((95.0, True), (40.9, False), (None, False)):
        target = console()
        show_preview(target, replace(preview("anna@x.it"), slowed=slowed))
        shown = " ".join(printed(target).split())
        assert "Sending takes about 41 s." in shown
        assert ("It takes about 2 min if the account goes on answering 429" in shown) is said


def test_names_that_are_not_listed_are_counted() -> None:
    """The rest of a tally has a line of its own."""
    target = console()
    tags = Tally({f"t{n}": 2 for n in range(5)}, others=3)
    show_preview(target, PlanPreview(contacts=1, tags_added=tags), limit=2)
    assert [line.split() for line in printed(target).splitlines() if line.startswith("  ")] == [
        ["2", "t0"],
        ["2", "t1"],
        ["9", "others"],
    ]


def test_a_plan_without_changes_says_so() -> None:
    """No tables of zeros."""
    target = console()
    show_preview(target, PlanPreview())
    assert printed(target) == "Nothing to change.\n"


def test_columns_that_are_not_used_are_named_and_counted() -> None:
    """Also a blank header, and those beyond the list."""
    target = console(200)
    unmapped = ("", *(f"C{n}" for n in range(20)))
    show_mapping(target, MappingOverview(columns=(("Tel", "phone"),), unmapped=unmapped))
    assert 'Not used (21 columns): "", C0, ' in printed(target)
    assert "C10, ..." in printed(target)


def test_the_summary_says_counts_meaning_exit_and_files(tmp_path: Path) -> None:
    """A path can be copied: it is never broken, however long."""
    folder = tmp_path / ("a-very-long-name-of-a-folder" * 4)
    files = {"results.csv": folder / "results (2).csv", "errors.csv": folder / "errors.csv"}
    target = console()
    counts = {RowStatus.UPDATED: 12000, RowStatus.INVALID: 40, RowStatus.FAILED: 0}
    show_summary(target, report(counts, exit_code=1), files)
    shown = printed(target)
    assert "12,040 rows of the sheet" in shown
    assert "12,000  updated  sent, and the account shows it" in shown
    assert "failed" not in shown
    assert "Exit code 1: finished, but some rows have problems." in shown
    assert f"  {folder}\n" in shown
    assert "results (2).csv  every row, and what became of it" in shown


@pytest.mark.parametrize("code", [*range(9), 10, 70, 130, 143])
def test_every_exit_code_has_a_meaning(code: int) -> None:
    """In words, beside the number."""
    assert exit_meaning(code)


@pytest.mark.parametrize("status", RowStatus)
def test_every_status_has_a_meaning(status: RowStatus) -> None:
    """In words, beside the name in the files."""
    assert status_meaning(status)


def test_every_report_has_a_meaning(run: Any, tmp_path: Path) -> None:
    """Each file that is written is explained."""
    from bulk_update.reporting import write_reports

    assert all(file_meaning(name) for name in write_reports(tmp_path, run.report()))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "less than a second"),
        (41.2, "42 s"),
        (90, "90 s"),
        (91, "2 min"),
        (7140, "119 min"),
        (7201, "2 h 1 min"),
    ],
)
def test_durations_are_rounded_up(seconds: float, words: str) -> None:
    """To a unit that matters."""
    assert duration(seconds) == words


def test_unseen_characters_are_spelled_out() -> None:
    """The no-break space that makes a value unknown is seen; letters and emoji stay."""
    assert visible("VIP\xa0\u200b") == r"VIP\xa0\u200b"
    assert visible("città 👩\u200d💻") == "città 👩\u200d💻"
    assert visible("a\nb") == r"a\nb"
    assert visible("a\nb", lines=True) == "a\nb"


def test_clipping_shows_that_it_clipped() -> None:
    """With dots, at the width asked."""
    assert clipped("x" * 60) == "x" * 60
    assert clipped("x" * 61) == "x" * 57 + "..."
    assert len(clipped("\x1b" * 1_000_000)) == 60
