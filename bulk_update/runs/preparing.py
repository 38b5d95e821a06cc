"""From a file to rows that can be judged: read, map, survey. No network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bulk_update.account.channels import ChannelChoice, choose_channel
from bulk_update.language import _
from bulk_update.mapping import Mapping, MappingOptions, load_mapping_file, map_columns
from bulk_update.model import Account, Finding, FindingGroup
from bulk_update.reading import Sheet, open_sheet
from bulk_update.validation import FindingCollector, ValidationOptions, Validator

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A sheet that can be judged: mapped, and its whole-column questions answered."""

    sheet: Sheet
    mapping: Mapping
    validator: Validator

    @property
    def notices(self) -> tuple[Finding, ...]:
        """What is to be said of the sheet and the mapping as a whole, as far as it was read."""
        return (*self.sheet.findings, *self.mapping.findings, *self.validator.findings)


@contextmanager
def opened(job: Job) -> Iterator[Sheet]:
    """The job's sheet. Raises SheetError, SheetQuestion."""
    with open_sheet(job.file, job.read) as sheet:
        yield sheet


def prepare(job: Job, sheet: Sheet, schema: AccountSchema, interaction: Interaction) -> Prepared:
    """Map the columns, say what they mean, and look over the whole sheet once.

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
            file=load_mapping_file(job.mapping_file) if job.mapping_file else None,
            strict=settings.strict,
            tags_replace=settings.tags == "replace",
        ),
    )
    interaction.show_mapping(sheet, mapping)
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
    validator.survey(sheet.rows())
    if validator.repeats:
        validator.resolve(sheet.rows())
    return Prepared(sheet=sheet, mapping=mapping, validator=validator)


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
        "settings": _meaning(settings),
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _meaning(settings: Settings) -> dict[str, object]:
    """The flags that change what a cell means."""
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
        )
    }


def all_findings(prepared: Prepared, collector: FindingCollector) -> tuple[FindingGroup, ...]:
    """The findings of rows, grouped, and those about the sheet as a whole."""
    whole = tuple(FindingGroup(finding=each, rows=(), count=0) for each in prepared.notices)
    return (*collector.groups(), *whole)
