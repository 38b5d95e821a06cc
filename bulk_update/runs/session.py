"""A command's connection: the client, who the account is, what is known of its schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulk_update.account.channels import needs_more_channels
from bulk_update.account.client import CallbellClient
from bulk_update.account.discovery import Identity, identify, pull_schema, read_channels
from bulk_update.account.lookup import ContactFinder
from bulk_update.account.schema_reading import load_schema
from bulk_update.account.throttle import Throttle
from bulk_update.config.places import private_folder
from bulk_update.errors import BulkUpdateError, SchemaMissing, UsageError
from bulk_update.language import _
from bulk_update.model import FieldType
from bulk_update.planning.by_page import Listed
from bulk_update.reporting.screen import forecast
from bulk_update.runs.preparing import chosen_channel

if TYPE_CHECKING:
    from bulk_update.account.listing import ContactPage
    from bulk_update.account.schema import AccountSchema
    from bulk_update.config import Settings
    from bulk_update.model import Account
    from bulk_update.planning.listed import ListedLookUps
    from bulk_update.runs.interaction import Interaction

SANDBOX: Final = "sandbox"
FIELD_TYPES: Final = "field_types"
"""Under which name a run's record keeps the types of the fields it was planned with."""

WORKERS: Final = 256
"""The most requests under way at once where ``--workers`` names no other number."""


class Saved:
    """What a listing saved: the look-ups it answered, less the pages that were read for them
    alone."""

    def __init__(self) -> None:
        self._look_ups: ListedLookUps | None = None
        self._pages = 0

    def by_listing(self, look_ups: ListedLookUps, pages: int) -> None:
        """These answer from now on; the listing took so many requests."""
        self._look_ups, self._pages = look_ups, pages

    @property
    def requests(self) -> int:
        """How many, so far."""
        return 0 if self._look_ups is None else max(0, self._look_ups.answered - self._pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open connection. ``settings`` are those of the account that answers: the embedded
    sandbox has an address, a token and a state folder of its own. ``listed`` is what was read of
    the account's contacts by the page, so far."""

    settings: Settings
    client: CallbellClient
    identity: Identity
    saved: Saved = field(default_factory=Saved)
    listed: Listed = field(default_factory=Listed)

    @property
    def account(self) -> Account:
        """Whose account it is."""
        return self.identity.account

    @property
    def embedded(self) -> bool:
        """Whether this is the sandbox inside this process: nobody else can be hurt."""
        return self.settings.sandbox

    @property
    def workers(self) -> int:
        """How many requests may be under way at the same time."""
        return self.settings.workers or WORKERS


def require_token(settings: Settings) -> None:
    """Raise SchemaMissing unless there is a token, or the sandbox brings one."""
    if not settings.sandbox and settings.token is None:
        raise SchemaMissing(
            _("there is no token for {url}").format(url=settings.base_url),
            hint=_("Set BULK_UPDATE_TOKEN (or BULK_UPDATE_TOKEN_FILE), or try --sandbox."),
            code="token_missing",
        )


@asynccontextmanager
async def open_session(settings: Settings, interaction: Interaction) -> AsyncIterator[Session]:
    """Connect, find out whose account it is, and say so.

    Raises TokenRefused, AccountUnreachable, ConfigError.
    """
    require_token(settings)
    async with _server(settings) as reached, _counted(reached, interaction) as client:
        identity = await identify(client, profile_name=settings.profile)
        if settings.sandbox:
            # The port differs every time; the account does not.
            account = replace(identity.account, base_url=SANDBOX, name=SANDBOX)
            identity = replace(identity, account=account)
        interaction.show_account(identity.account)
        if not identity.account.is_told_apart:
            interaction.note(
                _(
                    "The account tells neither a default team nor whose token this is: it is known "
                    "by its address alone, and can't be told from another one there."
                )
            )
        with closing(Listed()) as listed:
            yield Session(settings=reached, client=client, identity=identity, listed=listed)


def state_folder(settings: Settings) -> Settings:
    """The settings with the state folder of the account they name: the sandbox's is its own,
    and so is its journal."""
    if not settings.sandbox:
        return settings
    own = {"state_dir": settings.state_dir / SANDBOX, "journal_url": None}
    return settings.model_copy(update=own)


@asynccontextmanager
async def _server(settings: Settings) -> AsyncIterator[Settings]:
    if not settings.sandbox:
        yield settings
        return
    from bulk_update.sandbox import SANDBOX_TOKEN, EmbeddedSandbox, SandboxAccount

    own = state_folder(settings)
    with suppress(OSError):  # opening the account says what is wrong
        private_folder(own.state_dir)
    with EmbeddedSandbox(account=SandboxAccount.open(own.state_dir / "account")) as server:
        yield own.for_server(server.base_url, SANDBOX_TOKEN, origin="--sandbox")


@asynccontextmanager
async def _counted(settings: Settings, interaction: Interaction) -> AsyncIterator[CallbellClient]:
    """A client whose requests are known to an error that ends the command, too."""
    async with _client(settings, interaction) as client:
        try:
            yield client
        except BulkUpdateError as error:
            if client.requests:
                refused = {"refused_429": client.refused_429} if client.refused_429 else {}
                error.requests = {**client.requests, "saved": 0, **refused}
            raise


def _client(settings: Settings, interaction: Interaction) -> CallbellClient:
    def say_rest(seconds: float) -> None:
        words = _("The account answers 429 (too many requests): going on in about {time}.")
        interaction.note(words.format(time=forecast(seconds)))

    token = settings.token
    return CallbellClient(
        settings.base_url,
        token.get_secret_value() if token else "",
        Throttle(settings.rate, on_rest=say_rest),
        proxy=settings.proxy.get_secret_value() if settings.proxy else None,
    )


async def account_schema(session: Session, interaction: Interaction) -> AccountSchema:
    """The schema of the session's account: the file that was named, else pulled now. From then
    on the client reads every field by its type: a text that looks like a JSON list stays one."""
    with session.client.waiting_out_outages(interaction.note):
        return await _account_schema(session, interaction)


async def _account_schema(session: Session, interaction: Interaction) -> AccountSchema:
    path = session.settings.schema_path
    if path is None:
        interaction.note(_("Reading the account's fields, tags, teams and users ..."))
        schema = await pull_schema(
            session.client,
            identity=session.identity,
            say=interaction.note,
            on_page=lambda *read: _keep_page(session, *read),
        )
    else:
        schema = _schema_of(session, path)
        use_field_types(session.client, field_types(schema))
    return await _with_channels(session, schema, interaction)


def _keep_page(session: Session, number: int, page: ContactPage, seconds: float) -> None:
    """A page that was read for the schema shows contacts, too. Those that were read before the
    type of each of their fields was known may have been read wrongly: they are read again."""
    known = session.client.field_types
    names = {name for each in page.contacts for name in each.custom_fields}
    if names <= known.keys():
        session.listed.take(number, page, seconds)
    else:
        session.listed.measure(page, seconds)


async def _with_channels(
    session: Session, schema: AccountSchema, interaction: Interaction
) -> AccountSchema:
    """The schema with the channels that ``--channel`` asks about: a sample of contacts may
    well have missed one."""
    asked = session.settings.channel
    if not needs_more_channels(asked, schema.channels):
        return schema
    interaction.note(_("Reading which channels there are ..."))
    with interaction.progress(_("Requests"), None) as progress:
        channels = await read_channels(
            session.client,
            schema,
            enough=lambda known: not needs_more_channels(asked, known),
            progress=progress.advance,
        )
    return replace(schema, channels=channels)


def contact_finder(
    session: Session, schema: AccountSchema, interaction: Interaction
) -> ContactFinder:
    """What finds the contacts of a sheet, on the channel of ``--channel``; the channels that
    the schema knows tell it where else a number may be. Raises UsageError for a channel's name
    that is unknown."""
    choice = chosen_channel(session.settings, schema, interaction)
    return ContactFinder(
        session.client, channel=choice.channel, channels=choice.others, main=choice.main
    )


def field_types(schema: AccountSchema) -> dict[str, str]:
    """The types of the fields that are known, by name: what a run's record keeps of them."""
    return {name: field.type.value for name, field in schema.fields.items() if field.type}


def use_field_types(client: CallbellClient, types: object) -> None:
    """Let the client read fields by the types that a run was planned with, and not by how a
    text looks."""
    client.field_types.update(kept_field_types(types))


def kept_field_types(types: object) -> dict[str, FieldType]:
    """The types that a run's record keeps, as :func:`field_types` gave them."""
    kept = types if isinstance(types, dict) else {}
    return {str(name): FieldType(kind) for name, kind in kept.items()}


def _schema_of(session: Session, path: Path) -> AccountSchema:
    schema = load_schema(path)
    require_schema_of(schema, session.account, path)
    return schema


def require_schema_of(schema: AccountSchema, account: Account, path: Path) -> None:
    """Raise UsageError unless the schema in ``path`` is of this account."""
    if not schema.is_of(account):
        raise UsageError(
            _("{path} is the schema of another account: {named}, this is {found}").format(
                path=path,
                named=schema.account.name or schema.account.base_url,
                found=account.name,
            ),
            hint=_("Make one of this account with `bulk-update schema pull -o FILE`."),
            code="other_account",
        )
