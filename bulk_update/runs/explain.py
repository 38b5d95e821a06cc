"""One row of one run: cell -> mapped -> typed -> difference -> request -> answers -> outcome.

The cells are judged again, as the run judged them: from the journal's copy of the sheet, by the
mapping, the schema and the settings that its record keeps. The rest is what the journal holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulk_update.applying.body import request_body
from bulk_update.applying.replacement import FACT, Semantics
from bulk_update.errors import UsageError
from bulk_update.language import _
from bulk_update.model import (
    Change,
    Desired,
    FieldName,
    Finding,
    RowStatus,
    SourceRow,
    Target,
    TargetKind,
    Verdict,
    Wish,
)
from bulk_update.planning.diff import TAGS
from bulk_update.planning.keys import phone_findings
from bulk_update.reading.own_files import OWN_COLUMNS
from bulk_update.reporting.cells import value_text
from bulk_update.reporting.past import (
    AttemptTold,
    CellTold,
    Explanation,
    FieldTold,
    RequestTold,
)
from bulk_update.runs.choosing import chosen_run
from bulk_update.runs.held import open_journal
from bulk_update.runs.saved_plan import sheet_of
from bulk_update.runs.session import FIELD_TYPES, kept_field_types, state_folder
from bulk_update.runs.team_names import TEAM, team_names, team_shown
from bulk_update.runs.understanding import Understanding

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunJournal
    from bulk_update.journal.one_row import StoredRow
    from bulk_update.mapping import Mapping as ColumnMapping
    from bulk_update.model import RowResult
    from bulk_update.reading import Sheet


def explain(settings: Settings, name: str, row: int) -> Explanation:
    """All that is known of sheet row ``row`` of the run called ``name``.

    Raises UsageError for a run or a row that there is not, StorageError.
    """
    with open_journal(state_folder(settings)) as journal:
        run = chosen_run(journal, name)
        result = run.results.row(row)
        if result is None:
            raise _unknown_row(run, row)
        teams = team_names(run.record, journal)
        again = _read_again(settings, journal, run, row, teams)
        return _explanation(journal, run, result, again, teams)


def _unknown_row(run: RunJournal, row: int) -> UsageError:
    bounds = run.one_row.bounds()
    hint = (
        _("The run has no rows.")
        if bounds is None
        else _("It has rows from {first} to {last}, as a spreadsheet program numbers them.").format(
            first=bounds[0], last=bounds[1]
        )
    )
    return UsageError(
        _("run {run} has no row {row}").format(run=run.record.name, row=row),
        hint=hint,
        code="unknown_row",
    )


# -- the cells -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judged:
    """A row of the sheet, how it was mapped, and what was made of it."""

    sheet: Sheet
    source: SourceRow
    mapping: ColumnMapping
    verdict: Verdict
    teams: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _ReadAgain:
    """The cells of the row, its findings that are about no single cell, and what it asks."""

    cells: tuple[CellTold, ...] = ()
    findings: tuple[Finding, ...] = ()
    desired: Desired | None = None


def _read_again(
    settings: Settings, journal: Journal, run: RunJournal, row: int, teams: Mapping[str, str]
) -> _ReadAgain:
    with sheet_of(run.record, journal) as sheet:
        source = next((each for each in sheet.rows() if each.row >= row), None)
        if source is None or source.row != row:
            return _ReadAgain()
        understood = Understanding.of(settings, run.record, journal, sheet)
        if understood is None:
            return _ReadAgain(tuple(_unjudged(sheet.header, source)), source.findings)
        prepared = understood.prepared
        verdict = next(iter(prepared.validator.judge([source])))
        judged = _Judged(sheet, source, prepared.mapping, verdict, teams)
        return _ReadAgain(tuple(_told(judged)), tuple(_of_the_row(judged)), verdict.desired)


def _unjudged(header: Sequence[str], source: SourceRow) -> Iterator[CellTold]:
    for column, cell in zip(header, source.cells, strict=True):
        if cell:
            yield CellTold(column=column, cell=cell, target="")


def _told(judged: _Judged) -> Iterator[CellTold]:
    desired, findings = judged.verdict.desired, judged.verdict.findings
    mapped = {column.index: column for column in judged.mapping.columns}
    for index, (header, cell) in enumerate(
        zip(judged.sheet.header, judged.source.cells, strict=True)
    ):
        column = mapped.get(index)
        if column is not None:
            yield CellTold(
                column=header,
                cell=cell,
                target=str(column.target),
                asks=_shown(column.target, _asks(column.target, cell, desired), judged.teams),
                findings=tuple(each for each in findings if each.column == header),
            )
        elif cell and header not in OWN_COLUMNS:
            yield CellTold(column=header, cell=cell, target="")
    for target, value in judged.mapping.constants:
        asks = _shown(target, _asks(target, value, desired), judged.teams)
        yield CellTold(column=None, cell=value, target=str(target), asks=asks)


def _shown(target: Target, asked: str, teams: Mapping[str, str]) -> str:
    """What a cell asks for, with a team's name in place of its uuid."""
    return teams.get(asked, asked) if target.kind is TargetKind.TEAM else asked


def _of_the_row(judged: _Judged) -> Iterator[Finding]:
    headers = {column.header for column in judged.mapping.columns}
    yield from (each for each in judged.verdict.findings if each.column not in headers)


def _asks(  # noqa: PLR0911 - one for each kind
    target: Target, cell: str, desired: Desired | None
) -> str:
    """What a cell asks for, spelled for people; ``""`` where it asks nothing."""
    if desired is None or not cell.strip():
        return "" if desired is None else _of_blank(target, desired)
    if target.was:
        return _wished(target, desired.was)
    match target.kind:
        case TargetKind.UUID:
            return desired.keys.uuid
        case TargetKind.BSUID:
            return desired.keys.bsuid
        case TargetKind.PHONE:
            return ", ".join(desired.keys.phones)
        case TargetKind.TAGS | TargetKind.TAGS_REMOVE | TargetKind.TAGS_REPLACE:
            return _tags(desired)
        case TargetKind.CUSTOM_FIELDS:
            return "; ".join(f"{each.field} = {_spelled(each)}" for each in desired.wishes)
        case TargetKind.UNASSIGN_USER:
            return _wished(Target(TargetKind.ASSIGNED_USER), desired.wishes)
    return _wished(target, desired.wishes)


def _of_blank(target: Target, desired: Desired) -> str:
    """A blank cell asks something only where its column clears."""
    wished = _wished(target, desired.wishes) if not target.was and not target.is_key else ""
    return wished if wished == _("(empty)") else ""


def _wished(target: Target, wishes: Sequence[Wish]) -> str:
    return next((_spelled(each) for each in wishes if each.field == target.field), "")


def _spelled(wish: Wish) -> str:
    return value_text(wish.value) or _("(empty)")


def _tags(desired: Desired) -> str:
    edit = desired.tags
    if edit is None:
        return ""
    if edit.replace is not None:
        return _("exactly {tags}").format(tags=value_text(edit.replace) or _("none"))
    return "; ".join([*(f"+{tag}" for tag in edit.add), *(f"-{tag}" for tag in edit.remove)])


# -- what the journal holds ------------------------------------------------------------


def _explanation(
    journal: Journal,
    run: RunJournal,
    result: RowResult,
    again: _ReadAgain,
    teams: Mapping[str, str],
) -> Explanation:
    stored = run.one_row.stored(result.row)
    change = None if stored is None else stored.change.change
    phone = (
        ()
        if again.desired is None or change is None
        else phone_findings(again.desired.keys, change.before)
    )
    return Explanation(
        run=run.record.name,
        row=result.row,
        key=result.key,
        uuid=result.uuid,
        status=result.status,
        code=result.code,
        message=result.message,
        hint=result.hint,
        cells=again.cells,
        findings=(*again.findings, *phone),
        rows=() if change is None else change.rows,
        name=None if change is None else change.before.name,
        read_at=None if change is None else change.read_at,
        fields=() if stored is None else tuple(_fields(stored, teams)),
        left=() if change is None else tuple(_left(result, again.desired, change)),
        request=None if stored is None else _request(journal, run, stored),
        attempts=() if stored is None else tuple(_attempts(stored)),
        http_status=result.http_status,
        at=result.at,
    )


def _fields(stored: StoredRow, teams: Mapping[str, str]) -> Iterator[FieldTold]:
    for each in stored.change.change.fields:
        seen = stored.seen.value(each.field) if stored.seen is not None else None
        old, new, seen = (
            team_shown(value, teams) if each.field == TEAM else value
            for value in (each.old, each.new, seen)
        )
        yield FieldTold(
            field=each.field, old=old, new=new, seen=seen, is_seen=stored.seen is not None
        )


def _left(result: RowResult, desired: Desired | None, change: Change) -> Iterator[FieldName]:
    """What the row asks for and the change does not bear: but for rows that disagree, only
    ``--since-last`` leaves out any."""
    if desired is None or result.status is RowStatus.DUPLICATE:
        return
    borne = {each.field for each in change.wishes}
    yield from (each.field for each in desired.wishes if each.field not in borne)
    if desired.tags is not None and change.tags is None:
        yield TAGS


def _request(journal: Journal, run: RunJournal, stored: StoredRow) -> RequestTold | None:
    """The body by what is known of the account now: whole objects where it replaces."""
    change = stored.change.change
    if not change.fields:
        return None
    whole = journal.fact(run.record.account, FACT) == Semantics.REPLACE
    types = kept_field_types(run.record.settings.get(FIELD_TYPES))
    return RequestTold(
        path=f"/contacts/{change.uuid}", body=request_body(change, whole_object=whole, types=types)
    )


def _attempts(stored: StoredRow) -> Iterator[AttemptTold]:
    for each in stored.attempts:
        yield AttemptTold(
            number=each.number,
            intent_at=each.intent_at,
            answered_at=each.answered_at,
            outcome="" if each.outcome is None else each.outcome.value,
        )
