"""What a person reads, through rich, on a terminal of 80 columns or any other width.

Every function takes the console and plain data. Values of the sheet and the account are made
visible first (:mod:`~bulk_update.reporting.screen`) and travel as ``Text``, never as markup.
Colour never says what words don't; ``NO_COLOR`` is the console's own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bulk_update.language import _, ngettext, number
from bulk_update.model import (
    CUSTOM_PREFIX,
    CUSTOM_SHORT,
    PROBLEM_STATUSES,
    Account,
    ChangeResult,
    FieldName,
    RowStatus,
)
from bulk_update.reporting.preview import MappingOverview, PlanPreview
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.screen import (
    clipped,
    duration,
    rows_text,
    shown_value,
    visible,
)
from bulk_update.reporting.tallies import K, Tally
from bulk_update.reporting.wording import exit_meaning, file_meaning, status_meaning

_GOOD: Final = frozenset({RowStatus.UPDATED, RowStatus.UNCHANGED, RowStatus.VALID})


def show_account(console: Console, account: Account) -> None:
    """Which account this is: printed before anything else."""
    name = visible(account.name or account.user_email or _("(no name)"))
    printed(
        console, Text.assemble(_("Account: "), (name, "bold"), f"  {visible(account.base_url)}")
    )


def show_mapping(console: Console, overview: MappingOverview, *, limit: int = 30) -> None:
    """What each column becomes, which value every row gets, and which columns are not used."""
    heading(console, _("Columns"))
    table = table_of("", "", "")
    for header, target in overview.columns[:limit]:
        table.add_row(Text(clipped(header)), "->", Text(visible(target)))
    for target, value in overview.constants:
        everywhere = _('every row: "{value}"').format(value=clipped(value))
        table.add_row(Text(everywhere), "->", Text(visible(target)))
    printed(console, table)
    _more(console, len(overview.columns) - limit)
    if overview.unmapped:
        indented(console, Text(_not_used(overview.unmapped)))


def show_preview(console: Console, preview: PlanPreview, *, limit: int = 10) -> None:
    """What would happen, before it is asked whether it may."""
    _show_left_alone(console, preview)
    if not preview.contacts:
        printed(console, Text(_("Nothing to change.")))
        return
    heading(console, _contacts_line(preview))
    _show_tally(console, _("Changes by field"), preview.by_field, field_text, limit)
    _show_tally(console, _("Values that will be blanked"), preview.blanked, field_text, limit)
    _show_tally(console, _("Owners"), preview.owners, _owner_move, limit)
    _show_tally(console, _("Tags added"), preview.tags_added, clipped, limit)
    _show_tally(console, _("Tags removed"), preview.tags_removed, clipped, limit)
    show_sample(console, preview.sample)
    console.print()
    printed(console, Text(_consequences(preview)))


def show_sample(console: Console, sample: Iterable[ChangeResult]) -> None:
    """A few changes, old -> new."""
    listed = list(sample)
    if not listed:
        return
    heading(console, _("For example"))
    table = table_of(_("row"), _("contact"), _("field"), _("old"), "", _("new"), number_first=True)
    for change in listed:
        _add_change(table, change)
    printed(console, table)


def show_summary(console: Console, report: RunReport, files: Mapping[str, Path]) -> None:
    """What became of the rows, what the exit code means, and where the files are."""
    heading(console, _("{rows} of the sheet").format(rows=rows_text(report.rows)))
    show_counts(console, report.counts)
    if report.requests:
        printed(console, Text(_cost_line(report)))
    if report.error is not None:
        show_error(console, report.error["message"], report.error.get("hint", ""))
    printed(console, Text(_exit_line(report.exit_code)))
    show_files(console, files)


def _cost_line(report: RunReport) -> str:
    """``Requests: 1,716 made, 400 saved.``, and how often the account said that it is too many."""
    made = _("Requests: {made} made, {saved} saved.").format(
        made=number(sum(report.requests.values())), saved=number(report.requests_saved)
    )
    if not report.refused_429:
        return made
    too_many = ngettext(
        "{n} of them was answered 429 (too many requests): is another program using the account?",
        "{n} of them were answered 429 (too many requests): is another program using the account?",
        report.refused_429,
    )
    return f"{made} {too_many.format(n=number(report.refused_429))}"


def show_counts(console: Console, counts: Mapping[RowStatus, int]) -> None:
    """How many rows became what, and what that means."""
    table = table_of("", "", "", number_first=True)
    for status in RowStatus:
        if counts.get(status):
            _add_status(table, status, counts[status])
    printed(console, table)


def show_error(console: Console, message: str, hint: str = "") -> None:
    """What went wrong, and what to do next."""
    shown = visible(message, lines=True)
    # Never broken at our width: a path or an address must survive being copied.
    console.print(Text.assemble((_("Error: "), "bold red"), shown), soft_wrap=True)
    for line in visible(hint, lines=True).splitlines():
        console.print(Text(f"  {line}"), soft_wrap=True)


def _not_used(unmapped: tuple[str, ...], limit: int = 12) -> str:
    names = ", ".join(clipped(name) or '""' for name in unmapped[:limit])
    template = ngettext(
        "Not used ({n} column): {names}", "Not used ({n} columns): {names}", n=len(unmapped)
    )
    dots = ", ..." if len(unmapped) > limit else ""
    return template.format(n=number(len(unmapped)), names=names + dots)


def _show_left_alone(console: Console, preview: PlanPreview) -> None:
    if preview.skipped:
        skipped = _("Skipped: {rows} ask for what was last applied (--since-last).")
        printed(console, Text(skipped.format(rows=rows_text(preview.skipped))))
    if preview.held:
        held = ngettext(
            "Held: {n} value that an undo put back (--release-undo RUN sends it again).",
            "Held: {n} values that an undo put back (--release-undo RUN sends them again).",
            preview.held,
        )
        printed(console, Text(held.format(n=number(preview.held))))


def _contacts_line(preview: PlanPreview) -> str:
    contacts = ngettext("{n} contact would change", "{n} contacts would change", preview.contacts)
    rows = _("asked for by {rows}").format(rows=rows_text(preview.rows))
    return f"{contacts.format(n=number(preview.contacts))} ({rows})"


def _consequences(preview: PlanPreview) -> str:
    webhooks = ngettext(
        "The account will fire {n} webhook.",
        "The account will fire {n} webhooks.",
        preview.webhooks,
    ).format(n=number(preview.webhooks))
    if preview.seconds is None:
        return webhooks
    about = _("Sending takes {time}.") if preview.seconds < 1 else _("Sending takes about {time}.")
    takes = about.format(time=duration(preview.seconds))
    if preview.slowed is not None and duration(preview.slowed) != duration(preview.seconds):
        slowed = _(
            "It takes about {time} if the account goes on answering 429, as it did just now."
        )
        takes = f"{takes} {slowed.format(time=duration(preview.slowed))}"
    return f"{webhooks} {takes}"


def field_text(name: FieldName, width: int = 60) -> str:
    """A field by the shortest of its spellings that users may write."""
    custom = name.startswith(CUSTOM_PREFIX)
    return clipped(CUSTOM_SHORT + name[len(CUSTOM_PREFIX) :] if custom else name, width)


def _owner_move(move: tuple[str, str]) -> str:
    old, new = (clipped(owner) or _("(nobody)") for owner in move)
    return f"{old} -> {new}"


def _show_tally(
    console: Console, title: str, tally: Tally[K], spell: Callable[[K], str], limit: int
) -> None:
    """The most frequent names and their counts, and how many changes have another."""
    top, rest = tally.top(limit)
    if not top:
        return
    heading(console, f"{title}: {number(tally.total)}")
    table = table_of("", "", number_first=True)
    for name, count in top:
        table.add_row(number(count), Text(spell(name)))
    if rest:
        table.add_row(number(rest), Text(_("others"), style="dim"))
    printed(console, table)


def _add_change(table: Table, change: ChangeResult) -> None:
    table.add_row(
        str(change.row),
        Text(clipped(change.name or change.key or change.uuid, 24)),
        Text(field_text(change.field, 30)),
        Text(shown_value(change.old), style="dim"),
        "->",
        Text(shown_value(change.new)),
    )


def _add_status(table: Table, status: RowStatus, count: int) -> None:
    style = "green" if status in _GOOD else "red" if status in PROBLEM_STATUSES else "yellow"
    table.add_row(number(count), Text(status.value, style=style), Text(status_meaning(status)))


def _exit_line(code: int) -> str:
    meaning = exit_meaning(code)
    return _("Exit code {code}: {meaning}.").format(code=code, meaning=meaning or _("see the help"))


def show_files(console: Console, files: Mapping[str, Path]) -> None:
    """The folder on a line of its own, unbroken so that it can be copied, then its files."""
    if not files:
        return
    folder = next(iter(files.values())).parent
    heading(console, _("Files in"))
    console.print(Text(f"  {visible(str(folder))}"), soft_wrap=True)
    table = table_of("", "")
    for name, path in files.items():
        table.add_row(Text(visible(path.name)), Text(file_meaning(name)))
    printed(console, table)


def table_of(*columns: str, number_first: bool = False) -> Table:
    """A table without lines; what is too long for its column is folded, never cut."""
    table = Table(box=None, show_header=any(columns), pad_edge=False, padding=(0, 2, 0, 0))
    for place, title in enumerate(columns):
        justify: JustifyMethod = "right" if number_first and not place else "left"
        table.add_column(Text(title, style="dim"), justify=justify, overflow="fold")
    return table


def heading(console: Console, title: str) -> None:
    """A title, with a blank line before it."""
    console.print()
    printed(console, Text(title, style="bold"))


def _more(console: Console, count: int, rest_in: str = "") -> None:
    """Say how many were not shown, and where they are."""
    if count <= 0:
        return
    if rest_in:
        line = _("and {n} more; see {place}").format(n=number(count), place=visible(rest_in))
    else:
        line = _("and {n} more").format(n=number(count))
    indented(console, Text(line, style="dim"))


def indented(console: Console, text: Text, depth: int = 2) -> None:
    """A line below a title."""
    printed(console, Padding(text, (0, 0, 0, depth), expand=False))


def printed(console: Console, content: Text | Table | Padding) -> None:
    """Print at the console's width: words wrap, longer ones fold."""
    if isinstance(content, Table):
        content = Padding(content, (0, 0, 0, 2), expand=False)
    console.print(content, overflow="fold")
