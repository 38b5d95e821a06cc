"""Custom fields of type checkbox: any number of the options."""

from __future__ import annotations

from collections.abc import Mapping

from bulk_update.model import Value
from bulk_update.validation.judged import Answer
from bulk_update.validation.judges.dropdown import unknown_option
from bulk_update.validation.judges.judge import Judge, refused
from bulk_update.validation.lists import BadList, Splitter, bad_list
from bulk_update.validation.matching import Matcher, take_as_it_stands
from bulk_update.validation.names import Names
from bulk_update.validation.says import Says


class CheckboxJudge(Judge):
    """A list of options; ``values`` (a column's value map) is read for each of them, too."""

    empty = ()

    def __init__(
        self,
        says: Says,
        field: str,
        options: tuple[str, ...],
        *,
        values: Mapping[str, str],
        lenient: bool = False,
    ) -> None:
        super().__init__(says)
        names = Names(options)
        free = lenient or not options
        unknown = take_as_it_stands if free else unknown_option(says, names, field)
        self._matcher = Matcher(says, names, unknown)
        self._splitter = Splitter(options)
        self._values = values

    def __call__(self, text: str, cell: str) -> Answer[Value]:
        """A list of options, each once."""
        whole = self._matcher.names.find(text, cell)
        if whole.name is not None:
            return self._all([text], cell)
        try:
            return self._all(self._splitter.split(text), "")
        except BadList:
            return refused(bad_list(self.says, text))

    def _all(self, items: list[str], cell: str) -> Answer[Value]:
        mapped = [self._values.get(item, item) for item in items]
        answers = [self._matcher.match(item, cell) for item in mapped if item]
        return Answer(
            tuple(dict.fromkeys(answer.value for answer in answers)),
            tuple(finding for answer in answers for finding in answer.findings),
            all(answer.ok for answer in answers),
        )
