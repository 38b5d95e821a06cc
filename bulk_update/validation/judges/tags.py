"""Tags: added, removed or replaced."""

from __future__ import annotations

from collections.abc import Mapping

from bulk_update.language import _
from bulk_update.model import Finding, TagEdit, TargetKind, Value
from bulk_update.validation.codes import Code
from bulk_update.validation.judged import Answer, Findings
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.lists import BadList, Splitter, bad_list
from bulk_update.validation.matching import Matcher, take_as_it_stands
from bulk_update.validation.names import Names
from bulk_update.validation.says import Says, did_you_mean, hints_together


class _Tags:
    """The tags of an account, for one column: splitting cells and finding tags in them."""

    def __init__(self, says: Says, tags: tuple[str, ...], values: Mapping[str, str]) -> None:
        self.says = says
        self.names = Names(tags)
        self.splitter = Splitter(tags)
        self._values = values
        self._added = Matcher(says, self.names, self._unknown)
        self._removed = Matcher(says, self.names, self._unknown_removed)

    def items(self, text: str, cell: str) -> list[str]:
        """The tags a cell names; raises :class:`BadList`."""
        if self.names.find(text, cell).name is not None:
            return [cell if cell in self.names else text]
        return [item for each in self.splitter.split(text) if (item := self._mapped(each))]

    def _mapped(self, item: str) -> str:
        return self._values.get(item, item)

    def add(self, item: str) -> Answer[str]:
        """Judges a tag that the contact is to have."""
        return self._added.match(item)

    def remove(self, item: str) -> Answer[str]:
        """Judges a tag that the contact is to lose."""
        return self._removed.match(item)

    def signed(self, item: str) -> tuple[str, str]:
        """The sign of an item and the tag after it; no sign where a tag is really called so."""
        called_so = self.names.find(item)
        if item[0] not in "+-" or called_so.name or called_so.others or not item[1:].strip():
            return "", item
        tag = item[1:].strip()
        return item[0], self._mapped(tag)

    def _unknown(self, name: str, near: str | None) -> Finding:
        message = _("'{value}' was not seen among the account's tags").format(value=name)
        if near is None and not self.says.options.strict:
            hint = _("check its spelling; the account may refuse a tag that it doesn't have")
            return self.says.warning(Code.UNKNOWN_TAG, message, value=name, hint=hint)
        known = _(
            "if it is another tag: bulk-update schema add tag '{value}' --schema FILE"
        ).format(value=name)
        hint = hints_together(did_you_mean(near), known)
        return self.says.error(
            Code.UNKNOWN_TAG, message, value=name, hint=hint, proposal=near or ""
        )

    def _unknown_removed(self, name: str, near: str | None) -> Finding:
        message = _("'{value}', to be removed, was not seen among the account's tags")
        say = self.says.error if self.says.options.strict else self.says.warning
        return say(
            Code.UNKNOWN_TAG,
            message.format(value=name),
            value=name,
            hint=did_you_mean(near),
            proposal=near or "",
        )


class TagsJudge:
    """A cell of ``tags``, ``tags.remove`` or ``tags.replace``, read as an edit of the tags."""

    def __init__(
        self, says: Says, kind: TargetKind, tags: tuple[str, ...], values: Mapping[str, str]
    ) -> None:
        self._says = says
        self._kind = kind
        self._tags = _Tags(says, tags, values)

    def __call__(self, text: str, cell: str) -> Answer[TagEdit]:
        """The edit that the cell asks for."""
        try:
            items = self._tags.items(text, cell)
        except BadList:
            return Answer(TagEdit(), (bad_list(self._says, text),), ok=False)
        match self._kind:
            case TargetKind.TAGS:
                return self._edited(text, items)
            case TargetKind.TAGS_REMOVE:
                removed, findings, ok = _all([self._tags.remove(item) for item in items])
                return Answer(TagEdit(remove=removed), findings, ok)
        wanted, findings, ok = _all([self._wanted(item) for item in items])
        return Answer(TagEdit(replace=wanted), findings, ok)

    def _wanted(self, item: str) -> Answer[str]:
        """Judges a tag of the whole list. One with a sign that no tag is called by was meant as
        an edit: to take it for a tag would wipe the tags that the contact has."""
        sign, _tag = self._tags.signed(item)
        return self._tags.add(item) if not sign else Answer("", (self._signed(item),), ok=False)

    def _signed(self, item: str) -> Finding:
        return self._says.error(
            Code.TAGS_CONFLICT,
            _("'{value}' would add or remove one tag, but this column replaces all tags").format(
                value=item
            ),
            value=item,
            hint=_(
                "leave out the + or -, or let the column add (--tags add); if a tag is called "
                "so: bulk-update schema add tag '{value}' --schema FILE"
            ).format(value=item),
        )

    def _edited(self, text: str, items: list[str]) -> Answer[TagEdit]:
        signed = [self._tags.signed(item) for item in items]
        add, said, fine = _all([self._tags.add(tag) for sign, tag in signed if sign != "-"])
        remove, said_too, fine_too = _all(
            [self._tags.remove(tag) for sign, tag in signed if sign == "-"]
        )
        findings = said + said_too
        if both := set(add) & set(remove):
            return Answer(TagEdit(), (*findings, self._contradiction(text, both)), ok=False)
        return Answer(TagEdit(add=add, remove=remove), findings, fine and fine_too)

    def _contradiction(self, text: str, both: set[str]) -> Finding:
        names = ", ".join(f"'{name}'" for name in sorted(both))
        return self._says.error(
            Code.TAGS_CONFLICT,
            _("{tags} would be added and removed at once").format(tags=names),
            value=text,
            hint=_("say only one of the two"),
        )


class FormerTagsJudge(Judge):
    """A cell of ``was.tags``: the tags that a contact must still have, no more and no fewer."""

    empty = ()

    def __init__(self, says: Says, tags: tuple[str, ...]) -> None:
        super().__init__(says)
        self._splitter = Splitter(tags)
        self._matcher = Matcher(says, Names(tags), take_as_it_stands)

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """The tags that the cell lists."""
        if self._matcher.names.find(text, cell).name is not None:
            return self._found([text], cell)
        try:
            return self._found(self._splitter.split(text))
        except BadList:
            return refused(bad_list(self.says, text))

    def _found(self, items: list[str], cell: str = "") -> Answer[Value]:
        names, findings, ok = _all([self._matcher.match(item, cell) for item in items])
        return Answer(names, findings, ok)


def _all(answers: list[Answer[str]]) -> Answer[tuple[str, ...]]:
    findings: Findings = tuple(finding for answer in answers for finding in answer.findings)
    names = tuple(dict.fromkeys(answer.value for answer in answers if answer.value))
    return Answer(names, findings, all(answer.ok for answer in answers))
