"""Whether to read the account page by page before its contacts are looked up one by one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bulk_update.account.listing import PAGE_SIZE, PagingRefused
from bulk_update.language import _, number
from bulk_update.planning.by_page import FIRST, read_sections
from bulk_update.planning.forecast import Forecast, Speed, shortest
from bulk_update.planning.listed import ListedLookUps
from bulk_update.reporting.screen import forecast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bulk_update.account.lookup import ContactFinder
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session

FEW: Final = 40
"""So few rows are looked up at once: asking how many pages there are is a request, too."""


async def list_if_shorter(
    session: Session,
    finder: ContactFinder,
    rows: int,
    teams: Iterable[str],
    interaction: Interaction,
) -> None:
    """Let ``finder`` answer from what was listed of the account; the rest of it is listed, too,
    where reading that is forecast to take less time than looking up ``rows`` rows: a large
    account by its sources or its ``teams`` (uuids). What that saved is added to the session.

    Raises TokenRefused, AccountUnreachable and StorageError.
    """
    before = session.client.requests["list_contacts"]
    if rows > FEW and await _knows_pages(session):
        unseen = round(rows * (1 - session.listed.share))
        way = await shortest(session.client, session.listed, unseen, teams, _speed(session))
        if way.lists:
            interaction.note(_said(way))
            await _list(session, way, interaction)
    pages = session.client.requests["list_contacts"] - before
    look_ups = ListedLookUps(session.client, session.listed.contacts)
    finder.ask(look_ups)
    session.saved.by_listing(look_ups, pages)


async def _knows_pages(session: Session) -> bool:
    """Whether it is known how many pages there are; the first one tells."""
    listed = session.listed
    if listed.pages is None:
        began = time.monotonic()
        try:
            page = await session.client.list_contacts(page=FIRST)
        except PagingRefused:
            return False
        listed.take(FIRST, page, time.monotonic() - began)
    return bool(listed.pages)


def _speed(session: Session) -> Speed:
    settings = session.settings
    return Speed(rate=settings.rate, latency=session.listed.latency, workers=session.workers)


async def _list(session: Session, way: Forecast, interaction: Interaction) -> None:
    contacts = session.listed.contacts
    with interaction.progress(_("Reading the account"), way.pages * PAGE_SIZE) as progress:
        await read_sections(session.client, contacts, way.sections, progress=progress.advance)


def _said(way: Forecast) -> str:
    return _(
        "Reading the account page by page, {pages} pages in about {time}: shorter than {rows} "
        "look-ups."
    ).format(pages=number(way.pages), time=forecast(way.by_page), rows=number(way.rows))
