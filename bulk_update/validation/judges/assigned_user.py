"""The assigned user: the e-mail address of a user of the account."""

from __future__ import annotations

from bulk_update.account.schema import AccountSchema
from bulk_update.language import _
from bulk_update.model import Finding, Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.email import EmailJudge, is_email
from bulk_update.validation.names import NEAR, Names
from bulk_update.validation.says import Says, did_you_mean, hints_together


class AssignedUserJudge(EmailJudge):
    """Users are known when every team was read: then an unknown one is an error. Otherwise only
    one that is nearly called like a user who was seen. The account's own spelling is sent."""

    surely = None
    empty = None

    def __init__(self, says: Says, schema: AccountSchema, *, lenient: bool = False) -> None:
        super().__init__(says)
        self._complete = schema.users_complete
        self._lenient = lenient
        self._emails = Names(user.email for user in schema.users)
        self._by_name = {user.name: user.email for user in schema.users if user.name}
        self._names = Names(self._by_name)

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """A user, in the account's spelling."""
        found = self._emails.find(text, cell)
        if found.name is not None:
            return Answer(found.name)
        if not is_email(text):
            return self.not_an_email(text, self._named(text))
        return Answer(text) if self._lenient else self._unknown(text)

    def _named(self, text: str) -> str:
        found = self._names.find(text).name
        return self._by_name[found] if found else ""

    def _unknown(self, email: str) -> Answer[Value]:
        near = self._near(email)
        if not self._complete and near is None and not self.says.options.strict:
            return Answer(email, (self._unseen(email),))
        return Answer("", (self._refusal(email, near),), ok=False)

    def _unseen(self, email: str) -> Finding:
        message = _("'{value}' was not seen among the account's users, who aren't all known")
        hint = _("bulk-update schema pull reads them, schema add user adds one")
        return self.says.warning(
            Code.UNKNOWN_USER, message.format(value=email), value=email, hint=hint
        )

    def _refusal(self, email: str, near: str | None) -> Finding:
        known = _("if it is a user: bulk-update schema add user '{value}' --schema FILE").format(
            value=email
        )
        return self.says.error(
            Code.UNKNOWN_USER,
            _("'{value}' is not a user of the account").format(value=email),
            value=email,
            hint=hints_together(did_you_mean(near), known),
            proposal=near or "",
        )

    def _near(self, email: str) -> str | None:
        """Colleagues share a domain, so the two halves of an address are held apart."""
        from rapidfuzz import fuzz

        best, most = None, NEAR
        local, domain = _halves(email)
        for candidate in self._emails.all:
            their_local, their_domain = _halves(candidate)
            alike = min(fuzz.ratio(local, their_local), fuzz.ratio(domain, their_domain))
            if alike >= most and (local == their_local or domain == their_domain):
                best, most = candidate, alike
        return best


def _halves(email: str) -> tuple[str, str]:
    local, _at, domain = email.casefold().rpartition("@")
    return local, domain
