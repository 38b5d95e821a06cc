"""Which run is meant: by its name, or ``last``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bulk_update.errors import UsageError
from bulk_update.journal import RunState
from bulk_update.language import _

if TYPE_CHECKING:
    from bulk_update.journal import Journal, RunJournal

LAST: Final = "last"
"""What means the newest run wherever a run's name is asked for; no run is called so."""

_NEAR: Final = 60


def chosen_run(journal: Journal, name: str) -> RunJournal:
    """The run called ``name``, or with ``last`` the newest one.

    Raises UsageError for an unknown name, with the nearest one, and for a run whose plan is not
    whole: it says nothing yet, and is gone when its process is.
    """
    run = journal.last_run() if name == LAST else journal.open_run(name)
    if run is None:
        raise unknown_run(journal, name)
    if run.record.state is RunState.PLANNING:
        raise UsageError(
            _("run {run} is still being planned").format(run=name),
            hint=_("Nothing was sent yet. Look again when its plan is whole."),
            code="run_planning",
        )
    return run


def unknown_run(journal: Journal, name: str) -> UsageError:
    """The error for a run that there is not, with the nearest name there is."""
    if name == LAST:
        return UsageError(
            _("there is no run yet"),
            hint=_("The journal is empty; --state-dir and --sandbox name others."),
            code="unknown_run",
        )
    return UsageError(
        _("there is no run {run}").format(run=name),
        hint=_hint(name, journal.run_names()),
        code="unknown_run",
    )


def _hint(name: str, names: list[str]) -> str:
    from rapidfuzz import process

    near = process.extractOne(name, names, score_cutoff=_NEAR)
    if near is None:
        return _("`bulk-update runs list` names them; the sandbox has its own (--sandbox).")
    return _("Did you mean {run}? `bulk-update runs list` names them all.").format(run=near[0])
