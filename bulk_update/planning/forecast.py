"""How long it takes to read what a sheet is about, one by one or page by page: the shortest way."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bulk_update.account.listing import READERS
from bulk_update.errors import AccountGone, AccountUnreachable
from bulk_update.planning.by_page import FIRST, Listed, Lister, Section, side_by_side


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What decides how long requests take: ``rate`` a second, ``latency`` of one in seconds,
    ``workers`` that look up side by side."""

    rate: float
    latency: float
    workers: int

    def seconds(self, requests: float, abreast: int) -> float:
        """Seconds for requests that are made side by side."""
        return max(requests / self.rate, requests * self.latency / abreast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How long it takes, in seconds, to read what ``rows`` rows are about: one by one, and by
    the ``pages`` of some ``sections``, with a look-up for each row that is on none of them."""

    rows: int
    sections: tuple[Section, ...]
    pages: int
    one_by_one: float
    by_page: float

    @classmethod
    def of(cls, rows: int, sections: Sequence[Section], listed: Listed, speed: Speed) -> Forecast:
        """For rows about contacts that are anywhere in the account as likely as anywhere else,
        and were not listed yet."""
        onward = [section.onward for section in sections] if listed.cursors else [0]
        numbered = sum(1 for section in sections for _number in section.numbers)
        reached = sum(section.last for section in sections) + sum(onward)
        unlisted = rows * max(0.0, 1 - reached / listed.pages) if listed.pages else rows
        return cls(
            rows=rows,
            sections=tuple(sections),
            pages=numbered + sum(onward),
            one_by_one=speed.seconds(rows, speed.workers),
            by_page=speed.seconds(numbered, READERS)
            + max(sum(onward) / speed.rate, max(onward) * speed.latency)
            + speed.seconds(unlisted, speed.workers),
        )

    @property
    def lists(self) -> bool:
        """Whether reading page by page is the shorter way."""
        return self.by_page < self.one_by_one


async def shortest(
    account: Lister, listed: Listed, rows: int, teams: Iterable[str], speed: Speed
) -> Forecast:
    """The shortest way to what ``rows`` rows are about; how many pages there are is known by then.

    Where the account has pages without a number, and enough is to be gained, each source and each
    of ``teams`` (uuids) is asked for its first page: that tells how many it has. An account that
    fails at these is read whole. Raises TokenRefused, AccountGone and StorageError.
    """
    whole = Forecast.of(rows, [listed.whole], listed, speed)
    if not listed.whole.onward or speed.seconds(listed.whole.pages, READERS) >= whole.one_by_one:
        return whole
    ways = (
        [Section(source=source) for source in sorted(listed.sources)],
        [Section(team_uuid=uuid) for uuid in teams],
    )
    try:
        counted = [await _counted(account, listed, sections) for sections in ways]
    except AccountGone:
        raise
    except AccountUnreachable:
        # It may fail at the filters alone: whether it is away, the whole listing will show.
        return whole
    forecasts = [Forecast.of(rows, sections, listed, speed) for sections in counted if sections]
    return min([whole, *forecasts], key=lambda each: each.by_page)


async def _counted(account: Lister, listed: Listed, sections: Sequence[Section]) -> list[Section]:
    """The sections that have pages, and how many; none where the account won't list one of them."""
    found: list[Section] = []

    async def count(section: Section) -> None:
        began = time.monotonic()
        page = await account.list_contacts(
            page=FIRST, source=section.source, team_uuid=section.team_uuid
        )
        listed.latency = min(listed.latency, time.monotonic() - began)
        listed.contacts.add(page)
        pages = (page.pages or 0) if page.contacts else 0
        found.append(replace(section, pages=pages, read=frozenset({FIRST})))

    await side_by_side([partial(count, section) for section in sections])
    return [section for section in found if section.pages] if len(found) == len(sections) else []
