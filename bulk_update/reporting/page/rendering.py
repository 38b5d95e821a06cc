"""From a report to the bytes of its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from typing import TYPE_CHECKING, Final

from bulk_update import __version__
from bulk_update.language import _, in_use, ngettext, number
from bulk_update.model import RowStatus
from bulk_update.reporting.page import particulars
from bulk_update.reporting.page.changes import changes_told
from bulk_update.reporting.page.glance import glance, problem_count
from bulk_update.reporting.page.repairs import Repairs, RepairsBuilder
from bulk_update.reporting.page.rows import problem_rows
from bulk_update.reporting.page.text import breakable, moment, prose, shown
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.totals import ChangeTotals
from bulk_update.reporting.wording import exit_meaning

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE: Final = "page.html"

_CHARACTERS: Final = 64_000


def page_chunks(
    report: RunReport, totals: ChangeTotals, problems: frozenset[RowStatus]
) -> Iterator[bytes]:
    """The page of ``report`` as UTF-8, piece by piece; ``totals`` are what its changes come to,
    ``problems`` the statuses whose rows are listed one by one.

    The results are read twice. The same report gives the same bytes.
    """
    pieces = _template().generate(
        report=report,
        about=report.about,
        command=particulars.command_title(report),
        file=particulars.file_name(report),
        glance=glance(report),
        outcome=exit_meaning(report.exit_code),
        facts=particulars.facts(report),
        steps=particulars.next_steps(report),
        changes=changes_told(totals, report.about.teams),
        repairs=_repairs(report, problems),
        problems=problem_count(report.counts),
        chunks=problem_rows(report, problems),
        version=__version__,
        lang=in_use(),
    )
    return _encoded(pieces)


def _repairs(report: RunReport, problems: frozenset[RowStatus]) -> Repairs:
    builder = RepairsBuilder(report.findings, undoes=bool(report.about.undoes))
    # All that a check says of a row it says in its findings; judging a sheet again takes time.
    if report.command != "check":
        for result in report.results_of(problems):
            builder.add(result)
    return builder.build()


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """The pieces, of which there are many small ones, in fewer larger ones."""
    kept: list[str] = []
    characters = 0
    for piece in pieces:
        kept.append(piece)
        characters += len(piece)
        if characters >= _CHARACTERS:
            yield "".join(kept).encode()
            kept, characters = [], 0
    yield "".join(kept).encode()


def _template() -> Template:
    """The template, in which every value is escaped, and a name that is not given is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_own_text),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(_=_, ngettext=ngettext, number=number)
    environment.filters.update(breakable=breakable, moment=moment, prose=prose, shown=shown)
    return environment.get_template(TEMPLATE)


def _own_text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
