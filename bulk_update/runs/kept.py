"""What a run's record keeps beside who, when and which file: all that reading, reporting and
planning the same rows again needs, so that none of it ever needs a file of the user's.

======================  ==================================================================
name in ``settings``    what it holds
======================  ==================================================================
(reading)               how the source was read: the fields of ``ReadOptions``, as found
``field_types``         the types of the custom fields, for reading contacts again
``flags``               the settings that were given as flags
``meaning``             the settings that say what a cell means, wherever they came from
``mapping``             the mapping as it was, the text of a mapping file
``schema_sha256``       which source of the journal holds the schema the rows were judged by
``reported``            what the last reports said that no table holds: :class:`Reported`
``retry_of``            the run whose rows this one takes again
``undoes``              the run that this one puts back
``undo_only``           the targets that it puts back, all where there are none
``undo_rows``           the range of sheet rows that it puts back, or null
``by_canary``           true for an undo of the canary's own changes, which nobody asked for
``canary``              which changes went first, and what came of it: :class:`KeptCanary`
======================  ==================================================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bulk_update.account.schema_reading import parse_schema
from bulk_update.mapping import MappingFile
from bulk_update.mapping.loading import parse_mapping_file
from bulk_update.runs.job import FLAGS

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunRecord
    from bulk_update.mapping import Mapping as ColumnMapping

MAPPING: Final = "mapping"
MEANING: Final = "meaning"
SCHEMA: Final = "schema_sha256"
REPORTED: Final = "reported"
RETRY_OF: Final = "retry_of"
UNDOES: Final = "undoes"
UNDO_ONLY: Final = "undo_only"
UNDO_ROWS: Final = "undo_rows"
BY_CANARY: Final = "by_canary"
CANARY: Final = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the last reports of a run said: the command that wrote them, the requests it made,
    those that reading the account page by page saved, those that were answered 429, the rows by
    status, the most requests a second that were allowed, and the error entry where one ended it."""

    command: str
    requests: Mapping[str, int] = field(default_factory=dict)
    saved_by_listing: int = 0
    refused_429: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    rate: float | None = None
    error: Mapping[str, str] | None = None

    def as_settings(self) -> dict[str, object]:
        """As the record keeps it."""
        return {REPORTED: asdict(self)}


def kept_mapping(mapping: ColumnMapping) -> str:
    """The mapping as the text of a mapping file that gives it again, whatever fields the account
    has by then: what was left unmapped is skipped."""
    # Only here: to read what is kept takes nothing that writes TOML.
    from bulk_update.mapping.saving import mapping_text

    file = mapping.as_file()
    skipped = dict.fromkeys((*file.skip, *mapping.unmapped))
    return mapping_text(replace(file, skip=tuple(skipped)))


def kept_schema(schema: AccountSchema) -> tuple[bytes, str]:
    """The schema as the journal keeps it, and its name there."""
    from bulk_update.account.schema_writing import schema_text

    content = schema_text(schema).encode()
    return content, hashlib.sha256(content).hexdigest()


def mapping_of(record: RunRecord) -> MappingFile | None:
    """The mapping the run was planned with."""
    text = record.settings.get(MAPPING)
    return parse_mapping_file(text, path=record.name) if isinstance(text, str) else None


def schema_of(record: RunRecord, journal: Journal) -> AccountSchema | None:
    """The schema the run's rows were judged by."""
    text = schema_text_of(record, journal)
    return None if text is None else parse_schema(text, record.name)


def schema_text_of(record: RunRecord, journal: Journal) -> str | None:
    """The same as the text of a schema's file."""
    name = record.settings.get(SCHEMA)
    return journal.source(name).decode() if isinstance(name, str) else None


def flags_of(record: RunRecord) -> Mapping[str, object]:
    """The settings that were given to the run as flags; not where its journal was then, which
    journals of earlier versions keep too."""
    return {name: given for name, given in _table(record, FLAGS).items() if name != "state_dir"}


def meaning_kept(record: RunRecord) -> Mapping[str, object]:
    """The settings that said what a cell meant to the run."""
    return _table(record, MEANING)


def with_meaning(settings: Settings, record: RunRecord) -> Settings:
    """``settings``, in which a cell means what it meant to the run."""
    return settings.model_copy(update=dict(meaning_kept(record)))


def reported_of(record: RunRecord) -> Reported | None:
    """What the last reports of the run said, if it came to any."""
    from msgspec import convert

    kept = _table(record, REPORTED)
    return convert(kept, Reported) if kept else None


def referred(record: RunRecord, setting: str) -> str:
    """The run that ``setting`` (``RETRY_OF``, ``UNDOES``) names; ``""`` where it names none."""
    name = record.settings.get(setting)
    return name if isinstance(name, str) else ""


def _table(record: RunRecord, name: str) -> Mapping[str, object]:
    kept = record.settings.get(name)
    return kept if isinstance(kept, Mapping) else {}
