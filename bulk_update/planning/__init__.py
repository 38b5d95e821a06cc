"""Step 4: desired state x contact as it is -> change. Complete before the first PATCH.

:class:`Planner` is the verb: it looks every wanted contact up and puts the plan in the journal.
:func:`plan_change` is the pure heart of it.

Codes it gives rows: ``duplicate`` (rows disagree about one contact), ``kept_by_policy``,
``was_differs`` (a ``was.`` column no longer holds), ``unreadable`` (this one contact can't be
read), and those of the look-up; with ``--since-last`` also ``last_applied``, ``held`` (a finding
too) and ``both_changed``.
"""

from bulk_update.planning.diff import plan_change, result_tags, was_differs
from bulk_update.planning.planner import Planner
from bulk_update.planning.since_last import HELD, SinceLast

__all__ = ["HELD", "Planner", "SinceLast", "plan_change", "result_tags", "was_differs"]
