"""A sheet's header, and how a column that somebody named is found in it."""

from __future__ import annotations

from collections.abc import Sequence

from bulk_update.language import _
from bulk_update.mapping.names import plain, tidy
from bulk_update.mapping.problems import Problem, listed, shown
from bulk_update.reading.own_files import OWN_COLUMNS


class Header:
    """The header of a sheet: ``names`` as the sheet spells them, by index from 0."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._tidy = tuple(tidy(name) for name in names)
        self._plain = tuple(plain(name) for name in names)
        self._twins: dict[str, list[int]] = {}
        for index, name in enumerate(self._tidy):
            self._twins.setdefault(name, []).append(index)

    def find(self, name: str) -> tuple[int, ...]:
        """The columns called ``name``: exactly, else without outer white space and by
        composition, else without case where one header alone is meant.

        Several indexes mean that the header stands more than once; none, that there is none.
        """
        found = self._equal(self.names, name) or self._equal(self._tidy, tidy(name))
        if found:
            return found
        found = self._equal(self._plain, plain(name))
        return found if len({self._tidy[index] for index in found}) == 1 else ()

    def split(self, text: str) -> tuple[str, str]:
        """The column and the target of ``Column=target``, where either may have a ``=``.

        The longest column of the header wins; where none fits, the first ``=`` divides.
        """
        for at in reversed(_equal_signs(text)):
            if self.find(text[:at]):
                return text[:at], text[at + 1 :]
        column, _sign, target = text.partition("=")
        return column, target

    def twins(self, index: int) -> tuple[int, ...]:
        """The columns that bear the same header as this one, itself among them."""
        return tuple(self._twins[self._tidy[index]])

    def is_blank(self, index: int) -> bool:
        """Whether the column has no header."""
        return not self._tidy[index]

    def is_ours(self, index: int) -> bool:
        """Whether our own reports added the column."""
        return self._plain[index] in OWN_COLUMNS

    @staticmethod
    def _equal(names: tuple[str, ...], name: str) -> tuple[int, ...]:
        return tuple(index for index, other in enumerate(names) if other == name)

    def unknown(self, name: str, where: str, *, key: bool) -> Problem:
        """Says that the sheet lacks a column which ``where`` (a flag, a file's line) names;
        ``key`` where it was to say which contact a row means."""
        message = _("{where}: the sheet has no column {column}")
        return Problem(
            code="unknown_column",
            message=message.format(where=where, column=shown(name)),
            hint=self._likely(name),
            key=key,
        )

    def _likely(self, name: str) -> str:
        from rapidfuzz import fuzz, process

        best = process.extract(
            plain(name), self._plain, scorer=fuzz.ratio, score_cutoff=60, limit=3
        )
        if best:
            near = listed([self.names[index] for _name, _score, index in best])
            return _("did you mean {columns}?").format(columns=near)
        named = [name for index, name in enumerate(self.names) if not self.is_blank(index)]
        return _("its columns are {columns}").format(columns=listed(named))


def _equal_signs(text: str) -> list[int]:
    return [at for at, char in enumerate(text) if char == "="]
