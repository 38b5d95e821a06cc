"""Whether somebody agreed: by flag, or asked on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bulk_update.config.addresses import is_loopback
from bulk_update.errors import UsageError
from bulk_update.language import _, ngettext

if TYPE_CHECKING:
    from bulk_update.model import Account
    from bulk_update.runs.interaction import Interaction
    from bulk_update.runs.session import Session

CONFIRM_ABOVE: Final = 100


def has_consent(session: Session, contacts: int, interaction: Interaction) -> bool:
    """Whether ``contacts`` changes may be sent. Raises UsageError where nobody can be asked, or
    the account is not the one that was named."""
    settings = session.settings
    if settings.confirm_account is not None:
        _check_named(settings.confirm_account, session.account)
    if settings.yes:
        _require_named(session, contacts, interaction)
        return True
    if not interaction.can_ask:
        raise UsageError(
            _("nobody can be asked here, and --yes is missing; nothing was sent"),
            hint=_("Look at the plan, then give --yes."),
            code="yes_missing",
        )
    question = ngettext("Send {n} change to {account}?", "Send {n} changes to {account}?", contacts)
    return interaction.confirm(question.format(n=contacts, account=session.account.name))


def _check_named(named: str, account: Account) -> None:
    if named not in {account.name, account.user_email}:
        raise UsageError(
            _("--confirm-account {named}: this account is {account}").format(
                named=named, account=account.name
            ),
            hint=_("Nothing was sent. Check the token and the profile."),
            code="other_account",
        )


def _require_named(session: Session, contacts: int, interaction: Interaction) -> None:
    """Above 100 changes without a terminal, a real account must be called by its name."""
    settings = session.settings
    real = not session.embedded and not is_loopback(settings.base_url)
    if not real or interaction.can_ask or settings.confirm_account is not None:
        return
    if contacts > CONFIRM_ABOVE:
        raise UsageError(
            _("{n} changes to {account} need --confirm-account; nothing was sent").format(
                n=contacts, account=session.account.name
            ),
            hint=_('Give --confirm-account "{account}".').format(account=session.account.name),
            code="confirm_account_missing",
        )
