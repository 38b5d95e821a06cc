"""Contacts of the account as a workbook, with what they have beside it: where most jobs begin."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bulk_update.account.discovery import united
from bulk_update.account.listing import PAGE_SIZE, READERS
from bulk_update.errors import StorageError, UsageError
from bulk_update.journal import codec
from bulk_update.language import _, ngettext
from bulk_update.model import Contact, FindingGroup, Level
from bulk_update.reading.cells import has_forbidden
from bulk_update.reading.row_id import MOST_CHARACTERS
from bulk_update.reporting.contact_columns import (
    CLEAR,
    TeamNames,
    cell_of,
    contact_columns,
    unnameable,
    was_cell,
    was_columns,
)
from bulk_update.reporting.sheets_out import CellOut, RowOut
from bulk_update.reporting.workbook_text import MOST_ROWS
from bulk_update.runs.contact_workbook import left_out, notice, place_for, write_contacts
from bulk_update.runs.session import account_schema, open_session
from bulk_update.validation.text import composed, trimmed

if TYPE_CHECKING:
    from bulk_update.account.schema import AccountSchema, FieldSchema, Team
    from bulk_update.config import Settings
    from bulk_update.model import Account
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which contacts: those with one of ``tags``, of ``team`` (name or uuid), of the assigned
    user with this e-mail, of ``source``; at most ``limit``. What is not said does not matter."""

    tags: tuple[str, ...] = ()
    team: str | None = None
    assigned_user: str | None = None
    source: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: where, for which account, how many contacts; ``complete`` unless the
    account's paging ended before its contacts did."""

    path: Path
    account: Account
    contacts: int
    complete: bool
    notices: tuple[FindingGroup, ...] = ()
    requests: Mapping[str, int] = field(default_factory=dict)


async def export(
    settings: Settings,
    interaction: Interaction,
    *,
    wanted: Wanted,
    path: Path | None,
    force: bool = False,
) -> Exported:
    """Write the contacts that are ``wanted`` as ``path``. Their fields are the columns, those
    that only one of them bears too; ``was.`` columns hold the same once more.

    Raises UsageError (an unknown team, too many contacts for a sheet), ConfigError, StorageError,
    and what reading the account raises; then nothing was written.
    """
    place = place_for(path, force=force)
    async with open_session(settings, interaction) as session:
        schema = await account_schema(session, interaction)
        with _kept_aside() as aside:
            reading = _Reading(session, schema, wanted, aside)
            with (
                interaction.progress(_("Reading contacts"), wanted.limit) as progress,
                session.client.waiting_out_outages(interaction.note),
            ):
                await reading.read(progress.advance)
            sheet = _Sheet(reading.schema)
            write_contacts(place, sheet.columns, sheet.rows(aside), more=sheet.was)
        return Exported(
            path=place,
            account=session.account,
            contacts=reading.count,
            complete=not reading.why_incomplete,
            notices=(*reading.notices(), *sheet.notices()),
            requests=dict(session.client.requests),
        )


@contextmanager
def _kept_aside() -> Iterator[IO[bytes]]:
    """A file without a name for the contacts: which columns there are is only known once all are
    read, and a large account does not fit into memory."""
    try:
        with tempfile.TemporaryFile(prefix="bulk-update-") as aside:
            yield aside
    except OSError as error:
        raise StorageError(
            _("{path} can't be written: {reason}").format(
                path=tempfile.gettempdir(), reason=error.strerror
            )
        ) from error


class _Reading:
    """Reads the listing, and keeps aside what is wanted of it."""

    def __init__(
        self, session: Session, schema: AccountSchema, wanted: Wanted, aside: IO[bytes]
    ) -> None:
        self.schema = schema
        self.count = 0
        self.why_incomplete = ""
        self._session = session
        self._wanted = wanted
        self._aside = aside
        self._team = _team_of(wanted.team, schema.teams)
        self._tags = frozenset(map(_folded, wanted.tags))
        self._fields: dict[str, FieldSchema] = dict(schema.fields)

    async def read(self, advance: Callable[[int], object]) -> None:
        """All pages, or until the limit is reached. A contact that came twice, because the
        paging shifted, is taken once."""
        seen: set[bytes] = set()
        listing = self._session.client.iter_contacts(
            source=self._wanted.source,
            tags=self._tags_for_the_server(),
            team_uuid=None if self._team is None else self._team.uuid,
            include_field_types=True,
            ahead=self._pages_at_once(),
        )
        async with aclosing(aiter(listing)) as pages:
            async for page in pages:
                for each in page.fields:
                    self._fields[each.name] = united(self._fields.get(each.name), each)
                fresh = [each for each in page.contacts if self._is_fresh(each, seen)]
                advance(self._keep(fresh))
                if self.count == self._wanted.limit:
                    break
        self.why_incomplete = listing.why if listing.incomplete else ""
        self.schema = replace(self.schema, fields=self._fields)

    def _pages_at_once(self) -> int:
        """No more than hold what is wanted: a page beyond the limit is a request for nothing."""
        limit = self._wanted.limit
        return READERS if limit is None else min(READERS, -(-limit // PAGE_SIZE) or 1)

    def _tags_for_the_server(self) -> tuple[str, ...]:
        """One tag narrows the listing down. Whether the account takes several as any or as all of
        them is not known, and they are separated by a comma there."""
        (tag, *more) = self._wanted.tags or ("",)
        return () if more or not tag or "," in tag else (tag,)

    def _is_fresh(self, contact: Contact, seen: set[bytes]) -> bool:
        key = contact.uuid.encode()
        if key in seen or not self._is_wanted(contact):
            return False
        seen.add(key)
        return True

    def _is_wanted(self, contact: Contact) -> bool:
        """Looked at once more: a filter that the account does not know, it passes over."""
        wanted = self._wanted
        return (
            (not self._tags or not self._tags.isdisjoint(map(_folded, contact.tags)))
            and (self._team is None or contact.team_uuid == self._team.uuid)
            and (wanted.assigned_user is None or _same(wanted.assigned_user, contact.assigned_user))
            and (wanted.source is None or _same(wanted.source, contact.source))
        )

    def _keep(self, contacts: Sequence[Contact]) -> int:
        if self._wanted.limit is not None:
            contacts = contacts[: self._wanted.limit - self.count]
        for contact in contacts:
            self._learn(contact)
            self._aside.write(codec.encode(contact).encode() + b"\n")
        self.count += len(contacts)
        if self.count >= MOST_ROWS:
            raise UsageError(
                _("more contacts than a sheet has rows ({most})").format(most=MOST_ROWS),
                hint=_("Narrow it down with --tag, --team, --assigned-user, --source or --limit."),
            )
        return len(contacts)

    def _learn(self, contact: Contact) -> None:
        from bulk_update.account.schema import FieldSchema

        for name in contact.custom_fields:
            if name not in self._fields:
                self._fields[name] = FieldSchema(name=name)

    def notices(self) -> Iterator[FindingGroup]:
        """What is to be said of how it went."""
        if self.why_incomplete:
            yield notice(
                "export_incomplete",
                Level.ERROR,
                _("The account stopped listing before its contacts were all read: {why}").format(
                    why=self.why_incomplete
                ),
                _("Take them in parts: --tag, --team or --source."),
            )


class _Sheet:
    """The columns, and the contacts as rows."""

    def __init__(self, schema: AccountSchema) -> None:
        bot = "bot_status"  # not in a contact, and a request each
        self.columns = [each for each in contact_columns(schema) if each.title != bot]
        self.was = was_columns(self.columns)
        self._schema = schema
        self._teams = TeamNames(schema)
        self._too_long = self._unsayable = 0

    def rows(self, aside: IO[bytes]) -> Iterator[RowOut]:
        """A row for each contact that was kept."""
        aside.seek(0)
        for line in aside:
            contact = codec.decode_contact(line)
            had = [cell_of(column, contact, self._teams) for column in self.columns]
            kept = [None if self._is_left_out(cell) else cell for cell in had]
            was = [
                was_cell(column, now) if now == cell else None
                for column, cell, now in zip(self.columns, had, kept, strict=True)
                if not column.is_key
            ]
            yield RowOut([*kept, *was])

    def _is_left_out(self, cell: CellOut) -> bool:
        """Nothing is cut: what a cell can't hold is left out, and a blank cell changes nothing."""
        if not isinstance(cell, str):
            return False
        if has_forbidden(cell) or trimmed(cell).casefold() == CLEAR:
            self._unsayable += 1
            return True
        if len(cell) > MOST_CHARACTERS:
            self._too_long += 1
            return True
        return False

    def notices(self) -> Iterator[FindingGroup]:
        """What is not in the workbook, though the account has it."""
        yield from left_out(unnameable(self._schema))
        if self._too_long:
            text = ngettext(
                "{n} value is longer than a cell can be, and left out: it stays as it is.",
                "{n} values are longer than a cell can be, and left out: they stay as they are.",
                self._too_long,
            )
            yield notice("too_long_for_a_cell", Level.WARNING, text.format(n=self._too_long))
        if self._unsayable:
            text = ngettext(
                "{n} value would mean something else in a cell, or has a character that no sheet "
                "shows, and is left out: it stays as it is.",
                "{n} values would mean something else in a cell, or have characters that no sheet "
                "shows, and are left out: they stay as they are.",
                self._unsayable,
            )
            yield notice("not_for_a_cell", Level.WARNING, text.format(n=self._unsayable))


def _team_of(named: str | None, teams: Sequence[Team]) -> Team | None:
    if named is None:
        return None
    for team in teams:
        if named == team.uuid:
            return team
    found = [team for team in teams if _same(named, team.name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(team.name for team in teams)
    raise UsageError(
        _("--team {name}: several teams have this name").format(name=named)
        if found
        else _("--team {name}: the account has no such team").format(name=named),
        hint=_("Give the uuid of one of them: {uuids}").format(
            uuids=", ".join(team.uuid for team in found)
        )
        if found
        else _("The teams are: {teams}").format(teams=known),
        code="unknown_team",
    )


def _folded(text: str) -> str:
    return composed(text).casefold()


def _same(one: str, other: str | None) -> bool:
    return other is not None and _folded(one) == _folded(other)
