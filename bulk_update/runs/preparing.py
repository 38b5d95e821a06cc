"""From a file to rows that can be judged: read, map, survey. No network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dict
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bulk_update.account.channels import ChannelChoice, choose_channel
from bulk_update.language import _
from bulk_update.mapping import (
    Mapping,
    MappingFile,
    MappingOptions,
    load_mapping_file,
    map_columns,
)
from bulk_update.model import Account, Finding, FindingGroup, SourceRow
from bulk_update.reading import Sheet, open_sheet
from bulk_update.validation import FindingCollector, ValidationOptions, Validator

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job
    from bulk_update.runs.passes import Passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A sheet that can be judged: mapped, and its whole-column questions answered.

    ``chosen`` gives the numbers of the rows that are asked for, ascending, afresh at every call;
    whole columns are still understood by all rows of the sheet.
    """

    sheet: Sheet
    mapping: Mapping
    validator: Validator
    chosen: Callable[[], Iterator[int]] | None = None

    def rows(self) -> Iterator[SourceRow]:
        """The rows that are asked for: all of the sheet, or the chosen ones of them."""
        if self.chosen is None:
            return self.sheet.rows()
        return _chosen(self.sheet.rows(), self.chosen())

    @property
    def expected(self) -> int:
        """How many rows will be looked up, at the most."""
        if self.chosen is None:
            return self.validator.keyed
        return sum(1 for _each in self.chosen())

    @property
    def notices(self) -> tuple[Finding, ...]:
        """What is to be said of the sheet and the mapping as a whole, as far as it was read."""
        return (*self.sheet.findings, *self.mapping.findings, *self.validator.findings)


def _chosen(rows: Iterator[SourceRow], numbers: Iterator[int]) -> Iterator[SourceRow]:
    wanted = next(numbers, None)
    for row in rows:
        while wanted is not None and wanted < row.row:
            wanted = next(numbers, None)
        if wanted is None:
            return
        if wanted == row.row:
            yield row


@contextmanager
def opened(job: Job) -> Iterator[Sheet]:
    """The job's sheet. Raises SheetError, SheetQuestion."""
    with open_sheet(job.file, job.read) as sheet:
        yield sheet


def prepare(
    job: Job,
    sheet: Sheet,
    schema: AccountSchema,
    interaction: Interaction,
    *,
    passes: Passes | None = None,
) -> Prepared:
    """Map the columns, say what they mean, and look over the whole sheet once; several processes
    do that where ``passes`` are given.

    Raises SheetError and SheetQuestion with everything that is wrong with the mapping, and
    ConfigError for a bad mapping file.
    """
    settings = job.settings
    mapping = map_columns(
        sheet.header,
        fields=tuple(schema.fields),
        options=MappingOptions(
            columns=job.columns,
            constants=job.constants,
            skip=job.skip,
            file=_mapping_file(job),
            strict=settings.strict,
            tags_replace=settings.tags == "replace",
            answers=_answers(job, sheet),
        ),
    )
    interaction.show_mapping(sheet, mapping)
    return surveyed(settings, sheet, mapping, schema, passes=passes)


def surveyed(
    settings: Settings,
    sheet: Sheet,
    mapping: Mapping,
    schema: AccountSchema,
    *,
    passes: Passes | None = None,
) -> Prepared:
    """Look over the whole sheet once, so that every row of it can be judged. Raises
    SheetQuestion when only a flag can answer what it asks."""
    validator = Validator(
        mapping,
        schema,
        ValidationOptions(
            date_format=settings.date_format,
            decimal=settings.decimal,
            region=settings.region,
            strict=settings.strict,
            fix=settings.fix == "safe",
        ),
        date_1904=sheet.date_1904,
    )
    if passes:
        passes.survey(validator)
    else:
        validator.survey(sheet.chunks())
    if validator.repeats:
        validator.resolve(sheet.chunks())
    return Prepared(sheet=sheet, mapping=mapping, validator=validator)


def _answers(job: Job, sheet: Sheet) -> Dict[str, Dict[str, str]]:
    """The answers of a workbook that was given back; a mapping that a run kept has them."""
    return {} if job.mapping is not None else sheet.answers


def _mapping_file(job: Job) -> MappingFile | None:
    if job.mapping is not None:
        return job.mapping
    return load_mapping_file(job.mapping_file) if job.mapping_file else None


def chosen_channel(
    settings: Settings, schema: AccountSchema, interaction: Interaction
) -> ChannelChoice:
    """What ``--channel`` means among the channels of the schema; a uuid that nobody has seen
    is taken all the same, and said. Raises UsageError for a name that is unknown."""
    choice = choose_channel(settings.channel, schema.channels)
    if not choice.seen:
        interaction.note(
            _(
                "No contact read so far is on the channel {uuid}; phones are looked up there."
            ).format(uuid=choice.channel)
        )
    return choice


def binding(job: Job, prepared: Prepared, account: Account) -> str:
    """A hash of file, mapping, meaning and account: only the same is the same job."""
    settings = job.settings
    meaning = {
        "file": prepared.sheet.sha256,
        "read": asdict(job.read),
        "mapping": prepared.mapping.digest,
        "account": account.key,
        "settings": meaning_of(settings),
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def meaning_of(settings: Settings) -> dict[str, object]:
    """The settings that change what a cell means, or asks for, wherever each came from."""
    return {
        name: getattr(settings, name)
        for name in (
            "encoding",
            "delimiter",
            "hidden",
            "date_format",
            "decimal",
            "region",
            "channel",
            "tags",
            "strict",
            "fix",
            "since_last",
            "release_undo",
        )
    }


def all_findings(prepared: Prepared, collector: FindingCollector) -> tuple[FindingGroup, ...]:
    """The findings of rows, grouped, and those about the sheet as a whole."""
    return (*collector.groups(), *of_no_row(prepared.notices))


def of_no_row(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Findings that are about no row, each as a group of its own."""
    return tuple(FindingGroup(finding=each, rows=(), count=0) for each in findings)
