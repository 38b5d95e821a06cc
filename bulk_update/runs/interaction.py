"""How a command talks to whoever started it: a terminal, a log, or a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bulk_update.mapping import Mapping, Proposal
    from bulk_update.model import Account, FindingGroup
    from bulk_update.reading import Sheet
    from bulk_update.reporting.preview import PlanPreview


class Progress(Protocol):
    """A count on its way."""

    def advance(self, number: int = 1) -> None:
        """So many more are done; none, where only time has passed."""

    def afresh(self, *, paced: bool = True) -> None:
        """The pace of what was done so far is not that of the rest; nor is that of what follows,
        unless ``paced``: no time that is left can be told from it."""


class Interaction(Protocol):
    """What a run says and asks. Nothing it says decides anything; ``confirm`` does."""

    def note(self, message: str) -> None:
        """Say one line."""

    def show_account(self, account: Account) -> None:
        """Which account this is."""

    def show_run(self, name: str) -> None:
        """Which run this is, once it is in the journal."""

    def show_mapping(self, sheet: Sheet, mapping: Mapping) -> None:
        """What the sheet is taken for, and what its columns mean."""

    def show_findings(self, groups: Sequence[FindingGroup], rest_in: str) -> None:
        """What was found in the sheet; ``rest_in`` names the file that has all of it."""

    def show_plan(self, preview: PlanPreview) -> None:
        """What would change."""

    def show_proposal(self, proposal: Proposal) -> None:
        """What the columns could mean, and why."""

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to answer."""

    def confirm(self, question: str) -> bool:
        """Ask; only where :attr:`can_ask`."""

    def ask(self, question: str) -> str:
        """Ask for a line; only where :attr:`can_ask`."""

    def progress(self, what: str, total: int | None) -> AbstractContextManager[Progress]:
        """Show how ``what`` goes on, out of ``total`` where that is known."""


class _NoProgress:
    def advance(self, number: int = 1) -> None:
        """Nobody looks."""

    def afresh(self, *, paced: bool = True) -> None:
        """Nobody looks."""


class Quiet:
    """For programs: says nothing, asks nothing."""

    can_ask = False

    def note(self, message: str) -> None:
        """Nothing is said."""

    def show_account(self, account: Account) -> None:
        """Nothing is said."""

    def show_run(self, name: str) -> None:
        """Nothing is said."""

    def show_mapping(self, sheet: Sheet, mapping: Mapping) -> None:
        """Nothing is said."""

    def show_findings(self, groups: Sequence[FindingGroup], rest_in: str) -> None:
        """Nothing is said."""

    def show_plan(self, preview: PlanPreview) -> None:
        """Nothing is said."""

    def show_proposal(self, proposal: Proposal) -> None:
        """Nothing is said."""

    def ask(self, question: str) -> str:
        """Nobody answers."""
        del question
        return ""

    def confirm(self, question: str) -> bool:
        """Nobody is there to agree."""
        del question
        return False

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Progress]:
        """Nobody looks."""
        del what, total
        yield _NoProgress()
