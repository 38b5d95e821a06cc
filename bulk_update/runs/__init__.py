"""The conductor: the only place that knows all the steps.

The command line and programs in Python call the same functions: :func:`~bulk_update.runs.check.
check`, :func:`~bulk_update.runs.plan.plan` and :func:`~bulk_update.runs.apply.apply` take a
:class:`Job` and an :class:`Interaction` and give a :class:`CommandResult`.
"""

from bulk_update.runs.interaction import Interaction, Progress, Quiet
from bulk_update.runs.job import CommandResult, Job

__all__ = ["CommandResult", "Interaction", "Job", "Progress", "Quiet"]
