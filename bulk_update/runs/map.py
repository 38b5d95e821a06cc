"""Propose what the columns mean, let a person answer, save the mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.errors import UsageError
from bulk_update.language import _, ngettext
from bulk_update.mapping import (
    Accept,
    MappingOptions,
    Proposal,
    ProposedColumn,
    load_mapping_file,
    propose,
)
from bulk_update.mapping.amending import add_values, with_values
from bulk_update.mapping.names import FieldNames
from bulk_update.mapping.saving import save_mapping
from bulk_update.mapping.targets import (
    near_field,
    possible_targets,
    recognise,
    short,
    suggestion,
)
from bulk_update.model import Finding, FindingGroup, Level, Target
from bulk_update.reading import ReadOptions, open_sheet
from bulk_update.runs.preparing import of_no_row, opened

if TYPE_CHECKING:
    from bulk_update.reading import Sheet
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job

SAMPLE_ROWS: Final = 200
"""Rows whose cells a proposal looks at."""

_SKIP: Final = "-"
"""The answer that leaves a column out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapResult:
    """The proposal (None where a file that was there got more values), what was found in the
    sheet as a whole, the file the proposal was saved to, where it was, how many columns that file
    leaves as questions, and how many values it got."""

    proposal: Proposal | None
    of_sheet: tuple[FindingGroup, ...] = ()
    saved: Path | None = None
    open_questions: int = 0
    values: int = 0

    @property
    def findings(self) -> tuple[FindingGroup, ...]:
        """What the document of ``--json`` tells: what was found in the sheet as a whole, and what
        was proposed, a column each. The ``value`` of a proposal is the target, null where nothing
        is like the column."""
        columns = self.proposal.columns if self.proposal else ()
        return (*self.of_sheet, *of_no_row(map(_finding, columns)))


async def map_file(
    job: Job,
    interaction: Interaction,
    *,
    accept: str | None,
    force: bool,
    mended: Path | None = None,
) -> MapResult:
    """Propose a mapping for the job's sheet; save it when somebody accepted it.

    ``accept`` is ``exact`` or ``near``; without it a terminal is asked, and elsewhere nothing is
    saved. ``force`` replaces a file that is there. ``mended`` is a workbook whose sheet of values
    was answered: the answers go into the mapping, into a file that is there as well. Raises
    SheetError, and UsageError for a file that is there already or a terminal that ends before the
    questions do.
    """
    path = job.output or Path(f"{'stdin' if job.file == '-' else job.file}.map.toml")
    answers = answers_in(mended) if mended else {}
    if mended and path.exists() and not force:
        add_values(path, answers)
        return MapResult(proposal=None, saved=path, values=_count(answers))
    if mended and not accept and not interaction.can_ask:
        accept = Accept.EXACT  # who brings answers wants them saved
    with opened(job) as sheet:
        if accept or interaction.can_ask:
            _require_free(path, force=force)
        fields = await _field_names(job, interaction)
        proposal = _proposed(job, sheet, fields)
        result = MapResult(proposal=proposal, of_sheet=of_no_row(sheet.findings))
        interaction.show_proposal(proposal)
        interaction.show_findings(result.of_sheet, "")
        agreed = _agreed(proposal, fields, accept, interaction)
    if agreed is None:
        return result
    proposal, level = agreed
    file = with_values(proposal.accepted(level), answers)
    save_mapping(file, path, overwrite=force)
    return replace(
        result,
        proposal=proposal,
        saved=path,
        open_questions=len(file.notes),
        values=_count(answers),
    )


def _proposed(job: Job, sheet: Sheet, fields: tuple[str, ...]) -> Proposal:
    return propose(
        sheet.header,
        (row.cells for row in islice(sheet.rows(), SAMPLE_ROWS)),
        fields=fields,
        options=_options(job),
    )


def _agreed(
    proposal: Proposal, fields: tuple[str, ...], accept: str | None, interaction: Interaction
) -> tuple[Proposal, Accept] | None:
    """What is to be saved of a proposal, after what a terminal answered; None for nothing."""
    if accept:
        return proposal, Accept(accept)
    if not interaction.can_ask:
        return None
    return _answered(proposal, FieldNames(fields), interaction), Accept.EXACT


def answers_in(path: Path) -> Mapping[str, Mapping[str, str]]:
    """What was answered in a workbook that was given back. Raises SheetError, and UsageError for
    a file without one answer."""
    with open_sheet(str(path), ReadOptions(hidden="include")) as sheet:
        answers = {column: found for column, found in sheet.answers.items() if found}
    if not answers:
        raise UsageError(
            _("{path} has no answers").format(path=path),
            hint=_("Give an annotated.xlsx in whose last sheet somebody answered values."),
            code="no_answers",
        )
    return answers


def _count(answers: Mapping[str, Mapping[str, str]]) -> int:
    return sum(map(len, answers.values()))


def _require_free(path: Path, *, force: bool) -> None:
    """Before anybody answers questions: what they say would be lost."""
    if path.exists() and not force:
        raise UsageError(
            _("{path} is there already, and is left as it is").format(path=path),
            hint=_("Replace it with --force, or name another file with -o."),
            code="file_exists",
        )


def said_of(result: MapResult) -> list[str]:
    """What became of it, in words."""
    if result.saved is None:
        return [_("Nothing was saved; give --accept exact or --accept near.")]
    lines = [_("Saved as {path}").format(path=result.saved)]
    if n := result.values:
        text = ngettext(
            "{n} value is read as another now.", "{n} values are read as others now.", n
        )
        lines.append(text.format(n=n))
    if n := result.open_questions:
        text = ngettext(
            "{n} column is left out: the file says why, as a comment. Complete it there.",
            "{n} columns are left out: the file says why, as comments. Complete them there.",
            n,
        )
        lines.append(text.format(n=n))
    return lines


def _finding(column: ProposedColumn) -> Finding:
    return Finding(
        code="proposal",
        level=Level.INFO,
        column=column.header,
        value=None if column.target is None else short(column.target),
        message=column.reason or _("nothing is like it"),
    )


def _options(job: Job) -> MappingOptions:
    return MappingOptions(
        columns=job.columns,
        constants=job.constants,
        skip=job.skip,
        file=load_mapping_file(job.mapping_file) if job.mapping_file else None,
    )


async def _field_names(job: Job, interaction: Interaction) -> tuple[str, ...]:
    """The account's custom fields, where it can be asked: without, only API names are known."""
    path, settings = job.settings.schema_path, job.settings
    if path is not None:
        from bulk_update.account.schema_reading import load_schema

        return tuple(load_schema(path).fields)
    if settings.token is None and not settings.sandbox:
        interaction.note(_("No token and no --schema: custom fields are not known by name."))
        return ()
    from bulk_update.runs.session import account_schema, open_session

    async with open_session(settings, interaction) as session:
        return tuple((await account_schema(session, interaction)).fields)


def _answered(proposal: Proposal, fields: FieldNames, interaction: Interaction) -> Proposal:
    """Ask about every column that is not certain."""
    unsure = [
        number
        for number, column in enumerate(proposal.columns)
        if not (column.taken(Accept.EXACT) or column.skipped)
    ]
    for number in unsure:
        # As it is by now: an answer may have settled which of two columns has a target.
        proposal = _answer(proposal, proposal.columns[number], fields, interaction)
    return proposal


def _answer(
    proposal: Proposal, column: ProposedColumn, fields: FieldNames, interaction: Interaction
) -> Proposal:
    # Two columns with a claim to one target: whoever just presses Enter takes neither.
    unclear = column.contested or column.choices or column.target is None
    default = _SKIP if unclear or column.target is None else short(column.target)
    question = _('"{column}" ({samples}): which target? Enter for {default}, - to skip').format(
        column=column.header,
        samples=", ".join(column.samples) or _("no values"),
        default=default,
    )
    while True:
        answer = interaction.ask(question)
        if not answer.endswith("\n"):
            raise UsageError(_("the questions were not answered; nothing was saved"))
        text = answer.strip() or default
        if text == _SKIP:
            return proposal.skipping(column.index)
        if target := _target(text, fields, interaction):
            return proposal.answered(column.index, target)


def _target(answer: str, fields: FieldNames, interaction: Interaction) -> Target | None:
    """The target that the answer names; None, and why, where it is to be asked again."""
    known = recognise(answer, fields)
    if known is None:
        meant = suggestion(answer, fields)
        interaction.note(
            _("{answer}: no such target; did you mean {target}?").format(
                answer=answer, target=short(meant)
            )
            if meant
            else _("{answer}: no such target; targets are {targets}").format(
                answer=answer, targets=possible_targets()
            )
        )
        return None
    if known.choices:
        names = ", ".join(f"cf:{name}" for name in known.choices)
        interaction.note(_("{answer}: which of {names}?").format(answer=answer, names=names))
        return None
    return _seen(known.target, fields, interaction)


def _seen(target: Target, fields: FieldNames, interaction: Interaction) -> Target | None:
    """The target, unless it is a custom field that nearly is one the account has."""
    if not target.custom or not fields.folded or fields.match(target.custom):
        return target
    if near := near_field(target.custom, fields):
        interaction.note(
            _("no contact read so far has the field {name}; did you mean cf:{near}?").format(
                name=target.custom, near=near
            )
        )
        return None
    interaction.note(_("no contact read so far has the field {name}").format(name=target.custom))
    return target
