"""Runs that are over, for the eye: lists, one run, one row's story, one contact's history.

As in :mod:`~bulk_update.reporting.terminal`, values are made visible first and travel as
``Text``; 80 columns are enough, what is longer is folded, never cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console
from rich.text import Text

from bulk_update.language import _, ngettext, number
from bulk_update.model import PROBLEM_STATUSES, FieldName, Finding, Level, RowStatus, Value
from bulk_update.reporting.cells import value_text
from bulk_update.reporting.findings_screen import show_findings
from bulk_update.reporting.past import (
    AttemptTold,
    CellTold,
    ChangeTold,
    Explanation,
    FieldTold,
    Pruned,
    RunDetails,
    RunEntry,
)
from bulk_update.reporting.screen import rows_text, visible
from bulk_update.reporting.terminal import (
    field_text,
    heading,
    indented,
    printed,
    show_counts,
    show_files,
    table_of,
)
from bulk_update.reporting.wording import exit_meaning, status_meaning

_ALL: Final = 1_000_000
_LEVELS: Final = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}


# -- runs ------------------------------------------------------------------------------


def show_runs(console: Console, entries: Sequence[RunEntry], *, older: int = 0) -> None:
    """The runs, the newest first, a few lines each; ``older`` counts those not shown."""
    for entry in entries:
        _show_entry(console, entry)
    if older:
        line = ngettext(
            "and {n} older run; --all shows it", "and {n} older runs; --all shows them", older
        )
        printed(console, Text(line.format(n=number(older)), style="dim"))


def _show_entry(console: Console, entry: RunEntry) -> None:
    title = Text.assemble((entry.name, "bold"), f"  {entry.command}  {_local(entry.created_at)}")
    printed(console, title)
    for line in _entry_lines(entry):
        indented(console, Text(visible(line)))


def _entry_lines(entry: RunEntry) -> Iterable[str]:
    yield (
        entry.state_meaning
        if entry.exit_code is None
        else _("{state}, exit code {code}").format(state=entry.state_meaning, code=entry.exit_code)
    )
    account = entry.account.name or entry.account.user_email
    yield f"{account}  {entry.who}@{entry.host}  {Path(entry.file).name}"
    yield _counts_line(entry)
    yield from _references(entry)
    if entry.reason:
        yield _("Reason: {reason}").format(reason=entry.reason)


def _counts_line(entry: RunEntry) -> str:
    counted = ", ".join(
        f"{number(entry.counts[status])} {status.value}"
        for status in RowStatus
        if entry.counts.get(status)
    )
    rows = rows_text(entry.rows)
    return f"{rows}: {counted}" if counted else rows


def _references(entry: RunEntry) -> Iterable[str]:
    if entry.retry_of:
        yield _("Retry of run {run}").format(run=entry.retry_of)
    if entry.undoes:
        yield _("Undo of run {run}").format(run=entry.undoes)


def show_run(console: Console, details: RunDetails) -> None:
    """All of one run."""
    entry = details.entry
    heading(console, _("Run {run}").format(run=entry.name))
    table = table_of("", "")
    for label, text in _facts(details):
        table.add_row(Text(label, style="dim"), Text(visible(text)))
    printed(console, table)
    for title, settings in (
        (_("How the file was read"), details.reading),
        (_("What its cells mean"), details.meaning),
        (_("Flags"), details.flags),
        (_("Requests"), details.requests),
    ):
        _show_settings(console, title, settings)
    if details.mapping:
        heading(console, _("Mapping"))
        indented(console, Text(visible(details.mapping.strip(), lines=True)))
    heading(console, rows_text(entry.rows))
    show_counts(console, entry.counts)
    show_findings(console, details.findings, limit=None, rest_in="")


def _facts(details: RunDetails) -> Iterable[tuple[str, str]]:
    entry = details.entry
    account = entry.account
    yield _("command"), entry.command
    yield _("state"), entry.state_meaning
    yield from _end_facts(details)
    yield _("account"), f"{account.name or account.user_email}  {account.base_url}"
    yield _("who"), f"{entry.who}@{entry.host}"
    if entry.reason:
        yield _("reason"), entry.reason
    yield _("file"), entry.file
    yield "SHA-256", details.sha256
    yield _("binding"), details.binding
    times = (
        (_("begun"), entry.created_at),
        (_("plan made"), entry.planned_at),
        (_("ended"), entry.ended_at),
    )
    yield from ((label, _local(at)) for label, at in times if at is not None)
    for line in _references(entry):
        yield _("belongs to"), line


def _end_facts(details: RunDetails) -> Iterable[tuple[str, str]]:
    code = details.entry.exit_code
    if code is not None:
        yield _("exit code"), f"{code}: {exit_meaning(code)}"
    if details.error is not None:
        yield _("ended by"), details.error["message"]


def _show_settings(console: Console, title: str, settings: Mapping[str, object]) -> None:
    said = {name: value for name, value in settings.items() if value not in (None, False, "")}
    if not said:
        return
    heading(console, title)
    table = table_of("", "")
    for name, value in said.items():
        table.add_row(Text(visible(name), style="dim"), Text(visible(_setting(value))))
    printed(console, table)


def _setting(value: object) -> str:
    if value is True:
        return _("yes")
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def show_reported(console: Console, entry: RunEntry, files: Mapping[str, Path]) -> None:
    """Which run was reported again, what became of its rows, and where the files are."""
    _show_entry(console, entry)
    show_counts(console, entry.counts)
    show_files(console, files)


def show_pruned(console: Console, pruned: Pruned) -> None:
    """What went and what stayed, and how much room there is for it."""
    for name, why in pruned.kept:
        printed(console, Text(_("{run} stays: {why}").format(run=name, why=why)))
    if not pruned.names:
        printed(console, Text(_("Nothing was removed.")))
        return
    line = ngettext("{n} run removed", "{n} runs removed", len(pruned.names))
    copies = ngettext(
        "{rows}, and {n} copy of a file", "{rows}, and {n} copies of files", n=pruned.sources
    )
    gone = copies.format(rows=rows_text(pruned.rows), n=number(pruned.sources))
    printed(console, Text(f"{line.format(n=number(len(pruned.names)))}: {gone}."))
    room = (
        _("{size} given back to the disk.")
        if pruned.given_back
        else _("The room in the journal is used again by later runs.")
    )
    printed(console, Text(room.format(size=_bytes(pruned.freed))))


def _bytes(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else f"{count:,} B"  # noqa: PLR2004


# -- one row ---------------------------------------------------------------------------


def show_explanation(console: Console, told: Explanation) -> None:
    """One row, from its cells to what became of it."""
    heading(console, _("Row {row} of run {run}").format(row=told.row, run=told.run))
    style = "red" if told.status in PROBLEM_STATUSES else "green"
    status = Text.assemble((told.status.value, style), f": {status_meaning(told.status)}")
    indented(console, status)
    for text in (_named(told.code, told.message), told.hint):
        if text:
            indented(console, Text(visible(text, lines=True)))
    _show_cells(console, told.cells)
    for finding in told.findings:
        _show_finding(console, finding)
    _show_difference(console, told)
    _show_request(console, told)
    _show_attempts(console, told.attempts)
    _show_proof(console, told)


def _named(code: str, message: str) -> str:
    return f"{code}: {message}" if code and message else code or message


def _show_cells(console: Console, cells: Sequence[CellTold]) -> None:
    if not cells:
        return
    heading(console, _("Cells"))
    table = table_of(_("column"), _("cell"), "", _("means"), "", _("asks for"))
    for each in cells:
        if each.cell or each.asks or each.findings:
            table.add_row(*_cell(each))
    printed(console, table)
    blank = [each for each in cells if not (each.cell or each.asks or each.findings)]
    if blank:
        names = ", ".join(visible(each.column or each.target) for each in blank)
        line = _("Blank, so left as it is: {columns}").format(columns=names)
        indented(console, Text(line, style="dim"))
    for each in cells:
        for finding in each.findings:
            _show_finding(console, finding)


def _cell(told: CellTold) -> tuple[Text | str, ...]:
    column = _("(every row)") if told.column is None else told.column
    target = field_text(FieldName(told.target), _ALL) if told.target else _("(not used)")
    return (
        Text(visible(column)),
        Text(visible(told.cell, lines=True) or _("(blank)")),
        "->",
        Text(target),
        "->",
        Text(visible(told.asks, lines=True) or _("(nothing)")),
    )


def _show_finding(console: Console, finding: Finding) -> None:
    place = f"{visible(finding.column)}: " if finding.column else ""
    label = (f"{finding.code} ", _LEVELS[finding.level])
    indented(console, Text.assemble(label, place, visible(finding.message, lines=True)))
    if finding.hint:
        indented(console, Text(f"  {visible(finding.hint, lines=True)}"))


def _show_difference(console: Console, told: Explanation) -> None:
    if told.read_at is None:
        return
    heading(console, _("Contact {uuid}").format(uuid=told.uuid))
    read = _("{name}, read {at}").format(
        name=told.name or _("(no name)"), at=_local(told.read_at, seconds=True)
    )
    indented(console, Text(visible(read)))
    if len(told.rows) > 1:
        rows = ", ".join(map(str, told.rows))
        indented(console, Text(_("asked for by rows {rows} together").format(rows=rows)))
    if told.fields:
        _show_fields(console, told.fields)
    else:
        indented(console, Text(_("no difference: nothing to send")))
    if told.left:
        left = _("left alone, as --since-last asks: {fields}").format(
            fields=", ".join(field_text(each) for each in told.left)
        )
        indented(console, Text(visible(left)))


def _show_fields(console: Console, fields: Sequence[FieldTold]) -> None:
    table = table_of(_("field"), _("old"), "", _("new"))
    for each in fields:
        table.add_row(
            Text(field_text(each.field)), _value(each.old, style="dim"), "->", _value(each.new)
        )
    printed(console, table)


def _show_request(console: Console, told: Explanation) -> None:
    if told.request is None:
        return
    title = _("Request") if told.attempts else _("Request (not sent)")
    heading(console, title)
    indented(console, Text(f"PATCH {visible(told.request.path)}"))
    body = orjson.dumps(dict(told.request.body), option=orjson.OPT_INDENT_2).decode()
    indented(console, Text(visible(body, lines=True)))


def _show_attempts(console: Console, attempts: Sequence[AttemptTold]) -> None:
    if not attempts:
        return
    heading(console, _("Attempts"))
    table = table_of("", _("sent"), _("known"), _("outcome"), number_first=True)
    for each in attempts:
        known = _moment(each.answered_at) if each.answered_at else _("(never)")
        table.add_row(
            str(each.number),
            _moment(each.intent_at),
            known,
            each.outcome or _("(no answer seen)"),
        )
    printed(console, table)


def _show_proof(console: Console, told: Explanation) -> None:
    seen = [each for each in told.fields if each.is_seen]
    if told.http_status is None and not seen:
        return
    heading(console, _("Answer"))
    if told.http_status is not None:
        at = f"  {_local(told.at, seconds=True)}" if told.at else ""
        indented(console, Text(f"HTTP {told.http_status}{at}"))
    if not seen:
        return
    table = table_of(_("field"), _("asked"), _("the account shows"))
    for each in seen:
        table.add_row(Text(field_text(each.field)), _value(each.new), _value(each.seen))
    printed(console, table)


# -- one contact -----------------------------------------------------------------------


def show_history(console: Console, changes: Sequence[ChangeTold]) -> None:
    """What every run did to one contact (or several of one key), the oldest first."""
    for uuid in dict.fromkeys(each.uuid for each in changes):
        of_one = [each for each in changes if each.uuid == uuid]
        name = visible(of_one[-1].name or "")
        heading(console, _("Contact {uuid}  {name}").format(uuid=visible(uuid), name=name).rstrip())
        for each in of_one:
            _show_change(console, each)


def _show_change(console: Console, told: ChangeTold) -> None:
    title = Text.assemble(
        (_local(told.at), "bold"),
        f"  {told.status.value}  ",
        _("run {run}, row {row}").format(run=told.run, row=told.row),
    )
    printed(console, title)
    who = f"{told.command}  {told.who}@{told.host}  {told.account}"
    indented(console, Text(visible(who), style="dim"))
    if told.message:
        indented(console, Text(visible(_named(told.code, told.message), lines=True)))
    if told.fields:
        _show_fields(console, told.fields)


def _value(value: Value, style: str = "") -> Text:
    return Text(visible(value_text(value), lines=True) or _("(empty)"), style=style)


def _moment(at: datetime) -> str:
    """To the millisecond: requests follow each other fast."""
    local = at.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03}"


def _local(at: datetime, *, seconds: bool = False) -> str:
    """A time in the reader's own zone, with its offset."""
    local = at.astimezone()
    offset = local.strftime("%z")
    clock = local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    return f"{clock} {offset[:3]}:{offset[3:5]}"
