"""``report.html`` as a browser shows it: offline, on a phone and a screen, light and dark, printed.

It needs Debian's ``chromium`` (or ``CHROMIUM``, another executable); nothing is downloaded.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bulk_update.model import ChangeResult, FieldName, RowResult, RowStatus
from bulk_update.reporting import RunReport, write_reports
from bulk_update.reporting.report import Circumstances

HOSTILE = (
    "<img src=x onerror=\"document.title='run'\">",
    "<script>document.title='run'</script>",
    '=HYPERLINK("http://evil.example")',
    "\u202emoc.elpmaxe\u202c مرحبا بالعالم",
    "N" * 10_000,
    "javascript:alert(1)",
)
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 900}

# Every text that is seen, with its colour and what it stands on, down to the page itself.
CONTRASTS = """() => {
  const channel = c => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 };
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const rgb = text => (text.match(/[0-9.]+/g) || [0, 0, 0, 0]).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return rgb(getComputedStyle(document.body).backgroundColor);
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(e.ownerSVGElement ? style.fill : style.color)), light(ground(e))];
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), walk.currentNode.data.slice(0, 40)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
}"""  # noqa: E501


@dataclass
class Seen:
    """A page that is open, and what it tried."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of these tests."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path):
    """Writes the page of a report and opens it, without any network."""

    @contextmanager
    def open_page(report: RunReport, viewport: dict[str, int], scheme: str = "light"):
        path = write_reports(tmp_path / "out", report)["report.html"]
        context = browser.new_context(viewport=viewport, color_scheme=scheme, offline=True)
        seen = Seen(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.said.append(message.text))
        seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
        seen.page.on("dialog", lambda dialog: seen.said.append(dialog.message))
        seen.page.goto(path.as_uri())
        assert seen.requests == [path.as_uri()]
        yield seen
        context.close()

    return open_page


@pytest.fixture
def busy(run: Any) -> RunReport:
    """A run in which every kind of row came up, among people with hostile names."""
    statuses = [status for status in RowStatus if status is not RowStatus.VALID]
    results = tuple(
        RowResult(
            row=2 + place,
            key=f"+39 333 {place:07}",
            status=status,
            code="code_of_it",
            message=HOSTILE[place % len(HOSTILE)],
            hint="Do `this` next." if place % 3 else "",
            name=HOSTILE[(place + 1) % len(HOSTILE)],
        )
        for place, status in enumerate(statuses * 4)
    )
    changes = tuple(
        ChangeResult(
            row=2 + place,
            key="k",
            uuid="u",
            name=HOSTILE[place % len(HOSTILE)],
            field=FieldName(name),
            old=f"former.{place}@example.com",
            new=HOSTILE[place % len(HOSTILE)],
            status=statuses[place % len(statuses)],
        )
        for place, name in enumerate(
            ["assigned_user", "team", "note", "custom_fields." + HOSTILE[0], "assigned_user"] * 5
        )
    )
    about = Circumstances(file=f"/home/{HOSTILE[0]}/Clienti {HOSTILE[4]}.xlsx", reason=HOSTILE[1])
    account = replace(run.account, name=HOSTILE[1], base_url="https://" + HOSTILE[4])
    return replace(
        run,
        results=results,
        cells=[("k", "v")] * len(results),
        changes=changes,
        about=about,
        account=account,
        error={"code": "guard", "message": HOSTILE[0], "hint": HOSTILE[4]},
    ).report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, SCREEN], ids=["phone", "screen"])
def test_it_opens_offline_runs_nothing_and_fits(
    opened: Any, busy: RunReport, tmp_path: Path, viewport: dict[str, int], scheme: str
) -> None:
    """The totals are there to be read, nothing moves sideways, every text stands out enough."""
    with opened(busy, viewport, scheme) as seen:
        page = seen.page
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        assert (tmp_path / "page.png").stat().st_size > 20_000
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        beyond = page.evaluate(
            "w => [...document.querySelectorAll('main *')].filter(e => e.checkVisibility()"
            " && e.getBoundingClientRect().right > w + 1).map(e => e.outerHTML.slice(0, 80))",
            viewport["width"],
        )
        assert beyond == []
        for status in ("Updated", "Not found", "Refused"):
            cell = page.locator(".legend tr", has_text=status).first
            assert cell.is_visible()
            assert re.search(r"\b4\b", cell.inner_text())
        assert page.locator("h2", has_text="All 32 rows with a problem").is_visible()
        assert page.locator(".problems tbody tr").count() == 32
        assert page.title().startswith("Apply: Clienti N")
        worst = page.evaluate(CONTRASTS)
        assert len(worst) > 200
        assert worst[0][0] >= 4.5, worst[:5]
        assert page.evaluate("document.scripts.length") == 0
        assert page.locator("main img").count() == 0
        assert (seen.said, len(seen.requests)) == ([], 1)


def test_a_script_that_got_in_would_still_not_run(opened: Any, busy: RunReport) -> None:
    """The policy is not there for show: what a page may be made to hold does nothing."""
    with opened(busy, SCREEN) as seen:
        seen.page.evaluate(
            "() => { const e = document.createElement('div');"
            ' e.innerHTML = \'<img src="http://evil.example/x.png" onerror="document.title=1">\';'
            " document.body.append(e); const s = document.createElement('script');"
            " s.textContent = 'document.title=2'; document.body.append(s); }"
        )
        seen.page.wait_for_function("document.images[0].complete")
        assert seen.page.title().startswith("Apply: ")
        assert any("Content Security Policy" in line for line in seen.said)


def test_it_is_read_by_ear_as_by_eye(opened: Any, busy: RunReport) -> None:
    """A language, one title, headings that skip no level, tables that name rows and columns, a
    picture that says what it shows."""
    with opened(busy, SCREEN) as seen:
        page = seen.page
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(e => +e.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        assert page.evaluate("document.documentElement.lang") == "en"
        bare = "[...document.querySelectorAll('th')].filter(e => !e.scope).length"
        assert page.evaluate(bare) == 0
        unnamed = "[...document.querySelectorAll('table.totals, table.legend')].filter(e => !e.caption && !document.getElementById(e.getAttribute('aria-labelledby'))).length"  # noqa: E501
        assert page.evaluate(unnamed) == 0
        ring = page.get_by_role("img", name="updated: 4")
        assert ring.count() == 1


def test_it_prints_on_paper(opened: Any, busy: RunReport, tmp_path: Path) -> None:
    """In dark mode too it is dark on white; rows aren't torn, headers come again."""
    results = tuple(replace(each, row=n) for n, each in enumerate(busy.results(), 2))
    many = replace(
        busy,
        results=lambda: (
            replace(each, row=each.row + 100 * n) for n in range(8) for each in results
        ),
        rows=8 * len(results),
        counts={status: 8 * count for status, count in busy.counts.items()},
    )
    with opened(many, SCREEN, "dark") as seen:
        page = seen.page
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.evaluate(CONTRASTS)[0][0] >= 4.5
        style = "getComputedStyle(document.querySelector('{}')).{}"
        assert page.evaluate(style.format(".problems thead", "display")) == "table-header-group"
        assert page.evaluate(style.format(".problems tbody tr", "breakInside")) == "avoid"
        page.emulate_media(media=None)
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        pdf = (tmp_path / "page.pdf").read_bytes()
        assert pdf.startswith(b"%PDF")
        boxes = set(re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf))
        assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
        assert 5 < len(re.findall(rb"/Type /Page\b", pdf)) < 120


def test_of_very_many_rows_the_first_are_open_and_all_are_there(
    opened: Any, busy: RunReport
) -> None:
    """Closed tables cost a browser nothing; it is said that they don't print, and where all of
    the rows are."""
    rows = 6_000
    report = replace(
        busy,
        results=lambda: (
            RowResult(
                row=n, key=f"+39 {n}", status=RowStatus.FAILED, code="c", message="m", name="A"
            )
            for n in range(2, rows + 2)
        ),
        rows=rows,
        counts={RowStatus.FAILED: rows},
    )
    with opened(report, PHONE) as seen:
        page = seen.page
        assert page.locator(".problems tbody tr").count() == rows
        assert page.locator("details.chunk").count() == 24
        assert page.locator("details.chunk[open]").count() == 8
        last = page.locator("details.chunk").last
        assert last.locator("summary").inner_text().startswith("Rows 5,752 to 6,001")
        assert not last.locator("tbody tr").last.is_visible()
        last.locator("summary").click()
        assert last.locator("tbody tr").last.is_visible()
        assert "only open ones are printed. errors.csv has all" in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
