"""Throwing away what the journal has of runs that are over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bulk_update.errors import UsageError
from bulk_update.journal import RunState
from bulk_update.language import _, ngettext
from bulk_update.reporting.past import Pruned
from bulk_update.runs.held import open_journal
from bulk_update.runs.kept import SCHEMA
from bulk_update.runs.session import state_folder

if TYPE_CHECKING:
    from bulk_update.config import Settings
    from bulk_update.journal import Journal, RunRecord
    from bulk_update.runs.interaction import Interaction

ENDED: Final = frozenset({RunState.FINISHED, RunState.CLOSED})
_OPEN: Final = frozenset(RunState) - ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest:
    """Which runs are to go: those begun longer ago than ``older_than``, and not among the
    ``keep`` newest; at least one of the two is given. ``force``: unfinished ones too."""

    older_than: timedelta | None = None
    keep: int | None = None
    force: bool = False


def prune(asked: PruneRequest, settings: Settings, interaction: Interaction) -> Pruned:
    """Remove the runs that ``asked`` means, with their rows, changes, attempts and sources.

    Raises UsageError when nothing says which, or nobody agreed; AccountBusy when an unfinished
    run that is to go may still be under way; StorageError.
    """
    if asked.older_than is None and asked.keep is None:
        raise UsageError(
            _("say which runs are to go"),
            hint=_("For example --older-than 90d, or --keep 20."),
        )
    with open_journal(state_folder(settings)) as journal:
        meant = list(_meant(asked, journal.list_runs()))
        kept = dict(_kept(asked, meant, journal))
        going = [record for record in meant if record.name not in kept]
        pruned = Pruned(kept=tuple(kept.items()))
        if not going or not _agreed(len(going), settings, interaction):
            return pruned
        return _removed(journal, going, pruned)


def _meant(asked: PruneRequest, newest_first: list[RunRecord]) -> Iterator[RunRecord]:
    before = datetime.now(UTC) - (asked.older_than or timedelta())
    for record in newest_first[asked.keep or 0 :]:
        if asked.older_than is None or record.created_at < before:
            yield record


def _kept(
    asked: PruneRequest, meant: list[RunRecord], journal: Journal
) -> Iterator[tuple[str, str]]:
    """Those of ``meant`` that stay, and why."""
    guarded = journal.pruning.guarded(_OPEN)
    for record in meant:
        if record.state not in ENDED and not asked.force:
            yield record.name, _("it is unfinished (--force removes it all the same)")
        elif record.name in guarded and not asked.force:
            yield record.name, _("an unfinished run before it must not send what it has changed")


def _agreed(count: int, settings: Settings, interaction: Interaction) -> bool:
    if settings.yes:
        return True
    if not interaction.can_ask:
        raise UsageError(
            _("nobody can be asked here, and --yes is missing; nothing was removed"),
            hint=_("What is removed can no longer be undone, retried or explained."),
            code="yes_missing",
        )
    question = ngettext(
        "Remove {n} run for good? It can then not be undone.",
        "Remove {n} runs for good? They can then not be undone.",
        count,
    )
    return interaction.confirm(question.format(n=count))


def _removed(journal: Journal, going: list[RunRecord], pruned: Pruned) -> Pruned:
    before, rows = journal.pruning.size(), 0
    with ExitStack() as held:
        _hold_unfinished(journal, going, held)
        for record in going:
            run = journal.open_run(record.name)
            if run is not None:  # taken over and thrown away: its plan was not whole
                rows += sum(run.results.row_counts().values())
                run.discard()
    kept = {record.settings.get(SCHEMA) for record in journal.list_runs()}
    sources = journal.pruning.remove_sources({name for name in kept if isinstance(name, str)})
    given_back = journal.pruning.give_back()
    return Pruned(
        names=tuple(record.name for record in going),
        kept=pruned.kept,
        rows=rows,
        sources=sources,
        freed=max(0, before - journal.pruning.size()),
        given_back=given_back,
    )


def _hold_unfinished(journal: Journal, going: list[RunRecord], held: ExitStack) -> None:
    """An unfinished run may be under way: who holds its account knows that it is not."""
    open_ones = {each.account.key: each.account for each in going if each.state not in ENDED}
    for account in open_ones.values():
        held.enter_context(journal.hold(account, holder="runs prune"))
