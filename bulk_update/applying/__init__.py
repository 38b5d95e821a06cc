"""Step 5: change -> outcome. The only place that decides whether a PATCH is sent (again).

:class:`Pool` is the verb: it sends the planned changes of a run, proves each from its answer,
settles what could not be known, and stops when told to.

Codes of outcomes: ``not_as_asked`` (the account shows another value), ``collateral`` (a field
nobody named was lost), ``also_changed`` (something else changed meanwhile; a warning),
``refused`` (4xx), ``changed_meanwhile`` (drifted), ``contact_gone``, ``attempts_spent``,
``no_proof`` (the answer shows nothing, and reading the contact could not settle it yet).
"""

from bulk_update.applying.pool import Pool, PoolOptions
from bulk_update.applying.sender import Permits, Sender, SenderOptions

__all__ = ["Permits", "Pool", "PoolOptions", "Sender", "SenderOptions"]
