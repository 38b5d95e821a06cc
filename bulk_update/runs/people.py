"""Whom a row of a sheet means by its own words: for the rows whose contact nobody found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulk_update.mapping.names import fold, header_list
from bulk_update.model import SourceRow, Target, TargetKind
from bulk_update.reporting.report import Person
from bulk_update.runs.kept import UNDOES, mapping_of, meaning_kept, referred
from bulk_update.validation.phones import international, region_code
from bulk_update.validation.text import trimmed

if TYPE_CHECKING:
    from bulk_update.journal import Journal, RunRecord
    from bulk_update.mapping import MappingFile

People = Callable[[SourceRow], Person]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Which cells say it, by their index; ``region`` holds where a row names none itself."""

    name: int | None
    phone: int | None
    region_column: int | None
    region: str | None

    def person(self, source: SourceRow) -> Person:
        """Whom the row means."""
        return Person(name=_cell(source, self.name), phone=self._phone(source))

    def _phone(self, source: SourceRow) -> str:
        said = _cell(source, self.region_column)
        region = region_code(said) if said else self.region
        return international(_cell(source, self.phone), region)


def people_by(header: Sequence[str], file: MappingFile, region: str | None) -> People:
    """Who the rows under ``header`` are, by the columns that ``file`` maps. A column that is
    called a name tells it, also where the mapping left it out; ``region`` is that of a flag."""
    targets = {
        name: Target.parse(rule.target) for name, rule in file.columns.items() if rule.target
    }
    kinds = {name: target.kind for name, target in targets.items() if not target.was}
    named = _first(header, lambda name: kinds.get(name) is TargetKind.NAME)
    if named is None:
        named = _first(header, lambda name: name not in kinds and _is_called_a_name(name))
    return _Columns(
        name=named,
        phone=_first(header, lambda name: kinds.get(name) is TargetKind.PHONE),
        region_column=_first(header, lambda name: name == file.region_column),
        region=region or file.region,
    ).person


def people_of(header: Sequence[str], record: RunRecord, journal: Journal) -> People:
    """Who the rows of a run are; an undo means whom the run it puts back meant."""
    meant = asked_by(record, journal)
    file = mapping_of(meant)
    if file is None:
        return lambda _source: Person()
    region = meaning_kept(meant).get("region")
    return people_by(header, file, region if isinstance(region, str) else None)


def asked_by(record: RunRecord, journal: Journal) -> RunRecord:
    """The run that first asked for what this one is about: an undo keeps neither mapping nor
    schema, but names the run that does. That may be pruned by now: then the undo itself."""
    while name := referred(record, UNDOES):
        run = journal.open_run(name)
        if run is None:
            return record
        record = run.record
    return record


def _first(header: Sequence[str], wanted: Callable[[str], bool]) -> int | None:
    return next((place for place, name in enumerate(header) if wanted(name)), None)


def _is_called_a_name(header: str) -> bool:
    known = header_list().get(fold(header))
    return known is not None and known.target.kind is TargetKind.NAME


def _cell(source: SourceRow, place: int | None) -> str:
    return "" if place is None else trimmed(source.cells[place])
