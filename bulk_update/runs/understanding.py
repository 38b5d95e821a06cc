"""The sheet of a run as the run understood it: from the journal alone, at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_update.errors import BulkUpdateError, StorageError
from bulk_update.language import _
from bulk_update.mapping import MappingOptions, map_columns
from bulk_update.reporting.report import ColumnMeaning, Mending
from bulk_update.runs.kept import mapping_of, schema_of, with_meaning
from bulk_update.runs.preparing import Prepared, surveyed
from bulk_update.validation import possible_values

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunRecord
    from bulk_update.mapping import Mapping as ColumnMapping
    from bulk_update.mapping import MappingFile
    from bulk_update.model import Verdict
    from bulk_update.reading import Sheet


@dataclass
class Understanding:
    """How a run understood ``sheet``, which is the journal's copy: by the mapping, the schema and
    the meaning that its record keeps."""

    settings: Settings
    sheet: Sheet
    file: MappingFile
    schema: AccountSchema

    @classmethod
    def of(
        cls, settings: Settings, record: RunRecord, journal: Journal, sheet: Sheet
    ) -> Understanding | None:
        """That of a run; None for one that asked nothing of its cells (an undo)."""
        file, schema = mapping_of(record), schema_of(record, journal)
        if file is None or schema is None:
            return None
        return cls(with_meaning(settings, record), sheet, file, schema)

    @cached_property
    def mapping(self) -> ColumnMapping:
        """What the columns mean."""
        options = MappingOptions(
            file=self.file,
            strict=self.settings.strict,
            tags_replace=self.settings.tags == "replace",
        )
        fields = tuple(self.schema.fields)
        return map_columns(self.sheet.header, fields=fields, options=options)

    @cached_property
    def prepared(self) -> Prepared:
        """The sheet, ready to be judged."""
        return surveyed(self.settings, self.sheet, self.mapping, self.schema)

    def judged(self) -> Iterator[Verdict]:
        """What there is to say of each row. Raises StorageError: what is wrong with the journal's
        copy is no fault of a file of the user's."""
        try:
            yield from self.prepared.validator.judge(self.sheet.rows(), build=False)
        except StorageError:
            raise
        except BulkUpdateError as error:
            raise StorageError(
                _("the journal's copy of the sheet can't be judged again: {reason}").format(
                    reason=error.message
                ),
                hint=_("`bulk-update report RUN` writes the reports again."),
                code="source_unreadable",
            ) from error


def meanings_of(mapping: ColumnMapping, schema: AccountSchema) -> Mapping[str, ColumnMeaning]:
    """What the columns mean and what they may hold, by header."""
    return {
        column.header: ColumnMeaning(str(column.target), possible_values(column.target, schema))
        for column in mapping.columns
    }


def mending_of(
    settings: Settings, record: RunRecord, journal: Journal, sheet: Sheet
) -> Mending | None:
    """What the workbook of a run needs, so that its rows can be mended; None after an undo."""
    if mapping_of(record) is None:
        return None

    def understood() -> Understanding | None:
        return Understanding.of(settings, record, journal, sheet)

    def judged() -> Iterator[Verdict]:
        again = understood()
        return again.judged() if again else iter(())

    def meanings() -> Mapping[str, ColumnMeaning]:
        again = understood()
        return meanings_of(again.mapping, again.schema) if again else {}

    return Mending(
        title=sheet_name(sheet, record.source_path),
        header_row=sheet.header_row,
        judged=judged,
        meanings=meanings,
        answers=sheet.answers,
        only_bad=settings.only_bad,
    )


def sheet_name(sheet: Sheet, path: str) -> str:
    """The sheet's own name, or that of its file."""
    return sheet.sheet_name or ("" if path == "-" else Path(path).stem)
