"""Whether to read the account page by page before its contacts are looked up one by one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bulk_update.account.listing import PagingRefused
from bulk_update.language import _, number
from bulk_update.planning.listed import FEW, Forecast, ListedLookUps, read_listing
from bulk_update.reporting.screen import forecast

if TYPE_CHECKING:
    from bulk_update.account.listing import ContactPage
    from bulk_update.account.lookup import ContactFinder
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session

PAGE_OF_THEM: Final = 20


async def list_if_shorter(
    session: Session, finder: ContactFinder, rows: int, interaction: Interaction
) -> None:
    """Let ``finder`` answer from a listing of the account, where reading that is forecast to take
    less time than looking up ``rows`` rows; what the listing saved is added to the session.

    Raises TokenRefused and AccountUnreachable.
    """
    if rows <= FEW:
        return
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        first = await session.client.list_contacts(page=1)
    except PagingRefused:
        return
    shorter = Forecast.of(
        rows,
        first.pages or 0,
        rate=session.settings.rate,
        latency=loop.time() - began,
        workers=session.workers,
    )
    if not first.pages or not shorter.lists:
        return
    interaction.note(_said(shorter))
    await _list(session, finder, first, interaction)


async def _list(
    session: Session, finder: ContactFinder, first: ContactPage, interaction: Interaction
) -> None:
    before = session.client.requests["list_contacts"] - 1
    expected = (first.pages or 1) * PAGE_OF_THEM
    with interaction.progress(_("Reading the account"), expected) as progress:
        listed, main = await read_listing(session.client, first, progress=progress.advance)
    pages = session.client.requests["list_contacts"] - before
    look_ups = ListedLookUps(session.client, listed, main=main)
    finder.ask(look_ups)
    session.saved.by_listing(look_ups, pages)


def _said(shorter: Forecast) -> str:
    return _(
        "Reading the account page by page, {pages} pages in about {time}: shorter than {rows} "
        "look-ups."
    ).format(pages=number(shorter.pages), time=forecast(shorter.by_page), rows=number(shorter.rows))
