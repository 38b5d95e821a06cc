"""Whether to read the account page by page before its contacts are looked up one by one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bulk_update.account.listing import PAGE_SIZE, PagingRefused
from bulk_update.language import _, number
from bulk_update.planning.listed import FEW, Forecast, ListedLookUps, read_listing
from bulk_update.reporting.screen import forecast

if TYPE_CHECKING:
    from bulk_update.account.lookup import ContactFinder
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session

FIRST: Final = 1


async def list_if_shorter(
    session: Session, finder: ContactFinder, rows: int, interaction: Interaction
) -> None:
    """Let ``finder`` answer from what was listed of the account; the rest of it is listed, too,
    where reading that is forecast to take less time than looking up ``rows`` rows. What that
    saved is added to the session.

    Raises TokenRefused, AccountUnreachable and StorageError.
    """
    before = session.client.requests["list_contacts"]
    if rows > FEW and await _knows_pages(session):
        shorter = _forecast(session, rows)
        if shorter.lists:
            interaction.note(_said(shorter))
            await _list(session, interaction)
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


def _forecast(session: Session, rows: int) -> Forecast:
    listed = session.listed
    return Forecast.of(
        round(rows * (1 - listed.share)),
        listed.pages or 0,
        read=len(listed.numbers),
        rate=session.settings.rate,
        latency=listed.latency,
        workers=session.workers,
    )


async def _list(session: Session, interaction: Interaction) -> None:
    expected = session.listed.missing * PAGE_SIZE
    with interaction.progress(_("Reading the account"), expected) as progress:
        await read_listing(session.client, session.listed, progress=progress.advance)


def _said(shorter: Forecast) -> str:
    return _(
        "Reading the account page by page, {pages} pages in about {time}: shorter than {rows} "
        "look-ups."
    ).format(
        pages=number(shorter.missing), time=forecast(shorter.by_page), rows=number(shorter.rows)
    )
