"""``report.html``: a run on one page, for people who were not there.

One file that needs no other, in which nothing runs: no script, no picture from elsewhere, and a
policy that forbids both. :func:`page_chunks` writes it as a stream, so that a hundred thousand
rows with a problem need no more memory than ten.

==============  =====================================================================
module          what it knows
==============  =====================================================================
``rendering``   from a :class:`~bulk_update.reporting.report.RunReport` to bytes
``glance``      the headline, the ring and its legend
``changes``     what changed, by field, owner, team and tag
``repairs``     the problems, grouped by what mends them
``rows``        every row with a problem
``particulars`` who, when, where, requests, and what to do next
``text``        one text of a sheet or an account, for the page
==============  =====================================================================
"""

from __future__ import annotations

from bulk_update.reporting.page.rendering import page_chunks

__all__ = ["page_chunks"]
