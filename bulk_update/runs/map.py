"""Propose what the columns mean, let a person answer, save the mapping."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.language import _
from bulk_update.mapping import (
    Accept,
    MappingOptions,
    Proposal,
    ProposedColumn,
    load_mapping_file,
    propose,
    save_mapping,
)
from bulk_update.model import Target
from bulk_update.runs.preparing import opened

if TYPE_CHECKING:
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job

SAMPLE_ROWS: Final = 200
_SKIP: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapResult:
    """The proposal, and the file it was saved to, where it was."""

    proposal: Proposal
    saved: Path | None = None


async def map_file(
    job: Job, interaction: Interaction, *, accept: str | None, force: bool
) -> MapResult:
    """Propose a mapping for the job's sheet; save it when somebody accepted it.

    ``accept`` is ``exact`` or ``near``; without it a terminal is asked, and elsewhere nothing is
    saved. ``force`` replaces a file that is there. Raises SheetError, and ConfigError for a file
    that is there already.
    """
    with opened(job) as sheet:
        fields = await _field_names(job, interaction)
        proposal = propose(
            sheet.header,
            (row.cells for row in islice(sheet.rows(), SAMPLE_ROWS)),
            fields=fields,
            options=_options(job),
        )
        interaction.show_proposal(proposal)
        level = Accept(accept) if accept else _asked(interaction)
        if level is None:
            return MapResult(proposal=proposal)
        if accept is None:
            proposal = _answered(proposal, interaction)
    path = job.output or Path(f"{job.file}.map.toml")
    save_mapping(proposal.accepted(level), path, overwrite=force)
    return MapResult(proposal=proposal, saved=path)


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
        from bulk_update.account.schema_file import load_schema

        return tuple(load_schema(path).fields)
    if settings.token is None and not settings.sandbox:
        interaction.note(_("No token and no --schema: custom fields are not known by name."))
        return ()
    from bulk_update.runs.session import account_schema, open_session

    async with open_session(settings, interaction) as session:
        return tuple((await account_schema(session, interaction)).fields)


def _asked(interaction: Interaction) -> Accept | None:
    return Accept.EXACT if interaction.can_ask else None


def _answered(proposal: Proposal, interaction: Interaction) -> Proposal:
    """Ask about every column that is not certain."""
    for column in proposal.columns:
        if column.taken(Accept.EXACT) or column.skipped:
            continue
        proposal = _answer(proposal, column, interaction)
    return proposal


def _answer(proposal: Proposal, column: ProposedColumn, interaction: Interaction) -> Proposal:
    # Two columns with a claim to one target: whoever just presses Enter takes neither.
    unclear = column.contested or column.target is None
    default = _SKIP if unclear else str(column.target)
    question = _('"{column}" ({samples}): which target? Enter for {default}, - to skip').format(
        column=column.header,
        samples=", ".join(column.samples) or _("no values"),
        default=default,
    )
    while True:
        answer = interaction.ask(question).strip() or default
        if answer == _SKIP:
            return proposal.skipping(column.index)
        try:
            return proposal.answered(column.index, Target.parse(answer))
        except ValueError:
            interaction.note(_("{answer}: no such target").format(answer=answer))
