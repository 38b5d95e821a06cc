"""The team: by its name or its uuid."""

from __future__ import annotations

from bulk_update.account.schema import AccountSchema
from bulk_update.language import _
from bulk_update.model import Finding, Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.judges.uuid import canonical_uuid
from bulk_update.validation.matching import Matcher
from bulk_update.validation.names import Names
from bulk_update.validation.says import Says, did_you_mean
from bulk_update.validation.text import shown


class TeamJudge(Judge):
    """The answer is a uuid. All teams of an account are known, so an unknown one is an error."""

    empty = None

    def __init__(self, says: Says, schema: AccountSchema) -> None:
        super().__init__(says)
        self._uuids = {canonical_uuid(team.uuid) or team.uuid: team.uuid for team in schema.teams}
        self._of_name: dict[str, list[str]] = {}
        for team in schema.teams:
            self._of_name.setdefault(team.name, []).append(team.uuid)
        self._matcher = Matcher(says, Names(self._of_name), self._unknown)

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """The team's uuid."""
        by_uuid = self._uuids.get(canonical_uuid(text) or text)
        if by_uuid is not None:
            return Answer(by_uuid)
        name, findings, ok = self._matcher.match(text, cell)
        if not ok:
            return Answer("", findings, ok=False)
        uuids = self._of_name[name]
        return (
            Answer(uuids[0], findings) if len(uuids) == 1 else refused(self._several(text, uuids))
        )

    def _unknown(self, name: str, near: str | None) -> Finding:
        listed = shown(", ".join(self._of_name), 300)
        hint = did_you_mean(near) or _("the teams are: {teams}").format(teams=listed)
        return self.says.error(
            Code.UNKNOWN_TEAM,
            _("'{value}' is not a team of the account").format(value=name),
            value=name,
            hint=hint,
            proposal=near or "",
        )

    def _several(self, name: str, uuids: list[str]) -> Finding:
        return self.says.error(
            Code.AMBIGUOUS_NAME,
            _("{count} teams are called '{value}'").format(count=len(uuids), value=name),
            value=name,
            hint=_("write the uuid of one of them: {uuids}").format(uuids=", ".join(uuids)),
        )
