"""What must survive: runs, plans, before-images, attempts and outcomes, in one database.

The journal is the truth of a run: every report can be rendered from it again. SQLite beside the
user unless ``BULK_UPDATE_JOURNAL`` names another database. It holds no token.

:class:`Journal` opens it; a run's own part is a :class:`RunJournal`.
"""

from bulk_update.journal.records import RowRecord, RunRecord, RunState, StoredChange
from bulk_update.journal.store import Journal, RunJournal

__all__ = ["Journal", "RowRecord", "RunJournal", "RunRecord", "RunState", "StoredChange"]
