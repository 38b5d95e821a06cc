"""Tags that are to be removed and that nobody bears: most likely they are called otherwise."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from bulk_update.language import _
from bulk_update.model import Contact, Desired, Finding, Level
from bulk_update.validation.codes import Code
from bulk_update.validation.names import Names
from bulk_update.validation.says import did_you_mean


class RemovedTags:
    """Counts the tags that rows want removed, against those that their contacts bear.

    Memory grows with the distinct tags, and by 8 bytes a row whose tag nobody was seen with.
    """

    def __init__(self) -> None:
        self._borne: dict[str, None] = {}
        self._said: set[str] = set()
        self._wanting: dict[str, array[int]] = {}

    def said(self, findings: Iterable[Finding]) -> None:
        """What was said of tags that the account does not have is not said once more."""
        unknown = (each.value for each in findings if each.code == Code.UNKNOWN_TAG)
        self._said.update(filter(None, unknown))

    def add(self, desired: Desired, contact: Contact) -> None:
        """Count what one row wants removed from its contact."""
        self._borne.update(dict.fromkeys(contact.tags))
        for tag in desired.tags.remove if desired.tags else ():
            if tag not in self._borne and tag not in self._said:
                self._wanting.setdefault(tag, array("q")).append(desired.row)

    def findings(self) -> Iterator[tuple[int, Finding]]:
        """A warning for each row that wants a tag removed which no contact of the plan bears."""
        names = Names(self._borne)
        for tag, rows in self._wanting.items():
            if tag not in self._borne:
                finding = _nobody_bears(tag, names.near(tag))
                yield from ((row, finding) for row in rows)


def _nobody_bears(tag: str, near: str | None) -> Finding:
    message = _("no contact of the plan bears the tag '{value}', which is to be removed")
    return Finding(
        code="tag_not_borne",
        level=Level.WARNING,
        message=message.format(value=tag),
        hint=did_you_mean(near),
        value=tag,
        proposal=near or "",
    )
