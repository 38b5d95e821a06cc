"""Custom fields of type email, and e-mail addresses anywhere."""

from __future__ import annotations

import re
from typing import Final

from bulk_update.language import _
from bulk_update.model import Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.says import did_you_mean

_ATOM: Final = r"[A-Za-z0-9_%+'-]{1,30}+"
_LABEL: Final = r"[A-Za-z0-9]{1,30}+(?:-[A-Za-z0-9]{1,30}+)?+"
SURELY_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})?+@(?:{_LABEL}\.){{1,3}}[A-Za-z]{{2,20}}")
"""Addresses of the everyday kind; everything else is for the library to judge."""

_ADDRESS_IN_TEXT: Final = re.compile(r"[^\s<>\"';,:]+@[^\s<>\"';,:]+")


def is_email(text: str) -> bool:
    """Whether ``text`` is an e-mail address; nothing is looked up."""
    if SURELY_EMAIL.fullmatch(text):
        return True
    if "@" not in text:
        return False
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def proposed_email(text: str) -> str:
    """An address that ``text`` nearly is, or holds; empty where there is none."""
    if text.count("@") != 1:
        return ""
    candidates = ["".join(text.split()).replace(",", "."), *_ADDRESS_IN_TEXT.findall(text)[:2]]
    good = [each for each in candidates if each != text and is_email(each)]
    return good[0] if good else ""


class EmailJudge(Judge):
    """One address, as it stands."""

    surely: re.Pattern[str] | None = SURELY_EMAIL

    def __call__(self, text: str, _cell: str) -> Answer[Value]:
        """One address."""
        return Answer(text) if is_email(text) else self.not_an_email(text)

    def not_an_email(self, text: str, proposal: str = "") -> Answer[Value]:
        """The answer to what is no address; ``proposal`` is one that somebody else knows."""
        proposal = proposal or proposed_email(text)
        hint = did_you_mean(proposal) or _("write one address, such as name@example.com")
        message = _("'{value}' is not an e-mail address").format(value=text)
        return refused(
            self.says.error(Code.BAD_EMAIL, message, value=text, hint=hint, proposal=proposal)
        )
