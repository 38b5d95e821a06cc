"""Teams by their names, for people: the account, and so the journal, knows them by uuid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bulk_update.model import ChangeResult, FieldName, Value
from bulk_update.runs.kept import schema_of
from bulk_update.runs.people import asked_by

if TYPE_CHECKING:
    from bulk_update.journal import Journal, RunRecord

TEAM: Final = FieldName("team")


def team_names(record: RunRecord, journal: Journal) -> Mapping[str, str]:
    """The names of the teams by uuid, as the run's schema has them; a name that several teams
    bear names none."""
    schema = schema_of(asked_by(record, journal), journal)
    if schema is None:
        return {}
    borne = Counter(team.name.casefold() for team in schema.teams)
    return {team.uuid: team.name for team in schema.teams if borne[team.name.casefold()] == 1}


def with_team_names(
    changes: Iterable[ChangeResult], teams: Mapping[str, str]
) -> Iterator[ChangeResult]:
    """``changes``, in which teams have their names."""
    for change in changes:
        if change.field == TEAM:
            yield replace(
                change, old=team_shown(change.old, teams), new=team_shown(change.new, teams)
            )
        else:
            yield change


def team_shown(uuid: Value, teams: Mapping[str, str]) -> Value:
    """The team's name, its uuid where it has none of its own."""
    return teams.get(uuid, uuid) if isinstance(uuid, str) else uuid
