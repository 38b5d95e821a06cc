"""Outcomes -> files, one document, and what a person reads on the terminal.

The verb is :func:`write_reports`: it takes a :class:`RunReport`, whose rows come as iterators,
and writes all of its files, in memory that does not grow with the rows. :func:`document` is what
``--json`` prints.

===================  ================================================================
module               what it knows
===================  ================================================================
``report``           :class:`RunReport`, what the reports are made from
``cells``            one cell: the formula guard, lists, times
``tables``           the columns and records of each CSV, and CSV text from pandas frames
``files``            all the files of a run
``folder``           files that are written whole or not at all
``workbook``         workbooks as a stream of rows (``sheets_out``: what they are made of,
                     ``workbook_text``: any text as XML, ``skeleton``: all but the rows,
                     ``packed``: what is put aside meanwhile)
``summary``          the JSON document, also of a failure
``workbooks``        ``changes.xlsx`` and ``not_found.xlsx``
``page``             ``report.html``: a run on one page
``preview``          what a plan would do, added up in bounded memory
``totals``           what the changes of a run come to, by field, owner, team and tag
``tallies``          counting names in bounded memory
``terminal``         all of it for the eye, through rich (``screen``: values made visible)
``wording``          what statuses, exit codes and files mean
``frames``           results, changes and findings as pandas frames
===================  ================================================================

Codes of the errors raised here (:class:`~bulk_update.errors.StorageError`):

``disk_full``
    there is no room for a report, or it would pass a limit on the size of files
``report_unwritable``
    a report can't be written for another reason: a read-only or missing place, a bad name
"""

from __future__ import annotations

from bulk_update.reporting.files import write_reports
from bulk_update.reporting.report import RunReport
from bulk_update.reporting.summary import document, failure_document, render

__all__ = ["RunReport", "document", "failure_document", "render", "write_reports"]
